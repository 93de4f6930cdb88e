"""The web pages of the committed notebooks in a browser, on a screen and on a phone."""

import socket
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from utils import paths
from utils.publishing.site import build
from utils.study.stages import STAGES

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted(STAGES)
FILES = ["index.html", "glossary.html", *(f"{stage}.html" for stage in NOTEBOOKS)]
IMAGES = (
    "[...document.images].map(image => image.decode().then(() => image.naturalWidth, () => 0))"
)
# pictures wider than the screen
CUT = (
    "[...document.images].filter(image => image.getBoundingClientRect().left < 0 || "
    "image.getBoundingClientRect().right > innerWidth)"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(site=tmp_path_factory.mktemp("a site")).parent


@pytest.fixture(params=[1280, 400])
def page(request: pytest.FixtureRequest, browser: Browser) -> Page:
    """An empty page that notes what goes wrong, and what it fetches from elsewhere."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    page = context.new_page()
    page.noted = []
    page.on("console", lambda message: page.noted.append(message.text))
    page.on("pageerror", lambda error: page.noted.append(str(error)))
    page.on("requestfailed", lambda asked: page.noted.append(asked.url))
    page.on("request", lambda asked: page.noted.extend(_elsewhere(asked.url)))
    yield page
    context.close()


def _elsewhere(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:")) else [url]


@pytest.mark.parametrize("file", FILES)
def test_every_page_shows_all_of_itself_and_fetches_nothing(file: str, site: Path, page: Page):
    page.goto((site / file).as_uri())
    widths = page.evaluate(f"Promise.all({IMAGES})")
    assert all(widths)
    assert bool(widths) == (file != "glossary.html")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(f"{CUT}.length") == 0
    formula = page.locator("math:visible")
    assert all(box["height"] > 5 for box in (m.bounding_box() for m in formula.all()))
    assert page.noted == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("file", FILES)
def test_every_page_can_be_read_by_everybody(file: str, scheme: str, site: Path, page: Page):
    page.emulate_media(color_scheme=scheme)
    page.goto((site / file).as_uri())
    for opened in (False, True):
        page.evaluate(
            "open => document.querySelectorAll('details').forEach(fold => fold.open = open)",
            opened,
        )
        page.wait_for_timeout(100)  # until boxes have noticed their size
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
        bad = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"]) for v in bad] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.noted == []


def test_wide_tables_scroll_and_say_so(site: Path, page: Page):
    page.goto((site / "06-verdict.html").as_uri())
    box = page.locator(".scroll.more").first
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
    hint = box.evaluate("box => getComputedStyle(box, '::before').content")
    assert "scroll" in hint
    small = page.locator(".scroll:not(.more)")
    assert all(one.get_attribute("tabindex") is None for one in small.all())


def test_the_search_finds_what_a_section_says(site: Path, page: Page):
    page.goto((site / "index.html").as_uri())
    if page.viewport_size["width"] < 960:
        page.locator("nav summary").click()
    section = page.evaluate("SECTIONS.findLast(section => section.url.startsWith('08-'))")
    page.get_by_role("searchbox").fill(section["text"][:100].upper())
    expect(page.get_by_role("status")).to_have_text("1 section")
    page.locator("#found a").click()
    assert page.url.endswith(section["url"])
    expect(page.locator("h2:target")).to_be_in_viewport()
    page.get_by_role("searchbox", include_hidden=True).fill("nothing says xyzzy", force=True)
    expect(page.locator("#found a")).to_have_count(0)
    assert page.noted == []


def test_nothing_is_cut_in_print_and_the_paper_is_white(site: Path, page: Page):
    page.emulate_media(media="print", color_scheme="dark")
    page.goto((site / "03-ablate.html").as_uri())
    expect(page.locator("nav.side")).to_be_hidden()
    assert page.locator("details.code:visible").count() == 0
    assert page.evaluate(f"{CUT}.length") == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("file", FILES)
def test_links_resolve(file: str, site: Path, page: Page):
    page.goto((site / file).as_uri())
    links = page.evaluate("[...document.querySelectorAll('a')].map(link => link.href)")
    assert len(links) >= len(NOTEBOOKS)
    for link in map(urlsplit, links):
        if link.scheme == "file":
            target = Path(unquote(link.path))
            assert target.is_relative_to(site)
            assert target.is_file(), target
            assert not link.fragment or f'id="{unquote(link.fragment)}"' in target.read_text()
        else:
            assert link.scheme == "https", link.geturl()


def test_code_is_folded_and_one_click_away(site: Path, page: Page):
    page.goto((site / "03-ablate.html").as_uri())
    code = page.locator("details.code .highlight")
    expect(code.first).to_be_hidden()
    cells = nbformat.read(paths.NOTEBOOKS / "03-ablate.ipynb", as_version=4).cells
    tags = [cell.metadata.get("tags", []) for cell in cells if cell.cell_type == "code"]
    assert code.count() == sum(not {"remove-input", "remove-cell"} & {*own} for own in tags)
    page.locator("details.code summary").first.click()
    expect(code.first).to_contain_text("n_random_orders")
    expect(code.first).to_be_visible()
    expect(code.nth(1)).to_be_hidden()
    button = page.get_by_role("button")
    button.click()
    assert all(part.is_visible() for part in code.all())
    button.click()
    assert not any(part.is_visible() for part in code.all())
    assert page.noted == []


def test_one_can_read_on_from_page_to_page(site: Path, page: Page):
    page.goto((site / "index.html").as_uri())
    page.get_by_role("main").get_by_role("link", name="1 · Train the networks", exact=True).click()
    for stage in NOTEBOOKS[1:]:
        page.locator("a[rel=next]").click()
        assert page.url.endswith(f"/{stage}.html")
    assert page.locator("a[rel=next]").count() == 0
    page.locator("a[rel=prev]").click()
    if page.viewport_size["width"] < 960:
        page.locator("nav summary").click()
    section = page.locator("nav ul a").last
    section.click()
    expect(page.get_by_role("heading", name=section.inner_text())).to_be_in_viewport()


def test_the_policy_lets_nothing_out(site: Path, page: Page):
    page.goto((site / "index.html").as_uri())
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(1)
        page.evaluate(
            "port => new Promise(done => { const image = new Image(); image.onerror = done; "
            "image.src = `http://127.0.0.1:${port}/image.png`; })",
            elsewhere.getsockname()[1],
        )
        with pytest.raises(TimeoutError):
            elsewhere.accept()
    assert "Content Security Policy" in page.noted[0]

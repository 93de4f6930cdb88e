"""Web pages read without a network, links lead somewhere, formulas are formulas."""

import base64
import io
import json
import os
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from utils import paths
from utils.evidence import judging
from utils.evidence.wording import with_interval
from utils.playground import page as playground
from utils.publishing import site, site_index, site_markdown
from utils.study import stages
from utils.study.provenance import RunError

STAGES = sorted(stages.STAGES)
TEXT = r"""# 1 · A title

**Question.** Is it so? It is.

## Found $x_i$

See [the next](02-next.ipynb#found-xi), [a file](../data/README.md), [none](03-none.ipynb) and
[the paper](https://arxiv.org/abs/1804.06679).

$$\max_y |T| \log_2 \text{é}$$"""


@pytest.fixture(scope="module")
def committed(tmp_path_factory) -> Path:
    """The site of the committed notebooks."""
    return site.build(site=tmp_path_factory.mktemp("site")).parent


def _soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def _pages(folder: Path) -> list[Path]:
    """All but the playground, which is there if somebody has made it."""
    return [path for path in folder.glob("*.html") if path.name != playground.FILE]


def _run(folder: Path, *notebooks: str) -> Path:
    """A run with the committed manifest, and notebooks with a table and an error."""
    folder.mkdir(parents=True)
    shutil.copy(paths.COMMITTED_RUN / "manifest.json", folder)
    outputs = [
        new_output("execute_result", {"text/html": "<table></table>", "text/plain": "a table"}),
        new_output("error", ename="E", evalue="x", traceback=["\x1b[31mE\x1b[0m: <x>"]),
    ]
    cells = [new_markdown_cell(TEXT), new_code_cell("1 < 2", outputs=outputs)]
    for name in notebooks:
        nbformat.write(new_notebook(cells=cells), folder / name)
    return folder


def test_a_page_a_notebook_and_an_index_with_every_claim_and_case(committed):
    expected = sorted([*STAGES, "index", "glossary"])
    assert sorted(path.stem for path in _pages(committed)) == expected
    soup = _soup(committed / "index.html")
    claims = {claim.b.get_text(): claim for claim in soup.select(".claim")}
    tables = [pd.read_csv(paths.COMMITTED_RUN / f"{name}.csv") for name in ("claims", "beyond")]
    cases = pd.concat(tables)
    assert set(claims) == set(cases["claim"])
    for name, claim in claims.items():
        of_claim = cases[cases["claim"] == name]
        assert len(claim.select("tbody tr")) == len(of_claim)
        assert claim.em.get_text() == judging.word(of_claim["verdict"].value_counts().to_dict())
        typical = claim.select_one(".number").get_text()
        shown = of_claim[of_claim.apply(with_interval, axis=1) == typical]["estimate"]
        distances = (of_claim["estimate"] - of_claim["estimate"].median()).abs()
        assert distances[shown.index].min() == distances.min()
    explained = [word.get_text() for word in soup.select("strong")]
    for start in site.EXPLAINED:
        assert sum(word.startswith(start[2:]) for word in explained) == 1
    assert soup.select_one("figure.picture img")["alt"]


def test_every_output_of_every_cell_is_on_its_page(committed):
    for stage in STAGES:
        notebook = nbformat.read(paths.NOTEBOOKS / f"{stage}.ipynb", as_version=4)
        left_out = {"remove-cell", "remove-output"}
        cells = [
            cell for cell in notebook.cells if not left_out & {*cell.metadata.get("tags", [])}
        ]
        outputs = [out for cell in cells for out in cell.get("outputs", [])]
        soup = _soup(committed / f"{stage}.html")
        shown = soup.select("main > .output, main > figure")
        assert len(shown) == len(outputs)
        pictures = soup.select(".picture img")
        assert len(pictures) == str(outputs).count("'image/png'")
        assert all(len(picture["alt"]) > 40 for picture in pictures)
        assert all((committed / link["href"]).is_file() for link in soup.select("[download]"))
        contents = [link["href"] for link in soup.select("nav ul a")]
        assert contents == [f"#{heading['id']}" for heading in soup.select("h2")] != []
        assert len(soup.select("figcaption [download]")) == len(soup.select("figure.table"))


def test_nothing_comes_from_elsewhere_and_the_site_is_small(committed):
    for path in _pages(committed):
        soup = _soup(path)
        sources = [tag["src"] for tag in soup.select("[src]")]
        assert all((committed / source).is_file() for source in sources)
        assert [tag["href"] for tag in soup.select("link")] == ["data:,", "style.css"]
        policy = soup.select_one("meta[http-equiv]")["content"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert not soup.select("script:not([src]), [style], [onclick], style")
    assert "url(" not in (committed / "style.css").read_text()
    assert sum(path.stat().st_size for path in committed.rglob("*") if path.is_file()) < 10e6


def test_the_search_knows_every_section_and_leads_there(committed):
    text = (committed / "search.js").read_text().removeprefix("const SECTIONS = ")
    known = {section["url"]: section for section in json.loads(text.removesuffix(";\n"))}
    for stage in STAGES:
        for heading in _soup(committed / f"{stage}.html").select("h2"):
            section = known[f"{stage}.html#{heading['id']}"]
            assert heading.contents[0].strip() in section["heading"]
            assert len(section["text"]) > 40
    assert "Student's" in known["glossary.html"]["text"]


def test_links_and_contents_resolve(committed):
    names = cache(lambda path: {tag["id"] for tag in _soup(path).select("[id]")})
    for path in _pages(committed):
        for link in _soup(path).select("a[href]"):
            file, _, name = link["href"].partition("#")
            if not file.startswith("http"):
                target = path.parent / file if file else path
                assert target.is_file(), link
                assert not name or name in names(target), link


def test_pages_follow_one_another(committed):
    after, file = [], "01-train.html"
    while file:
        after.append(file)
        link = _soup(committed / file).select_one("a[rel=next]")
        file = link and link["href"]
    assert after == [f"{stage}.html" for stage in STAGES]


def test_formulas_have_no_tex_left_and_the_spaces_of_tex(committed):
    for stage in STAGES:
        soup = _soup(committed / f"{stage}.html")
        for unwanted in soup.select("pre, code, script"):
            unwanted.decompose()
        assert not re.search(r"\$|\\[a-z]+", soup.get_text())
    assert len(_soup(committed / "02-measure.html").select("math")) >= 20
    found = site_markdown.mathml(r"\max_y |T| \log_2 y", "block")
    assert '<munder><mo lspace="0.17em" rspace="0.17em">max</mo>' in found
    assert found.count('<mo stretchy="false" lspace="0" rspace="0">|</mo>') == 2
    assert "<munder>" not in site_markdown.mathml(r"\max_y 1", "inline")


def test_links_to_files_outside_the_site_are_text(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    _run(tmp_path / "mine", "01-first.ipynb", "02-next.ipynb")
    index = site.build("mine", tmp_path / "site")
    soup = _soup(index.parent / "01-first.html")
    links = {link.get_text(): link["href"] for link in soup.select("section a:not(.anchor)")}
    assert links == {"the next": "02-next.html#found-xi", "the paper": links["the paper"]}
    assert "a file" in soup.get_text()
    assert soup.select_one("h2")["id"] == "found-xi"
    assert "E: <x>" in soup.select_one(".failed").get_text()
    assert soup.select_one("details.code").get_text().strip().endswith("1 < 2")
    assert "Is it so?" in index.read_text()
    assert "10 networks with 100-100 sigmoid neurons" in index.read_text()


def _png(width: int, colour: str) -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (width, width), colour).save(packed, "png")
    return packed.getvalue()


def test_the_lead_in_is_the_caption_and_the_finding_says_what_is_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    run = _run(tmp_path / "mine")
    data = {"image/png": base64.b64encode(_png(90, "red")).decode()}
    found = {"text/markdown": "> **Finding.** It *rises*.\n>\n> - by 1"}
    text = "## A\n\nThis is why. Solid lines are $x$:\n\nCode: `a.py`."
    cells = [
        new_markdown_cell(text),
        new_code_cell(
            'stage.save_figure(figure, "f")', outputs=[new_output("display_data", data)]
        ),
        new_code_cell("secret = 1", metadata={"tags": ["remove-input"]}),
        new_code_cell("hidden = 1", metadata={"tags": ["remove-cell"]}),
        new_code_cell("finding", outputs=[new_output("execute_result", found)]),
        new_markdown_cell("## B"),
        new_code_cell("again", outputs=[new_output("display_data", data)]),
    ]
    notebook = run / "01-first.ipynb"
    nbformat.write(new_notebook(cells=cells), notebook)
    figures = {"f.svg": b"<svg/>", "f.png": _png(180, "red")}
    for name, content in figures.items():
        (run / "figures").mkdir(exist_ok=True)
        (run / "figures" / name).write_bytes(content)
        os.utime(run / "figures" / name, (1, 1))
    folder = site.build("mine", tmp_path / "site").parent
    soup = _soup(folder / "01-first.html")
    first, second = soup.select("figure")
    assert first.figcaption.get_text().strip() == "Figure 1. This is why. Solid lines are x."
    assert first.img["alt"] == "Solid lines are x. It rises."
    assert (first.img["width"], first.img["src"]) == ("90", "figures/01-first-figure-1.svg")
    assert soup.get_text().count("This is why") == 1
    assert "a.py" in soup.section.get_text()
    assert second.img["alt"] == "B."
    assert (folder / second.img["src"]).read_bytes() == _png(90, "red")
    assert not re.search("secret|hidden", soup.get_text())
    os.utime(run / "figures" / "f.svg")  # by a later notebook
    os.utime(notebook, (2, 2))
    folder = site.build("mine", tmp_path / "site").parent
    assert (folder / "figures" / "01-first-figure-1.png").read_bytes() == figures["f.png"]


def test_a_sweep_lists_its_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    for name in ("l2=0.1, a", "l2=0.2"):
        run = _run(tmp_path / "sweep" / name, "01-first.ipynb")
    shutil.copy(paths.COMMITTED_RUN / "claims.csv", run)
    shutil.copy(paths.COMMITTED_RUN / "claims.csv", tmp_path / "sweep")  # of all runs together
    _run(tmp_path / "sweep" / "unfinished")
    index = site.build("sweep", tmp_path / "site")
    rows = {row.a.get_text(): row for row in _soup(index).select("tbody tr")}
    assert list(rows) == ["l2=0.1, a", "l2=0.2"]
    holds = site.overview(run)["holds"]
    numbers = [int(cell.get_text()) for cell in rows["l2=0.2"].select("td")]
    assert numbers == [(holds == word).sum() for word in judging.WORDS]
    assert sum(numbers) == len(holds)
    assert not _soup(index).select(".claim")
    assert _soup(index).title.get_text() == "sweep sweep"
    assert (index.parent / "l2=0.1, a" / "01-first.html").is_file()
    assert _soup(index.parent / "l2=0.2" / "index.html").select(".claim")
    back = _soup(index.parent / "l2=0.2" / "01-first.html").select_one("nav a")
    assert (index.parent / "l2=0.2" / back["href"]).resolve() == index.resolve()


def test_a_claim_that_is_defined_in_no_network_says_so(tmp_path):
    run = _run(tmp_path / "mine", "01-first.ipynb")
    claims = pd.read_csv(paths.COMMITTED_RUN / "claims.csv")
    numbers = ["estimate", "low", "high", "p", "p_holm"]
    claims.loc[claims["claim"] == "C9", numbers] = float("nan")
    claims.to_csv(run / "claims.csv", index=False)
    ((_, rows),) = site_index.judged(run)
    shown = {row["name"]: row["typical"] for row in rows}
    assert shown["C9"] == "not defined"
    assert "not defined" not in {shown[name] for name in shown.keys() - {"C9"}}
    assert "nan" not in str([row["cases"] for row in rows])


def test_where_the_repository_is_read_only_pages_lie_beside_the_runs(tmp_path, monkeypatch):
    """Said to be so, as root may write everywhere."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(site.os, "access", lambda path, mode: path != paths.ROOT)
    _run(tmp_path / "runs" / "mine", "01-first.ipynb")
    index = site.build("mine")
    assert index == tmp_path / "runs" / ".site" / "mine" / "index.html"
    assert index.is_file()


def test_runs_without_notebooks_are_refused_and_earlier_pages_stay(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    run = _run(tmp_path / "mine", "01-first.ipynb")
    index = site.build("mine", tmp_path / "site")
    (run / "01-first.ipynb").unlink()
    before = index.read_text()
    with pytest.raises(site.SiteError, match=r"mine holds no executed notebook.*RUN=mine"):
        site.build("mine", tmp_path / "site")
    assert index.read_text() == before
    with pytest.raises(site.SiteError, match=r"no run 'other'.*does not exist"):
        site.build("other", tmp_path / "site")
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == ["mine"]


def test_the_playground_lies_beside_the_pages_while_it_is_of_the_run(
    made_run, tmp_path, monkeypatch
):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    run = made_run(tmp_path / "mine", (6,)).folder
    link = "[Open the playground](../data/runs/mine/playground.html)"
    nbformat.write(new_notebook(cells=[new_markdown_cell(link)]), run / "03-ablate.ipynb")
    index = site.build("mine", tmp_path / "site")
    assert "laygr" not in index.read_text()
    assert not _soup(index.parent / "03-ablate.html").select("section a")
    made = playground.of_run("mine")
    site.build("mine", tmp_path / "site")
    assert (index.parent / "playground.html").read_bytes() == made.read_bytes()
    for page, where in (("index.html", "main a"), ("03-ablate.html", "section a")):
        links = [link["href"] for link in _soup(index.parent / page).select(where)]
        assert "playground.html" in links
    made.write_text(made.read_text().replace("measures&#34;: &#34;", "measures&#34;: &#34;0"))
    with pytest.raises(RunError, match=r"from other measures .* make playground RUN=mine"):
        site.build("mine", tmp_path / "site")


def test_a_failed_notebook_in_logs_is_no_run(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    _run(tmp_path / "mine", "01-first.ipynb")
    (tmp_path / "mine" / "logs").mkdir()
    shutil.copy(tmp_path / "mine" / "01-first.ipynb", tmp_path / "mine" / "logs")
    index = site.build("mine", tmp_path / "site")
    assert not _soup(index).select("table")
    assert not (index.parent / "logs").exists()

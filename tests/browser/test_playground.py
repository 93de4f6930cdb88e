"""The playground in a browser: it counts as NumPy does, and everybody can use it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace as changed
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from utils.names import NETWORK
from utils.networks.datasets import Split
from utils.networks.network import ACTIVATIONS, Network, positions, scopes
from utils.playground import page as made
from utils.removal.orders import order_by, quantity_orders, rank_orders
from utils.removal.surgery import Moments, replace, stand_in
from utils.study.parallel import rows_of
from utils.study.runs import Stage

pytestmark = pytest.mark.browser
LONG = 60_000  # milliseconds that counting both curves may take
RUNS = {
    "sigmoid": ((100, 100), "sigmoid"), "relu": ((50, 50, 50), "relu"), "one": ((20,), "sigmoid"),
    "tanh": ((24, 16), "tanh"),
}  # fmt: skip
TABLES = {"mi": "mutual_information", "kl": "kl_selectivity", "entropy": "entropy"}
TIE = 1e-4  # logits nearer to one another can change places in single precision


@pytest.fixture(scope="module")
def run(made_run: Callable[..., Stage], tmp_path_factory: pytest.TempPathFactory) -> Callable:
    """A function that gives a run of RUNS with its page."""
    folder, stages = tmp_path_factory.mktemp("played runs"), {}

    def of(name: str) -> Stage:
        if name not in stages:
            stages[name] = made_run(folder / name, *RUNS[name], 2)
            made.write(stages[name], _tables(stages[name]))
        return stages[name]

    return of


def _tables(stage: Stage) -> dict[str, pd.DataFrame]:
    return {name: stage.read(name) for name in ("measures", "ablation")}


@pytest.fixture(params=[(1280, "light")])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """An empty page, of a width and in a colour scheme, whose console must stay silent."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, noted = context.new_page(), []
    page.on("console", lambda message: noted.append(message.text))
    page.on("pageerror", lambda error: noted.append(str(error)))
    page.on("request", lambda asked: noted.extend(_elsewhere(asked.url)))
    yield page
    context.close()
    assert noted == []


def _elsewhere(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:")) else [url]


def _open(page: Page, stage: Stage, state: str = "") -> None:
    page.goto((stage.folder / made.FILE).as_uri() + state)
    expect(page.locator("#plot[aria-busy=false]")).to_be_attached(timeout=LONG)


def _said(page: Page) -> list[int]:
    """Images right, and if there is something to compare with, those of it."""
    bold = page.locator("#said strong").all_inner_texts()
    return [int(re.match(r"[\d,]+", text)[0].replace(",", "")) for text in bold]


def _confusion(page: Page) -> np.ndarray:
    cells = page.locator("#confusion tbody td").all_inner_texts()
    return np.array([int(text or 0) for text in cells]).reshape(10, 10)


class Oracle:
    """One network of a run in plain NumPy, in double precision."""

    def __init__(self, stage: Stage, replicate: int = 0) -> None:
        self.data, network = stage.dataset, stage.networks[replicate]
        kernels = tuple(kernel.astype(float) for kernel in network.kernels)
        biases = tuple(bias.astype(float) for bias in network.biases)
        self.network = Network(kernels, biases, network.activations)
        self.images = self.data.test.images.astype(float)
        outputs = network.forward(self.data.validation.images)[1:-1]
        self.moments = [Moments(of_layer) for of_layer in outputs]
        self.measures = rows_of(stage.read("measures"), replicate)
        self.orders = quantity_orders(self.measures, network.hidden, 3, stage.seed(replicate))
        norm = [np.abs(kernel).mean(axis=1) for kernel in network.kernels[1:]]
        for scope, neurons in scopes(network.hidden).items():
            values = np.concatenate(norm)[neurons]
            for direction in ("low-first", "high-first"):
                order = order_by(values, direction == "high-first")
                self.orders[scope]["weights", direction] = order
        self.ranks = rank_orders(self.orders, network.hidden)

    def order(self, layer: str, by: str, first: str) -> np.ndarray:
        """Hidden neurons, counted through all layers, first to last removed."""
        name, _, draw = by.partition("-")
        ordering = f"random-{int(draw) - 1:02d}" if draw else TABLES.get(by, by)
        direction = "none" if draw else f"{first}-first"
        if layer == "ranks":
            name, dash, number = ordering.partition("-")
            return self.ranks[f"{name}_ranks{dash}{number}", direction]
        scope = NETWORK if layer == "all" else f"layer-{layer}"
        return scopes(self.network.hidden)[scope][self.orders[scope][ordering, direction]]

    def logits(self, gone: np.ndarray, fill: str) -> np.ndarray:
        """Of the test images, without the hidden neurons `gone`."""
        layers, numbers = positions(self.network.hidden)
        if fill == "least_squares":
            network = self.network
            for layer, moments in enumerate(self.moments, 1):
                here = numbers[gone[layers[gone] == layer]]
                network = replace(network, layer, stand_in(moments, here, fill))
            return network.forward(self.images)[-1]
        signal = self.images
        for layer, name in enumerate(self.network.activations, 1):
            kernel, bias = self.network.kernels[layer - 1], self.network.biases[layer - 1]
            signal = ACTIVATIONS[name](signal @ kernel + bias)
            here = numbers[gone[layers[gone] == layer]]
            means = self.moments[layer - 1].means
            signal[:, here] = means[here] if fill == "mean" else 0
        return signal @ self.network.kernels[-1] + self.network.biases[-1]

    def confusion(self, gone: np.ndarray, fill: str) -> np.ndarray:
        cells = 10 * self.data.test.labels + self.logits(gone, fill).argmax(axis=1)
        return np.bincount(cells, minlength=100).reshape(10, 10)


def _states(hidden: tuple[int, ...]) -> list[tuple[str, str, str, str, int]]:
    """Of every layer, order and replacement a number of removals, low and high first in turn."""
    layers = [str(layer) for layer, _ in enumerate(hidden, 1)]
    layers += ["all", "ranks"] if len(hidden) > 1 else []
    cases = product(layers, ["mi", "kl", "entropy", "weights", "chance-2"],
                    ["zero", "mean", "least_squares"])  # fmt: skip
    rng, states = np.random.default_rng(0), []
    for layer, by, fill in cases:
        n_neurons = hidden[int(layer) - 1] if layer.isdigit() else sum(hidden)
        n = int(rng.integers(1, n_neurons))
        states.append((layer, by, ("low", "high")[len(states) % 2], fill, n))
    return states


@pytest.mark.parametrize("name", RUNS)
def test_counts_are_those_of_numpy(name, run, page):
    stage = run(name)
    oracle, states = Oracle(stage), _states(stage.networks[0].hidden)
    if len(states) < 36:  # one layer
        states += [(layer, by, {"low": "high", "high": "low"}[first], fill, n // 2 + 1)
                   for layer, by, first, fill, n in states]  # fmt: skip
        states += [(*state[:-1], max(1, state[-1] - 3)) for state in states]
    assert len(states) >= 36
    _open(page, stage)
    for state in states:
        layer, by, first, fill, n = state
        page.evaluate("hash => location.hash = hash",
                      f"layer={layer}&by={by}&first={first}&fill={fill}&n={n}")  # fmt: skip
        expect(page.locator("#count")).to_have_text(re.compile(rf"^{n} of "))
        expected = oracle.confusion(oracle.order(layer, by, first)[:n], fill)
        assert _confusion(page).tolist() == expected.tolist(), state
        assert _said(page)[0] == expected.trace(), state


@pytest.mark.parametrize("name", ["sigmoid", "relu"])
def test_curves_are_those_of_the_ablation_table(name, run, page):
    """The run's 1,000 test images are all in the page; the table counts in single precision."""
    stage, most = run(name), 0
    oracle, table = Oracle(stage, 1), rows_of(stage.read("ablation"), 1)
    for layer, by, first, fill in [
        ("1", "mi", "low", "mean"), ("2", "kl", "high", "zero"), ("all", "entropy", "low", "mean"),
    ]:  # fmt: skip
        _open(page, stage, f"#net=2&layer={layer}&by={by}&first={first}&fill={fill}&vsby=same")
        hits = page.evaluate("curveOf(settings()[0]).hits")
        scope = NETWORK if layer == "all" else f"layer-{layer}"
        rows = table[(table["scope"] == scope) & (table["ordering"] == TABLES[by])]
        rows = rows[(rows["direction"] == f"{first}-first") & (rows["replacement"] == fill)]
        order = oracle.order(layer, by, first)
        assert len(hits) == len(rows) == len(order) + 1
        for n, (ours, theirs) in enumerate(zip(hits, rows["n_correct"], strict=True)):
            best = np.sort(oracle.logits(order[:n], fill), axis=1)
            assert abs(ours - theirs) <= (best[:, -1] - best[:, -2] < TIE).sum(), (layer, n)
        most = max(most, hits[0] - min(hits))
    assert most > 300


def test_least_squares_where_neurons_say_the_same_or_nothing(run, page, tmp_path):
    """A copied neuron and one that is always 0: logits are those of the smallest solution."""
    stage = run("relu")
    network = stage.networks[0]
    kernels, biases = [k.copy() for k in network.kernels], [b.copy() for b in network.biases]
    kernels[0][:, 1], biases[0][1] = kernels[0][:, 0], biases[0][0]
    kernels[0][:, 2], biases[0][2] = 0, -1
    stage = Stage("03-ablate", None, stage.folder)
    stage.networks = [Network(tuple(kernels), tuple(biases), network.activations)]
    oracle, gone = Oracle(stage), np.array([0, 5, 9, 12])
    page_file = tmp_path / "degenerate.html"
    page_file.write_text(made.text(made.payload(stage, _tables(stage)), {}))
    page.goto(page_file.as_uri() + "#layer=1&n=0&fill=least_squares&out=0.5.9.12")
    expect(page.locator("#plot[aria-busy=false]")).to_be_attached(timeout=LONG)
    logits = page.evaluate("[...ablated.get('1 least_squares').received.at(-1)]")
    expected = oracle.logits(gone, "least_squares")
    assert np.abs(np.reshape(logits, expected.shape) - expected).max() < 1e-6
    assert _confusion(page).tolist() == oracle.confusion(gone, "least_squares").tolist()


def test_what_is_compared_is_counted_likewise(run, page):
    stage = run("sigmoid")
    oracle = Oracle(stage)
    _open(page, stage, "#layer=1&by=mi&n=70&vsby=same&vsfirst=high&vsfill=zero")
    order = oracle.order("1", "mi", "high")
    assert _said(page)[1] == oracle.confusion(order[:70], "zero").trace()
    _open(page, stage, "#layer=2&by=mi&n=60&fill=zero&vsby=chance-3")
    order = oracle.order("2", "chance-3", "low")
    assert _said(page)[1] == oracle.confusion(order[:60], "zero").trace()


def test_what_to_try_says_what_numpy_counts(run, page):
    stage = run("sigmoid")
    oracle = Oracle(stage)
    _open(page, stage)
    across, within, balanced = page.locator(".try li").all_inner_texts()
    order = {layer: oracle.order(layer, "mi", "low") for layer in ("1", "all")}
    chance = {layer: oracle.order(layer, "chance-1", "low") for layer in ("1", "all")}

    def right(gone: np.ndarray, fill: str = "mean") -> int:
        return int(oracle.confusion(gone, fill).trace())

    of_first = (order["all"][:80] < 100).sum()
    left, ours, zeroed = (right(order["all"][:80]), right(order["1"][:60]),
                          right(order["1"][:60], "zero"))  # fmt: skip
    for text, removed, mine, name, other in [
        (across, f"{of_first} of layer 1, {80 - of_first} of layer 2", left,
         "chance, draw 1", right(chance["all"][:80])),
        (within, "60 of layer 1", ours, "chance, draw 1", right(chance["1"][:60])),
        (balanced, "60 of layer 1", ours, "zeroed", zeroed),
    ]:  # fmt: skip
        verb = ["worse than", "as well as", "better than"][np.sign(mine - other) + 1]
        counts = f"{mine} images right ({removed} removed) against {other}."
        assert text.endswith(f", does {verb} {name}: {counts}")
    page.locator(".try a").nth(2).click()
    expect(page.locator("#plot")).to_be_in_viewport(ratio=1)
    expect(page.locator("#said strong")).to_have_count(2)
    assert _said(page) == [ours, zeroed]


def test_single_neurons_by_click(run, page):
    stage = run("sigmoid")
    oracle = Oracle(stage)
    _open(page, stage, "#layer=1&by=mi&n=30&vsby=same")
    order = oracle.order("1", "mi", "low")
    back, out = int(order[0]), 100 + 17
    page.get_by_role("button", name=re.compile(rf"^layer 1, neuron {back}:")).click()
    page.get_by_role("button", name="layer 2, neuron 17:").click()
    gone = np.array([*order[1:30], out])
    assert _confusion(page).tolist() == oracle.confusion(gone, "mean").tolist()
    expect(page.locator("#said")).to_contain_text(
        "30 of the 200 neurons removed (29 of layer 1, 1 of layer 2): "
        "30 by the order, 1 by hand, 1 put back by hand"
    )
    expect(page.locator("#name")).to_have_text("Layer 2, neuron 17")
    pressed = page.locator(".neurons button[aria-pressed=true]")
    assert pressed.count() == 30
    page.locator("#undo").click()
    expect(page.locator("#undo")).to_be_disabled()
    assert _confusion(page).tolist() == oracle.confusion(order[:30], "mean").tolist()
    page.locator("#none").click()
    assert pressed.count() == 0
    assert _confusion(page).tolist() == oracle.confusion(order[:0], "mean").tolist()


def test_lost_images_are_those_that_were_right(run, page):
    stage = run("sigmoid")
    oracle, labels = Oracle(stage), stage.dataset.test.labels
    _open(page, stage, "#layer=1&by=mi&n=60&vsby=same")
    before, now = (oracle.logits(oracle.order("1", "mi", "low")[:n], "mean").argmax(axis=1)
                   for n in (0, 60))  # fmt: skip
    lost = np.flatnonzero((before == labels) & (now != labels))
    expect(page.locator("#lost")).to_contain_text(
        f"{len(lost)} images right before, wrong now; {(before == labels).sum() - len(lost)} "
        f"stay right, {((before != labels) & (now == labels)).sum()} right only now"
    )
    items = page.locator("#pictures li:visible")
    names = [f"{labels[i]} → {now[i]}" for i in lost[:48]]
    assert items.all_inner_texts() == names
    pixels = page.evaluate("""() => { const canvas = document.querySelector("#pictures canvas");
        return [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data]; }""")
    shown = np.array(pixels).reshape(784, 4)[:, 0]
    assert shown.tolist() == np.rint(255 * stage.dataset.test.images[lost[0]]).tolist()


def test_what_a_neuron_looks_at(run, page):
    stage = run("sigmoid")
    _open(page, stage, "#layer=1&n=0")
    page.get_by_role("button", name="layer 1, neuron 3:").hover()
    expect(page.locator("#name")).to_have_text("Layer 1, neuron 3")
    weights = stage.networks[0].kernels[0][:, 3]
    expect(page.locator("#from")).to_contain_text(f"the largest {np.abs(weights).max():.2f}")
    colours = page.evaluate("""() => { const canvas = document.getElementById("weights");
        return [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data]; }""")
    most, least = (np.array(colours).reshape(784, 4)[pick(weights)] for pick in
                   (np.argmax, np.argmin))  # fmt: skip
    assert most[0] > most[2]  # orange
    assert least[2] > least[0]  # blue
    split = stage.dataset.validation
    on = stage.networks[0].forward(split.images)[1][:, 3] > 0.5
    shares = [f"{on[split.labels == y].mean():.2f}" for y in range(10)]
    shown = page.locator("#on tr td:last-child").all_inner_texts()
    assert np.abs(np.array(shown, float) - np.array(shares, float)).max() <= 0.011
    page.get_by_role("button", name="layer 2, neuron 5:").hover()
    expect(page.locator("#from")).to_contain_text("from the 100 neurons of layer 1")


def test_a_link_keeps_the_state(run, page, browser):
    stage = run("relu")
    _open(
        page, stage, "#layer=ranks&by=kl&first=high&fill=zero&n=77&vsby=entropy&vsfill=mean&net=2"
    )
    page.get_by_role("button", name="layer 3, neuron 8:").click()
    said = page.locator("#said").inner_text()
    expect(page).to_have_url(re.compile(r"out=108"))
    state = parse_qs(page.url.partition("#")[2])
    assert state == {
        "net": ["2"], "layer": ["ranks"], "by": ["kl"], "first": ["high"], "fill": ["zero"],
        "n": ["77"], "vsby": ["entropy"], "vsfill": ["mean"], "out": ["108"],
    }  # fmt: skip
    link = page.locator("#link").get_attribute("href")
    other = browser.new_page()
    _open(other, stage, link)
    assert other.locator("#said").inner_text() == said
    other.close()
    page.evaluate("location.hash = 'layer=9&by=none&n=1e9&out=x.4000'")  # what there is not
    expect(page.locator("#count")).to_have_text("150 of 150")
    assert page.locator("select[name=by]").input_value() == "mi"


def test_a_click_on_the_curve_a_copied_link_and_what_is_said_of_a_choice(run, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _open(page, run("one"), "#layer=1&by=chance-2&n=0&vsby=same&vsfill=zero")
    expect(page.locator("#by-is")).to_have_text("An order drawn at random.")
    expect(page.locator("[name=first]")).to_be_disabled()
    expect(page.locator("#vsfill-is")).to_have_text("Its output is 0.")
    box = page.locator("#plot").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 341 / 640, box["y"] + 20)
    expect(page.locator("#count")).to_have_text("10 of 20")
    expect(page.locator("#said")).to_contain_text(f"zeroed: {_said(page)[1]}")
    dashes = "lines => lines.map(line => line.getAttribute('stroke-dasharray'))"
    assert page.locator("#legend polyline").evaluate_all(dashes)[:2] == [None, "8 5"]
    page.locator("#link").click()
    expect(page.locator("#copied")).to_have_text("copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.evaluate("curves.clear(); clearTimeout(working); show()")
    expect(page.locator("#said")).to_contain_text("zeroed: computing …")


def test_everything_can_be_reached_and_done_with_the_keyboard(run, page):
    stage = run("sigmoid")
    _open(page, stage)
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => { const at = document.activeElement;
            return at.name || at.id || at.ariaLabel || at.textContent; }""")
        )
        if seen[-1] == "confusion":
            break
    names = ["n", "net", "layer", "by", "first", "fill", "vsby", "vsfill", "none", "link"]
    assert [name for name in seen if name in names] == names
    assert seen[-3:-1] == [page.get_by_role("button", name=f"layer {layer}, neuron 0:")
                           .get_attribute("aria-label") for layer in (1, 2)]  # fmt: skip
    page.locator("input[name=n]").focus()
    page.keyboard.press("End")
    expect(page.locator("#count")).to_have_text("200 of 200")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#count")).to_have_text("1 of 200")
    assert "1 of 200 removed" in page.locator("input[name=n]").get_attribute("aria-valuetext")
    page.get_by_role("button", name="layer 1, neuron 0:").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text(re.compile("1 (put back )?by hand"))
    expect(page.locator("#name")).to_have_text("Layer 1, neuron 1")
    page.keyboard.press("ArrowDown")
    below = page.locator("#name").inner_text()
    assert int(below.rpartition(" ")[2]) > 10


@pytest.mark.parametrize("page", list(product((1280, 400), ("light", "dark"))), indirect=True)
@pytest.mark.parametrize("name", ["sigmoid", "one"])
def test_no_barrier_and_no_scrolling_aside(name, run, page):
    _open(page, run(name), "#layer=1&n=12&out=3")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page).response["violations"]
    assert [(issue["id"], issue["nodes"][0]["html"][:90]) for issue in found] == []
    if page.viewport_size["width"] == 400:
        targets = page.locator("select:visible, button:visible, input[type=range], .try a, #link")
        small = "all => all.filter(one => one.getBoundingClientRect().height < 44)"
        assert targets.evaluate_all(f"{small}.map(one => one.outerHTML.slice(0, 80))") == []
        for grid in page.locator(".neurons").all():  # what was touched is shown under its layer
            grid.locator("button").last.click()
            end = grid.evaluate("grid => grid.getBoundingClientRect().bottom")
            assert 0 <= page.locator("#neuron").bounding_box()["y"] - end < 30


def test_in_print_there_is_the_state_and_no_control(run, page):
    _open(page, run("sigmoid"), "#layer=1&n=50")
    page.emulate_media(media="print")
    for shown in ("#said", "#plot", "#confusion", "#pictures canvas"):
        expect(page.locator(shown).first).to_be_visible()
    for hidden in (".try", ".tools", "input[type=range]"):
        expect(page.locator(hidden).first).to_be_hidden()


@pytest.mark.parametrize(
    ("shape", "factor", "inputs"),
    [((784,), 1, "784 inputs"), ((16, 16, 3), 1, "pixels"), ((28, 28), 0.3, "pixels")],
    ids=["no images", "colours", "no bytes"],
)
def test_data_of_other_shapes(shape, factor, inputs, run, page, tmp_path):
    stage = run("one")
    other, size = Stage("03-ablate", None, stage.folder), int(np.prod(shape))
    splits = {
        name: Split(np.float32(factor) * split.images[:, :size], split.labels)
        for name in ("train", "validation", "test")
        if (split := getattr(stage.dataset, name))
    }
    other.dataset = changed(stage.dataset, image_shape=shape, **splits)
    kernels, biases = stage.networks[0].kernels, stage.networks[0].biases
    other.networks = [Network((kernels[0][:size], kernels[1]), biases, ("sigmoid",))]
    path = tmp_path / "other.html"
    path.write_text(made.text(made.payload(other, _tables(stage)), {}))
    page.goto(path.as_uri() + "#layer=1&by=mi&n=9")
    expect(page.locator("#plot[aria-busy=false]")).to_be_attached(timeout=LONG)
    oracle = Oracle(other)
    expected = oracle.confusion(oracle.order("1", "mi", "low")[:9], "mean")
    assert _confusion(page).tolist() == expected.tolist()
    expect(page.locator("#from")).to_contain_text(inputs)
    expect(page.locator("#pictures li:visible").first).to_contain_text("→")
    pictures = page.locator("#pictures canvas")
    if len(shape) == 1:
        assert pictures.count() == 0
        assert "image" not in page.locator("main").inner_text()
    else:
        size = pictures.first.evaluate("canvas => [canvas.height, canvas.width]")
        assert size == list(shape[:2])


def test_a_browser_that_changes_pixels_is_told_apart(run, page, tmp_path):
    text = (run("one").folder / made.FILE).read_text()
    path = Path(tmp_path / "wrong.html")
    path.write_text(re.sub(r'"intact":(\d+)', '"intact":1', text))
    page.goto(path.as_uri())
    expect(page.locator("#wrong")).to_be_visible()
    _open(page, run("one"))
    expect(page.locator("#wrong")).to_be_hidden()

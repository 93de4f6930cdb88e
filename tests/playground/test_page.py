"""The page is one small file of the run, fetches nothing, and is shown where it can be."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from bs4 import BeautifulSoup

from utils import paths
from utils.playground import page
from utils.playground.payload import payload
from utils.study.provenance import RunError

HAS_MNIST = any((folder / "mnist.npz").exists() for folder in paths.image_folders())


@pytest.fixture(scope="module")
def content(stage, tables) -> dict:
    return payload(stage, tables)


@pytest.fixture
def run(stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run in a folder of runs."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    return Path(shutil.copytree(stage.folder, tmp_path / "two"))


def _soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def test_nothing_but_what_is_in_the_file_may_be_used(content):
    soup = _soup(page.text(content, {}))
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    assert rules == {
        "img-src": "data:", "style-src": "'unsafe-inline'", "script-src": "'unsafe-inline'",
        "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip
    assert not soup.select("[src], iframe, object, form[action]")
    assert all(re.match("data:,$|#", link["href"]) for link in soup.find_all(href=True))
    code = "".join(script.text for script in soup.find_all("script", type=None))
    assert not re.search(r"https?:|fetch\(|import\(|XMLHttpRequest|url\(", code)


def test_the_payload_comes_back_and_cannot_leave_its_element(content):
    evil = content | {"run": "</script><b>&\"'"}
    soup = _soup(page.text(evil, {"networks": "0"}))
    assert json.loads(soup.find(id="data").text)["run"] == evil["run"]
    assert soup.title.text.endswith(evil["run"])
    assert not soup.find_all("b")
    assert len(soup.find_all("script")) == 2


def test_choices_are_those_of_the_run(content):
    soup = _soup(page.text(content, {}))
    values = {
        select["name"]: [option["value"] for option in select.find_all("option")]
        for select in soup.find_all("select")
    }
    orders = [order["key"] for order in content["orders"]]
    fills = ["zero", "mean", "least_squares"]
    assert values == {
        "net": ["1", "2"], "layer": ["1", "2", "all", "ranks"], "by": orders,
        "first": ["low", "high"], "fill": fills, "vsby": ["same", *orders],
        "vsfirst": ["same", "low", "high"], "vsfill": ["same", *fills],
    }  # fmt: skip
    assert len(soup.select(".neurons")) == 2
    assert "above 0.5 (sigmoid)" in soup.find(class_="notes").text
    assert "images" in soup.find(id="confusion").caption.text


def test_one_layer_and_samples_that_are_no_images(content):
    one = content | {"hidden": (12,), "shape": None, "png": None}
    soup = _soup(page.text(one, {}))
    layers = soup.find("select", {"name": "layer"}).find_all("option")
    assert [option["value"] for option in layers] == ["1"]
    assert not soup.select("#pictures canvas")
    assert "samples" in soup.find(id="confusion").caption.text
    assert "image" not in soup.main.text


def test_the_same_run_gives_the_same_bytes(run):
    first = page.of_run("two").read_bytes()
    assert page.of_run("two") == run / "playground.html"
    assert page.of_run("two").read_bytes() == first
    assert len(first) < 1.5e6


@pytest.mark.skipif(not HAS_MNIST, reason="no mnist.npz in data/ or in NEURON_STUDY_DATA")
def test_the_committed_runs_page_has_three_networks_and_at_most_one_and_a_half_megabytes(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    shutil.copytree(paths.COMMITTED_RUN, tmp_path / "mnist")
    text = page.of_run("mnist").read_text()
    assert len(text.encode()) <= 1.5e6
    assert len(_soup(text).select("[name=net] option")) == 3


def test_a_page_is_current_until_what_it_shows_is_not(run):
    assert not page.current(run)
    page.of_run("two")
    assert page.current(run)
    made = (run / "playground.html").read_text()
    (run / "playground.html").write_text(re.sub(r"[0-9a-f]{64}", "0" * 64, made, count=1))
    with pytest.raises(RunError, match=r"from other networks than .* make playground RUN=two"):
        page.current(run)


def test_a_run_that_lacks_something_is_refused_with_the_remedy(run):
    with pytest.raises(RunError, match="none/networks is missing; notebook 01-train makes it"):
        page.of_run("none")
    (run / "measures.csv").unlink()
    with pytest.raises(RunError, match=r"measures\.csv is missing; notebook 02-measure makes it"):
        page.of_run("two")
    assert not (run / "playground.html").exists()


def test_without_notebook_03_there_are_no_curves_of_it(run):
    (run / "ablation.csv.xz").unlink()
    data = _soup(page.of_run("two").read_text()).find(id="data").text
    assert json.loads(data)["networks"][0]["curves"] == {}


@pytest.mark.parametrize("watched", [True, False])
def test_a_frame_for_a_person_and_a_figure_with_a_link_elsewhere(
    watched, stage, tables, run, monkeypatch, strict_figures
):
    shown = []
    plt.close("all")
    monkeypatch.setattr(page.parallel, "in_watched_notebook", lambda: watched)
    monkeypatch.setattr(page, "display", shown.append)
    monkeypatch.chdir(run.parent)
    monkeypatch.setattr(stage, "folder", run)
    monkeypatch.setattr(stage, "wrote", {})
    page.show(stage, tables)
    assert (run / "playground.html").exists()
    (output,) = shown
    if watched:
        assert output.src == "two/playground.html"
        assert not plt.get_fignums()
    else:
        assert "(playground.html)" in output.data
        (ax,) = plt.gcf().axes
        monkeypatch.setattr(page.paths, "COMMITTED_RUN", run)
        page.show(stage, tables)
        assert shown[1].data.startswith("`make playground` writes the page `")
        rows = tables["ablation"].query(
            "replicate == 0 and scope == 'network' and ordering == 'mutual_information' "
            "and direction == 'low-first' and replacement == 'mean'"
        )
        heights = ax.lines[0].get_ydata() * 1000
        assert heights.round().tolist() == rows["n_correct"].tolist()
        assert [text.get_text() for text in ax.get_legend().get_texts()] == [
            "mutual information, low first", "random",
        ]  # fmt: skip


def test_an_installed_utils_has_the_pages_parts():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["utils.playground"]
    files = {path for path in page.HERE.iterdir() if path.suffix in (".js", ".css", ".html")}
    assert {path for pattern in patterns for path in page.HERE.glob(pattern)} == files
    assert {*page.SCRIPTS, "playground.css", "playground.html"} == {path.name for path in files}

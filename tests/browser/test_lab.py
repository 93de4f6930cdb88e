"""Notebooks in a real JupyterLab: Run All, figures, and neurons removed by hand."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import papermill
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from utils import paths

pytestmark = pytest.mark.browser
LONG = 180_000  # milliseconds that anything may take
SMALL = {"dataset": "mnist-5k", "n_replicates": 2, "hidden": [20, 12], "epochs": 2}
SETTINGS = {
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # cells out of sight exist too
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}
# what a cell that failed shows; a progress bar has the same type while it is there
ERRORS = """[...document.querySelectorAll("[data-mime-type='application/vnd.jupyter.stderr']")]
    .map(output => output.innerText).filter(text => text.includes("Traceback"))"""
FINISHED = f"""() => {ERRORS}.length || [...document.querySelectorAll(
    '.jp-CodeCell .jp-InputPrompt')].every(prompt => /\\[\\d+\\]:/.test(prompt.textContent))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run's networks, and copies of notebooks 01 to 03 that name this run."""
    folder = tmp_path_factory.mktemp("a lab")
    committed = {path: path.read_bytes() for path in paths.NOTEBOOKS.iterdir()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURON_STUDY_RUNS", str(folder / "runs"))
        papermill.execute_notebook(
            paths.NOTEBOOKS / "01-train.ipynb", folder / "trained.ipynb",
            {"run": "small", **SMALL}, kernel_name="python3", progress_bar=False,
        )  # fmt: skip
    for source in paths.NOTEBOOKS.glob("0[123]-*.ipynb"):
        notebook = nbformat.read(source, as_version=4)
        for cell in notebook.cells:
            cell.source = cell.source.replace('run: str = "mnist"', 'run: str = "small"')
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, folder / source.name)
    yield folder
    assert committed == {path: path.read_bytes() for path in paths.NOTEBOOKS.iterdir()}


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[tuple[str, str]]:
    """JupyterLab as make lab starts it: what it opens in the browser, and any path of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, text in SETTINGS.items():
        file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "browser.py").write_text("import sys\nopen('opened', 'w').write(sys.argv[1])\n")
    own = {f"JUPYTERLAB_{name.upper()}_DIR": folder / name for name in ("settings", "workspaces")}
    own |= {f"JUPYTER_{name.upper()}_DIR": folder / name for name in ("config", "runtime")}
    own |= {"NEURON_STUDY_RUNS": folder / "runs", "JUPYTER_TOKEN": "token"}
    own["BROWSER"] = f"{shlex.quote(sys.executable)} browser.py %s"
    command = [sys.executable, "-m", "jupyterlab", "01-train.ipynb", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    with (folder / "lab.txt").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log,
            env=os.environ | {name: str(value) for name, value in own.items()},
        )  # fmt: skip
    limit = time.monotonic() + LONG / 1000
    try:
        while not (folder / "opened").exists() or not (folder / "opened").read_text():
            assert server.poll() is None, (folder / "lab.txt").read_text()
            assert time.monotonic() < limit, (folder / "lab.txt").read_text()
            time.sleep(0.2)
        yield (folder / "opened").read_text(), f"http://localhost:{port}{{path}}?token=token"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context.new_page()
    context.close()


def _run_all(page: Page, lab: tuple[str, str], folder: Path, name: str) -> nbformat.NotebookNode:
    """Open a notebook, Run All, save; the notebook as saved."""
    page.goto(lab[1].format(path=f"/lab/workspaces/{name[:2]}/tree/{name}"))
    expect(page.locator(".jp-CodeCell").first).to_be_visible(timeout=LONG)
    kernel = page.locator(".jp-KernelName, .jp-Toolbar-kernelName").first
    expect(kernel).to_contain_text("Python 3", timeout=LONG)  # without one the state is idle too
    state = page.locator(".jp-Notebook-ExecutionIndicator")
    expect(state).to_have_attribute("data-status", "idle", timeout=LONG)
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    page.wait_for_function(FINISHED, timeout=LONG)
    assert page.evaluate(ERRORS) == []
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=LONG)
    return nbformat.read(folder / name, as_version=4)


def _check(page: Page, notebook: nbformat.NotebookNode) -> None:
    """No errors, no noise, and every figure on the screen."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
    assert not re.search(r"HBox\(|\d%\||\\r", str(outputs))
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    widths = page.locator(".jp-OutputArea-output.jp-RenderedImage img").evaluate_all(
        "images => images.map(image => image.naturalWidth)"
    )
    assert len(widths) == len(figures) > 2
    assert min(widths) > 100


def test_lab_opens_at_the_first_notebook(lab: tuple[str, str], page: Page):
    page.goto(lab[0])
    title = page.locator(".jp-Notebook h1", has_text="1 · Train the networks")
    expect(title).to_be_visible(timeout=LONG)


def test_run_all_and_the_playground(lab: tuple[str, str], folder: Path, page: Page):
    _check(page, _run_all(page, lab, folder, "02-measure.ipynb"))
    _check(page, _run_all(page, lab, folder, "03-ablate.ipynb"))
    table = pd.read_csv(folder / "runs" / "small" / "ablation.csv.xz")
    frame = page.frame_locator(".jp-OutputArea-output iframe")
    slider = frame.locator("input[name=n]")
    frame.locator("select[name=layer]").select_option("1")
    slider.fill("18")
    expect(frame.locator("#said")).to_contain_text("with 18 of the 20 neurons of layer 1")
    right = {"scope": "layer-1", "ordering": "mutual_information", "n_ablated": 18}
    assert abs(_number(frame) - _count(table, **right)) <= 1
    slider.press("ArrowLeft")
    expect(frame.locator("#count")).to_have_text("17 of 20")
    assert abs(_number(frame) - _count(table, **right | {"n_ablated": 17})) <= 1


def _number(frame: FrameLocator) -> int:
    """Test images that are right, as the page says; it has all 1,000 of the run."""
    text = frame.locator("#said strong").first.inner_text()
    return int(text.partition(" of 1,000")[0].replace(",", ""))


def _count(table: pd.DataFrame, **wanted: object) -> int:
    """The same in ablation.csv.xz."""
    wanted |= {"replicate": 0, "direction": "low-first", "replacement": "mean"}
    rows = table[(table[list(wanted)] == pd.Series(wanted)).all(axis=1)]
    return int(rows["n_correct"].item())

"""Notebooks in a real JupyterLab: Run All, progress, interrupts, the playground in its cell."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import FrameLocator, Page, expect

pytestmark = pytest.mark.browser
LONG = 180_000  # milliseconds that anything may take
# what a cell that failed shows
ERRORS = """[...document.querySelectorAll("[data-mime-type='application/vnd.jupyter.stderr']")]
    .map(output => output.innerText).filter(text => text.includes("Traceback"))"""
FINISHED = f"""() => {ERRORS}.length || [...document.querySelectorAll(
    '.jp-CodeCell .jp-InputPrompt')].every(prompt => /\\[\\d+\\]:/.test(prompt.textContent))"""


def _open(page: Page, lab: tuple[str, str], name: str) -> None:
    """A notebook in a workspace of its own, with its kernel."""
    page.goto(lab[1].format(name[:2], name))
    expect(page.locator(".jp-CodeCell").first).to_be_visible(timeout=LONG)
    kernel = page.locator(".jp-KernelName, .jp-Toolbar-kernelName").first
    expect(kernel).to_contain_text("Python 3", timeout=LONG)  # without one the state is idle too
    state = page.locator(".jp-Notebook-ExecutionIndicator")
    expect(state).to_have_attribute("data-status", "idle", timeout=LONG)


def _choose(page: Page, menu: str, item: str) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{item}$")).click()


def _run_all(page: Page, lab: tuple[str, str], folder: Path, name: str) -> nbformat.NotebookNode:
    """Open a notebook, Run All, save; the notebook as saved."""
    _open(page, lab, name)
    _choose(page, "Run", "Run All Cells")
    page.wait_for_function(FINISHED, timeout=LONG)
    assert page.evaluate(ERRORS) == []
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=LONG)
    return nbformat.read(folder / "runs" / "small" / "lab" / name, as_version=4)


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


def test_lab_opens_at_the_first_notebook_with_the_repository_in_reach(
    lab: tuple[str, str], page: Page
):
    page.goto(lab[0])
    notebook = page.locator(".jp-Notebook")
    expect(notebook.locator("h1", has_text="1 · Train the networks")).to_be_visible(timeout=LONG)
    notebook.get_by_role("link", name="README", exact=True).first.click()
    expect(page.locator(".lm-TabBar-tabLabel", has_text="README.md")).to_be_visible(timeout=LONG)


def test_progress_is_a_widget_and_an_interrupt_ends_it(
    lab: tuple[str, str], folder: Path, page: Page
):
    work = "import threading, time\nfrom utils.study import parallel\n"
    work += "wait = lambda k: [time.sleep(0.01) for _ in range(100_000)]\n"
    cells = [
        work + "parallel.run(wait, range(4), 'waiting')",
        "'worker' in str(threading.enumerate())",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "runs" / "small" / "lab" / "wait.ipynb")
    _open(page, lab, "wait.ipynb")
    _choose(page, "Run", "Run All Cells")
    bar = page.locator(".jp-OutputArea-output .widget-hprogress")
    expect(bar).to_be_visible(timeout=LONG)
    said = page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
    expect(said).to_have_count(0)
    _choose(page, "Kernel", "Interrupt Kernel")
    expect(said).to_have_count(1, timeout=LONG)
    assert said.inner_text().rstrip().endswith("KeyboardInterrupt:")
    expect(bar).to_have_count(0)
    page.locator(".jp-CodeCell").nth(1).click()
    _choose(page, "Run", "Run Selected Cell")
    output = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output").last
    expect(output).to_have_text("False", timeout=LONG)


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

"""The committed notebooks: executed in order, clean, and in the style they are meant to have."""

import re
from pathlib import Path
from statistics import median

import nbformat
import pytest
import yaml

from utils import paths
from utils.study import parameters, stages

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
COMPARED = {"sweeps": ["settings"]}
COMMITTED = yaml.safe_load((paths.ROOT / "params" / "mnist.yml").read_text())
PAGES = [paths.ROOT / "README.md", paths.DATA / "README.md", *paths.ROOT.glob("docs/*.md")]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    """One committed notebook after the other, with its path."""
    found = nbformat.read(request.param, as_version=4)
    found.path = request.param
    return found


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_chain_is_complete():
    assert [path.stem for path in NOTEBOOKS] == sorted(stages.STAGES)


def test_executed_in_order_without_errors_or_noise(notebook):
    code = _code(notebook)
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert sum(output.output_type in ("execute_result", "display_data") for output in outputs) > 5
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]


def test_the_first_cell_says_what_to_do_where_utils_is_missing_or_another(notebook):
    """Python shows that line in its traceback, and the path of what it found instead."""
    first, *_ = _code(notebook)[0].source.splitlines()
    assert first.startswith("from utils import study  # not found? make setup, and start where no")


def test_every_plot_cell_shows_its_figure(notebook):
    plots = [cell for cell in _code(notebook) if cell.source.rstrip().endswith("plt.show()")]
    assert all(any("image/png" in o.get("data", {}) for o in cell.outputs) for cell in plots)


def test_no_figure_is_saved_over_one_of_another_cell():
    sources = [cell.source for path in NOTEBOOKS for cell in _code(nbformat.read(path, 4))]
    names = re.findall(r'save_figure\(\w+, "([\w-]+)"\)', "\n".join(sources))
    assert len(names) == len(set(names)) > 20


def test_outputs_hold_no_paths_of_a_machine_and_no_progress_bars(notebook):
    text = "".join(str(cell.outputs) for cell in _code(notebook))
    assert not re.search(r"/(home|root|tmp|work|Users)/|site-packages|HBox\(|\d%\|", text)


def test_size_and_shape(notebook):
    assert notebook.path.stat().st_size < 1_000_000
    assert 25 <= len(notebook.cells) <= 45
    assert 2 * sum(c.cell_type == "markdown" for c in notebook.cells) >= len(notebook.cells) - 1
    lengths = [len(cell.source.strip().splitlines()) for cell in _code(notebook)[3:]]
    assert max(lengths) <= 20
    assert median(lengths) <= 5
    assert not re.search(
        r"^\s*def |^\s*class ", "\n".join(c.source for c in _code(notebook)), re.M
    )


def test_headings(notebook):
    first, *rest = notebook.cells
    assert re.fullmatch(r"# (\d · )?[^\n]+", first.source)
    headings = [c for c in rest if c.cell_type == "markdown" and c.source.startswith("## ")]
    assert 4 <= len(headings) <= 8
    assert any("## Paper and this run" in cell.source for cell in headings)
    assert not [c for c in rest if c.source.startswith("# ") and c.cell_type == "markdown"]


def _links(source: Path) -> list[tuple[str, str, str]]:
    """Links to notebooks in a notebook's text or a page: target, number and name."""
    text = source.read_text()
    if source.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.findall(r"\]\(([^)#:]*?(\d\d|appendix)-([\w-]+)\.ipynb)", text)


def test_links_to_it_resolve(notebook):
    """Whatever has its number or its name is meant to lead to it, wherever it stands.

    Links to a notebook that was taken away have neither of any, and break no other's test.
    """
    number, _, name = notebook.path.stem.partition("-")
    targets = [
        (source.parent / target).resolve()
        for source in (*NOTEBOOKS, *PAGES)
        for target, its_number, its_name in _links(source)
        if its_number == number or its_name == name
    ]
    assert set(targets) == {notebook.path}


def test_defaults_are_the_committed_run_and_are_described(notebook):
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    namespace: dict = {}
    exec(cell.source, namespace)
    given = {k: v for k, v in namespace.items() if not k.startswith("_")}
    stage = notebook.path.stem
    committed = {"run": "mnist", **COMMITTED[stage]} if stage in COMMITTED else COMPARED
    assert given == committed
    assert set(given) == set(parameters.MODELS[stage].model_fields)
    lines = [line for line in cell.source.splitlines() if not line.startswith("#")]
    assert all(re.match(r"\w+: [\w\[\]]+ = .+  # .+", line) for line in lines)

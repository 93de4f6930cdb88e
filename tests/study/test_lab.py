"""Copies of the notebooks for a run: its parameters, links that work, edits that stay."""

import json
import re
import subprocess
from urllib.parse import unquote

import nbformat
import pytest

from utils import paths
from utils.study import lab, parameter_files, stages
from utils.study.provenance import RunError

DONE = ("01-train", "02-measure", "06-verdict")
OTHER = {
    "01-train": {"dataset": "mnist-5k", "hidden": [20], "l2": 1e-5, "batch_normalization": True},
    "02-measure": {"n_levels": 4},
    "06-verdict": {"further_runs": ["more"], "other_runs": [], "last_run": ""},
}


@pytest.fixture
def note(tmp_path, monkeypatch):
    """A function that notes three stages of the run `mine`, and makes its copies."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    (tmp_path / "mine").mkdir()

    def note(**sections):
        given = {name: parameter_files.completed(OTHER | sections, name) for name in DONE}
        noted = {name: {"parameters": given[name] | {"run": "mine"}} for name in DONE}
        (tmp_path / "mine" / "manifest.json").write_text(json.dumps({"stages": noted}))
        place = lab.copies("mine")
        return {path.stem: nbformat.read(path, as_version=4) for path in place.iterdir()}

    return note


def _parameters(notebook) -> dict:
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    assert cell.source.count("  # ") == cell.source.count(" = ")  # what they are is still said
    values = {}
    exec(cell.source, values)
    return {name: value for name, value in values.items() if not name.startswith("__")}


def test_they_have_the_runs_parameters_and_ask_for_no_other_run(note):
    copies = note()
    assert set(copies) == set(stages.STAGES)
    for name, copy in copies.items():
        mine = {"run": "mine"} if stages.STAGES[name].in_run else {}
        section = OTHER.get(name, dict(stages.STAGES[name].alone))
        assert _parameters(copy) == mine | parameter_files.completed({name: section}, name)
    assert _parameters(copies["08-beyond"])["second_run"] == ""


def test_nothing_else_differs_and_their_links_lead_somewhere(note, tmp_path):
    for name, copy in note().items():
        place = tmp_path / "mine" / "lab"
        text = "\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")
        links = [target for target in re.findall(r"\]\(([^)#]+)", text) if ":" not in target]
        assert len(links) > 10
        assert not any(" " in target or target[0] == "/" for target in links)
        assert all((place / unquote(target)).exists() for target in links)
        assert not [c for c in copy.cells if c.get("outputs") or c.get("execution_count")]
        original = nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4)
        assert [cell.id for cell in copy.cells] == [cell.id for cell in original.cells]
        changed = [
            cell.id for cell, before in zip(copy.cells, original.cells, strict=True)
            if cell.source != before.source and "](../" not in before.source
        ]  # fmt: skip
        assert len(changed) == (stages.STAGES[name].in_run)


def test_a_copy_is_renewed_but_not_one_that_was_edited_nor_what_it_shows(note, tmp_path, capsys):
    copies, place = note(), tmp_path / "mine" / "lab"
    copies["01-train"].cells[-1].source += "\n\nSeen."
    ran = next(c for c in copies["03-ablate"].cells if c.cell_type == "code")
    ran.execution_count = 1
    for name in ("01-train", "03-ablate"):
        nbformat.write(copies[name], place / f"{name}.ipynb")
    kept = {name: (place / f"{name}.ipynb").read_bytes() for name in ("01-train", "03-ablate")}
    note()
    assert capsys.readouterr().out == ""
    again = note(**{"01-train": {"epochs": 3}, "02-measure": {"n_levels": 8}})
    assert kept == {name: (place / f"{name}.ipynb").read_bytes() for name in kept}
    assert _parameters(again["02-measure"])["n_levels"] == 8
    assert re.search("01-train.ipynb is kept, as you edited it", capsys.readouterr().out)


def test_a_run_that_is_not_there_or_in_git_is_refused(monkeypatch, tmp_path):
    for run in paths.COMMITTED:
        with pytest.raises(RunError, match=f"run {run} is in git"):
            lab.copies(run)
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    with pytest.raises(RunError, match=r"there is no run 'none'.*make study RUN=none"):
        lab.copies("none")
    assert not list(tmp_path.iterdir())


def test_git_does_not_see_them():
    copy = "data/runs/quickstart/lab/01-train.ipynb"
    subprocess.run(["git", "check-ignore", "-q", copy], cwd=paths.ROOT, check=True)

"""JupyterLab at the first notebook, or at copies of all of them that have the parameters of a run.

    python -m utils.study.lab "" [flags of JupyterLab]
    python -m utils.study.lab quickstart [flags of JupyterLab]

The copies are in lab/ of the run's folder, without outputs; git does not see them. One that is
there is made again if notebook or parameters have changed since, but not if its cells were edited.
"""

import ast
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from papermill.translators import PythonTranslator

from utils import files, paths
from utils.study import parameter_files, parameters
from utils.study.provenance import FIRST, RunError
from utils.study.stages import STAGES

MADE = "copied"  # in a copy's metadata: the checksum of its cells as they were copied


def copies(run: str) -> Path:
    """The folder of a run's copies, each made, or kept as it is if its cells were edited.

    Their parameters are the run's; of a stage that was not run yet those of the notebook, but for
    other runs to compare with.
    Raises RunError if there is no such run, or if git has its tables, which the copies would
    write; and what `files` raises.
    """
    folder = paths.runs() / run
    if folder in [paths.COMMITTED_RUN.parent / name for name in paths.COMMITTED]:
        raise RunError(
            f"run {run} is in git, and its notebooks would rewrite its tables; name another, or "
            "none: `make lab` opens the notebooks of the committed run"
        )
    noted = files.manifest(folder)["stages"]
    if FIRST not in noted:
        raise RunError(
            f"there is no run {run!r}: {paths.shown(folder / 'manifest.json')} does not exist, or "
            f"has no networks; make one with: make study RUN={run}"
        )
    place = (folder / "lab").resolve()
    files.make_folder(place)
    for stage in STAGES.values():
        section = noted[stage.name]["parameters"] if stage.name in noted else dict(stage.alone)
        given = parameter_files.completed({stage.name: section}, stage.name)
        given |= {"run": run} if stage.in_run else {}
        parameters.validate(stage.name, given)
        _write(_copy(stage.name, given, place), place / f"{stage.name}.ipynb")
    return place


def _copy(stage: str, given: dict[str, Any], place: Path) -> nbformat.NotebookNode:
    """A notebook without outputs, with these parameters, whose links lead out of `place`."""
    notebook = nbformat.read(paths.NOTEBOOKS / f"{stage}.ipynb", as_version=4)
    up = quote(os.path.relpath(paths.ROOT, place))  # a space would end a link
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = cell.source.replace("](../", f"]({up}/")
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = _with_values(cell.source, given)
    notebook.metadata[MADE] = _checksum(notebook)
    return notebook


def _with_values(source: str, given: dict[str, Any]) -> str:
    """A cell of parameters with other values, and what it says of each."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        line, value = lines[node.lineno - 1], PythonTranslator.translate(given[node.target.id])
        before, after = line[: node.value.col_offset], line[node.value.end_col_offset :]
        lines[node.lineno - 1] = f"{before}{value}{after}"
    return "\n".join(lines)


def _checksum(notebook: nbformat.NotebookNode) -> str:
    cells = [cell.source for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _write(copy: nbformat.NotebookNode, path: Path) -> None:
    """Write a copy, unless one is there that was edited, or that may have been run as it is."""
    if path.exists():
        there = nbformat.read(path, as_version=4)
        if there.metadata.get(MADE) == copy.metadata[MADE]:
            return
        if there.metadata.get(MADE) != _checksum(there):
            print(f"{paths.shown(path)} is kept, as you edited it; {path.stem} has changed since")
            return
    with files.replacing(path) as part:
        nbformat.write(copy, part)


if __name__ == "__main__":
    name, *flags = sys.argv[1:]
    try:
        opened = copies(name) if name else paths.NOTEBOOKS
    except (RunError, parameters.ParameterError, files.ManifestError, files.WriteError) as error:
        sys.exit(f"make lab: {error}")
    root = os.path.commonpath([paths.ROOT, opened])  # so that links lead to README and modules
    first = quote(os.path.relpath(opened / f"{FIRST}.ipynb", root))
    given = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url=/lab/tree/{first}", *flags]
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *given])

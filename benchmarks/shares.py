"""What each stage's time is spent on: imports, compiling, arithmetic, figures, the rest.

    python -m benchmarks.shares data/runs/quickstart

executes the stages of a copy of a run once more, each in a kernel of its own with one thread, and
prints their CPU seconds. The watch is set in a cell before a notebook's first and read in one
after its last.
"""

import builtins
import functools
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill

from utils import files, paths
from utils.study import stages

KINDS = "imports", "compiling", "arithmetic", "figures"
_TRACES = "tensorflow.python.eager.polymorphic_function"
BEFORE, AFTER = (f"from benchmarks.shares import {name}; {name}()" for name in ("watch", "show"))

_seconds: Counter[str] = Counter()
_inside: list[str] = []  # what is being counted now: only the outermost is


def _counted(function: Callable[..., Any], kind: Callable[..., str]) -> Callable[..., Any]:
    """`function`, its CPU seconds added to `kind(*arguments)`."""

    @functools.wraps(function)
    def counted(*arguments: Any, **options: Any) -> Any:
        if _inside:
            return function(*arguments, **options)
        _inside.append(kind(*arguments))
        begin = time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            _seconds[_inside.pop()] += time.process_time() - begin

    return counted


def _always(kind: str) -> Callable[..., str]:
    return lambda *_: kind


def watch() -> None:
    """Count from here on, in this process; what it took to start is counted as imports.

    Compiling: the trace of a program, and its first call, with its first execution. Arithmetic:
    later calls, and passes of images through networks.
    """
    _seconds["imports"] = time.process_time()
    plain = _counted(builtins.__import__, lambda *_: "imports")
    called = set()

    def first(program: Any, *_: Any) -> str:
        known = id(program) in called
        called.add(id(program))
        return "arithmetic" if known else "compiling"

    watched = {
        (f"{_TRACES}.concrete_function", "ConcreteFunction", "__call__"): first,
        (f"{_TRACES}.polymorphic_function", "Function", "get_concrete_function"): _always(
            "compiling"
        ),
        ("utils.networks.network", "Network", "forward"): _always("arithmetic"),
        ("matplotlib.backend_bases", "FigureCanvasBase", "print_figure"): _always("figures"),
    }

    def imported(*arguments: Any, **options: Any) -> Any:
        module = plain(*arguments, **options)
        for place in [] if _inside else list(watched):
            if owner := getattr(sys.modules.get(place[0]), place[1], None):
                kind = watched.pop(place)
                setattr(owner, place[2], _counted(getattr(owner, place[2]), kind))
        return module

    builtins.__import__ = imported


def show() -> None:
    print(json.dumps(_seconds | {"all": time.process_time()}))


def measure(run: Path, folder: Path) -> pd.DataFrame:
    """CPU seconds [stage, kind] of the stages of `run`, executed again on a copy in `folder`."""
    shutil.copytree(run, folder / run.name)
    rows = {}
    noted = files.manifest(run)["stages"]
    for stage in (stage for stage in stages.CHAIN if stage in noted):
        book = nbformat.read(paths.NOTEBOOKS / f"{stage}.ipynb", 4)
        make = nbformat.v4.new_code_cell
        book.cells = [make(BEFORE), *book.cells, make(AFTER)]
        watched = folder / f"{stage}.ipynb"
        nbformat.write(book, watched)
        done = papermill.execute_notebook(
            watched, watched, noted[stage]["parameters"] | {"run": run.name},
            kernel_name="python3", progress_bar=False,
        )  # fmt: skip
        counted = json.loads(done.cells[-1].outputs[0].text)
        row = {kind: counted.get(kind, 0.0) for kind in KINDS}
        rows[stage] = row | {"rest": counted["all"] - sum(row.values()), "all": counted["all"]}
    table = pd.DataFrame.from_dict(rows, orient="index")
    bare = table["imports"] + table["compiling"] + table["arithmetic"]
    return table.assign(ratio=table["all"] / bare)


def report(run: Path) -> str:
    """The table, and under what load it was measured."""
    if not files.manifest(run)["stages"]:
        return f"Not measured: {paths.shown(run)} is no run of `make study`."
    before = os.environ.copy()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"NEURON_STUDY_RUNS": folder, "OMP_NUM_THREADS": "1"}
        try:
            table = measure(run, Path(folder))
        finally:
            os.environ.clear()
            os.environ |= before
    load = os.getloadavg()[2]
    n_networks = len(list((run / "networks").glob("replicate-*.npz")))
    lines = ["| stage | " + " | ".join(table) + " |", "|---" * (len(table.columns) + 1) + "|"]
    for stage, row in table.iterrows():
        cells = [f"{value:.1f}" for value in row]
        lines.append(f"| {stage} | " + " | ".join(cells) + " |")
    about = f"Run `{run.name}`, {n_networks} networks"
    return "\n".join([f"{about}; load of the machine meanwhile {load:.0f}.", "", *lines])


if __name__ == "__main__":
    print(report(Path(sys.argv[1])))

"""The tables of the sweeps that notebook 07 names; it computes nothing of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from utils import paths
from utils.study import parameters
from utils.study.runs import RunError

SHOWN = {
    "relu": "ReLU", "mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "cifar-10": "CIFAR-10",
    "mnist-5k": "5,000 digits", "sigmoid": "sigmoid", "tanh": "tanh",
}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Comparison:
    """What `utils.study.sweep_tables` wrote for some sweeps; `run` is as readers see it."""

    folders: list[Path]
    index: pd.DataFrame
    claims: pd.DataFrame
    curves: pd.DataFrame

    def _repr_markdown_(self) -> str:
        folders = " and ".join(f"`{paths.shown(folder)}`" for folder in self.folders)
        done = (self.index["state"] == "done").sum()
        text = f"Reads `index.csv`, `claims.csv`, `curves.csv.xz` in {folders}; writes nothing."
        return f"{text} {done} of {len(self.index)} runs are done; the others are left out."


def start(namespace: dict[str, Any]) -> Comparison:
    """Check the parameters of notebook 07 (pass `globals()`) and read the sweeps' tables.

    Raises
    ------
    ParameterError
        Before anything is read.
    RunError
        A table is missing: names it and the command that makes it.
    """
    names = parameters.check("07-compare", namespace).sweeps
    folders = [paths.found_run(name) for name in names]
    index, claims = _read(folders, "index.csv"), _read(folders, "claims.csv")
    return Comparison(folders, index, claims, curves=_read(folders, "curves.csv.xz"))


def _read(folders: list[Path], file: str) -> pd.DataFrame:
    tables = {}
    for folder in folders:
        if not (folder / file).exists():
            raise RunError(
                f"{paths.shown(folder / file)} is missing; make sweep SWEEP={folder.name} "
                "makes it, if all stages of one run at least are done"
            )
        table = pd.read_csv(folder / file)
        sweep = f"{folder.name}: " if len(folders) > 1 else ""
        tables[folder.name] = table.assign(run=sweep + table["run"].map(setting))
    return pd.concat(tables, names=["sweep"]).reset_index("sweep").reset_index(drop=True)


def setting(run: str) -> str:
    """The folder of a sweep's run as readers see it.

    >>> setting("activation=relu,dataset=mnist"), setting("l2=0.1")
    ('ReLU, MNIST', 'l2 0.1')
    """
    parts = (part.split("=") for part in run.split(","))
    return ", ".join(SHOWN.get(value, f"{name} {value}") for name, value in parts)

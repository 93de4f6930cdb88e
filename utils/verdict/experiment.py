"""What notebook 06 judges: the tables of this run and of those it is compared with."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

import pandas as pd

from utils.evidence.tables import Tables
from utils.files import manifest
from utils.paths import found_run
from utils.study.provenance import RunError
from utils.study.runs import Stage
from utils.study.stages import STAGES, place

STAGE = "06-verdict"
OF_ORDERS = ("measures", "ablation")  # tables that tell of orders and layers, not of pruning


def read_tables(stage: Stage) -> Tables:
    """The tables of this run and its `further_runs`, and what C8 needs of its `other_runs`.

    The networks of further runs are counted on from this run's. Raises RunError where another run
    differs in more than the activation, a further one in more than the replicates it has, and
    where two of them have a network in common.
    """
    p = stage.parameters
    runs = {p.run: stage}
    runs |= {name: stage.other(name, "first_replicate") for name in p.further_runs}
    _refuse_same_networks(runs)
    return Tables(
        {
            table: counted_on(run.read(table) for run in runs.values())
            for table in STAGES[stage.name].reads
        },
        {name: _of_orders(stage.other(name, "activation")) for name in p.other_runs},
    )


def read_last(stage: Stage) -> Tables | None:
    """Those of `last_run`, which keeps its networks by another rule; None if none is named."""
    name = stage.parameters.last_run
    return _of_orders(stage.other(name, "kept_of_last")) if name else None


def _of_orders(run: Stage) -> Tables:
    return Tables({table: run.read(table) for table in OF_ORDERS})


def counted_on(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all, the replicates of each table counted on from those of the one before."""
    parts, start = [], 0
    for table in tables:
        parts.append(table.assign(replicate=table["replicate"] + start))
        start += table["replicate"].nunique()
    return pd.concat(parts, ignore_index=True)


def read_table(folder: Path, table: str) -> pd.DataFrame:
    """A table as `read_tables` has it, of a run in `folder` that 06 has judged; for README."""
    noted = manifest(folder)["stages"][STAGE]["parameters"].get("further_runs", [])
    folders = [folder, *(found_run(name) for name in noted)]
    return counted_on(pd.read_csv(path / place(table)) for path in folders)


def _refuse_same_networks(runs: Mapping[str, Stage]) -> None:
    replicates = {
        name: range(
            run.recipe.first_replicate, run.recipe.first_replicate + run.recipe.n_replicates
        )
        for name, run in runs.items()
    }
    for one, other in combinations(runs, 2):
        shared = sorted(set(replicates[one]) & set(replicates[other]))
        if shared and runs[one].recipe.seed == runs[other].recipe.seed:
            raise RunError(
                f"runs {one!r} and {other!r} both have replicates {shared[0]} to {shared[-1]} of "
                f"seed {runs[one].recipe.seed}; name further runs with others"
            )

"""Several runs beside one another, from the tables of sweeps (`utils.sweep_tables`).

`start` opens the sweeps that notebook 07 names; the tables are indexed by sweep and run. A claim's
effect is how far its number lies on the claimed side of its bound (`margin`), so that claims about
being above, below or apart from a bound read alike: positive is as claimed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from utils import parameters, paths, verdicts
from utils.claims import ABLATED_SHARE
from utils.runs import RunError

RUN = ["sweep", "run"]
CASE = ["claim", "scope", "quantity"]
FILES = ("index.csv", "claims.csv", "curves.csv.gz")


@dataclass(frozen=True, repr=False)
class Comparison:
    """The tables of some sweeps, with the columns sweep and run."""

    folders: list[Path]
    index: pd.DataFrame
    claims: pd.DataFrame
    curves: pd.DataFrame

    def _repr_markdown_(self) -> str:
        files = ", ".join(f"`{file}`" for file in FILES)
        folders = " and ".join(f"`{paths.shown(folder)}`" for folder in self.folders)
        return f"Reads {files} in {folders}; writes nothing."


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
    for folder in folders:
        for file in FILES:
            if not (folder / file).exists():
                raise RunError(
                    f"{paths.shown(folder / file)} is missing; make sweep SWEEP={folder.name} "
                    "makes it, if all stages of one run at least are done"
                )
    tables = (
        pd.concat({folder.name: pd.read_csv(folder / file) for folder in folders}, names=["sweep"])
        .reset_index("sweep")
        .reset_index(drop=True)
        for file in FILES
    )
    return Comparison(folders, *tables)


def overview(index: pd.DataFrame) -> pd.DataFrame:
    """State, cost and test accuracy of every run; `stage`: the first that is not done."""
    columns = ["state", "stage", "seconds", "peak_memory_mb", "test_accuracy"]
    return index.set_index(RUN)[columns].fillna("")


def margins(claims: pd.DataFrame) -> pd.DataFrame:
    """`claims` with `margin`: the estimate's distance from the bound, positive as claimed.

    Of claims to be apart from the bound it is the distance to either side.
    """
    ours = [verdicts.CLAIMS[name] for name in claims["claim"]]
    side = np.array([{"above": 1, "below": -1, "apart": 0}[claim.side] for claim in ours])
    distance = claims["estimate"] - [claim.bound for claim in ours]
    return claims.assign(margin=np.where(side == 0, distance.abs(), side * distance))


def holds(claims: pd.DataFrame) -> pd.DataFrame:
    """Whether each claim holds in each run (yes, in part, open, no), [claim] by sweep and run."""
    parts = {
        run: verdicts.overview(part)["holds"] for run, part in claims.groupby(RUN, sort=False)
    }
    table = pd.concat(parts, axis=1, names=RUN).fillna("")
    return table.reindex([name for name in verdicts.CLAIMS if name in table.index])


def mean_margins(claims: pd.DataFrame) -> pd.DataFrame:
    """Mean margin over the cases of each claim, [claim] by sweep and run."""
    table = margins(claims).pivot_table(
        index="claim", columns=RUN, values="margin", sort=False, observed=True
    )
    return table.reindex(columns=holds(claims).columns, index=holds(claims).index)


def held(claims: pd.DataFrame) -> pd.DataFrame:
    """In how many runs each claim holds, with the paper's statement."""
    words = ["yes", "in part", "open", "no"]
    counts = holds(claims).apply(lambda row: row.value_counts(), axis=1)
    counts = counts.reindex(columns=words).fillna(0).astype(int)
    statements = [verdicts.CLAIMS[name].statement for name in counts.index]
    return counts.assign(statement=statements)[["statement", *words]]


def moved(claims: pd.DataFrame) -> pd.DataFrame:
    """Cases that some runs of a sweep have in common: how many change their verdict between runs.

    `and apart`: those of them in which the intervals of two runs do not overlap; in the others a
    bound lies in between, but the runs cannot be told apart.
    """
    parts = {}
    for sweep, of_sweep in claims.groupby("sweep", sort=False):
        cases = of_sweep.groupby(CASE, sort=False)
        shared = cases["run"].nunique() > 1
        moves = shared & (cases["verdict"].nunique() > 1)
        apart = moves & (cases["low"].max() > cases["high"].min())
        columns = {"cases": shared, "verdict moves": moves, "and apart": apart}
        parts[sweep] = pd.DataFrame(columns).groupby("claim").sum()
    table = pd.concat(parts, axis=1, names=["sweep"]).fillna(0).astype(int)
    return table.reindex([name for name in verdicts.CLAIMS if name in table.index])


def cases_that_move(claims: pd.DataFrame) -> pd.DataFrame:
    """The rows of `claims` of cases whose verdict is not the same in all runs of a sweep."""
    groups = claims.groupby(["sweep", *CASE], sort=False)["verdict"]
    return claims[groups.transform("nunique") > 1]


def leverage(claims: pd.DataFrame) -> pd.DataFrame:
    """How much the setting moves a claim's number against what chance does.

    Median over the cases of a claim: `range`, largest minus smallest estimate of a sweep's runs,
    and `interval`, mean width of their 95 % intervals; ratio: range / interval.
    """
    cases = claims.assign(width=claims["high"] - claims["low"]).groupby(
        ["sweep", *CASE], sort=False
    )
    table = pd.DataFrame(
        {
            "range": cases["estimate"].max() - cases["estimate"].min(),
            "interval": cases["width"].mean(),
        }
    )[cases["run"].nunique() > 1]
    table["ratio"] = table["range"] / table["interval"]
    medians = table.groupby(["sweep", "claim"], sort=False).median()
    order = dict.fromkeys(claims["sweep"])
    return pd.concat([medians.loc[[s]].sort_values("ratio", ascending=False) for s in order])


def retained(curves: pd.DataFrame, quantity: str = "mutual_information") -> pd.DataFrame:
    """R of the mean curves of a quantity and of random orders, a row a run and layer."""
    chosen = curves[curves["ordering"].isin([quantity, "random"]) & (curves["scope"] != "network")]
    n_neurons = chosen.groupby([*RUN, "scope"])["n_ablated"].transform("max")
    early = chosen[chosen["n_ablated"] <= ABLATED_SHARE * n_neurons]
    table = early.groupby([*RUN, "scope", "ordering", "direction"], sort=False)["mean"].mean()
    return table.unstack(["ordering", "direction"])

"""The small tables of notebook 07, by sweep and run, or with a row a claim.

A claim's effect is how far its number lies on the claimed side of its bound (`margin`), so that
claims about being above, below or apart from a bound read alike: positive is as claimed.
"""

import numpy as np
import pandas as pd

from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import ABLATED_SHARE
from utils.names import NETWORK

RUN = ["sweep", "run"]
CASE = ["claim", *judging.CASE]


def run_overview(index: pd.DataFrame) -> pd.DataFrame:
    """State, cost and test accuracy of every run; `stage`: the first that is not done."""
    columns = ["state", "stage", "seconds", "peak_memory_mb", "test_accuracy"]
    return index.set_index(RUN)[columns].fillna("")


def with_margins(claims: pd.DataFrame) -> pd.DataFrame:
    """`claims` with `margin`: the estimate's distance from the bound, positive as claimed.

    Of claims to be apart from the bound it is the distance to either side.
    """
    side = claims["claim"].map(lambda name: CLAIMS[name].side)
    distance = claims["estimate"] - claims["claim"].map(lambda name: CLAIMS[name].bound)
    margin = np.select([side == "above", side == "below"], [distance, -distance], distance.abs())
    return claims.assign(margin=margin)


def holds_by_run(claims: pd.DataFrame) -> pd.DataFrame:
    """Whether each claim holds in each run (yes, in part, open, no), [claim] by sweep and run."""
    runs = claims.groupby(RUN, sort=False)
    parts = {run: judging.overview(judged, CLAIMS)["holds"] for run, judged in runs}
    return _in_claims_order(pd.concat(parts, axis=1, names=RUN).fillna(""))


def holds_counts(claims: pd.DataFrame) -> pd.DataFrame:
    """In how many runs each claim holds, with the paper's statement."""
    holds = holds_by_run(claims)
    statements = {"statement": [CLAIMS[name].statement for name in holds.index]}
    counts = {word: (holds == word).sum(axis=1) for word in ("yes", "in part", "open", "no")}
    return pd.DataFrame(statements | counts)


def _in_claims_order(table: pd.DataFrame) -> pd.DataFrame:
    return table.reindex([name for name in CLAIMS if name in table.index])


def between_runs(claims: pd.DataFrame) -> pd.DataFrame:
    """What sets the runs of a sweep apart in each case [sweep, claim, scope, quantity].

    `cases`: several runs have the case; `verdict moves`: not all of them have the same verdict;
    `and apart`: nor do the intervals of all of them overlap. `range`: largest minus smallest
    estimate; `interval`: mean width of the 95 % intervals.
    """
    widths = claims["high"] - claims["low"]
    cases = claims.assign(width=widths).groupby(["sweep", *CASE], sort=False)
    table = pd.DataFrame({"cases": cases["run"].nunique() > 1})
    table["verdict moves"] = table["cases"] & (cases["verdict"].nunique() > 1)
    table["and apart"] = table["verdict moves"] & (cases["low"].max() > cases["high"].min())
    table["range"] = cases["estimate"].max() - cases["estimate"].min()
    return table.assign(interval=cases["width"].mean())


def changed_verdicts(claims: pd.DataFrame) -> pd.DataFrame:
    """Cases of each claim that some runs of a sweep have in common, and how many of them change.

    Where the verdict moves and the intervals are not apart, a bound lies in between, but the runs
    cannot be told apart.
    """
    cases = between_runs(claims).drop(columns=["range", "interval"])
    counts = cases.groupby(["sweep", "claim"], sort=False).sum().unstack("sweep", fill_value=0)
    return _in_claims_order(counts.swaplevel(axis=1)[claims["sweep"].unique()])


def cases_that_change(claims: pd.DataFrame) -> pd.DataFrame:
    """The rows of `claims` of cases whose verdict is not the same in all runs of a sweep."""
    verdicts = claims.groupby(["sweep", *CASE], sort=False)["verdict"]
    return claims[verdicts.transform("nunique") > 1]


def setting_against_chance(claims: pd.DataFrame) -> pd.DataFrame:
    """How much the setting moves a claim's number against what chance does.

    Medians over the cases that several runs have: `range` and `interval` of `between_runs`, and
    ratio: range / interval.
    """
    cases = between_runs(claims).query("cases")[["range", "interval"]]
    ratios = cases.assign(ratio=cases["range"] / cases["interval"])
    medians = ratios.groupby(["sweep", "claim"], sort=False).median()
    parts = [medians.loc[[sweep]] for sweep in claims["sweep"].unique()]
    return pd.concat([part.sort_values("ratio", ascending=False) for part in parts])


def retained_by_run(curves: pd.DataFrame, quantity: str = "mutual_information") -> pd.DataFrame:
    """R of the mean curves of a quantity and of random orders, a row a run and layer."""
    chosen = curves[curves["ordering"].isin([quantity, "random"]) & (curves["scope"] != NETWORK)]
    n_neurons = chosen.groupby([*RUN, "scope"])["n_ablated"].transform("max")
    early = chosen[chosen["n_ablated"] <= ABLATED_SHARE * n_neurons]
    table = early.groupby([*RUN, "scope", "ordering", "direction"], sort=False)["mean"].mean()
    return table.unstack(["ordering", "direction"])

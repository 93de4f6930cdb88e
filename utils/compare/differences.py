"""Differences between runs of a sweep, from the means and t-intervals of their cases.

The networks of two runs are not paired: Welch's t. Whether the intervals of two runs overlap says
little about their difference; whether its own interval leaves out 0 does.
"""

import numpy as np
import pandas as pd
from scipy import stats

from utils.evidence.judging import CASE, holm

KEYS = ["sweep", "claim", *CASE]


def to_first(claims: pd.DataFrame) -> pd.DataFrame:
    """`between` of every other run and the first one of its sweep."""
    return between(claims, claims.groupby("sweep")["run"].transform("first"))


def between(claims: pd.DataFrame, base: pd.Series) -> pd.DataFrame:
    """Each case minus the same case in another run of its sweep, where that has it too.

    base : the other run, a row of `claims`; rows whose own run it is are left out

    The columns of `claims` (of `base` with the suffix `_base`), and of the difference those of
    `intervals.Interval`: mean, low, high, low_90, high_90, p (all NaN but for the mean where a
    run has one network). p_holm: adjusted over all cases of the claim in all runs of the sweep.
    """
    ours = claims.assign(run_base=base).query("run != run_base")
    theirs = claims.rename(columns={"run": "run_base"})
    table = ours.merge(theirs, on=[*KEYS, "run_base"], suffixes=("", "_base"))
    table["mean"] = table["estimate"] - table["estimate_base"]
    sides = [_squared_error(table, suffix) for suffix in ("", "_base")]
    variance = sum(square for square, _ in sides)
    freedom = variance**2 / sum(square**2 / df for square, df in sides)  # Welch, Satterthwaite
    of_mean = stats.t(freedom, table["mean"], np.sqrt(variance))
    table["low"], table["high"] = of_mean.interval(0.95)
    table["low_90"], table["high_90"] = of_mean.interval(0.9)
    table["p"] = 2 * np.minimum(of_mean.cdf(0), of_mean.sf(0))
    table["p_holm"] = table.groupby(["sweep", "claim"])["p"].transform(holm)
    return table


def _squared_error(table: pd.DataFrame, suffix: str) -> tuple[pd.Series, pd.Series]:
    """Of a mean, from its 95 % t-interval; and the degrees of freedom, NaN for one network."""
    df = (table[f"n_replicates{suffix}"] - 1).where(lambda n: n > 0).astype(float)
    half = (table[f"high{suffix}"] - table[f"low{suffix}"]) / 2
    return (half / stats.t.ppf(0.975, df)) ** 2, df

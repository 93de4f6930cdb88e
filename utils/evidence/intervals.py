"""Means over networks and their 95 % intervals.

Tables of values have a row a network; those of two groups of networks that are not paired (two
runs) have a column `group`, 1 for the first and -1 for the one that is subtracted.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats import bootstrap


def interval(values: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Mean and 95 % bootstrap interval (BCa, 9,999 resamples) of values [replicates].

    Of one value there is no interval (NaN); of equal values it is a point.
    """
    values = np.asarray(values, float)
    mean = float(values.mean())
    if len(values) < 2:
        return mean, np.nan, np.nan
    if np.ptp(values) <= 1e-12:
        return mean, mean, mean
    rng = np.random.default_rng(seed)
    limits = bootstrap((values,), np.mean, rng=rng).confidence_interval
    return mean, float(limits.low), float(limits.high)


def difference_interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Difference of the means of two groups that are not paired, and its 95 % interval.

    Percentiles of resamples of both groups; NaN if one of them has a single value.
    """
    difference = first.mean() - second.mean()
    if min(len(first), len(second)) < 2:
        return difference, np.nan, np.nan
    limits = bootstrap(
        (first, second), lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        rng=np.random.default_rng(0), method="percentile",
    ).confidence_interval  # fmt: skip
    return difference, limits.low, limits.high


def t_interval(groups: Any) -> pd.DataFrame:
    """mean, low and high of grouped values, with the 95 % t-interval of the mean.

    Of one value there is no interval (NaN).
    """
    table = groups.agg(["mean", "sem", "count"])
    margin = table["sem"] * stats.t.ppf(0.975, table["count"] - 1)
    return table[["mean"]].assign(low=table["mean"] - margin, high=table["mean"] + margin)


def summarize(table: pd.DataFrame, by: list[str], value: str = "value") -> pd.DataFrame:
    """Mean and 95 % interval of `value` over replicates: by…, mean, low, high, n_replicates.

    Of two groups (see above), of the difference of their means; n_replicates is the first's.
    """
    rows = []
    for key, cases in table.groupby(by, sort=False):
        group = cases.get("group", pd.Series(1, cases.index))
        first, second = (cases.loc[group == side, value].to_numpy() for side in (1, -1))
        limits = difference_interval(first, second) if len(second) else interval(first)
        rows.append((*key, *limits, len(first)))
    return pd.DataFrame(rows, columns=[*by, "mean", "low", "high", "n_replicates"])

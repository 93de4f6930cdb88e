"""Means over networks, their 95 % t-intervals, and how sure they are.

One kind of interval everywhere, in tables and bands: Student's t over independently trained
networks; Welch's t for the difference between two runs, whose networks are not paired. A ratio of
means is taken as the mean of its linearised values (`ratio_values`). One network has no interval.

Tables of values have a row a network; those of two groups of networks that are not paired have a
column `group`, 1 for the first and -1 for the one that is subtracted.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

CONSTANT = 1e-12  # values that differ by less are the same


class Interval(NamedTuple):
    """Mean, 95 % interval, 90 % interval, two-sided p-value at the bound, networks of each side.

    NaN throughout but for the mean where a side has one network; a point where all are equal.
    """

    mean: float
    low: float
    high: float
    low_90: float
    high_90: float
    p: float
    n_replicates: int
    n_other: int


def interval(values: np.ndarray, other: np.ndarray | None = None, bound: float = 0.0) -> Interval:
    """Of the mean of values [networks], or of its difference to that of `other` [networks].

    >>> [round(float(x), 3) for x in interval(np.array([1.0, 2.0, 3.0]))[:3]]
    [2.0, -0.484, 4.484]
    """
    values = np.asarray(values, float)
    groups = [values] if other is None else [values, np.asarray(other, float)]
    means = [group.mean() if len(group) else np.nan for group in groups]
    mean = float(means[0] - sum(means[1:]))
    sizes = len(values), 0 if other is None else len(groups[1])
    if min(map(len, groups)) < 2:
        return Interval(mean, *[np.nan] * 5, *sizes)
    if all(np.ptp(group) <= CONSTANT for group in groups):
        return Interval(mean, *[mean] * 4, float(abs(mean - bound) <= CONSTANT), *sizes)
    if other is None:
        test = stats.ttest_1samp(values, bound)
    else:
        test = stats.ttest_ind(values - bound, groups[1], equal_var=False)
    shift = 0.0 if other is None else bound
    wide, narrow = (test.confidence_interval(level) for level in (0.95, 0.9))
    limits = (limit + shift for limit in (wide.low, wide.high, narrow.low, narrow.high))
    return Interval(mean, *map(float, limits), float(test.pvalue), *sizes)


def ratio_values(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Linearised values of a ratio of means: their mean is the ratio, their t-interval its own.

    ratio + (numerator - ratio * denominator) / mean(denominator), by network; NaN where the
    interval of the denominator holds 0, or its mean is 0, as the ratio is then undefined.
    """
    below = interval(denominator.to_numpy())
    if below.low <= 0 <= below.high or abs(below.mean) <= CONSTANT:
        return numerator * np.nan
    ratio = numerator.mean() / below.mean
    return ratio + (numerator - ratio * denominator) / below.mean


def summarize(
    table: pd.DataFrame, by: list[str], value: str = "value", bound: float = 0.0
) -> pd.DataFrame:
    """`Interval` of `value` over networks, a row a group of `by`: by…, then its fields.

    Networks in which the value is not defined (NaN) are left out.
    """
    rows = []
    for key, group in table.groupby(by, sort=False):
        cases = group.dropna(subset=value)
        sides = cases.get("group", pd.Series(1, cases.index))
        first, second = (cases.loc[sides == side, value].to_numpy(float) for side in (1, -1))
        rows.append((*key, *interval(first, second if len(second) else None, bound)))
    return pd.DataFrame(rows, columns=[*by, *Interval._fields])


def bands(table: pd.DataFrame, by: list[str], value: str) -> pd.DataFrame:
    """mean, low and high of `value` for many groups at once [by], with the 95 % t-interval."""
    groups = table.groupby(by)[value].agg(["mean", "sem", "count"])
    margin = groups["sem"] * stats.t.ppf(0.975, groups["count"] - 1)
    return groups[["mean"]].assign(low=groups["mean"] - margin, high=groups["mean"] + margin)

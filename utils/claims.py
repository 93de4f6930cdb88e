"""Effect sizes over replicates, their bootstrap intervals, and verdicts.

R(order) is the mean test accuracy over the steps at which 0 to 80 % of the neurons of a scope are
ablated. Effects are differences of R within one network, so what networks share cancels.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats import bootstrap

from utils.measures import QUANTITIES

ABLATED_SHARE = 0.8
CURVE = ["scope", "ordering", "direction", "replacement"]


def with_accuracy(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the column `accuracy`."""
    return table.assign(accuracy=table["n_correct"] / table["n_samples"])


def compared(pruned: pd.DataFrame, scope: str = "network") -> pd.DataFrame:
    """Rows of a scope in which methods have the repair they are compared with, with `accuracy`.

    Removed outputs are replaced by their mean; NoiseOut's are merged, as it prescribes.
    """
    repair = np.where(pruned["method"] == "noise_out", "affine", "mean")
    return with_accuracy(pruned[(pruned["scope"] == scope) & (pruned["repair"] == repair)])


def unnumbered(ordering: pd.Series) -> pd.Series:
    """`random-00`, `random-01`, … as `random`; other orderings as they are."""
    return ordering.str.replace(r"-\d+$", "", regex=True)


def as_listed(column: pd.Series) -> pd.Series:
    """Key that sorts by first appearance: 0 for the first value there is, 1 for the next."""
    return pd.Series(pd.factorize(column)[0], column.index)


def final_test_accuracy(training: pd.DataFrame) -> pd.Series:
    """Test accuracy of every network after its last epoch, replicate 0 first."""
    last = (training["epoch"] == training["epoch"].max()) & (training["split"] == "test")
    return with_accuracy(training[last]).set_index("replicate")["accuracy"].sort_index()


def merge_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """The ablation table with `accuracy`, and its random orders averaged into one, `random`."""
    table = with_accuracy(ablation)
    table["ordering"] = unnumbered(table["ordering"])
    keys = ["replicate", *CURVE, "n_ablated"]
    return table.groupby(keys, as_index=False)[["accuracy", "cross_entropy"]].mean()


def retained(ablation: pd.DataFrame) -> pd.DataFrame:
    """R of every curve of every replicate, as the column `retained`."""
    table = merge_random(ablation)
    n_neurons = table.groupby("scope")["n_ablated"].transform("max")
    table = table[table["n_ablated"] <= ABLATED_SHARE * n_neurons]
    means = table.groupby(["replicate", *CURVE])["accuracy"].mean()
    return means.rename("retained").reset_index()


def effects(ablation: pd.DataFrame) -> pd.DataFrame:
    """What the ablation curves say: effect, scope, quantity, replicate, value.

    For each scope and quantity, bias-balanced: `low - random`, how much better than chance it is
    to ablate low values first; `low - high`, whether low values mark unimportant neurons; and for
    every ordering `balanced - zeroed`, what bias balancing adds.
    """
    curves = retained(ablation)
    wide = curves.pivot_table(
        index=["replicate", "scope", "replacement"],
        columns=["ordering", "direction"],
        values="retained",
    )
    balanced, zeroed = wide.xs("mean", level="replacement"), wide.xs("zero", level="replacement")
    parts = {}
    for quantity in QUANTITIES:
        low, high = balanced[quantity, "low-first"], balanced[quantity, "high-first"]
        parts["low - random", quantity] = low - balanced["random", "none"]
        parts["low - high", quantity] = low - high
        name = (quantity, "low-first")
        parts["balanced - zeroed", quantity] = balanced[name] - zeroed[name]
    parts["balanced - zeroed", "random"] = balanced["random", "none"] - zeroed["random", "none"]
    table = pd.concat(parts, names=["effect", "quantity"]).rename("value")
    return table.reset_index()[["effect", "scope", "quantity", "replicate", "value"]]


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
    found = bootstrap((values,), np.mean, rng=rng).confidence_interval
    return mean, float(found.low), float(found.high)


def t_interval(groups: Any) -> pd.DataFrame:
    """mean, low and high of grouped values, with the 95 % t-interval of the mean.

    Of one value there is no interval (NaN).
    """
    table = groups.agg(["mean", "sem", "count"])
    margin = table["sem"] * stats.t.ppf(0.975, table["count"] - 1)
    return table[["mean"]].assign(low=table["mean"] - margin, high=table["mean"] + margin)


def summarize(table: pd.DataFrame, by: list[str], value: str = "value") -> pd.DataFrame:
    """Mean and 95 % interval of `value` over replicates: by…, mean, low, high, n_replicates."""
    rows = [
        (*key, *interval(group), len(group)) for key, group in table.groupby(by, sort=False)[value]
    ]
    return pd.DataFrame(rows, columns=[*by, "mean", "low", "high", "n_replicates"])


def verdict(low: float, high: float, bound: float = 0.0, side: str = "above") -> str:
    """Whether an interval lies on the claimed side of a bound: `above`, `below`, or `apart`.

    `agrees` if all of it does, `disagrees` if all of it lies on the other side, else
    `inconclusive`; nothing lies on the other side of being apart.

    >>> verdict(0.01, 0.03), verdict(-0.03, -0.01), verdict(-0.01, 0.01)
    ('agrees', 'disagrees', 'inconclusive')
    """
    above, below = low > bound, high < bound
    if side == "apart":
        return "agrees" if above or below else "inconclusive"
    claimed, other = (above, below) if side == "above" else (below, above)
    return "agrees" if claimed else "disagrees" if other else "inconclusive"


def verdicts(table: pd.DataFrame, bound: float = 0.0, side: str = "above") -> list[str]:
    """The verdict of every row, from its columns `low` and `high`."""
    sides = zip(table["low"], table["high"], strict=True)
    return [verdict(low, high, bound, side) for low, high in sides]

"""Rank correlations of notebook 08: with a third column held fixed, and over networks."""

import numpy as np
import pandas as pd
from scipy import stats

from utils.evidence.curves import retained
from utils.evidence.effects import direction_gaps, of_layers
from utils.evidence.judging import CASE
from utils.names import layer_scope


def partial_correlations(
    table: pd.DataFrame, one: str, other: str, given: str, quantity: str
) -> pd.DataFrame:
    """Spearman's partial rho of two columns given a third, by scope and network.

    The correlation of what the ranks of both have left once a straight line in the ranks of the
    third is taken away: (r_xy - r_xz r_yz) / sqrt((1 - r_xz²) (1 - r_yz²)).

    scope, quantity, replicate, value; NaN where a column has one value only, or where the third
    leaves nothing of one of the others.
    """
    rows = []
    for (scope, replicate), part in table.groupby(["scope", "replicate"], sort=False):
        (_, xy, xz), (_, _, yz), _ = part[[one, other, given]].corr("spearman").to_numpy()
        left = (1 - xz**2) * (1 - yz**2)
        rho = (xy - xz * yz) / np.sqrt(left) if left > 1e-12 else np.nan
        rows.append((scope, quantity, replicate, rho))
    return pd.DataFrame(rows, columns=[*CASE, "replicate", "value"])


def curves_and_pairs(ablation: pd.DataFrame, pair_rows: pd.DataFrame) -> pd.DataFrame:
    """Can redundancy be read off the ablation curves, as the later version of the paper does?

    rho: Spearman's, over networks, of the area between the curves with low and with high values of
    a quantity first (R(low first) - R(high first)) and the mean co-information of the layer's
    pairs, in which positive is redundant. A row a layer and quantity. low, high: of the 95 %
    interval by bootstrap over networks. No rho for fewer than three networks, or values that are
    all the same.
    """
    gaps = direction_gaps(of_layers(retained(ablation)))
    shared = pair_rows.groupby(["layer", "replicate"])["co_information"].mean()
    shared = shared.rename(index=layer_scope, level="layer")
    rows = {
        (scope, quantity): _over_networks(area.to_numpy(), shared[scope][area.index].to_numpy())
        for quantity, gap in gaps.items()
        for scope, area in gap.unstack("scope", sort=False).items()
    }
    table = pd.DataFrame(rows, index=["rho", "low", "high"]).T
    return table.rename_axis(CASE)


def _over_networks(*values: np.ndarray) -> tuple[float, float, float]:
    """Spearman's rho of two arrays [networks], and its interval."""
    if len(values[0]) < 3 or any(np.ptp(of) == 0 for of in values):
        return np.nan, np.nan, np.nan

    def rho(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
        x, y = (2 * stats.rankdata(of, axis=-1) - of.shape[-1] - 1 for of in (one, other))
        sizes = np.sqrt((x * x).sum(-1) * (y * y).sum(-1))
        # a draw of one network only has no order, and speaks for neither sign
        return (x * y).sum(-1) / np.where(sizes > 0, sizes, 1)

    draws = stats.bootstrap(values, rho, paired=True, method="percentile", rng=0)
    return float(rho(*values)), *map(float, draws.confidence_interval)

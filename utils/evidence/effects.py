"""Differences within one network, from the tables of a run: what claims and notebooks are made of.

Each is one value a network: scope, quantity, replicate, value (`utils.evidence.judging.long`), or
the series that such a table is made from. R(order) is as in `utils.evidence.curves`, bias-balanced
unless said otherwise; what networks share cancels in the differences.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from utils.evidence.curves import with_accuracy
from utils.evidence.judging import CASE, long
from utils.names import NETWORK, QUANTITIES, as_listed, layer_scope

Orders = Mapping[str, tuple[str, str]]  # label: ordering, direction
LOW_FIRST: Orders = {quantity: (quantity, "low-first") for quantity in QUANTITIES}
RANDOM: Orders = {"random": ("random", "none")}


def against_random(r: pd.DataFrame, orders: Orders = LOW_FIRST) -> pd.DataFrame:
    """R of some orders minus R of random orders, from R [replicate, scope] of `retained`."""
    chance = r["random", "none", "mean"]
    return long({label: r[(*order, "mean")] - chance for label, order in orders.items()})


def direction_gaps(r: pd.DataFrame, quantities: Sequence[str] = QUANTITIES) -> dict:
    """R(low first) - R(high first) [replicate, scope] by quantity."""
    return {q: r[q, "low-first", "mean"] - r[q, "high-first", "mean"] for q in quantities}


def balancing_gains(r: pd.DataFrame, orders: Orders | None = None) -> pd.DataFrame:
    """R(balanced) - R(zeroed) of some orders, or of every order there is."""
    if orders is None:
        zeroed = [order[:2] for order in r.columns if order[2] == "zero"]
        orders = {", ".join(order).removesuffix(", none"): order for order in zeroed}
    return long({label: r[(*o, "mean")] - r[(*o, "zero")] for label, o in orders.items()})


def layer_differences(measures: pd.DataFrame) -> pd.DataFrame:
    """Median of each quantity (bits) in a layer minus that in the layer before."""
    medians = measures.groupby(["replicate", "layer"])[list(QUANTITIES)].median()
    steps = medians.groupby("replicate").diff().dropna()
    layers = steps.index.get_level_values("layer")
    names = [f"{layer_scope(layer)} - {layer_scope(layer - 1)}" for layer in layers]
    steps.index = pd.MultiIndex.from_arrays(
        [steps.index.get_level_values("replicate"), names], names=["replicate", "scope"]
    )
    return long({q: steps[q] for q in QUANTITIES})


def correlations(table: pd.DataFrame, one: str, other: str, quantity: str) -> pd.DataFrame:
    """Spearman's rho of two columns over the rows of each scope and network.

    scope, quantity, replicate, value; where one of them has one value only there is no rho, and
    no row.
    """
    rows = [
        (scope, quantity, replicate, part[one].corr(part[other], "spearman"))
        for (scope, replicate), part in table.groupby(["scope", "replicate"], sort=False)
        if (part[[one, other]].nunique() > 1).all()
    ]
    return pd.DataFrame(rows, columns=[*CASE, "replicate", "value"])


def rise_correlations(
    measures: pd.DataFrame, single: pd.DataFrame, quantities: Sequence[str] = QUANTITIES
) -> pd.DataFrame:
    """`correlations` of quantities and the rise in test cross-entropy of one neuron removed.

    Removed neurons are replaced by their mean output.
    """
    both = measures.merge(
        single[single["replacement"] == "mean"], on=["replicate", "layer", "neuron"]
    )
    both["scope"] = both["layer"].map(layer_scope)
    parts = [correlations(both, name, "cross_entropy_rise", name) for name in quantities]
    return pd.concat(parts).sort_values(CASE, kind="stable", key=as_listed)


def retraining_shares(balancing: pd.DataFrame, repair: str = "mean") -> dict[str, pd.Series]:
    """Share of what retraining gains that a repair gains alone, [replicate, scope] by fraction.

    Retraining is that of the zeroed network, over the largest number of epochs; scopes that were
    not retrained are left out.
    """
    wide = with_accuracy(balancing).pivot_table(
        index=["fraction", "replicate", "scope"],
        columns=["repair", "retrain_epochs"],
        values="accuracy",
    )
    zeroed, longest = wide["zero", 0], balancing["retrain_epochs"].max()
    share = ((wide[repair, 0] - zeroed) / (wide["zero", longest] - zeroed)).dropna()
    return {f"{f:.0%} pruned": share.xs(f) for f in share.index.levels[0]}


def of_layers(table: pd.DataFrame) -> pd.DataFrame:
    """The rows [replicate, scope] of layers."""
    return table[table.index.get_level_values("scope") != NETWORK]


def of_network(table: pd.DataFrame) -> pd.DataFrame:
    """The rows [replicate, scope] of the whole network."""
    return table[table.index.get_level_values("scope") == NETWORK]

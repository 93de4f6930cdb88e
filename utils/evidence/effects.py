"""Differences within one network, from the tables of a run: what claims and notebooks are made of.

Each is one value a network: scope, quantity, replicate, value (`utils.evidence.judging.long`), or
the series that such a table is made from. R(order) is as in `utils.evidence.curves`, bias-balanced
unless said otherwise; what networks share cancels in the differences.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from utils.evidence.curves import ABLATED_SHARE, with_accuracy
from utils.evidence.intervals import ratio_values
from utils.evidence.judging import CASE, long
from utils.names import INFORMED, NETWORK, QUANTITIES, as_listed, layer_scope

Orders = Mapping[str, tuple[str, str]]  # label: ordering, direction
LOW_FIRST: Orders = {quantity: (quantity, "low-first") for quantity in QUANTITIES}
RANDOM: Orders = {"random": ("random", "none")}
RISES = {"errors": "error_rise", "scaled cross-entropy": "scaled_cross_entropy_rise"}
RIVALS = ("entropy", "outgoing_norm", "incoming_norm", "noise_out", "random")
JUDGED_BY = "mutual_information"  # the method that repairs are judged by


def against_random(
    r: pd.DataFrame, orders: Orders = LOW_FIRST, random: str = "random"
) -> pd.DataFrame:
    """R of the orders that there are minus R of random orders, from R [replicate, scope]."""
    there = {label: (*order, "mean") for label, order in orders.items()}
    there = {label: order for label, order in there.items() if order in r}
    return long({label: r[order] - r[random, "none", "mean"] for label, order in there.items()})


def direction_gaps(r: pd.DataFrame, quantities: Sequence[str] = QUANTITIES) -> dict:
    """R(low first) - R(high first) [replicate, scope] by quantity."""
    return {q: r[q, "low-first", "mean"] - r[q, "high-first", "mean"] for q in quantities}


def gap_sizes(r: pd.DataFrame) -> dict:
    """`direction_gaps`, each with the sign of its mean over networks in its scope."""
    gaps = direction_gaps(r)
    return {q: gap * np.sign(gap.groupby("scope").transform("mean")) for q, gap in gaps.items()}


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

    scope, quantity, replicate, value; where one of them has one value only there is no rho (NaN).
    """
    rows = []
    for (scope, replicate), part in table.groupby(["scope", "replicate"], sort=False):
        varies = (part[[one, other]].nunique() > 1).all()
        rho = part[one].corr(part[other], "spearman") if varies else np.nan
        rows.append((scope, quantity, replicate, rho))
    return pd.DataFrame(rows, columns=[*CASE, "replicate", "value"])


def rise_correlations(
    measures: pd.DataFrame,
    single: pd.DataFrame,
    rise: str,
    quantities: Sequence[str] = QUANTITIES,
) -> pd.DataFrame:
    """`correlations` of quantities and what rises if one neuron alone is removed.

    rise : a label of RISES. Removed neurons are replaced by their mean output.
    """
    both = measures.merge(
        single[single["replacement"] == "mean"], on=["replicate", "layer", "neuron"]
    )
    both["scope"] = both["layer"].map(layer_scope)
    parts = [correlations(both, name, RISES[rise], f"{name}, {rise}") for name in quantities]
    return pd.concat(parts).sort_values(CASE, kind="stable", key=as_listed)


def retraining_share(balancing: pd.DataFrame, repair: str = "mean") -> pd.DataFrame:
    """Share of what retraining gains that a repair gains alone, by share pruned.

    A ratio of means over networks (`intervals.ratio_values`): not defined where retraining gains
    nothing that could be told from 0. Retraining is that of the zeroed network, over the largest
    number of epochs, lowest mutual information first.
    """
    wide = _by_repair(balancing)
    zeroed, longest = wide["zero", 0], balancing["retrain_epochs"].max()
    gains = pd.DataFrame(
        {"alone": wide[repair, 0] - zeroed, "all": wide["zero", longest] - zeroed}
    )
    return long(
        {
            label: ratio_values(rows["alone"], rows["all"])
            for label, rows in gains.dropna().groupby(level="fraction", sort=False)
        }
    )


def lost_when_balanced(pruning: pd.DataFrame, ablation: pd.DataFrame) -> pd.DataFrame:
    """Accuracy of bias-balanced, not retrained networks minus that of the intact ones.

    By share pruned of all layers, up to 80 %, lowest mutual information first.
    """
    whole = with_accuracy(ablation[ablation["n_ablated"] == 0])
    intact = whole[whole["replacement"] == "mean"].groupby("replicate")["accuracy"].first()
    rows = _of_all_layers(pruning, "mean")
    pruned = rows[rows["method"] == JUDGED_BY].set_index(["fraction", "replicate", "scope"])
    loss = pruned["accuracy"] - intact.reindex(pruned.index, level="replicate")
    by_share = loss.groupby(level="fraction")
    return long({f"{share:.0%} pruned": of_share for share, of_share in by_share})


def _by_repair(balancing: pd.DataFrame) -> pd.DataFrame:
    """Accuracy [fraction as text, replicate, scope] by (repair, epochs of retraining)."""
    table = with_accuracy(balancing[balancing["method"] == JUDGED_BY])
    table["fraction"] = table["fraction"].map("{:.0%} pruned".format)
    return table.pivot_table(
        index=["fraction", "replicate", "scope"],
        columns=["repair", "retrain_epochs"],
        values="accuracy",
        sort=False,
    )


def against_rivals(pruning: pd.DataFrame, repair: str = "mean") -> pd.DataFrame:
    """`mean_accuracy` by mutual information and KL selectivity minus that by RIVALS there are."""
    means = mean_accuracy(pruning, repair)
    rivals = [rival for rival in RIVALS if rival in means]
    return long({f"{q} - {rival}": means[q] - means[rival] for q in INFORMED for rival in rivals})


def mean_accuracy(pruning: pd.DataFrame, repair: str) -> pd.DataFrame:
    """Mean accuracy over the shares up to 80 % pruned of all layers, not retrained.

    [replicate, scope] by method, all with the same repair.
    """
    return _of_all_layers(pruning, repair).pivot_table(
        index=["replicate", "scope"], columns="method", values="accuracy"
    )


def _of_all_layers(pruning: pd.DataFrame, repair: str) -> pd.DataFrame:
    """The rows of a repair, of all layers together, up to 80 % pruned and not retrained."""
    rows = with_accuracy(pruning[(pruning["scope"] == NETWORK) & (pruning["repair"] == repair)])
    return rows[(rows["retrain_epochs"] == 0) & (rows["fraction"] <= ABLATED_SHARE)]


def of_layers(table: pd.DataFrame) -> pd.DataFrame:
    """The rows [replicate, scope] of layers."""
    return table[table.index.get_level_values("scope") != NETWORK]


def of_network(table: pd.DataFrame) -> pd.DataFrame:
    """The rows [replicate, scope] of the whole network."""
    return table[table.index.get_level_values("scope") == NETWORK]

"""The small tables of notebook 08: one function a table, made to be read."""

import numpy as np
import pandas as pd

from utils import (
    beyond_claims,
    claims,
    decomposition,
    experiments,
    joint_orders,
    measures,
    pairs,
    tables,
    verdicts,
)  # fmt: skip
from utils.datasets import Split
from utils.networks import Network


def information_of_pairs(found: pd.DataFrame) -> pd.DataFrame:
    """Co-information in bits by layer: quantiles, and the share of pairs that are redundant."""
    grouped = found.groupby("layer")["co_information"]
    table = grouped.describe(percentiles=[0.05, 0.5, 0.95]).drop(columns=["count", "std"])
    return table.assign(**{"share above 0": grouped.apply(lambda values: (values > 0).mean())})


def shuffled_pairs(network: Network, split: Split, n_levels: int, n_classes: int) -> pd.DataFrame:
    """Joint information of pairs in bits, mean over a layer's pairs, right and shuffled labels.

    By layer: the plug-in value and the corrected one; the bounds are those of the mean error of
    the plug-in value, whatever the distribution.
    """
    levels = measures.network_levels(network, split.images, n_levels)
    shuffled = np.random.default_rng(0).permutation(split.labels)
    low, high = pairs.bias_bounds(len(split.labels), n_levels**2, n_classes)
    rows = {}
    for scope, neurons in experiments.scopes(network.hidden).items():
        for name, labels in (("right", split.labels), ("shuffled", shuffled)):
            found = pairs.measure_pairs(levels[:, neurons], labels, n_levels, n_classes)
            upper = np.triu_indices(len(neurons), 1)
            plain, correction = found.joint[upper].mean(), found.correction[upper].mean()
            rows[scope, name] = {"plug-in": plain, "Miller-Madow": plain - correction}
    table = pd.DataFrame(rows).T.rename_axis(["scope", "labels"])
    return table.assign(**{"bias, at least": low, "bias, at most": high})


def extreme_pairs(
    network: Network, found: pd.DataFrame, split: Split, n_levels: int
) -> pd.DataFrame:
    """The most redundant and the most synergistic pairs of each layer, decomposed, in bits.

    `found`: rows of pairs.csv.gz of this network.
    """
    levels = measures.network_levels(network, split.images, n_levels)
    scopes = experiments.scopes(network.hidden)
    parts = {
        layer: decomposition.extreme_pairs(part, levels[:, scopes[f"layer-{layer}"]], split.labels)
        for layer, part in found.groupby("layer")
    }
    return pd.concat(parts, names=["layer"])


def sizes_of(network: Network, split: Split, n_levels: int, n_classes: int) -> pd.DataFrame:
    """`joint_orders.set_information` of each layer of one network."""
    levels = measures.network_levels(network, split.images, n_levels)
    tables = [
        joint_orders.set_information(levels[:, neurons], split.labels, n_levels, n_classes, 0)
        .assign(scope=scope)
        for scope, neurons in experiments.layer_scopes(network.hidden).items()
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def pruned(pruning: pd.DataFrame, joint: pd.DataFrame, repair: str = "mean") -> pd.DataFrame:
    """Mean accuracy by method and fraction of all layers pruned, not retrained."""
    theirs = pruning.query("scope == 'network' and retrain_epochs == 0")
    single = (beyond_claims.SINGLE, "kl_selectivity", "random")
    both = pd.concat([theirs[theirs["method"].isin(single)], joint])
    table = claims.with_accuracy(both[both["repair"] == repair])
    return table.pivot_table(index="method", columns="fraction", values="accuracy", sort=False)


def own_class(classes: pd.DataFrame) -> pd.DataFrame:
    """Loss of accuracy of the class whose most selective neurons are gone, and of the others.

    By scope and class: means over networks, the interval of their difference, and the share of
    networks in which no class loses more than it.
    """
    table = beyond_claims.class_losses(classes)
    table["whose"] = np.where(table["selected_class"] == table["class"], "own", "others")
    by = ["scope", "selected_class"]
    means = table.groupby([*by, "replicate", "whose"])["loss"].mean().unstack("whose")
    value = (means["own"] - means["others"]).rename("value").reset_index()
    found = claims.summarize(value, by).set_index(by)[["low", "high"]]
    largest = table.groupby([*by, "replicate"])["loss"].transform("max")
    own = table[table["whose"] == "own"]
    worst = (own["loss"] >= largest[own.index]).groupby([own[name] for name in by]).mean()
    return means.groupby(by).mean().join(found).join(worst.rename("loses most"))


def overview(found: pd.DataFrame, second: pd.DataFrame | None) -> pd.DataFrame:
    """A row a statement, as of the paper's claims; and whether it holds in the second run."""
    table = verdicts.overview(found, beyond_claims.BEYOND)
    if second is not None:
        both = tables.both_overviews(found, second, beyond_claims.BEYOND)
        table["holds in the second run"] = both["second run"]
    return table


def statements() -> pd.DataFrame:
    """What stands for each statement: the number and the side of the bound it should be on."""
    found = tables.claim_definitions(beyond_claims.BEYOND).rename(columns={"claimed": "stated"})
    found.insert(0, "statement", [c.statement for c in beyond_claims.BEYOND.values()])
    return found

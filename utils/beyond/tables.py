"""The small tables of notebook 08: one function a table, made to be read."""

import numpy as np
import pandas as pd

from utils.beyond import correlations
from utils.beyond.claims import (
    BEYOND,
    ORDERINGS,
    SINGLE,
    all_pruned,
    class_losses,
    excess_surplus,
)
from utils.beyond.experiment import samples
from utils.drawing import verdicts
from utils.evidence import intervals, judging
from utils.evidence.curves import ABLATED_SHARE
from utils.evidence.judging import decided
from utils.information import decomposition, pairs
from utils.names import NAMES, layer_scope, spaced
from utils.networks.network import Network
from utils.study.runs import Stage

PARTS = {  # of joint information, as the decomposition calls them and as readers see them
    "co_information": "co-information",
    "unique_1": "unique to neuron 1",
    "unique_2": "unique to neuron 2",
    "redundant_mmi": "redundant (MMI)",
    "synergistic_mmi": "synergistic (MMI)",
}


def information_of_pairs(pair_rows: pd.DataFrame) -> pd.DataFrame:
    """Co-information in bits by layer: quantiles, and the share of pairs that are redundant."""
    grouped = pair_rows.groupby("layer")["co_information"]
    table = grouped.describe(percentiles=[0.05, 0.5, 0.95]).drop(columns=["count", "std"])
    return table.assign(**{"share above 0": grouped.apply(lambda values: (values > 0).mean())})


def shuffled_pairs(stage: Stage, network: Network) -> pd.DataFrame:
    """Joint information of pairs in bits, mean over a layer's pairs, right and shuffled labels.

    By layer: the plug-in value and the corrected one; the bounds are those of the mean error of
    the plug-in value, whatever the distribution.
    """
    rows = {}
    for scope, (levels, right, n_levels, n_classes) in samples(stage, network).items():
        shuffled = np.random.default_rng(0).permutation(right)
        low, high = pairs.bias_bounds(len(right), n_levels**2, n_classes)
        for name, labels in (("right", right), ("shuffled", shuffled)):
            information = pairs.measure_pairs(levels, labels, n_levels, n_classes)
            upper = np.triu_indices(levels.shape[1], 1)
            plain = information.joint[upper].mean()
            rows[scope, name] = {
                "plug-in": plain,
                "Miller-Madow": plain - information.correction[upper].mean(),
                "bias, at least": low,
                "bias, at most": high,
            }
    return pd.DataFrame(rows).T.rename_axis(["scope", "labels"])


def extreme_pairs(stage: Stage, network: Network, pair_rows: pd.DataFrame) -> pd.DataFrame:
    """The most redundant and the most synergistic pairs of each layer, decomposed, in bits.

    pair_rows : rows of pairs.csv.gz of this network
    """
    counted, tables = samples(stage, network), {}
    for layer, rows in pair_rows.groupby("layer"):
        levels, labels, *_ = counted[layer_scope(layer)]
        tables[layer] = decomposition.extreme_pairs(rows, levels, labels)
    return pd.concat(tables, names=["layer"]).rename(columns=PARTS)


def pruned(pruning: pd.DataFrame, joint_pruning: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy by method and fraction of all layers pruned, not retrained."""
    table = all_pruned(pruning, joint_pruning)
    table = table[table["method"].isin([SINGLE, "kl_selectivity", "random", *ORDERINGS])]
    return table.pivot_table(index="method", columns="fraction", values="accuracy", sort=False)


def own_class(classes: pd.DataFrame) -> pd.DataFrame:
    """Loss of accuracy of the class whose most selective neurons are gone, and of the others.

    By scope and class: means over networks, the interval of their difference, and the share of
    networks in which no class loses more than it.
    """
    table, by = class_losses(classes), ["scope", "selected_class"]
    largest = table.groupby([*by, "replicate"])["loss"].transform("max")
    own = table["whose"] == "own"
    most = (table["loss"] >= largest)[own].groupby([table[name] for name in by]).mean()
    means = table.groupby([*by, "replicate", "whose"])["loss"].mean().unstack("whose")
    difference = (means["own"] - means["others"]).rename("value").reset_index()
    limits = intervals.summarize(difference, by).set_index(by)[["low", "high"]]
    return means.groupby(by).mean().join(limits).join(most.rename("loses most"))


def excess_by_share(sets: pd.DataFrame, n_samples: int) -> pd.DataFrame:
    """B5's number for random orders by share of the layer, up to 80 %: mean, interval, verdict."""
    table = excess_surplus(sets, n_samples).query("ordering == 'random'")
    share = table["n_ablated"] / table.groupby("scope")["n_ablated"].transform("max")
    table = table.assign(quantity=share.map("{:.0%} removed".format))[share <= ABLATED_SHARE]
    by = ["scope", "quantity", "replicate"]
    means = table.groupby(by, sort=False)["excess"].mean().rename("value").reset_index()
    cases = decided(means, BEYOND["B5"].rule)[["mean", "low", "high", "verdict"]]
    return cases.rename(spaced, level="scope")


def curves_and_pairs(ablation: pd.DataFrame, pair_rows: pd.DataFrame) -> pd.DataFrame:
    """`correlations.curves_and_pairs` in words."""
    table = correlations.curves_and_pairs(ablation, pair_rows)
    return table.rename(spaced, level="scope").rename(NAMES, level="quantity")


def overview(judged: pd.DataFrame, second: pd.DataFrame | None) -> pd.DataFrame:
    """A row a statement, as of the paper's claims; and whether it holds in the second run."""
    table = judging.overview(judged, BEYOND)
    if second is not None:
        table["holds in the second run"] = judging.overview(second, BEYOND)["holds"]
    return table


def statements() -> pd.DataFrame:
    """What stands for each statement: the number and the side of the bound it should be on."""
    table = verdicts.claim_definitions(BEYOND).rename(columns={"claimed": "stated"})
    table.insert(0, "statement", [claim.statement for claim in BEYOND.values()])
    return table

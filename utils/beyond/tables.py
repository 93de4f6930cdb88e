"""The small tables of notebook 08: one function a table, made to be read."""

import numpy as np
import pandas as pd

from utils.beyond.claims import BEYOND, ORDERINGS, SINGLE, all_pruned, class_losses
from utils.beyond.experiment import samples
from utils.drawing import verdicts
from utils.evidence import intervals, judging
from utils.information import decomposition, pairs
from utils.names import layer_scope
from utils.networks.network import Network
from utils.study.runs import Stage


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
    return pd.concat(tables, names=["layer"])


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


def overview(judged: pd.DataFrame, second: pd.DataFrame | None) -> pd.DataFrame:
    """A row a statement, as of the paper's claims; and whether it holds in the second run."""
    table = judging.overview(judged, BEYOND)
    if second is not None:
        both = verdicts.both_overviews(judged, second, BEYOND)
        table["holds in the second run"] = both["second run"]
    return table


def statements() -> pd.DataFrame:
    """What stands for each statement: the number and the side of the bound it should be on."""
    table = verdicts.claim_definitions(BEYOND).rename(columns={"claimed": "stated"})
    table.insert(0, "statement", [claim.statement for claim in BEYOND.values()])
    return table

"""The small tables of notebook 08: one function a table, made to be read."""

import re

import pandas as pd

from utils.beyond.claims import BEYOND, ORDERINGS, SINGLE, all_pruned
from utils.beyond.experiment import samples
from utils.drawing import verdicts
from utils.evidence import judging
from utils.evidence.curves import ABLATED_SHARE
from utils.information import decomposition
from utils.names import NAMES, layer_scope, readable, spaced
from utils.study.parallel import Replicate
from utils.study.runs import Stage

JOINT = {  # orders of notebook 08 as readers see them
    "mrmr": "mRMR", "jmi": "JMI", "cmim": "CMIM", "joint_information": "joint information of sets",
}  # fmt: skip
WORDS = NAMES | JOINT | {"greedy": "greedy, by cross-entropy"}
PARTS = {  # of joint information, as the decomposition calls them and as readers see them
    "co_information": "co-information",
    "redundant": "redundant",
    "synergistic": "synergistic",
    "redundant_mmi": "redundant (MMI)",
    "synergistic_mmi": "synergistic (MMI)",
}
ESTIMATES = {  # of the joint information of a set
    "joint_information": "bits",
    "miller_madow": "corrected",
    "shuffled_joint_information": "shuffled labels",
    "shuffled_miller_madow": "shuffled, corrected",
    "bias_high": "bias at most",
}


def in_word(quantity: str) -> str:
    """What a case is about, with the names of notebook 08's orders.

    >>> in_word("jmi - mutual_information")
    'JMI − mutual information'
    """
    quantity = readable(quantity)
    for name, shown in JOINT.items():
        quantity = re.sub(rf"\b{spaced(name)}\b", shown, quantity)
    return quantity


def extreme_pairs(stage: Stage, replicate: Replicate, pair_rows: pd.DataFrame) -> pd.DataFrame:
    """The most redundant and the most synergistic pairs of each layer, decomposed, in bits.

    pair_rows : rows of pairs.csv.xz of this network
    """
    counted, tables = samples(stage, replicate), {}
    for layer, rows in pair_rows.groupby("layer"):
        levels, labels, *_ = counted[layer_scope(layer)]
        tables[layer] = decomposition.extreme_pairs(rows, levels, labels)
    return pd.concat(tables, names=["layer"])[list(PARTS)].rename(columns=PARTS)


def estimates(sizes: pd.DataFrame) -> pd.DataFrame:
    """Joint information of sets by layer and size, mean over networks, and what may be chance."""
    means = sizes.groupby(["scope", "size"])[list(ESTIMATES)].mean()
    return means.rename(index=spaced, columns=ESTIMATES, level=0)


def paths(information: pd.DataFrame) -> pd.DataFrame:
    """H and I of the mean neuron by epoch (bits) [epoch] by quantity and layer."""
    means = information.groupby(["layer", "epoch"])[["entropy", SINGLE]].mean()
    return means.unstack("layer").rename(columns=NAMES)


def pruned(pruning: pd.DataFrame, joint_pruning: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy by method and share of all layers pruned, not retrained, up to 80 %."""
    table = all_pruned(pruning, joint_pruning)
    table = table[table["method"].isin([SINGLE, "kl_selectivity", "random", *ORDERINGS])]
    table = table[table["fraction"] <= ABLATED_SHARE].replace({"method": WORDS})
    table["pruned"] = table["fraction"].map("{:.0%}".format)
    return table.pivot_table(index="method", columns="pruned", values="accuracy", sort=False)


def overview(judged: pd.DataFrame, second: pd.DataFrame | None) -> pd.DataFrame:
    """A row a statement: its word, its typical size, and its word on other images.

    second : judged in a run on these
    """
    table = judging.overview(judged, BEYOND)[["statement", "holds", "typical size"]]
    if second is not None:
        other = judging.overview(second, BEYOND)["holds"]
        table["on other images"] = other.reindex(table.index).fillna("")
    return table.rename(columns={"holds": "verdict"})


def cases(judged: pd.DataFrame) -> pd.DataFrame:
    """All cases of the statements, as `utils.drawing.verdicts.cases` has them, in words."""
    return verdicts.cases(judged, list(BEYOND), BEYOND).rename(in_word, level="quantity")

"""The quantities of all neurons in numbers, and checks that they are what they should be."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils.evidence import paper
from utils.evidence.claims import CLAIMS
from utils.evidence.effects import layer_differences
from utils.evidence.judging import decided
from utils.information.neurons import entropy, measure
from utils.names import INFORMED, QUANTITIES, layer_number
from utils.networks.datasets import Split
from utils.networks.network import Network


def joint_counts(counts: np.ndarray) -> pd.DataFrame:
    """Joint counts [levels, classes] of one neuron, with their sums."""
    table = pd.DataFrame(counts).rename_axis(index="level", columns="class")
    return table.assign(all=table.sum(axis=1))


def bounds(measures: pd.DataFrame, labels: np.ndarray) -> pd.Series:
    """Largest excess of any neuron over each bound, in bits, rounded to nine decimals."""
    class_entropy = entropy(np.bincount(labels)[:, None])
    information = measures["mutual_information"]
    excess = {
        "I - H(T)": (information - measures["entropy"]).max(),
        "I - H(Y)": (information - class_entropy).max(),
        "I - KL selectivity": (information - measures["kl_selectivity"]).max(),
        "0 - I": (-information).max(),
    }
    return pd.Series(excess, name="bits").clip(lower=0).round(9) + 0.0


def shuffled_baseline(
    network: Network, split: Split, n_levels: int, n_classes: int
) -> pd.DataFrame:
    """Mean quantities in bits, by layer, with the right labels and with shuffled ones."""
    shuffled = np.random.default_rng(0).permutation(split.labels)
    measures = {
        name: measure(network, split.images, labels, n_levels, n_classes)
        for name, labels in (("right", split.labels), ("shuffled", shuffled))
    }
    table = pd.concat(measures, names=["labels"])
    return table.groupby(["labels", "layer"])[list(INFORMED)].mean()


def median_differences(measures: pd.DataFrame) -> pd.DataFrame:
    """Median of a layer minus that of the layer before (bits): claim C3's numbers.

    Mean over networks, 95 % interval, and the claim's verdict.
    """
    table = decided(layer_differences(measures), CLAIMS["C3"].rule).reset_index()
    deeper = table.pop("scope").str.split(" - ").str[0].map(layer_number)
    table = table.set_index([deeper.rename("layer"), "quantity"])
    return table[["mean", "low", "high", "n_replicates", "verdict"]]


def rank_correlations(measures: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rank correlation between the quantities within a layer, mean over networks."""
    grouped = measures.groupby(["replicate", "layer"])[list(QUANTITIES)]
    table = grouped.corr("spearman").groupby(level=["layer", 2], sort=False).mean()
    return table.rename_axis(["layer", "quantity"])


def extreme_neurons(measures: pd.DataFrame, quantity: str, n: int = 3) -> pd.DataFrame:
    """First-layer neurons of replicate 0 with the n highest and the n lowest values."""
    first = measures[(measures["replicate"] == 0) & (measures["layer"] == 1)]
    order = first.sort_values(quantity, kind="stable", ascending=False)
    chosen = pd.concat([order.head(n), order.tail(n)])
    label = chosen["neuron"].astype(str) + ": " + chosen[quantity].round(2).astype(str)
    return chosen.assign(label=label).reset_index(drop=True)


def top_images(
    network: Network, neurons: Sequence[int], split: Split, n: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Images [neurons, n, pixels] that raise each first-layer neuron most, and their labels."""
    outputs = network.forward(split.images)[1][:, list(neurons)]
    top = np.argsort(-outputs, axis=0, kind="stable")[:n].T
    return split.images[top], split.labels[top]


def extremes_beside_paper(measures: pd.DataFrame) -> pd.DataFrame:
    """Smallest and largest values in the paper's figure 2 and the range of ours, in bits."""
    return paper.compare_extremes(measures).round(3)

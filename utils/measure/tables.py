"""The quantities of all neurons in numbers, and checks that they are what they should be."""

from itertools import combinations

import numpy as np
import pandas as pd

from utils.evidence import paper
from utils.evidence.claims import CLAIMS
from utils.evidence.effects import layer_differences
from utils.evidence.intervals import summarize
from utils.evidence.judging import decided
from utils.evidence.wording import signed
from utils.information.neurons import THRESHOLDS, entropy, measure
from utils.names import INFORMED, NAMES, QUANTITIES, layer_number
from utils.networks.datasets import Split
from utils.networks.network import Network

N_IMAGES = 6  # with the highest outputs of a neuron, and as many with the lowest


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

    A row a layer and quantity: mean over networks, 95 % interval, networks, the claim's verdict.
    """
    table = decided(layer_differences(measures), CLAIMS["C3"].rule).reset_index()
    deeper = table.pop("scope").str.split(" - ").str[0].map(layer_number)
    table = table.set_index([deeper.rename("layer"), table.pop("quantity").map(NAMES)])
    return table[["mean", "low", "high", "n_replicates", "verdict"]].rename(
        columns={"n_replicates": "networks"}
    )


def shown(table: pd.DataFrame, digits: int) -> pd.DataFrame:
    """The table with `low` and `high` as one column of text, empty where there is no interval."""
    ends = [
        "" if pd.isna(low) else f"[{signed(low, digits)}, {signed(high, digits)}]"
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    table = table.round(digits).drop(columns="high").rename(columns={"low": "95 % interval"})
    return table.assign(**{"95 % interval": ends})


def lowest_half(measures: pd.DataFrame) -> pd.DataFrame:
    """Share of each layer in the half of a network's neurons with the lowest values.

    [layer, quantity], mean over networks. An order across the network removes that half first.
    """
    ranks = measures.groupby("replicate")[list(QUANTITIES)].rank("first", pct=True)
    by_layer = (ranks <= 0.5).groupby([measures["replicate"], measures["layer"]]).sum()
    shares = by_layer / by_layer.groupby("replicate").transform("sum")
    return shares.groupby("layer").mean()


def rank_correlations(measures: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rank correlation of every two quantities within a layer, over networks.

    A row a layer and pair: mean over networks, 95 % interval, to two digits.
    """
    correlations = measures.groupby(["replicate", "layer"])[list(QUANTITIES)].corr("spearman")
    wide = correlations.unstack()
    pairs = {
        f"{NAMES[one]}, {NAMES[other]}": wide[one, other]
        for one, other in combinations(QUANTITIES, 2)
    }
    table = pd.concat(pairs, names=["pair"]).rename("value").reset_index()
    table = summarize(table.sort_values("layer", kind="stable"), ["layer", "pair"])
    return table.set_index(["layer", "pair"])[["mean", "low", "high"]].round(2) + 0.0


def extreme_neurons(measures: pd.DataFrame, quantity: str, n: int = 3) -> pd.DataFrame:
    """First-layer neurons of replicate 0 with the n highest and the n lowest values.

    As rows of measures.csv with a label: neuron, value, the class it is selective for, how often
    it fires.
    """
    first = measures[(measures["replicate"] == 0) & (measures["layer"] == 1)]
    order = first.sort_values(quantity, kind="stable", ascending=False)
    chosen = pd.concat([order.head(n), order.tail(n)]).reset_index(drop=True)
    labels = [
        f"neuron {row.neuron}\n{getattr(row, quantity):.2f} bits\nclass {row.selective_class}\n"
        f"fires: {row.firing_rate:.0%}"
        for row in chosen.itertuples()
    ]
    return chosen.assign(label=labels)


def firing_rates(network: Network, split: Split, n_classes: int) -> np.ndarray:
    """Share of images above the one-bit threshold [first-layer neurons, classes]."""
    fires = network.forward(split.images)[1] > THRESHOLDS[network.activations[0]]
    return np.stack([fires[split.labels == y].mean(axis=0) for y in range(n_classes)], axis=1)


def extreme_images(
    network: Network, neurons: pd.DataFrame, split: Split, n_classes: int
) -> pd.DataFrame:
    """Whether the class that first-layer neurons are selective for is that of extreme images.

    neurons : rows of measures.csv, with neuron, selective_class and firing_rate

    Columns: neuron, kl_selectivity, turned (on or off by that class: it fires more often for it
    than overall, or less), of_class (of the N_IMAGES images of highest output, or of lowest if it
    is turned off, those of that class), by_chance (how many of N_IMAGES drawn at random would be).
    """
    outputs = network.forward(split.images)[1]
    rates = firing_rates(network, split, n_classes)
    rows = []
    for row in neurons[neurons["selective_class"] >= 0].itertuples():
        on = rates[row.neuron, row.selective_class] > row.firing_rate
        order = np.argsort(
            -outputs[:, row.neuron] if on else outputs[:, row.neuron], kind="stable"
        )
        shows = split.labels == row.selective_class
        counted = int(shows[order[:N_IMAGES]].sum()), N_IMAGES * shows.mean()
        rows.append((row.neuron, row.kl_selectivity, "on" if on else "off", *counted))
    columns = ["neuron", "kl_selectivity", "turned", "of_class", "by_chance"]
    return pd.DataFrame(rows, columns=columns)


def extremes_beside_paper(measures: pd.DataFrame) -> pd.DataFrame:
    """Smallest and largest values in the paper's figure 2 and the range of ours, in bits."""
    table = paper.compare_extremes(measures).round(3).reset_index()
    table["quantity"] = table["quantity"].map(NAMES)
    table["statistic"] = table["statistic"].map({"min": "smallest", "max": "largest"})
    table = table.rename(columns={"published": "in the paper", "inside": "within ours"})
    table = table.rename(columns={name: f"ours, {name}" for name in ("lowest", "mean", "highest")})
    return table.set_index(["quantity", "layer", "statistic"])

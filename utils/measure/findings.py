"""Sentences of notebook 02, made from the tables, so that they cannot drift from the numbers."""

import numpy as np
import pandas as pd
from IPython.display import Markdown

from utils.evidence.claims import CLAIMS
from utils.evidence.judging import word
from utils.evidence.wording import signed, with_interval
from utils.measure.tables import N_IMAGES, median_differences, median_ranks, rank_correlations
from utils.names import NAMES
from utils.study.findings import Finding


def entropy_by_hand(counts: np.ndarray) -> Markdown:
    """How the entropy of a neuron follows from its counts [levels, classes], as a formula."""
    images = counts.sum(axis=1)
    seen, n = images[images > 0], images.sum()
    terms = " - ".join(rf"\tfrac{{{k}}}{{{n}}} \log_2 \tfrac{{{k}}}{{{n}}}" for k in seen)
    parts = -seen / n * np.log2(seen / n) + 0.0
    values = " + ".join(f"{part:.3f}" for part in parts)
    return Markdown(rf"$$H(T) = -{terms} = {values} = {parts.sum():.3f}\ \text{{bits}}$$")


def bias(baseline: pd.DataFrame, expected: float) -> Finding:
    """What is left of the quantities with shuffled labels, beside what is expected.

    baseline : in bits [labels, layer], as of `tables.shuffled_baseline`
    expected : mean mutual information of independent level and class, in bits
    """
    name = "mutual_information"
    layers = "; ".join(
        f"layer {layer}: {left:.4f} of {baseline.loc[('right', layer), name]:.3f}"
        for layer, left in baseline.loc["shuffled", name].items()
    )
    share = (baseline.loc["shuffled", name] / baseline.loc["right", name]).max()
    return Finding(
        f"With shuffled labels the mean mutual information is, in bits, {layers}; {expected:.4f} "
        f"is expected. So chance accounts for at most {100 * share:.1f} % of a layer's mean."
    )


def layers(measures: pd.DataFrame) -> Finding:
    """How medians change from layer to layer, and where a median neuron would stand before."""
    places_before = median_ranks(measures)
    if places_before.empty:
        return Finding("There is one hidden layer: nothing to compare.")
    differences = median_differences(measures)
    verdicts = differences["verdict"].value_counts().to_dict()
    statement = CLAIMS["C3"].statement
    sentences = [f"C3, *{statement.removesuffix('.')}*: {word(verdicts)}."]
    for layer, of_layer in places_before.iterrows():
        changes = "; ".join(
            f"{quantity} {with_interval(row)}"
            + ("" if row["verdict"] == "agrees" else f" ({row['verdict']})")
            for quantity, row in differences.loc[layer].iterrows()
        )
        places = ", ".join(
            f"{100 * share:.0f} % of them by {NAMES[name]}" for name, share in of_layer.items()
        )
        sentences.append(
            f"From layer {layer - 1} to layer {layer} the median changes by, in bits: {changes}. "
            f"Put among the neurons of layer {layer - 1}, a neuron of middling rank in layer "
            f"{layer} would stand above {places}."
        )
    return Finding(" ".join(sentences))


def ranks(measures: pd.DataFrame) -> Finding:
    """How KL selectivity goes with entropy and with mutual information, in each layer."""
    table, sentences = rank_correlations(measures), []
    selectivity = NAMES["kl_selectivity"]
    for name in ("entropy", "mutual_information"):
        rows = table.xs(f"{NAMES[name]}, {selectivity}", level="pair")
        values = "; ".join(
            f"layer {layer} {with_interval(row, 2)}" for layer, row in rows.iterrows()
        )
        sentences.append(f"Rank correlation of {selectivity} with {NAMES[name]}: {values}.")
    with_entropy = table.xs(f"{NAMES['entropy']}, {selectivity}", level="pair")
    opposed = with_entropy.index[with_entropy["high"].fillna(with_entropy["mean"]) < -0.5]
    if len(opposed):
        sentences.append(
            f"In layer {' and '.join(map(str, opposed))} the selective neurons are mostly those "
            "with less entropy, whose bit is split less evenly."
        )
    return Finding(" ".join(sentences))


def extreme_images(table: pd.DataFrame) -> Finding:
    """Whether the images of extreme output show the class that a neuron is selective for.

    table : as of `tables.extreme_images`, of all neurons of a layer
    """
    if table.empty:
        return Finding("No neuron of layer 1 is selective for any class.")
    off = (table["turned"] == "off").sum()
    text = (
        f"Of {len(table)} neurons, {off} are turned off by the class that they are selective for. "
        f"Of the {N_IMAGES} images of most extreme output on that class's side, "
        f"{table['of_class'].mean():.1f} are of that class on average"
    )
    if table[["of_class", "kl_selectivity"]].nunique().min() > 1:
        rho = table["of_class"].corr(table["kl_selectivity"], "spearman")
        text += f"; their number has a rank correlation of {signed(rho, 2)} with selectivity"
    return Finding(f"{text}.")


def extremes(table: pd.DataFrame) -> Finding:
    """Which of the paper's extremes lie in the range of ours, and which do not.

    table : in bits [quantity, layer, statistic], as of `tables.extremes_beside_paper`
    """
    outside = table[table["inside"] == "no"]
    text = (
        f"{len(table) - len(outside)} of the paper's {len(table)} smallest and largest values lie "
        "in the range of our networks"
    )
    parts = [
        f"the {statistic} {quantity} of layer {layer}, {row['published']:.3f} in the paper and "
        f"so {'below' if row['published'] < row['lowest'] else 'above'} ours "
        f"({row['lowest']:.3f} to {row['highest']:.3f})"
        for (quantity, layer, statistic), row in outside.iterrows()
    ]
    return Finding(f"{text}{'. Outside: ' if parts else ''}{'; '.join(parts)}.")

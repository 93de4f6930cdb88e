"""Sentences of notebook 02, made from the tables, so that they cannot drift from the numbers."""

import numpy as np
import pandas as pd
from IPython.display import Markdown

from utils.evidence.claims import CLAIMS
from utils.evidence.judging import word
from utils.evidence.wording import listed, signed, with_interval
from utils.measure.tables import N_IMAGES, lowest_half, median_differences, rank_correlations
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
    """What `tables.shuffled_baseline` leaves of mutual information, beside the `expected` bits."""
    by_labels = baseline["mutual_information"].unstack("labels")
    layers = [
        f"layer {layer}: {row['shuffled']:.4f} (unshuffled {row['right']:.3f})"
        for layer, row in by_labels.iterrows()
    ]
    share = (by_labels["shuffled"] / by_labels["right"]).max()
    return Finding(
        f"With shuffled labels the mean mutual information is, in bits, {'; '.join(layers)}; "
        f"{expected:.4f} is expected. So chance is at most {100 * share:.1f} % of a layer's mean."
    )


def layers(measures: pd.DataFrame) -> Finding:
    """Which layers say more about the class, and which go first in an order across the network."""
    differences = median_differences(measures)
    if differences.empty:
        return Finding("There is one hidden layer: nothing to compare.")
    sentences = []
    for layer, row in differences.xs(NAMES["mutual_information"], level="quantity").iterrows():
        words = {
            "agrees": f"say {'more' if row['mean'] > 0 else 'less'} about the class than",
            "negligible": "say about as much about the class as",
            "open": "do not clearly say more or less about the class than",
        }
        sentences.append(
            f"Neurons of layer {layer} {words[row['verdict']]} those of layer {layer - 1}: the "
            f"median of mutual information differs by {with_interval(row)} bits."
        )
    shares = lowest_half(measures)
    most = shares.mean(axis=1).idxmax()
    parts = [f"{100 * share:.0f} % by {NAMES[name]}" for name, share in shares.T[most].items()]
    sentences.append(
        "Of the lower half of all neurons, which an order across the network removes first, "
        f"{listed(parts)} are in layer {most}."
    )
    holds = word(differences["verdict"].value_counts().to_dict())
    return Finding(" ".join(sentences), f"C3, *{CLAIMS['C3'].statement}* Verdict: {holds}.")


def ranks(measures: pd.DataFrame) -> Finding:
    """In which layers KL selectivity mostly follows from entropy."""
    table, selectivity = rank_correlations(measures), NAMES["kl_selectivity"]
    entropy, information = (
        table.xs(f"{NAMES[name]}, {selectivity}", level="pair")
        for name in ("entropy", "mutual_information")
    )
    sentences = [
        f"In layer {layer}, {selectivity} mostly says how unevenly the bit is split. Its rank "
        f"correlation is {with_interval(row, 2)} with entropy and "
        f"{with_interval(information.loc[layer], 2)} with mutual information."
        for layer, row in entropy[entropy["high"].fillna(entropy["mean"]) < -0.7].iterrows()
    ]
    none = f"In no layer does {selectivity} mostly say how unevenly the bit is split."
    return Finding(" ".join(sentences) or none)


def extreme_images(table: pd.DataFrame) -> Finding:
    """Whether the images of extreme output show the class that a neuron is selective for.

    table : as of `tables.extreme_images`, of all neurons of a layer
    """
    if table.empty:
        return Finding("No neuron of layer 1 is selective for any class.")
    off, shown = (table["turned"] == "off").sum(), table["of_class"].mean()
    chance = table["by_chance"].mean()
    text = (
        f"Of {len(table)} neurons, {off} are turned off by the class that they are selective for. "
        f"Of the {N_IMAGES} images of most extreme output on that class's side, {shown:.1f} show "
        f"that class on average (by chance: {chance:.1f})."
    )
    if table[["of_class", "kl_selectivity"]].nunique().min() == 1:
        return Finding(text)
    rho = table["of_class"].corr(table["kl_selectivity"], "spearman")
    return Finding(
        text, f"How many do has a rank correlation of {signed(rho, 2)} with KL selectivity."
    )


def extremes(table: pd.DataFrame) -> Finding:
    """Which of the paper's extremes lie in the range of ours, and how far off our means are.

    table : in bits [quantity, layer, statistic], as of `tables.extremes_beside_paper`
    """
    gaps = (table["ours, mean"] - table["in the paper"]) ** 2
    quantity, layer, statistic = gaps.idxmax()
    theirs, ours = table.loc[gaps.idxmax(), ["in the paper", "ours, mean"]]
    text = (
        f"{(table['within ours'] == 'yes').sum()} of the {len(table)} smallest and largest values "
        "in the paper's figure 2 lie in the range of our networks. Our means are "
        f"{gaps.mean() ** 0.5:.2f} bits off (root mean square)"
    )
    if gaps.max() > gaps.sum() / 2:
        text += (
            f", mostly by one value: the {statistic} {quantity} of layer {layer}, "
            f"{theirs:.2f} in the paper and {ours:.2f} in ours"
        )
    return Finding(f"{text}.")

"""What a mistake does to values and to ablation curves."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE, legend_below, mean_line
from utils.evidence.intervals import bands

RIGHT, WRONG, OTHER = PALETTE[0], PALETTE[3], PALETTE[7]
EARLIER = {"color": "0.6", "linewidth": 1, "label": "earlier replication"}


def signs(quartiles: pd.DataFrame, bound: float) -> Figure:
    """`tables.quartiles` in bits: a row a layer, and the largest value that there can be."""
    layers = quartiles.index.unique("layer")
    figure, ax = plt.subplots(figsize=(5.5, 0.9 + 0.55 * len(layers)))
    looks = {
        "right": (RIGHT, "H(T) − H(T|Y), right"),
        "wrong": (WRONG, "H(T) + H(T|Y), wrong"),
        "earlier": ("0.6", "earlier replication"),
    }
    for k, layer in enumerate(layers):
        table = quartiles.loc[layer]
        for shift, (name, (colour, label)) in zip((-0.25, 0, 0.25), looks.items(), strict=True):
            q25, median, q75 = table.loc[["q25", "median", "q75"], name]
            ax.plot([q25, q75], [k + shift] * 2, color=colour, linewidth=5, alpha=0.5,
                    label=None if k else label)  # fmt: skip
            ax.plot(median, k + shift, "o", color=colour, markersize=5)
    ax.axvline(bound, color="black", linestyle="--", linewidth=1)
    ax.set_yticks(range(len(layers)), [f"layer {layer}" for layer in layers])
    ax.set(ylim=(len(layers) - 0.5, -0.5), xlim=(0, None), xlabel="bits (bar: quartiles)")
    legend_below(figure, ax, 3)
    return figure


def undefined(by_tenth: pd.DataFrame) -> Figure:
    """Percent of neurons without a value by tenth of the order (`tables.undefined_by_tenth`)."""
    figure, ax = plt.subplots(figsize=(5.5, 2.4))
    points = bands(by_tenth, ["part"], "percent")
    errors = np.nan_to_num([points["mean"] - points["low"], points["high"] - points["mean"]])
    ax.bar(points.index + 1, points["mean"], yerr=errors, color=WRONG, ecolor="0.4", width=0.8)
    ax.set(xlabel="tenth of layer 1, lowest mutual information first", xticks=points.index + 1)
    ax.set_ylabel("% without a value")
    return figure


def curves(table: pd.DataFrame, earlier: pd.Series | None = None) -> Figure:
    """Accuracy by share of layer 1 removed, a line a case: the right one first, in blue.

    earlier : the earlier replication's curve (grey), by number of its 200 neurons
    """
    figure, ax = plt.subplots(figsize=(5.5, 3))
    shares = table.assign(share=table["n_removed"] / table["n_removed"].max())
    for case, colour in zip(table["case"].unique(), (RIGHT, WRONG, OTHER), strict=False):
        style: Mapping = {"color": colour, "label": case}
        mean_line(shares[shares["case"] == case], "share", "accuracy", ax, **style)
    if earlier is not None:
        ax.plot(earlier.index / 200, earlier, **EARLIER)
    ax.set(xlabel="share of layer 1 removed", ylabel="test accuracy", ylim=(0, 1))
    ax.legend(loc="lower left")
    return figure

"""What notebook 03 draws of neurons: their layers, what predicts their harm, lost digits."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.ablate import tables
from utils.drawing.style import COLOURS, PALETTE, legend_below
from utils.names import NAMES, QUANTITIES, in_order, spaced


def where_from(removed: pd.DataFrame) -> Figure:
    """From which layer the first n neurons come, low values first: `tables.removed_by_layer`."""
    figure, axes = plt.subplots(1, len(QUANTITIES), figsize=(7.2, 2.7), sharey=True)
    layers = sorted(removed["layer"].unique())
    blues = plt.get_cmap("Blues")(np.linspace(0.75, 0.3, len(layers)))
    for ax, quantity in zip(axes, QUANTITIES, strict=True):
        table = removed[removed["quantity"] == quantity]
        counts = table.pivot(index="n", columns="layer", values="removed")
        names = [f"from layer {layer}" for layer in layers]
        ax.stackplot(counts.index, counts.to_numpy().T, colors=blues, labels=names)
        widths = counts.iloc[-1]
        for edge in widths.cumsum()[:-1] / widths.sum():
            ax.plot(counts.index, edge * counts.index, color="black", linestyle="--", linewidth=1)
        half = len(counts) // 2
        ax.vlines(half, 0, half, color=PALETTE[3], linewidth=1)
        text = f"{counts.loc[half, layers[0]]:.0f} of the first {half}\nare of layer {layers[0]}"
        ax.text(0.04 * len(counts), 0.95 * len(counts), text, color=PALETTE[3], va="top")
        ax.set(title=NAMES[quantity], xlabel="neurons removed", xlim=(1, len(counts)))
        ax.set_ylim(0, len(counts))
    axes[0].set_ylabel("where they come from")
    axes[0].plot([], [], color="black", linestyle="--", label="equal shares of each layer")
    legend_below(figure, axes[0], 1 + len(layers))
    return figure


def predictors(table: pd.DataFrame) -> Figure:
    """`tables.correlation_with_rise`: a panel a layer, a row a predictor, a mark a rise."""
    scopes = in_order(table.index.unique("scope"))
    figure, axes = plt.subplots(
        1, len(scopes), figsize=(7.2, 2.4), squeeze=False, sharex=True, sharey=True
    )
    looks = {"errors": ("o", PALETTE[7], -0.13), "scaled cross-entropy": ("s", PALETTE[0], 0.13)}
    places = np.arange(len(tables.PREDICTORS))
    for ax, scope in zip(axes[0], scopes, strict=True):
        ax.axvline(0, color="black", linewidth=0.8)
        for rise, (mark, colour, shift) in looks.items():
            rows = table.loc[rise].xs(scope, level="scope").reindex(tables.PREDICTORS)
            errors = np.nan_to_num([rows["mean"] - rows["low"], rows["high"] - rows["mean"]])
            ax.errorbar(
                rows["mean"], places + shift, xerr=errors, fmt=mark, color=colour, markersize=4,
                label=f"rise of {rise}",
            )  # fmt: skip
        ax.set(title=spaced(scope), xlabel="Spearman's ρ", xlim=(-1, 1))
        ax.grid(visible=False, axis="y")
    names = [*(NAMES[q] for q in QUANTITIES), "outgoing weights |w|", "Var(h)·|w|²"]
    axes[0, 0].set_yticks(places, names)
    axes[0, 0].invert_yaxis()
    legend_below(figure, axes[0, 0], 2)
    return figure


def class_losses(lost: pd.DataFrame, names: Sequence[str]) -> Figure:
    """`tables.lost_by_class`: percentage points lost of each class, with intervals.

    names : of the classes
    """
    figure, ax = plt.subplots(figsize=(7.2, 2.6))
    classes = lost.index.unique("class")
    for ordering, shift, mark in (("mutual_information", -0.12, "o"), ("random", 0.12, "s")):
        rows = 100 * lost.xs(ordering, level="ordering")
        errors = np.nan_to_num([rows["mean"] - rows["low"], rows["high"] - rows["mean"]])
        label = NAMES[ordering] + (", low first" if ordering != "random" else " orders")
        ax.errorbar(
            rows.index + shift, rows["mean"], yerr=errors, fmt=mark, color=COLOURS[ordering],
            markersize=4, label=label,
        )  # fmt: skip
    ax.set(xlabel="class", ylabel="percentage points lost")
    ax.set_xticks(list(classes), [names[number] for number in classes])
    ax.axhline(0, color="0.4", linewidth=0.8)
    ax.legend()
    return figure

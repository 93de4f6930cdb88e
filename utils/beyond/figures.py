"""One plotting function a figure of notebook 08: tidy table in, figure out."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.beyond.claims import SINGLE, class_losses, excess_surplus, low_first
from utils.drawing.style import COLOURS, PALETTE, filled, legend_below, line_panels
from utils.evidence.curves import ABLATED_SHARE, merge_random
from utils.evidence.wording import signed
from utils.names import NAMES, RANKS, in_order, spaced

GREY = "0.7"  # orders that are like one of those in colour
LOOKS = {  # of orderings, those in colour on top; single quantities as everywhere
    name: {"color": colour, "linestyle": style, "label": label}
    for name, colour, style, label in (
        ("mrmr", GREY, "-", "mRMR"),
        ("jmi", GREY, "-", "JMI"),
        ("joint_information", GREY, "-", "joint information of sets"),
        (SINGLE, COLOURS[SINGLE], "-", NAMES[SINGLE]),
        ("cmim", PALETTE[9], "-", "CMIM"),
        ("greedy", "#3b3b8f", "-", "greedy, by cross-entropy"),
        ("random", COLOURS["random"], "--", NAMES["random"]),
    )
}
BY_RANKS = SINGLE + RANKS  # across the network
RANKED = {"color": COLOURS[SINGLE], "linestyle": "-", "marker": "o", "markersize": 2.5}
RANKED |= {"markevery": 10, "label": NAMES[BY_RANKS]}


def _panels(
    table: pd.DataFrame, labels: tuple[str, str], **options: Any
) -> tuple[Figure, np.ndarray, dict[str, pd.DataFrame]]:
    """A column a scope: the figure, its axes [rows, scopes], and the scopes' rows by title.

    labels : of x and y
    """
    panels = {spaced(scope): table[table["scope"] == scope] for scope in in_order(table["scope"])}
    figure, axes = plt.subplots(ncols=len(panels), squeeze=False, **options)
    for column, title in zip(axes.T, panels, strict=True):
        column[0].set_title(title)
        column[-1].set_xlabel(labels[0])
    axes[0, 0].set_ylabel(labels[1])
    return figure, axes, panels


def joint_curves(ablation: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Test accuracy minus that of random orders in the same network, least important first.

    A panel a scope, with a y axis of its own; up to 80 % of the neurons.
    """
    both = filled(pd.concat([ablation, curves]), ["n_correct"])
    table = merge_random(low_first(both[both["replacement"] == "mean"]))
    case = ["scope", "replicate", "n_ablated"]
    accuracy = table.pivot(index=case, columns="ordering", values="accuracy")
    gain = accuracy.sub(accuracy["random"], axis=0).stack().dropna().rename("gain")
    lines = _up_to_80(gain.reset_index())
    labels = "neurons ablated", "accuracy − that of random orders"
    figure, axes, panels = _panels(lines, labels, figsize=(7.2, 3.5))
    line_panels(panels, "ordering", LOOKS | {BY_RANKS: RANKED}, axes[0], "n_ablated", "gain")
    legend_below(figure, axes[0, -1], columns=3)
    return figure


def _up_to_80(table: pd.DataFrame) -> pd.DataFrame:
    width = table.groupby("scope")["n_ablated"].transform("max")
    return table[table["n_ablated"] <= ABLATED_SHARE * width + 1e-9]


def set_surplus(sets: pd.DataFrame, n_samples: int) -> Figure:
    """Accuracy lost beyond the sum, minus that of independent disturbances: a panel a layer.

    A line an order, up to 80 % of the layer.
    """
    table = excess_surplus(filled(sets, ["error_surplus"]), n_samples)
    case = ["replicate", "scope", "ordering", "n_ablated"]
    table = _up_to_80(table.groupby(case)["excess"].mean().reset_index())
    labels = "neurons ablated", "accuracy lost beyond\nindependent disturbances"
    figure, axes, panels = _panels(table, labels, figsize=(7.2, 3.4), sharey=True)
    line_panels(panels, "ordering", LOOKS, axes[0], "n_ablated", "excess")
    for ax in axes[0]:
        ax.axhline(0, color="0.4", linewidth=0.8)
    legend_below(figure, axes[0, 0], columns=4)
    return figure


def class_matrix(classes: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Accuracy lost [class selected for, class], mean over networks: a panel a scope.

    names : of the classes

    Every panel has colours of its own, up to its largest number.
    """
    losses = class_losses(filled(classes, ["n_correct"]))
    case = ["scope", "selected_class", "class"]
    table = losses.groupby(case)["loss"].mean().mul(100).rename("percent").reset_index()
    labels = "class that is counted", "class whose neurons are gone"
    figure, axes, panels = _panels(table, labels, figsize=(7.2, 3.6))
    for ax, part in zip(axes[0], panels.values(), strict=True):
        matrix = part.pivot(index="selected_class", columns="class", values="percent").to_numpy()
        limit = np.abs(matrix).max() or 1
        image = ax.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit)
        for (row, column), value in np.ndenumerate(matrix):
            ink = "white" if abs(value) > 0.6 * limit else "black"
            text = signed(value, 1).removeprefix("+")
            ax.text(column, row, text, ha="center", va="center", fontsize=5.5, color=ink)
        ax.set_xticks(range(len(matrix)), names)
        ax.set_yticks(range(len(matrix)), names)
        ax.grid(False)
        bar = figure.colorbar(image, ax=ax, shrink=0.8)
        bar.ax.tick_params(labelsize=6)
    bar.set_label("accuracy lost (% of the class)")
    return figure

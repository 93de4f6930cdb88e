"""One plotting function a figure of notebook 08: tidy table in, figure out."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.beyond.claims import SINGLE, class_losses, excess_surplus, low_first
from utils.drawing.style import COLOURS, PALETTE, filled, legend_below, line_panels, mean_line
from utils.evidence.curves import merge_random
from utils.information.pairs import pair_matrix
from utils.names import NAMES, in_order, layer_scope, spaced

LOOKS = {  # of orderings; single quantities as everywhere
    name: {"color": colour, "linestyle": style, "label": label}
    for name, colour, style, label in (
        ("random", COLOURS["random"], "--", NAMES["random"]),
        (SINGLE, COLOURS[SINGLE], "-", NAMES[SINGLE]),
        ("mrmr", PALETTE[0], ":", "mRMR"),
        ("jmi", PALETTE[2], "-.", "JMI"),
        ("cmim", PALETTE[4], "--", "CMIM"),
        ("joint_information", PALETTE[9], (0, (1, 1)), "joint information of sets"),
        ("greedy", PALETTE[7], "-", "greedy, by cross-entropy"),
    )
}
ESTIMATES = {  # columns of a table of sets by size: colour, line style, label
    "joint_information": (PALETTE[0], "-", "right labels, plug-in"),
    "miller_madow": (PALETTE[0], "--", "right labels, corrected"),
    "shuffled_joint_information": (PALETTE[3], "-", "shuffled labels, plug-in"),
    "shuffled_miller_madow": (PALETTE[3], "--", "shuffled labels, corrected"),
}


def _panels(
    table: pd.DataFrame, labels: tuple[str, str], **options: Any
) -> tuple[Figure, np.ndarray, dict[str, pd.DataFrame]]:
    """A column a scope: the figure, its axes [rows, scopes], and the scopes' rows by title.

    labels : of x and y
    """
    scopes = table["scope"] if "scope" in table else table["layer"].map(layer_scope)
    panels = {spaced(scope): table[scopes == scope] for scope in in_order(scopes)}
    figure, axes = plt.subplots(ncols=len(panels), squeeze=False, **options)
    for column, title in zip(axes.T, panels, strict=True):
        column[0].set_title(title)
        column[-1].set_xlabel(labels[0])
    axes[0, 0].set_ylabel(labels[1])
    return figure, axes, panels


def pair_maps(pairs: pd.DataFrame, measures: pd.DataFrame) -> Figure:
    """Co-information of all pairs of one network by layer; red redundant, blue synergistic.

    Neurons from the highest to the lowest mutual information; the diagonal is left white.
    """
    table = filled(pairs, ["co_information"])
    limit = table["co_information"].abs().max() or 1
    labels = "neuron, most informative first", "neuron"
    figure, axes, panels = _panels(table, labels, figsize=(7.2, 3.4))
    for layer, (ax, part) in enumerate(zip(axes[0], panels.values(), strict=True), 1):
        values = measures.loc[measures["layer"] == layer, "mutual_information"].to_numpy()
        matrix = pair_matrix(part, len(values))
        np.fill_diagonal(matrix, np.nan)
        order = np.argsort(-values, kind="stable")
        image = ax.imshow(
            matrix[np.ix_(order, order)], vmin=-limit, vmax=limit,
            # few colours and no blending: a third of the bytes
            cmap=plt.get_cmap("RdBu_r", 21), interpolation="nearest",
        )  # fmt: skip
        ax.grid(False)
    figure.colorbar(image, ax=axes[0, -1], label="co-information (bits)")
    return figure


def pair_scatter(pairs: pd.DataFrame) -> Figure:
    """Surplus of removing two together against their co-information: a panel a layer.

    Lines: mean surplus of twentieths of the pairs, a line a network.
    """
    columns = ["co_information", "surplus"]
    labels = "co-information of the pair (bits)", "surplus of cross-entropy (nats)"
    figure, axes, panels = _panels(filled(pairs, columns), labels)
    for ax, of_layer in zip(axes[0], panels.values(), strict=True):
        for _, part in of_layer.groupby("replicate"):
            ranks = part["co_information"].rank(method="first", pct=True)
            bins = part.groupby(np.ceil(ranks * 20))[columns].mean()
            ax.plot(bins["co_information"], bins["surplus"], color=PALETTE[0], alpha=0.5)
        ax.axhline(0, color="0.4", linewidth=0.8)
        ax.locator_params(axis="x", nbins=5)
    return figure


def set_information(sizes: pd.DataFrame) -> Figure:
    """Joint information by size of the set, right and shuffled labels, a panel a layer.

    Solid: plug-in, dashed: corrected; mean over networks. Grey: from the plug-in value with right
    labels less its largest mean error to that value.
    """
    table = filled(sizes, ["joint_information", "miller_madow"])
    labels = "neurons in the set", "joint information (bits)"
    figure, axes, panels = _panels(table, labels, sharey=True)
    for ax, part in zip(axes[0], panels.values(), strict=True):
        for column, (colour, style, label) in ESTIMATES.items():
            mean_line(part, "size", column, ax, color=colour, linestyle=style, label=label)
        means = part.groupby("size")[["joint_information", "bias_high"]].mean()
        low = (means["joint_information"] - means["bias_high"]).clip(lower=0)
        ax.fill_between(means.index, low, means["joint_information"], color="0.9", zorder=0)
    axes[0, 0].set_ylim(0, None)
    axes[0, -1].legend(loc="center right", fontsize=7)
    return figure


def joint_curves(ablation: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Test accuracy by neurons ablated, least important first: a column a scope.

    Below, each curve minus that of mutual information in the same network.
    """
    both = filled(pd.concat([ablation, curves]), ["n_correct"])
    table = merge_random(low_first(both[both["replacement"] == "mean"]))
    case = ["scope", "replicate", "n_ablated"]
    accuracy = table.pivot(index=case, columns="ordering", values="accuracy")
    gain = accuracy.sub(accuracy[SINGLE], axis=0)
    lines = pd.concat({"accuracy": accuracy.stack(), "gain": gain.stack()}, axis=1).reset_index()
    options = {"nrows": 2, "figsize": (7.2, 5), "sharex": "col", "sharey": "row"}
    figure, axes, panels = _panels(lines, ("neurons ablated", "test accuracy"), **options)
    for row, y in zip(axes, ("accuracy", "gain"), strict=True):
        line_panels(panels, "ordering", LOOKS, row, "n_ablated", y)
    for ax in axes[1]:
        ax.set_title("")
    axes[0, 0].set_ylim(0, 1)
    axes[1, 0].set_ylabel("minus mutual information's")
    legend_below(figure, axes[0, 0], columns=4)
    return figure


def set_surplus(sets: pd.DataFrame, n_samples: int) -> Figure:
    """Accuracy lost beyond the sum, minus that of independent disturbances: a panel a layer.

    A line an order.
    """
    table = excess_surplus(filled(sets, ["error_surplus"]), n_samples)
    case = ["replicate", "scope", "ordering", "n_ablated"]
    table = table.groupby(case)["excess"].mean().reset_index()
    labels = "neurons ablated", "accuracy lost beyond\nindependent disturbances"
    figure, axes, panels = _panels(table, labels, figsize=(7.2, 3.6), sharey=True)
    line_panels(panels, "ordering", LOOKS, axes[0], "n_ablated", "excess")
    for ax in axes[0]:
        ax.axhline(0, color="0.4", linewidth=0.8)
    legend_below(figure, axes[0, 0], columns=4)
    return figure


def class_matrix(classes: pd.DataFrame) -> Figure:
    """Accuracy lost [class selected for, class], mean over networks: a panel a scope."""
    losses = class_losses(filled(classes, ["n_correct"]))
    case = ["scope", "selected_class", "class"]
    table = losses.groupby(case)["loss"].mean().mul(100).rename("percent").reset_index()
    limit = table["percent"].abs().max() or 1
    labels = "class that is counted", "class whose neurons are gone"
    figure, axes, panels = _panels(table, labels, figsize=(7.2, 3.6))
    for ax, part in zip(axes[0], panels.values(), strict=True):
        matrix = part.pivot(index="selected_class", columns="class", values="percent").to_numpy()
        image = ax.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit)
        for (row, column), value in np.ndenumerate(matrix):
            ink = "white" if abs(value) > 0.6 * limit else "black"
            ax.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=5, color=ink)
        ax.set(xticks=range(len(matrix)), yticks=range(len(matrix)))
        ax.grid(False)
    figure.colorbar(image, ax=axes[0, -1], label="accuracy lost (% of the class)")
    return figure

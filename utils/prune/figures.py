"""The figures of notebook 04: accuracy by share pruned, and against what a network costs."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import (
    COLOURS,
    PALETTE,
    REPAIRS,
    filled,
    layers_title,
    legend_below,
    line_panels,
    mean_line,
)
from utils.evidence.curves import compared, with_accuracy
from utils.names import NAMES, NETWORK

_MARKERS = {
    "entropy": "o", "mutual_information": "s", "kl_selectivity": "D", "random": "^",
    "outgoing_norm": "v", "incoming_norm": "P", "mean_output": "*", "noise_out": "X",
}  # fmt: skip
_METHODS = {
    method: {"color": COLOURS[method], "marker": marker, "markersize": 4, "label": NAMES[method]}
    for method, marker in _MARKERS.items()
}


def pruning_curves(pruned: pd.DataFrame) -> Figure:
    """Accuracy by fraction pruned, bias-balanced, a line a method: a panel a scope.

    The last panel is of retrained networks.
    """
    table = filled(pruned, ["n_correct"])
    last = table["retrain_epochs"].max()
    panels = {}
    for scope, epochs in [*((scope, 0) for scope in table["scope"].unique()), (NETWORK, last)]:
        part = compared(table, scope)
        title = f"{layers_title(scope)}, {_retrained(epochs)}"
        panels[title] = part[part["retrain_epochs"] == epochs]
    rows = -(-len(panels) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(7.2, 0.3 + 2.6 * rows), squeeze=False)
    line_panels(
        panels, "method", _METHODS, axes.flat, "fraction", xlabel="share of neurons pruned"
    )
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    axes.flat[len(panels) - 2].legend(loc="lower left", fontsize=6.5)
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    return figure


def pareto(pruned: pd.DataFrame, latency: pd.DataFrame, full: tuple[float, int]) -> Figure:
    """Accuracy against multiply-accumulates, and against the time for 1,000 images.

    A line a way of pruning all layers; the star is the unpruned network, of which `full` has the
    accuracy and the multiply-accumulates.
    """
    table = with_accuracy(filled(pruned, ["n_correct"]))
    table = table[table["scope"] == NETWORK]
    time = latency[latency["batch"] == 1000].set_index("fraction")["latency_ms"]
    table["milliseconds"] = table["fraction"].map(time)
    last = table["retrain_epochs"].max()
    ways = [
        ("random", "mean", 0, "black", "--"),
        ("mutual_information", "zero", 0, REPAIRS["zero"][0], ":"),
        ("mutual_information", "mean", 0, COLOURS["mutual_information"], "-"),
        ("noise_out_merged", "affine", 0, COLOURS["noise_out"], "-"),
        ("mutual_information", "least_squares", 0, REPAIRS["least_squares"][0], "-"),
        ("mutual_information", "mean", last, PALETTE[2], "-."),
    ]
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.8), sharey=True)
    full_cost = {"n_macs": full[1], "milliseconds": time.loc[0]}
    for ax, cost in zip(axes, full_cost, strict=True):
        for method, repair, epochs, colour, line in ways:
            part = table.query("method == @method & repair == @repair & retrain_epochs == @epochs")
            label = f"{NAMES[method]}, {REPAIRS[repair][2]}"
            if epochs:
                label += f", {_retrained(epochs)}"
            look = {"color": colour, "linestyle": line, "marker": "o", "markersize": 3}
            mean_line(part, cost, "accuracy", ax, **look, label=label)
        ax.plot(full_cost[cost], full[0], "*", markersize=9, color="black")
    axes[0].set(xlabel="multiply-accumulates for an image", ylabel="test accuracy")
    axes[1].set(xlabel="milliseconds for 1,000 images, one thread")
    legend_below(figure, axes[0], 2)
    return figure


def _retrained(epochs: int) -> str:
    if not epochs:
        return "not retrained"
    return "retrained, 1 epoch" if epochs == 1 else f"retrained, {epochs} epochs"

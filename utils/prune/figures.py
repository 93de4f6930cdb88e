"""The figures of notebook 04: accuracy by share pruned, beside random choice, and against cost."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import (
    COLOURS,
    LINES,
    NEGLIGIBLE,
    REPAIRS,
    WIDTHS,
    filled,
    layers_title,
    legend_below,
    line_panels,
    mean_line,
)
from utils.evidence.curves import compared
from utils.evidence.judging import ACCURACY
from utils.names import NAMES
from utils.prune.tables import MERGED, RETRAINED, by_state, differences
from utils.removal.importance import METHODS

SHOWN = ("mutual_information", "outgoing_norm", "noise_out", "random")
_OTHER = {"color": "0.75", "linewidth": 1, "zorder": 1}
_LOOKS = {
    **{method: _OTHER for method in METHODS if method not in SHOWN},
    **{method: {"color": COLOURS[method], "label": NAMES[method]} for method in SHOWN},
}
_LOOKS["random"]["linestyle"] = LINES["none"]
# method, state, look of a line against cost
_WAYS = [
    ("mutual_information", "zero", {"linewidth": WIDTHS["zero"]}),
    ("mutual_information", "mean", {"linewidth": WIDTHS["mean"]}),
    ("random", "mean", {"linewidth": WIDTHS["mean"]}),
    (MERGED, "affine", {"color": COLOURS["noise_out"]}),
    ("mutual_information", "least_squares", {"marker": "o"}),
    ("random", "least_squares", {"marker": "o"}),
    ("outgoing_norm", "least_squares", {"marker": "o"}),
    ("mutual_information", RETRAINED, {"marker": "^", "linewidth": 0}),
]


def pruning_curves(pruned: pd.DataFrame) -> Figure:
    """Accuracy by share pruned, bias-balanced, a line a method: a panel a scope.

    The methods in SHOWN have colours.
    """
    table = filled(pruned[pruned["retrain_epochs"] == 0], ["n_correct"])
    panels = {layers_title(scope): compared(table, scope) for scope in table["scope"].unique()}
    rows = -(-len(panels) // 3)
    figure, axes = plt.subplots(
        rows, 3, figsize=(7.2, 0.6 + 2.4 * rows), squeeze=False, sharey=True
    )
    line_panels(panels, "method", _LOOKS, axes.flat, "fraction", xlabel="share pruned")
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    _legend(figure, axes[0, 0])
    return figure


def beside_random(pruned: pd.DataFrame) -> Figure:
    """Accuracy minus that of random choice, all layers pruned, a line a method: a panel a state.

    Each panel has its own axis; bias-balanced, least squares and, if there are any, retrained.
    Between the grey lines a difference is negligible.
    """
    looks = {method: look for method, look in _LOOKS.items() if method != "random"}
    looks["kl_selectivity"] = {
        "color": COLOURS["kl_selectivity"],
        "label": NAMES["kl_selectivity"],
    }
    there = set(by_state(filled(pruned, ["n_correct"]))["state"])
    panels = {
        _title(state, pruned): differences(pruned, state)
        for state in ("mean", "least_squares", RETRAINED)
        if state in there
    }
    figure, axes = plt.subplots(1, len(panels), figsize=(7.2, 3.4), squeeze=False)
    line_panels(panels, "quantity", looks, axes[0], "scope", "value", xlabel="share pruned")
    for ax in axes[0]:
        ax.axhline(0, **_LOOKS["random"])
        ax.axhspan(-ACCURACY, ACCURACY, **NEGLIGIBLE)
        ax.margins(x=0.05)
    axes[0, 0].set_ylabel("accuracy − that of random choice")
    _legend(figure, axes[0, 0])
    return figure


def pareto(pruned: pd.DataFrame, full: tuple[float, int]) -> Figure:
    """Accuracy against multiply-accumulates, all layers pruned: a line a choice with a repair.

    full : accuracy and multiply-accumulates of the unpruned network, which is the star
    """
    table = by_state(filled(pruned, ["n_correct"]))
    figure, ax = plt.subplots(figsize=(7.2, 3.6))
    for method, state, look in _WAYS:
        part = table[(table["method"] == method) & (table["state"] == state)]
        label = NAMES[method] if method == MERGED else f"{NAMES[method]}, {_title(state, pruned)}"
        if len(part):
            look = {**_LOOKS.get(method, {}), **look, "markersize": 4, "label": label}
            mean_line(part, "n_macs", "accuracy", ax, **look)
    ax.plot(full[1], full[0], "*", markersize=10, color="black", label="full network")
    ax.set(xlabel="multiply-accumulates for an image", ylabel="test accuracy")
    ax.legend(loc="lower right", fontsize=7)
    return figure


def _title(state: str, pruned: pd.DataFrame) -> str:
    if state != RETRAINED:
        return REPAIRS[state]["label"]
    epochs = pruned["retrain_epochs"].max()
    return f"retrained, {epochs} epoch" + ("s" if epochs > 1 else "")


def _legend(figure: Figure, ax: plt.Axes) -> None:
    ax.plot([], [], **_OTHER, label="other choices")
    legend_below(figure, ax, 5)

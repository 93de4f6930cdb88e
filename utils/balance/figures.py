"""The figures of notebook 05: accuracy with and without bias balancing, repairs, retraining."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, LINES, REPAIRS, filled, layers_title, line_panels
from utils.evidence.curves import merge_random, with_accuracy
from utils.evidence.effects import JUDGED_BY
from utils.names import NAMES, NETWORK, in_order, spaced

_REPAIRS = {
    repair: {"color": colour, "linestyle": line, "marker": "o", "markersize": 3, "label": name}
    for repair, (colour, line, name) in REPAIRS.items()
}


def replacement_curves(ablation: pd.DataFrame) -> Figure:
    """Zeroed against bias-balanced, a panel a layer: mutual information low first, and random."""
    table = filled(merge_random(ablation), ["accuracy"])
    table = table[(table["scope"] != NETWORK) & (table["direction"] != "high-first")]
    table["curve"] = table["ordering"] + table["replacement"]
    looks = {
        ordering + replacement: {
            "color": COLOURS[ordering], "linestyle": LINES[replacement],
            "label": f"{NAMES[ordering]}, {NAMES[replacement]}",
        }
        for ordering in ("mutual_information", "random")
        for replacement in ("mean", "zero")
    }  # fmt: skip
    panels = {spaced(s): table[table["scope"] == s] for s in in_order(table["scope"].unique())}
    figure, axes = plt.subplots(1, len(panels), squeeze=False, sharey=True)
    line_panels(
        panels, "curve", looks, axes[0], "n_ablated", xlabel="neurons ablated", ylim=(0, 1)
    )
    axes[0, 0].set_ylabel("test accuracy")
    axes[0, 0].legend(loc="lower left")
    return figure


def repair_curves(balancing: pd.DataFrame) -> Figure:
    """Accuracy by fraction pruned, not retrained, a line a repair: a panel a scope.

    Lowest mutual information first.
    """
    table = with_accuracy(filled(balancing, ["n_correct"]))
    table = table[(table["retrain_epochs"] == 0) & (table["method"] == JUDGED_BY)]
    panels = {layers_title(s): part for s, part in table.groupby("scope", sort=False)}
    figure, axes = plt.subplots(1, len(panels), squeeze=False, sharey=True)
    line_panels(panels, "repair", _REPAIRS, axes[0], "fraction", xlabel="share of neurons pruned")
    axes[0, 0].set_ylabel("test accuracy, not retrained")
    axes[0, 0].legend(loc="lower left", fontsize=7, handlelength=3)
    return figure


def retraining_curves(balancing: pd.DataFrame) -> Figure:
    """Accuracy by epochs of retraining, a line a repair: a panel a fraction of all layers.

    Lowest mutual information first.
    """
    table = with_accuracy(filled(balancing, ["n_correct"]))
    table = table[(table["scope"] == NETWORK) & (table["method"] == JUDGED_BY)]
    panels = {f"{f:.0%} of all layers pruned": part for f, part in table.groupby("fraction")}
    figure, axes = plt.subplots(1, len(panels), squeeze=False)
    line_panels(
        panels, "repair", _REPAIRS, axes[0], "retrain_epochs", xlabel="epochs of retraining",
        xticks=sorted(table["retrain_epochs"].unique()),
    )  # fmt: skip
    axes[0, 0].set_ylabel("test accuracy")
    axes[0, -1].legend(loc="lower right", fontsize=7, handlelength=3)
    return figure

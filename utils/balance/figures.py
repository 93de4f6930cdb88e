"""The figures of notebook 05: accuracy with and without bias balancing, repairs, retraining."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.balance.tables import start_values
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
)
from utils.evidence.curves import merge_random, with_accuracy
from utils.evidence.effects import JUDGED_BY
from utils.evidence.judging import ACCURACY
from utils.names import NAMES, NETWORK, in_order, spaced

_REPAIRS = {repair: {**look, "marker": "o", "markersize": 3} for repair, look in REPAIRS.items()}


def replacement_curves(ablation: pd.DataFrame) -> Figure:
    """Zeroed against bias-balanced, a panel a layer: mutual information low first, and random."""
    table = filled(merge_random(ablation), ["accuracy"])
    table = table[(table["scope"] != NETWORK) & (table["direction"] != "high-first")]
    table["curve"] = table["ordering"] + table["replacement"]
    looks = {
        ordering + replacement: {
            "color": COLOURS[ordering], "linestyle": LINES[direction],
            "linewidth": WIDTHS[replacement],
            "label": f"{NAMES[ordering]}, {NAMES[replacement]}",
        }
        for ordering, direction in (("mutual_information", "low-first"), ("random", "none"))
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


def repair_curves(balancing: pd.DataFrame, ablation: pd.DataFrame) -> Figure:
    """Accuracy by share pruned, not retrained, a line a repair: a panel a scope.

    Lowest mutual information first. The intact networks, at 0, are those of the ablation table.
    """
    table = with_accuracy(filled(balancing, ["n_correct"]))
    table = table[(table["retrain_epochs"] == 0) & (table["method"] == JUDGED_BY)]
    intact = with_accuracy(ablation[ablation["n_ablated"] == 0])
    intact = intact.groupby("replicate", as_index=False)["accuracy"].first().assign(fraction=0.0)
    cases = table[["scope", "repair"]].drop_duplicates()
    table = pd.concat([intact.merge(cases, how="cross"), table])
    panels = {layers_title(s): part for s, part in table.groupby("scope", sort=False)}
    figure, axes = plt.subplots(1, len(panels), squeeze=False, sharey=True)
    line_panels(panels, "repair", _REPAIRS, axes[0], "fraction", xlabel="share pruned")
    axes[0, 0].set_ylabel("test accuracy, not retrained")
    legend_below(figure, axes[0, 0], 4)
    return figure


def start_curves(balancing: pd.DataFrame) -> Figure:
    """Accuracy retrained from repaired weights minus that from zeroed ones: a panel a share.

    A line a repair by epochs of retraining; all layers, lowest mutual information first. Between
    the grey lines a difference is negligible.
    """
    table = start_values(filled(balancing, ["n_correct"]))
    panels = {f"{share:.0%} pruned": part for share, part in table.groupby("fraction")}
    epochs = sorted(table["scope"].unique())
    figure, axes = plt.subplots(1, len(panels), figsize=(7.2, 3), squeeze=False, sharey=True)
    line_panels(
        panels, "quantity", {k: look for k, look in _REPAIRS.items() if k != "zero"}, axes[0],
        "scope", "value", xlabel="epochs of retraining", xticks=epochs,
    )  # fmt: skip
    for ax in axes[0]:
        ax.axhline(0, **REPAIRS["zero"])
        ax.axhspan(-ACCURACY, ACCURACY, **NEGLIGIBLE)
    axes[0, 0].set_ylabel("accuracy − that\nfrom a zeroed start")
    legend_below(figure, axes[0, 0], 5)
    return figure

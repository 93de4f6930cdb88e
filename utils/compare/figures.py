"""One function a figure of notebook 07, from the tables of several runs."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, LINES, PALETTE, filled
from utils.evidence.judging import CASE
from utils.names import NAMES, NETWORK, in_order, readable, spaced

UNITS = {
    "C2, one by one": "rank correlation", "C3": "bits", "C9": "share of what retraining gains",
}  # fmt: skip
RUN_MARKERS = "osD^vP*X<>"


def curves(table: pd.DataFrame, quantity: str = "mutual_information") -> Figure:
    """Accuracy by share ablated, bias-balanced: a row a run, a column a layer.

    Solid: low values of the quantity first, dotted: high values first, dashed: random orders.
    """
    table = filled(table[table["scope"] != NETWORK], ["mean"])
    runs = list(table.groupby("run", sort=False))
    layers = in_order(table["scope"].unique())
    figure, axes = plt.subplots(
        len(runs), max(len(layers), 2), figsize=(7.2, 0.4 + 1.25 * len(runs)),
        squeeze=False, sharex=True, sharey=True,
    )  # fmt: skip
    for row, (run, of_run) in zip(axes, runs, strict=True):
        for ax, layer in zip(row, layers, strict=False):
            _lines(of_run[of_run["scope"] == layer], quantity, ax)
            ax.set_title(f"{run}, {spaced(layer)}", fontsize=7)
        for ax in row:
            ax.set_visible(ax.has_data())
        row[0].set(ylabel="test accuracy", ylim=(0, 1))
    plt.setp(axes[-1], xlabel="share of the layer ablated")
    axes[0, 0].legend(loc="lower left", fontsize=6)
    return figure


def _lines(curves: pd.DataFrame, quantity: str, ax: plt.Axes) -> None:
    chosen = curves[curves["ordering"].isin([quantity, "random"])]
    for (ordering, direction), curve in chosen.groupby(["ordering", "direction"], sort=False):
        share = curve["n_ablated"] / curve["n_ablated"].max()
        colour, line = COLOURS[ordering], LINES[direction]
        label = (
            NAMES[ordering] if direction == "none" else f"{NAMES[ordering]}, {spaced(direction)}"
        )
        ax.plot(share, curve["mean"], color=colour, linestyle=line, label=label)
        low, high = curve["low"], curve["high"]
        if low.notna().all():
            ax.fill_between(share, low, high, color=colour, alpha=0.2, linewidth=0)


def intervals(claims: pd.DataFrame) -> Figure:
    """Estimates of the cases that there are, with 95 % intervals: a panel a unit, a row a case.

    A colour and a marker a run. Filled: the verdict is `agrees`; hollow: it is another one.
    """
    known = claims.dropna(subset="estimate").reset_index(drop=True)
    if known.empty:
        figure, ax = plt.subplots(figsize=(7.2, 0.6))
        ax.text(0.5, 0.5, "no case to show", ha="center", va="center")
        ax.axis("off")
        return figure
    units = known["claim"].map(UNITS).fillna("accuracy")
    panels = list(known.groupby(units, sort=False))
    sizes = [2 + cases.groupby(["claim", *CASE]).ngroups for _, cases in panels]
    figure, axes = plt.subplots(
        len(panels), 1, figsize=(7.2, 0.5 + 0.3 * sum(sizes)), squeeze=False, height_ratios=sizes
    )
    for ax, (unit, cases) in zip(axes[:, 0], panels, strict=True):
        _unit_intervals(cases, claims["run"].unique(), ax)
        ax.set_xlabel(unit)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=6.5)
    return figure


def _unit_intervals(claims: pd.DataFrame, runs: np.ndarray, ax: plt.Axes) -> None:
    cases = claims.groupby(["claim", *CASE], sort=False)
    rows = cases.ngroup()
    for k, run in enumerate(runs):
        part = claims[claims["run"] == run]
        y = rows[part.index] + 0.7 * ((k + 0.5) / len(runs) - 0.5)
        look = {"fmt": RUN_MARKERS[k % 10], "color": PALETTE[k % 10], "markersize": 3}
        half = np.nan_to_num(part["high"] - part["low"]) / 2
        ax.errorbar(part["estimate"], y, xerr=half, linewidth=1, label=run, **look)
        hollow = part["verdict"] != "agrees"
        ax.errorbar(part["estimate"][hollow], y[hollow], mfc="white", zorder=3, **look)
    labels = [f"{claim}  {spaced(scope)}: {readable(case)}" for claim, scope, case in cases.groups]
    ax.set_yticks(range(len(labels)), labels, fontsize=6.5)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.axvline(0, color="0.4", linewidth=0.8)

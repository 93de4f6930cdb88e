"""One function a figure of notebook 07, from the tables of several runs, here called settings."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from utils.compare.tables import SHORT, moves
from utils.drawing.style import COLOURS, LINES, PALETTE, filled, legend_below
from utils.evidence.judging import CASE, VERDICTS
from utils.evidence.wording import signed
from utils.names import NAMES, NETWORK, QUANTITIES, in_order, spaced

LOOKS = dict(zip(VERDICTS, (PALETTE[0], PALETTE[3], PALETTE[2], "0.8"), strict=True))


def verdict_map(claims: pd.DataFrame) -> Figure:
    """Verdicts by claim and setting, a tile a case, and the median of the claim's numbers.

    The claim of which most cases move stands first (`tables.moves`).
    """
    counts, settings = moves(claims), list(claims["run"].unique())
    figure, ax = plt.subplots(figsize=(7.2, 0.9 + 0.42 * len(counts)))
    for row, claim in enumerate(counts.index):
        for column, setting in enumerate(settings):
            here = (claims["claim"] == claim) & (claims["run"] == setting)
            _tiles(claims[here], column, row, ax)
    labels = [f"{name.split(',')[0]}: {SHORT[name]}" for name in counts.index]
    ax.set_yticks(range(len(labels)), labels, fontsize=8)
    ax.set_xticks(range(len(settings)), [s.replace(", ", ",\n") for s in settings], fontsize=7)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.set(xlim=(-0.5, len(settings) - 0.5), ylim=(len(counts) - 0.5, -0.5))
    right = ax.secondary_yaxis("right")
    texts = [f"{row.moved} of {row.cases}" if row.cases else "–" for row in counts.itertuples()]
    right.set_yticks(range(len(texts)), texts, fontsize=7)
    right.tick_params(length=0)
    above = {"transform": ax.transAxes, "ha": "left", "va": "bottom", "fontsize": 7}
    ax.text(1.03, 1.01, "cases\nthat move", **above)
    for axis in (ax, right):
        axis.spines[:].set_visible(False)
    ax.grid(visible=False)
    handles = [Patch(color=LOOKS[name], label=name) for name in VERDICTS]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=7)
    return figure


def _tiles(cases: pd.DataFrame, column: int, row: int, ax: plt.Axes) -> None:
    """A strip of tiles, a case each, and the median estimate below, in a cell of the map."""
    width = 0.92 / max(len(cases), 1)
    for k, colour in enumerate(cases["verdict"].map(LOOKS)):
        corner = column - 0.46 + k * width, row - 0.38
        ax.add_patch(Rectangle(corner, width, 0.42, facecolor=colour, edgecolor="w", lw=0.5))
    if cases["estimate"].notna().any():
        typical = signed(cases["estimate"].median())
        ax.text(column, row + 0.27, typical, ha="center", va="center", fontsize=6)


def across(curves: pd.DataFrame) -> Figure:
    """Accuracy across the network minus that of random orders, a panel a setting.

    Up to 80 % of the neurons, bias-balanced. Solid: low values first, dotted: high values first.
    """
    table = filled(curves[curves["scope"] == NETWORK], ["mean"])
    table = table[table["n_ablated"] <= 0.8 * table.groupby("run")["n_ablated"].transform("max")]
    runs = list(table.groupby("run", sort=False))
    columns = min(len(runs), 3)
    rows = -(-len(runs) // columns)
    options = {"squeeze": False, "sharex": True, "sharey": True}
    figure, axes = plt.subplots(rows, columns, figsize=(7.2, 0.7 + 1.55 * rows), **options)
    for ax, (run, of_run) in zip(axes.flat, runs, strict=False):
        random = of_run[of_run["ordering"] == "random"].set_index("n_ablated")["mean"]
        share = 100 * random.index / curves.loc[curves["run"] == run, "n_ablated"].max()
        ax.axhspan(0, 1, color=PALETTE[2], alpha=0.08, linewidth=0)
        ax.axhline(0, color="black", linestyle="--", linewidth=1)
        for quantity in QUANTITIES:
            for direction in ("low-first", "high-first"):
                line = of_run.query("ordering == @quantity and direction == @direction")
                label = f"{NAMES[quantity]}, {spaced(direction)}"
                gain = line.set_index("n_ablated")["mean"] - random
                look = {"color": COLOURS[quantity], "linestyle": LINES[direction]}
                ax.plot(share, gain, label=label, linewidth=1.2, **look)
        ax.set_title(run)
    for ax in axes.flat[len(runs) :]:
        ax.set_visible(False)
    lines = [line for ax in axes.flat for line in ax.get_lines()]
    lowest, highest = (f(f(line.get_ydata()) for line in lines) for f in (min, max))
    axes[0, 0].set_ylim(lowest - 0.02, highest + 0.02)
    plt.setp(axes[-1], xlabel="neurons ablated (%)")
    figure.supylabel("accuracy − that of random orders", size=9)
    legend_below(figure, axes[0, 0], 3)
    return figure


def within(curves: pd.DataFrame, quantity: str = "mutual_information") -> Figure:
    """Accuracy by share of a layer ablated, bias-balanced: a column a setting, a row a layer.

    Solid: low values of the quantity first, dotted: high values first, dashed: random orders.
    """
    table = filled(curves[curves["scope"] != NETWORK], ["mean"])
    runs, layers = list(table["run"].unique()), in_order(table["scope"])
    size = 7.2, 0.7 + 1.3 * len(layers)
    figure, axes = plt.subplots(
        len(layers), len(runs), figsize=size, squeeze=False, sharex=True, sharey=True
    )
    for row, layer in zip(axes, layers, strict=True):
        for ax, run in zip(row, runs, strict=True):
            _lines(table[(table["scope"] == layer) & (table["run"] == run)], quantity, ax)
        row[0].set(ylabel=spaced(layer), ylim=(0, 1))
    for ax, run in zip(axes[0], runs, strict=True):
        ax.set_title(run.replace(", ", ",\n"), fontsize=7)
    plt.setp(axes[-1], xlabel="ablated (%)")
    figure.supylabel("test accuracy", size=9)
    legend_below(figure, axes[0, 0], 3)
    return figure


def _lines(curves: pd.DataFrame, quantity: str, ax: plt.Axes) -> None:
    chosen = curves[curves["ordering"].isin([quantity, "random"])]
    for (ordering, direction), curve in chosen.groupby(["ordering", "direction"], sort=False):
        share = 100 * curve["n_ablated"] / curve["n_ablated"].max()
        colour, line = COLOURS[ordering], LINES[direction]
        manner = "" if direction == "none" else f", {spaced(direction)}"
        label = f"{NAMES[ordering]}{manner}"
        ax.plot(share, curve["mean"], color=colour, linestyle=line, label=label, linewidth=1.2)
        low, high = curve["low"], curve["high"]
        if low.notna().all():
            ax.fill_between(share, low, high, color=colour, alpha=0.2, linewidth=0)


def gains(claims: pd.DataFrame) -> Figure:
    """What bias balancing gains, C7's number, by setting: a panel a layer, a mark an order.

    The bar is the 95 % interval with random orders; colours are verdicts.
    """
    part = filled(claims[claims["claim"] == "C7"], ["estimate"])
    layers, settings = in_order(part["scope"]), list(part["run"].unique())
    size = 7.2, 1.2 + 0.28 * len(settings)
    figure, axes = plt.subplots(1, len(layers), figsize=size, squeeze=False, sharey=True)
    for ax, layer in zip(axes[0], layers, strict=True):
        ax.axvspan(0, 1, color=PALETTE[0], alpha=0.07, linewidth=0)
        ax.axvline(0, color="0.4", linewidth=0.8)
        for row, setting in enumerate(settings):
            of_setting = part[(part["scope"] == layer) & (part["run"] == setting)]
            for case in of_setting.sort_values(CASE).itertuples():
                random = case.quantity == "random"
                look = {"fmt": "D" if random else "o", "color": LOOKS[case.verdict]}
                half = np.nan_to_num(case.high - case.low) / 2 if random else None
                y = row if random else row + 0.18
                size = {"markersize": 5 if random else 3.5, "markeredgecolor": "0.3"}
                width = {"markeredgewidth": 0.4, "elinewidth": 1.5, "ecolor": "0.3"}
                ax.errorbar(case.estimate, y, xerr=half, **look, **size, **width)
        ax.set_title(spaced(layer))
        ax.set_yticks(range(len(settings)), settings)
    limit = 1.1 * part[["estimate", "low", "high"]].abs().max().max()
    for ax in axes[0]:
        ax.set(xlim=(-limit, limit), xlabel="R(balanced) − R(zeroed), accuracy")
    axes[0, 0].invert_yaxis()
    handles = [Patch(color=LOOKS[name], label=name) for name in VERDICTS]
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=7)
    return figure

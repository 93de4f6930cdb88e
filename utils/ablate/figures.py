"""What notebook 03 draws: curves as differences from random orders, and why they are so."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.ablate import tables
from utils.drawing import differences
from utils.drawing.style import COLOURS, LINES, legend_below, mean_line
from utils.evidence import paper
from utils.evidence.curves import ABLATED_SHARE
from utils.evidence.of_curves import ORDERS
from utils.names import NAMES, NETWORK, QUANTITIES, in_order, readable, spaced

PAPER = {"color": "0.75", "linewidth": 3.5, "solid_capstyle": "round", "zorder": 1}
KEYS = ["scope", "ordering", "direction"]


def network_curves(ablation: pd.DataFrame) -> Figure:
    """Across the network, by values: accuracy, low first; difference from random, high first."""
    table = differences.minus_random(ablation)
    table = table[(table["scope"] == NETWORK) & ~table["ranks"]]
    last = ABLATED_SHARE * table["n_ablated"].max()
    figure, (low, high) = plt.subplots(1, 2, figsize=(7.2, 3))
    both = paper.both_curves(ablation)
    for _, curve in both[both["scope"] == NETWORK].groupby(["ordering", "direction"]):
        theirs = curve.groupby("n_ablated")["published"].first()
        low.plot(theirs.index, theirs, **PAPER)
    for name in ("random", *QUANTITIES):
        rows = table[(table["ordering"] == name) & (table["direction"] != "high-first")]
        line = LINES["none" if name == "random" else "low-first"]
        style = {"color": COLOURS[name], "linestyle": line, "label": NAMES[name]}
        mean_line(rows, "n_ablated", "accuracy", low, **style)
    low.set(title="low values first", ylabel="test accuracy", ylim=(0, 1), xlim=(0, last))
    low.plot([], [], **PAPER, label="the paper's")
    differences.difference_lines(table, high, ["high-first"], QUANTITIES)
    high.set(title="high values first", ylim=(-0.15, 0.08), xlim=(0, last))
    for ax in (low, high):
        ax.set_xlabel("neurons removed, of all layers")
    legend_below(figure, low, 5)
    return figure


def ranks_beside_values(ablation: pd.DataFrame) -> Figure:
    """Low first across the network, minus random: by values (pale) and by ranks within layers."""
    return differences.ranks_beside_values(ablation, QUANTITIES, limits=(-0.3, 0.25))


def layer_curves(ablation: pd.DataFrame) -> Figure:
    """Within each layer, minus random: two quantities in both directions; the paper's in grey."""
    table = differences.minus_random(ablation)
    layers = in_order(table.loc[table["scope"] != NETWORK, "scope"])
    figure, axes = plt.subplots(1, len(layers), figsize=(7.2, 3.1), squeeze=False)
    theirs = _published_minus_random(ablation)
    for ax, scope in zip(axes[0], layers, strict=True):
        here = theirs[theirs["scope"] == scope]
        for _, curve in here[here["ordering"].isin(QUANTITIES[1:])].groupby(KEYS):
            ax.plot(curve["n_ablated"], curve["difference"], **PAPER)
        rows = table[table["scope"] == scope]
        differences.difference_lines(rows, ax, ("low-first", "high-first"), QUANTITIES[1:])
        ax.set(title=spaced(scope), xlabel="neurons removed")
    axes[0, 0].plot([], [], **PAPER, label="the paper's")
    for ax in axes[0, 1:]:
        ax.set_ylabel("")
    legend_below(figure, axes[0, 0], 3)
    return figure


def _published_minus_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """Curves of the paper's figure 4 where we have them, minus the random curve of their panel."""
    both = paper.both_curves(ablation)
    both = both[both["figure"].str.startswith("fig4")]
    each = both.groupby(["figure", *KEYS, "n_ablated"], as_index=False)["published"].first()
    keys = ["figure", "n_ablated"]
    random = each[each["ordering"] == "random"].set_index(keys)["published"]
    each = each.join(random.rename("random"), on=keys)
    return each.assign(difference=each["published"] - each["random"]).dropna(subset="difference")


def by_share(ablation: pd.DataFrame) -> Figure:
    """The effect, R - R(random), by the share of the neurons up to which R is taken."""
    shares = np.arange(1, round(20 * ABLATED_SHARE) + 1) / 20
    table = tables.at_shares(ablation, tables.against_random, shares=shares)
    scopes = in_order(table.index.unique("scope"))
    figure, axes = plt.subplots(1, len(scopes), figsize=(7.2, 2.9), squeeze=False)
    for ax, scope in zip(axes[0], scopes, strict=True):
        ax.axhline(0, color="black", linestyle="--", linewidth=1)
        for share in tables.SHARES:
            ax.axvline(share, color="0.7", linewidth=0.8)
        for label, (quantity, direction) in ORDERS.items():
            rows = table.xs((scope, label), level=["scope", "quantity"])
            style = {"color": COLOURS[quantity], "linestyle": LINES[direction]}
            ax.plot(rows.index, rows["mean"], **style, label=readable(label))
            ax.fill_between(
                rows.index, rows["low"], rows["high"], color=style["color"], alpha=0.15, lw=0
            )
        ax.set(
            title=spaced(scope),
            xlabel="R up to this share removed",
            xlim=(0, ABLATED_SHARE + 0.02),
        )
    axes[0, 0].set_ylabel("R − R(random)")
    legend_below(figure, axes[0, 0], 3)
    return figure

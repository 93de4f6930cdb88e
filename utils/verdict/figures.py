"""What notebook 06 draws: the answer in one picture, a panel a claim, and C10 as tiles."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, LINES, PALETTE, legend_below, mean_line
from utils.drawing.verdicts import panels
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import merge_random
from utils.evidence.judging import CASE
from utils.evidence.paper import published_curves
from utils.names import DIRECTIONS, NETWORK, layer_scope, readable, spaced
from utils.verdict.meaning import heading

MANY = 6  # cases, of which single ones are not told apart any more
SHOWN = 80  # neurons removed, about where the paper's curves end
HERO = {  # panels: title, orders
    NETWORK: ("All neurons of the network", [("mutual_information", "low-first")]),
    layer_scope(1): ("Layer 1 alone", [("mutual_information", d) for d in DIRECTIONS]),
}


def claims(judged: pd.DataFrame, *names: str) -> Figure:
    """A panel for each of some claims; above it the word, the counts, and what follows."""
    there = [name for name in names if name in set(judged["claim"])]
    return panels(judged, CLAIMS, {name: heading(judged, name) for name in there})


def hero(ablation: pd.DataFrame) -> Figure:
    """Mutual information against random orders across the network and in layer 1.

    Bias-balanced; means over networks and their 95 % bands; the paper's curves in grey.
    """
    ours, theirs = (
        table[(table["replacement"] == "mean") & (table["n_ablated"] <= SHOWN)]
        for table in (merge_random(ablation), published_curves())
    )
    scopes = [scope for scope in HERO if scope in set(ours["scope"])]
    figure, axes = plt.subplots(1, len(scopes), figsize=(7.2, 3), sharey=True, squeeze=False)
    for ax, scope in zip(axes[0], scopes, strict=True):
        title, orders = HERO[scope]
        for ordering, direction in (*orders, ("random", "none")):
            curve, paper = (_of(table, scope, ordering, direction) for table in (ours, theirs))
            paper = paper.groupby("n_ablated")["accuracy"].mean()  # of two figures
            ax.plot(paper.index, paper, color="0.6", linewidth=2.5, zorder=1)
            look = {"color": COLOURS[ordering], "linestyle": LINES[direction]}
            mean_line(curve, "n_ablated", "accuracy", ax, zorder=3, **look)
        ax.set(title=title, xlabel="neurons removed", xlim=(0, SHOWN), ylim=(0.3, 1))
    ax, colour = axes[0, -1], COLOURS["mutual_information"]
    ax.plot([], [], color=colour, label="low mutual information first")
    if len(HERO[scopes[-1]][1]) > 1:
        ax.plot([], [], color=colour, linestyle=":", label="high mutual information first")
    ax.plot([], [], color="black", linestyle="--", label="random orders")
    ax.plot([], [], color="0.6", linewidth=2.5, label="the paper's curves")
    axes[0, 0].set_ylabel("test accuracy, bias-balanced")
    legend_below(figure, ax, 4)
    return figure


def _of(table: pd.DataFrame, scope: str, ordering: str, direction: str) -> pd.DataFrame:
    keys = ["scope", "ordering", "direction"]
    return table[(table[keys] == [scope, ordering, direction]).all(axis=1)]


def rivals(by_repair: pd.DataFrame, by_share: pd.DataFrame) -> Figure:
    """C10's numbers as tiles: rivals by repair (above) and by share pruned (below).

    A column a quantity. Bold: not open. Tables as of `utils.verdict.tables.rivals_by_repair`.
    """
    quantities = by_repair["quantity"].unique()
    figure, axes = plt.subplots(2, len(quantities), figsize=(7.2, 4.2), sharey=True, squeeze=False)
    for row, (table, label) in zip(
        axes, ((by_repair, "repair"), (by_share, "share pruned")), strict=True
    ):
        for ax, quantity in zip(row, quantities, strict=True):
            _tiles(ax, table[table["quantity"] == quantity])
            ax.set_title(f"{quantity} − …", fontsize=8)
            ax.set_xlabel(label, fontsize=7)
    return figure


def _tiles(ax: plt.Axes, table: pd.DataFrame) -> None:
    """Means (points of accuracy) in colour: red where the other method is better."""
    means, words = (
        table.pivot(index="rival", columns="column", values=value)
        .reindex(index=table["rival"].unique(), columns=table["column"].unique())
        for value in ("mean", "verdict")
    )  # fmt: skip
    ax.imshow(means, cmap="RdBu", vmin=-0.2, vmax=0.2, aspect="auto")
    for (i, j), mean in np.ndenumerate(means.to_numpy()):
        weight = "normal" if words.iloc[i, j] == "open" else "bold"
        text = f"{100 * mean:+.0f}".replace("-", "−") if abs(mean) >= 0.005 else "0"
        colour = "white" if abs(mean) > 0.14 else "black"
        ax.text(j, i, text, ha="center", va="center", fontsize=7, weight=weight, color=colour)
    ax.set_xticks(range(means.shape[1]), means.columns, fontsize=6.5)
    ax.set_yticks(range(len(means)), means.index, fontsize=7)
    ax.tick_params(length=0)
    ax.grid(visible=False)


def beside_paper(numbers: pd.DataFrame) -> Figure:
    """The claims' numbers from the paper's curves, in the range of our single networks.

    numbers : `utils.evidence.paper.claim_numbers`
    """
    table = numbers.reset_index()
    figure, ax = plt.subplots(figsize=(7.2, 0.8 + 0.19 * len(table)))
    rows = np.arange(len(table))
    ax.hlines(rows, table["lowest"], table["highest"], color="0.75", linewidth=4, label="range of "
              "our networks")  # fmt: skip
    ax.plot(table["mean"], rows, "|", color=PALETTE[0], markersize=8, label="our mean")
    ax.plot(table["published"], rows, "D", color=PALETTE[3], markersize=3.5, label="the paper")
    cases = zip(*(table[name] for name in ("claim", *CASE)), strict=True)
    labels = [f"{claim}  {readable(scope)}: {readable(what)}" for claim, scope, what in cases]
    ax.set_yticks(rows, labels, fontsize=6.5)
    ax.axvline(0, color="0.4", linewidth=0.8)
    ax.grid(visible=False, axis="y")
    ax.invert_yaxis()
    ax.set_xlabel("difference of mean test accuracy")
    legend_below(figure, ax, 3)
    return figure


def by_share(table: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Some claims about curves as R is taken up to other shares of the neurons: a panel a claim.

    A line a case, with its 95 % band: the colour of its quantity and the style of its direction;
    where there are many, one colour a layer. The claimed side is shaded.
    table : `utils.verdict.tables.by_share`
    """
    parts = {name: table[table["claim"] == name] for name in names}
    parts = {name: cases for name, cases in parts.items() if len(cases)}
    n_rows = -(-len(parts) // 2)
    figure, axes = plt.subplots(n_rows, 2, figsize=(7.2, 2.5 * n_rows), sharex=True, squeeze=False)
    for ax, (name, cases) in zip(axes.flat, parts.items(), strict=False):
        many = cases.groupby(CASE).ngroups > MANY
        for (scope, quantity), rows in cases.groupby(CASE, sort=False):
            place = list(cases["scope"].unique()).index(scope)
            ordering, _, direction = quantity.partition(", ")
            colour = PALETTE[place + 3] if many else COLOURS[ordering]
            shares, band = 100 * rows["share"], (rows["low"], rows["high"])
            label = f"{spaced(scope)}, each order" if many else readable(quantity)
            look = {"color": colour, "linestyle": "-" if many else LINES.get(direction, "-")}
            ax.plot(shares, rows["mean"], label=label, **look)
            ax.fill_between(shares, *band, alpha=0.08 if many else 0.15, lw=0, color=colour)
            if not many and cases["scope"].nunique() > 1:
                end = shares.iloc[-1] + 1, rows["mean"].iloc[-1]
                ax.annotate(spaced(scope), end, fontsize=5.5, va="center", annotation_clip=False)
        rule, (low, high) = CLAIMS[name].rule, ax.get_ylim()
        ax.axhspan(*{"below": (low, rule.bound), "above": (rule.bound, high)}[rule.side],
                   color="0.95", zorder=0, linewidth=0)  # fmt: skip
        ax.set_ylim(low, high)
        ax.axhline(0, color="0.4", linewidth=0.8)
        ax.set_title(f"{name}: {CLAIMS[name].number}", fontsize=7.5)
        handles, labels = ax.get_legend_handles_labels()
        unique = dict(zip(labels, handles, strict=True))
        ax.legend(unique.values(), unique.keys(), fontsize=6)
    for ax in axes.flat[len(parts) :]:
        ax.set_visible(False)
    figure.supxlabel("share of the neurons up to which R is taken (%)", size=8)
    figure.supylabel("the claim's number (accuracy)", size=8)
    return figure

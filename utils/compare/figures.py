"""One function a figure of notebook 07, from the tables of several runs."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.compare.tables import CASE, RUN, holds_by_run, with_margins
from utils.drawing.style import COLOURS, LINES, PALETTE, filled, symlog
from utils.names import NAMES, NETWORK, in_order, spaced

HOLDS_MARKS = {"yes": "✓", "in part": "◐", "open": "○", "no": "✗"}
VERDICT_MARKS = {"agrees": "✓", "inconclusive": "○", "disagrees": "✗"}
RUN_MARKERS = "osD^vP*X<>"


def claim_map(claims: pd.DataFrame) -> Figure:
    """Claims by runs. Colour: mean margin against the largest of its row; mark: does it hold."""
    margins = with_margins(filled(claims, ["estimate"]))
    holds = holds_by_run(claims)
    means = margins.pivot_table(index="claim", columns=RUN, values="margin").reindex_like(holds)
    return _map(means, holds, HOLDS_MARKS, list(holds.index))


def case_map(claims: pd.DataFrame, names: Sequence[str]) -> Figure:
    """The cases of some claims by runs. Colour: margin; mark: the verdict of the case."""
    margins = with_margins(filled(claims[claims["claim"].isin(names)], ["estimate"]))
    cases = margins.pivot_table(["margin", "verdict"], CASE, RUN, aggfunc="first", sort=False)
    return _map(cases["margin"], cases["verdict"], VERDICT_MARKS, _case_labels(cases.index))


def _case_labels(cases: Iterable[tuple[str, str, str]]) -> list[str]:
    return [f"{claim}  {spaced(scope)}: {spaced(quantity)}" for claim, scope, quantity in cases]


def _map(
    margins: pd.DataFrame, words: pd.DataFrame, marks: Mapping[str, str], labels: Sequence[str]
) -> Figure:
    """A row a label, a column a run: the margin and the mark of the word in every cell."""
    rows, columns = margins.shape
    figure, ax = plt.subplots(figsize=(7.2, 1.3 + 0.24 * rows))
    shade = margins.div(margins.abs().max(axis=1).replace(0, 1), axis=0)
    ax.pcolormesh(shade.to_numpy(float), cmap="RdBu", vmin=-1.6, vmax=1.6)
    for i, j in np.ndindex(rows, columns):
        if not np.isnan(margins.iat[i, j]):
            text = f"{marks[words.iat[i, j]]} {margins.iat[i, j]:+.3f}"
            ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=6.5)
    ax.set_yticks(np.arange(rows) + 0.5, labels, fontsize=6.5)
    _run_ticks(ax, margins.columns)
    ax.invert_yaxis()
    ax.grid(False)
    ax.tick_params(length=0)
    legend = "    ".join(f"{mark} {word}" for word, mark in marks.items())
    ax.set_title(f"{legend}        blue: on the claimed side", fontsize=7, pad=4)
    return figure


def _run_ticks(ax: plt.Axes, runs: pd.MultiIndex) -> None:
    """Runs along the bottom, one line a setting, and a line where another sweep begins."""
    names = [run.replace(",", "\n") for _, run in runs]
    many = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    look = many if len(runs) > 4 else {}
    ax.set_xticks(np.arange(len(runs)) + 0.5, names, fontsize=6.5, **look)
    for k in range(1, len(runs)):
        if runs[k][0] != runs[k - 1][0]:
            ax.axvline(k, color="black", linewidth=1.2)


def curves(table: pd.DataFrame, quantity: str = "mutual_information") -> Figure:
    """Accuracy by share ablated, bias-balanced: a row a run, a column a layer.

    Solid: low values of the quantity first, dotted: high values first, dashed: random orders.
    """
    table = filled(table[table["scope"] != NETWORK], ["mean"])
    runs = list(table.groupby(RUN, sort=False))
    layers = in_order(table["scope"].unique())
    figure, axes = plt.subplots(
        len(runs), max(len(layers), 2), figsize=(7.2, 0.4 + 1.25 * len(runs)),
        squeeze=False, sharex=True, sharey=True,
    )  # fmt: skip
    for row, ((_, run), of_run) in zip(axes, runs, strict=True):
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


def intervals(claims: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Estimates of the cases of some claims, with 95 % intervals: a panel a sweep, a row a case.

    Filled: the verdict is `agrees`; hollow: it is not.
    """
    sweeps = list(claims[claims["claim"].isin(names)].groupby("sweep", sort=False))
    if not sweeps:
        figure, ax = plt.subplots(figsize=(7.2, 0.6))
        ax.text(0.5, 0.5, f"no case of {', '.join(names)} to show", ha="center", va="center")
        ax.axis("off")
        return figure
    sizes = [1 + cases.groupby(CASE).ngroups for _, cases in sweeps]
    figure, axes = plt.subplots(
        len(sweeps), 1, figsize=(7.2, 0.9 + 0.3 * sum(sizes)), squeeze=False, height_ratios=sizes
    )
    for ax, (sweep, cases) in zip(axes[:, 0], sweeps, strict=True):
        _sweep_intervals(cases, ax)
        ax.set_title(sweep)
    axes[-1, 0].set_xlabel("number behind the claim, its own unit (linear within ±0.05)")
    return figure


def _sweep_intervals(claims: pd.DataFrame, ax: plt.Axes) -> None:
    """A row a case, a colour and a marker a run, one a little below the other."""
    cases = claims.groupby(CASE, sort=False)
    rows = cases.ngroup()
    runs = list(claims.groupby("run", sort=False))
    for k, (run, part) in enumerate(runs):
        y = rows[part.index] + 0.6 * ((k + 0.5) / len(runs) - 0.5)
        look = {"fmt": RUN_MARKERS[k % 10], "color": PALETTE[k % 10], "markersize": 4}
        errors = np.abs([part["estimate"] - part["low"], part["high"] - part["estimate"]])
        errors = np.nan_to_num(errors)
        ax.errorbar(part["estimate"], y, xerr=errors, linewidth=1, label=run, **look)
        hollow = part["verdict"] != "agrees"
        ax.errorbar(part["estimate"][hollow], y[hollow], mfc="white", zorder=3, **look)
    labels = _case_labels(cases.groups)
    ax.set_yticks(range(len(labels)), labels, fontsize=6.5)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.axvline(0, color="0.4", linewidth=0.8)
    symlog(ax)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, fontsize=6.5)

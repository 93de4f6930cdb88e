"""One plotting function a figure of notebook 07: tables of several runs in, axes out."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from utils import comparison
from utils.comparison import CASE, RUN
from utils.style import COLOURS, LINES, NAMES, PALETTE, filled, spaced, symlog

HOLDS = {"yes": "✓", "in part": "◐", "open": "○", "no": "✗"}
VERDICTS = {"agrees": "✓", "inconclusive": "○", "disagrees": "✗"}


def claim_map(claims: pd.DataFrame) -> plt.Axes:
    """Claims by runs. Colour: mean margin against the largest of its row; mark: does it hold."""
    margins = comparison.mean_margins(filled(claims, ["estimate"]))
    return _map(margins, comparison.holds(claims), HOLDS, list(margins.index))


def case_map(claims: pd.DataFrame, names: Sequence[str]) -> plt.Axes:
    """The cases of some claims by runs. Colour: margin; mark: the verdict of the case."""
    part = comparison.margins(filled(claims[claims["claim"].isin(names)], ["estimate"]))
    wide = part.pivot_table(
        index=CASE, columns=RUN, values=["margin", "verdict"], aggfunc="first", sort=False
    )
    order = comparison.holds(claims).columns
    labels = [f"{claim}  {spaced(scope)}: {spaced(q)}" for claim, scope, q in wide.index]
    return _map(wide["margin"][order], wide["verdict"][order], VERDICTS, labels)


def _map(
    margins: pd.DataFrame, words: pd.DataFrame, marks: dict[str, str], labels: list[str]
) -> plt.Axes:
    rows, columns = margins.shape
    _, ax = plt.subplots(figsize=(7.2, 1.3 + 0.24 * rows))
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
    return ax


def _run_ticks(ax: plt.Axes, runs: pd.MultiIndex) -> None:
    """Runs along the bottom, one line a setting, and a line where another sweep begins."""
    names = [run.replace(",", "\n") for _, run in runs]
    turn = 0 if len(names) < 5 else 30
    ax.set_xticks(
        np.arange(len(runs)) + 0.5, names, fontsize=6.5, rotation=turn,
        ha="right" if turn else "center", rotation_mode="anchor" if turn else "default",
    )  # fmt: skip
    for k in range(1, len(runs)):
        if runs[k][0] != runs[k - 1][0]:
            ax.axvline(k, color="black", linewidth=1.2)


def curves(table: pd.DataFrame, quantity: str = "mutual_information") -> np.ndarray:
    """Accuracy by share ablated, bias-balanced: a row a run, a column a layer.

    Solid: low values of the quantity first, dotted: high values first, dashed: random orders.
    """
    part = filled(table[table["scope"] != "network"], ["mean"])
    runs = list(part.groupby(RUN, sort=False))
    layers = sorted(part["scope"].unique())
    _, axes = plt.subplots(
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
    for ax in axes[-1]:
        ax.set_xlabel("share of the layer ablated")
    axes[0, 0].legend(loc="lower left", fontsize=6)
    return axes


def _lines(curves: pd.DataFrame, quantity: str, ax: plt.Axes) -> None:
    for (ordering, direction), curve in curves.groupby(["ordering", "direction"], sort=False):
        if ordering not in (quantity, "random"):
            continue
        share = curve["n_ablated"] / curve["n_ablated"].max()
        label = NAMES[ordering] + ("" if direction == "none" else f", {spaced(direction)}")
        colour = COLOURS[ordering]
        ax.plot(share, curve["mean"], color=colour, linestyle=LINES[direction], label=label)
        if curve[["low", "high"]].notna().all(axis=None):
            ax.fill_between(
                share, curve["low"], curve["high"], color=colour, alpha=0.2, linewidth=0
            )


def intervals(claims: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Estimates of the cases of some claims, with 95 % intervals: a panel a sweep, a row a case.

    Filled: the verdict is `agrees`; hollow: it is not.
    """
    sweeps = list(claims[claims["claim"].isin(names)].groupby("sweep", sort=False))
    if not sweeps:
        _, ax = plt.subplots(figsize=(7.2, 0.6))
        ax.text(0.5, 0.5, f"no case of {', '.join(names)} to show", ha="center", va="center")
        ax.axis("off")
        return np.array([ax])
    sizes = [1 + part.groupby(CASE).ngroups for _, part in sweeps]
    _, axes = plt.subplots(
        len(sweeps), 1, figsize=(7.2, 0.9 + 0.3 * sum(sizes)), squeeze=False, height_ratios=sizes
    )
    for ax, (sweep, part) in zip(axes[:, 0], sweeps, strict=True):
        _sweep_intervals(part, ax)
        ax.set_title(sweep)
    axes[-1, 0].set_xlabel("number behind the claim, its own unit (linear within ±0.05)")
    return axes[:, 0]


def _sweep_intervals(claims: pd.DataFrame, ax: plt.Axes) -> None:
    cases = claims[CASE].drop_duplicates().reset_index(drop=True)
    rows = claims.merge(cases.reset_index(names="row"), on=CASE)
    runs = list(rows.groupby("run", sort=False))
    for k, (run, part) in enumerate(runs):
        y = part["row"] + 0.6 * ((k + 0.5) / len(runs) - 0.5)
        colour, mark = PALETTE[k % 10], "osD^vP*X<>"[k % 10]
        errors = np.abs([part["estimate"] - part["low"], part["high"] - part["estimate"]])
        ax.errorbar(
            part["estimate"], y, xerr=np.nan_to_num(errors), fmt=mark, color=colour,
            markersize=4, linewidth=1, label=run,
        )  # fmt: skip
        other = part["verdict"] != "agrees"
        ax.plot(
            part["estimate"][other], y[other], mark, color=colour, markersize=4,
            markerfacecolor="white", zorder=3,
        )  # fmt: skip
    labels = (
        cases["claim"] + "  " + cases["scope"].map(spaced) + ": " + cases["quantity"].map(spaced)
    )
    ax.set_yticks(range(len(cases)), labels, fontsize=6.5)
    ax.set_ylim(len(cases) - 0.4, -0.6)
    ax.axvline(0, color="0.4", linewidth=0.8)
    symlog(ax)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, fontsize=6.5)

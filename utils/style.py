"""What all figures share: one colour a quantity or method, one line style a direction or repair.

Bands are 95 % t-intervals of the mean over replicates; with one replicate there is a line and no
band.
"""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from utils import claims
from utils.paths import ROOT

PALETTE = sns.color_palette("colorblind")
COLOURS = {
    "entropy": PALETTE[0],
    "mutual_information": PALETTE[1],
    "kl_selectivity": PALETTE[2],
    "random": "black",
    "outgoing_norm": PALETTE[4],
    "incoming_norm": PALETTE[5],
    "mean_output": PALETTE[8],
    "noise_out": PALETTE[9],
}
REPAIRS = {
    "zero": (PALETTE[7], ":", "zeroed"),
    "mean": (PALETTE[3], "-", "bias-balanced (mean)"),
    "affine": ("#3b3b8f", "--", "affine"),
    "least_squares": ("#3b3b8f", "-", "least squares"),
}
NAMES = {
    "entropy": "entropy",
    "mutual_information": "mutual information",
    "kl_selectivity": "KL selectivity",
    "random": "random",
    "outgoing_norm": "outgoing weights (onorm)",
    "incoming_norm": "incoming weights (inorm)",
    "mean_output": "size of mean output",
    "noise_out": "NoiseOut",
    "zero": "zeroed",
    "mean": "bias-balanced",
}
LINES = {"low-first": "-", "high-first": ":", "none": "--", "mean": "-", "zero": ":"}

plt.style.use(ROOT / "utils" / "study.mplstyle")
pd.options.display.max_colwidth = None  # sentences in tables are shown in full


def filled(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The table, or a clear error where a plot would stay empty or leave points out."""
    if table.empty:
        raise ValueError("nothing to plot: the table has no rows")
    missing = [column for column in columns if table[column].isna().any()]
    if missing:
        raise ValueError(f"column {missing[0]} has missing values; nothing was plotted")
    return table


def mean_line(table: pd.DataFrame, x: str, y: str, ax: plt.Axes, **style: Any) -> None:
    """Mean of `y` over replicates along `x`, and its 95 % t-interval as a band."""
    points = claims.t_interval(table.groupby(x)[y])
    ax.plot(points.index, points["mean"], **style)
    if points["low"].notna().all():
        low, high = points["low"], points["high"]
        if y == "accuracy":
            low, high = low.clip(0, 1), high.clip(0, 1)
        ax.fill_between(points.index, low, high, color=style["color"], alpha=0.2, linewidth=0)


def symlog(ax: plt.Axes) -> None:
    """An x axis for numbers of several units: linear within ±0.05, logarithmic outside."""
    ax.set_xscale("symlog", linthresh=0.05)
    ticks = [-1, -0.3, -0.1, 0, 0.1, 0.3, 1]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()


def spaced(text: str) -> str:
    """A name from a table as it is written: `layer-1` as layer 1, `low-first` as low first."""
    return text.replace("_", " ").replace("-first", " first").replace("layer-", "layer ")

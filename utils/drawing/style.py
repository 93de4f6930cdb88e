"""What all figures share: a colour for a quantity or method, a line style for a direction.

Solid is low first, dotted high first, dashed random. A repair has a colour where it is compared
with others, and a width everywhere: zeroed is thin, bias-balanced thick. Bands are 95 %
t-intervals of the mean over replicates; with one replicate there is a line and no band.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from utils import files
from utils.evidence.intervals import bands
from utils.names import NETWORK, spaced

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
LINES = {"low-first": "-", "high-first": ":", "none": "--"}
WIDTHS = {"zero": 0.9, "mean": 2.4}
REPAIRS = {
    "zero": {"color": PALETTE[7], "linewidth": WIDTHS["zero"], "label": "zeroed"},
    "mean": {"color": PALETTE[3], "linewidth": WIDTHS["mean"], "label": "bias-balanced"},
    "affine": {"color": PALETTE[9], "label": "affine"},
    "least_squares": {"color": "#3b3b8f", "label": "least squares"},
}
NEGLIGIBLE = {
    "facecolor": "0.93", "edgecolor": "0.5", "linewidth": 0.7, "zorder": 0, "label": "negligible"
}  # fmt: skip

# from Matplotlib's defaults on, whatever the user's matplotlibrc says
plt.style.use(["default", Path(__file__).parent / "study.mplstyle"])


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
    points = bands(table, [x], y)
    ax.plot(points.index, points["mean"], **style)
    if points["low"].notna().all():
        low, high = points["low"], points["high"]
        if y == "accuracy":
            low, high = low.clip(0, 1), high.clip(0, 1)
        ax.fill_between(points.index, low, high, color=style["color"], alpha=0.2, linewidth=0)


def line_panels(
    panels: Mapping[str, pd.DataFrame],
    by: str,
    looks: Mapping[str, Mapping[str, Any]],
    axes: Iterable[plt.Axes],
    x: str,
    y: str = "accuracy",
    **labels: Any,
) -> None:
    """Mean lines in a panel for each table in `panels`, whose key is its title.

    A line for every value of the column `by`, in the order and with the looks (as of `mean_line`)
    of `looks`; `labels`: further properties of the axes, as `xlabel`. Only axes that come first
    in a row are given a label of y, by the caller.
    """
    for ax, (title, table) in zip(axes, panels.items(), strict=False):
        for value, look in looks.items():
            mean_line(table[table[by] == value], x, y, ax, **look)
        ax.set(title=title, **labels)


def legend_below(figure: Figure, ax: plt.Axes, columns: int) -> None:
    """One legend for all panels, of the lines in `ax`."""
    handles = ax.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=columns, fontsize=7)


def layers_title(scope: str) -> str:
    """The layers that are pruned together: `network` as all layers, `layer-1` as layer 1 alone."""
    return "all layers" if scope == NETWORK else f"{spaced(scope)} alone"


def save(figure: Figure, folder: Path, name: str) -> None:
    """As <name>.png and .svg in `folder`; the same figure, the same bytes."""
    files.make_folder(folder)
    with files.replacing(folder / f"{name}.png") as part:
        figure.savefig(part, dpi=150)
    figure.set_layout_engine("none")  # keeps the places found, which take long to find
    with files.replacing(folder / f"{name}.svg") as part:
        figure.savefig(part, metadata={"Date": None}, dpi=150)

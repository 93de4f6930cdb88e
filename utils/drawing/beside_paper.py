"""Our ablation curves and those of the paper's figures, side by side.

A panel is fig1a, fig1b, fig3 or fig4a to fig4d; fig1 and fig4 are all of their panels.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, filled, mean_line
from utils.evidence import paper
from utils.evidence.curves import CURVE
from utils.evidence.intervals import summarize
from utils.names import NAMES, spaced

SHOWN = (20, 40, 60)  # neurons ablated
LAST = "last (76 to 79)"  # where a published curve ends, as far as it could be read


def _both_curves(ablation: pd.DataFrame, panel: str) -> pd.DataFrame:
    both = paper.both_curves(ablation)
    return both[both["figure"].str.startswith(panel)]


def beside_paper(ablation: pd.DataFrame, panel: str) -> Figure:
    """Our curves (mean, 95 % band) and the paper's (dashed grey): a row a panel of its figure."""
    both = filled(_both_curves(ablation, panel), ["ours", "published"])
    panels = [curves for _, curves in both.rename(columns={"ours": "accuracy"}).groupby("figure")]
    rows, columns = len(panels), max(curves.groupby(CURVE).ngroups for curves in panels)
    figure, axes = plt.subplots(
        rows, columns, figsize=(7.2, 0.4 + 1.75 * rows), squeeze=False, sharex=True, sharey=True
    )
    for row, curves in zip(axes, panels, strict=True):
        for ax, (key, curve) in zip(row, curves.groupby(CURVE), strict=False):
            scope, ordering, direction, replacement = key
            mean_line(curve, "n_ablated", "accuracy", ax, color=COLOURS[ordering])
            theirs = curve.groupby("n_ablated")["published"].first()
            ax.plot(theirs.index, theirs, color="0.4", linestyle="--", linewidth=1.2)
            manner = [] if direction == "none" else [spaced(direction)]
            if replacement == "zero":
                manner.append("zeroed")
            title = f"{spaced(scope)}: {NAMES[ordering]}\n{', '.join(manner)}"
            ax.set_title(title, fontsize=6.5)
            ax.set_ylim(0.25, 1)
        row[0].set_ylabel("test accuracy")
    for ax in axes[-1]:
        ax.set_xlabel("neurons ablated")
    axes[0, 0].plot([], [], color="0.4", linestyle="--", label="paper")
    axes[0, 0].plot([], [], color=axes[0, 0].get_lines()[0].get_color(), label="this run")
    axes[0, 0].legend(loc="lower left", fontsize=7)
    return figure


def accuracies(ablation: pd.DataFrame, panel: str) -> pd.DataFrame:
    """After 20, 40, 60 neurons and at a curve's end: published accuracy, ours, difference.

    A row a curve; the last column is the RMSE over the curve.
    """
    both = _both_curves(ablation, panel)
    last = both.groupby(paper.KEYS)["n_ablated"].transform("max").clip(lower=SHOWN[-1] + 1)
    after = both["n_ablated"].astype(object).mask(both["n_ablated"] == last, LAST)
    both = both.assign(after=after)[after.isin([*SHOWN, LAST])]
    table = summarize(both, [*paper.KEYS, "after", "published"], "ours")
    table["text"] = [
        f"{row.published:.3f} | {row.mean:.3f} [{row.low:.3f}, {row.high:.3f}] "
        f"{row.mean - row.published:+.3f}"
        for row in table.itertuples()
    ]
    wide = table.pivot(index=paper.KEYS, columns="after", values="text").fillna("")
    wide = wide[[column for column in (*SHOWN, LAST) if column in wide]]
    rmse = paper.curve_distances(ablation).set_index(paper.KEYS)["rmse"].round(3)
    return wide.join(rmse).rename_axis(columns="published | ours [95 %] difference, after")

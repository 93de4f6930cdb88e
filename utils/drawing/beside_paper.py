"""Our ablation curves beside those of the paper's figures: what is left when one is subtracted.

A panel is fig1a, fig1b, fig3 or fig4a to fig4d; fig1 and fig4 are all of their panels. Several
are given as a tuple.
"""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, LINES, WIDTHS, filled
from utils.evidence import paper
from utils.evidence.curves import CURVE
from utils.evidence.intervals import summarize
from utils.evidence.wording import signed
from utils.names import readable, spaced

Panels = str | tuple[str, ...]
SHOWN = (20, 40, 60)  # neurons ablated
LIMIT = 0.15  # of the axis; what is beyond runs out of the panel


def _residuals(ablation: pd.DataFrame, panel: Panels) -> pd.DataFrame:
    """Our curves where the paper's are, with `residual`: ours minus the paper's."""
    both = paper.both_curves(ablation)
    both = filled(both[both["figure"].str.startswith(panel)], ["ours", "published"])
    return both.assign(residual=both["ours"] - both["published"])


def beside_paper(ablation: pd.DataFrame, panel: Panels) -> Figure:
    """Our accuracy minus the paper's, a panel a panel of its figure, in one row.

    Lines are means over networks; grey is where the single networks lie, from the lowest to the
    highest over all curves of the panel. Zeroed thin, bias-balanced thick.
    """
    table = _residuals(ablation, panel)
    panels = dict(list(table.groupby("figure")))
    width = min(7.2, 1.2 + 3 * len(panels))
    figure, axes = plt.subplots(1, len(panels), figsize=(width, 2.7), squeeze=False, sharey=True)
    named = {}
    for ax, (name, curves) in zip(axes[0], panels.items(), strict=True):
        single = curves.groupby("n_ablated")["residual"].agg(["min", "max"])
        grey = ax.fill_between(single.index, single["min"], single["max"], color="0.9", zorder=0)
        named["range of single networks"] = grey
        ax.axhline(0, color="0.4", linewidth=0.8)
        for (_, ordering, direction, replacement), curve in curves.groupby(CURVE):
            means = curve.groupby("n_ablated")["residual"].mean()
            style = {"color": COLOURS[ordering], "linestyle": LINES[direction]}
            (line,) = ax.plot(means.index, means, linewidth=WIDTHS[replacement], **style)
            label = readable(ordering) + (", zeroed" if replacement == "zero" else "")
            named.setdefault(label, line)
        title = f"Fig. {name.removeprefix('fig')}: {spaced(curves['scope'].iloc[0])}"
        directions = set(curves["direction"]) - {"none"}
        ax.set(title=f"{title},\n{spaced(directions.pop())}", xlabel="neurons ablated")
        ax.set_ylim(-LIMIT, LIMIT)
    axes[0, 0].set_ylabel("ours − the paper's")
    columns = 5 if len(panels) > 1 else 3
    place = {"loc": "outside lower center", "ncols": columns, "fontsize": 7}
    figure.legend(named.values(), named.keys(), **place)
    return figure


def accuracies(ablation: pd.DataFrame, panel: Panels) -> pd.DataFrame:
    """After 20, 40, 60 neurons: our accuracy with its interval, and how far it is off.

    A row a curve. The last step that could be read in the figure stands beside its number (it is
    between 76 and 79); the last column is the RMSE over the curve.
    """
    table = _residuals(ablation, panel)
    last = table.groupby(paper.KEYS)["n_ablated"].transform("max")
    parts = {f"after {n}": table[table["n_ablated"] == n] for n in SHOWN}
    parts["last step"] = table[table["n_ablated"] == last]
    columns = {name: _cells(rows) for name, rows in parts.items() if len(rows)}
    wide = pd.DataFrame(columns)
    ends = table.groupby(paper.KEYS)["n_ablated"].max().astype(str)
    wide["last step"] = "after " + ends + ": " + wide["last step"]
    wide = wide.fillna("")
    distances = paper.curve_distances(ablation).set_index(paper.KEYS)["rmse"]
    wide = wide.join(distances.round(3).rename("RMSE"))
    names = [", ".join(spaced(readable(word)) for word in key[1:] if word != "none")
             for key in wide.index]  # fmt: skip
    figures = [key[0].replace("fig", "Fig. ") for key in wide.index]
    wide.index = pd.MultiIndex.from_arrays([figures, names], names=["figure", "curve"])
    return wide.rename_axis(columns="our accuracy (ours − the paper's)")


def _cells(rows: pd.DataFrame) -> pd.Series:
    """Ours with its 95 % interval, and minus the paper's in brackets, by curve."""
    table = summarize(rows, [*paper.KEYS, "published"], "ours")
    texts = []
    for row in table.itertuples():
        interval = "" if pd.isna(row.low) else f" [{row.low:.3f}, {row.high:.3f}]"
        texts.append(f"{row.mean:.3f}{interval} ({signed(row.mean - row.published)})")
    return pd.Series(texts, pd.MultiIndex.from_frame(table[paper.KEYS]))

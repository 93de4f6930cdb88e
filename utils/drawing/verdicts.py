"""Claims that were judged: every number with its interval as a figure, and small tables."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from utils.drawing.style import PALETTE, filled
from utils.evidence.judging import VERDICTS, Claim, Claims, overview
from utils.evidence.wording import signed
from utils.names import readable, spaced

LOOKS = {
    "agrees": (PALETTE[0], "o"),
    "disagrees": (PALETTE[3], "D"),
    "negligible": (PALETTE[2], "|"),
    "open": (PALETTE[7], "s"),
}


def panels(judged: pd.DataFrame, claims: Claims, titles: Mapping[str, str]) -> Figure:
    """A panel a claim, on an axis and in a unit of its own: a row a case, with its interval.

    The claimed side is shaded; colour and mark tell the verdict. Claims without a case are left
    out.

    titles : the claims to draw, in their order, and what stands above each, in two lines
    """
    judged = filled(judged[judged["claim"].isin(titles)], ["claim"])
    tables = {name: judged[judged["claim"] == name] for name in titles}
    tables = {name: table for name, table in tables.items() if len(table)}
    heights = [0.7 + 0.16 * len(table) for table in tables.values()]
    figure, axes = plt.subplots(
        len(tables), 1, figsize=(7.2, 0.35 + sum(heights)), squeeze=False, height_ratios=heights
    )
    for ax, (name, table) in zip(axes[:, 0], tables.items(), strict=True):
        _panel(ax, table, claims[name])
        ax.set_title(titles[name], fontsize=8)
    handles = [Line2D([], [], color=c, marker=m, label=v) for v, (c, m) in LOOKS.items()]
    handles.append(Patch(color="0.93", label="claimed side"))
    figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=7)
    return figure


def _panel(ax: plt.Axes, table: pd.DataFrame, claim: Claim) -> None:
    """The cases of one claim from above, in the claim's own unit."""
    for row, case in enumerate(table.itertuples()):
        colour, mark = LOOKS[case.verdict]
        ax.plot([case.low, case.high], [row, row], color=colour, linewidth=1.2)
        ax.plot(case.estimate, row, mark, color=colour, markersize=3.5)
    names = table["scope"].map(readable) + ": " + table["quantity"].map(readable)
    ax.set_yticks(range(len(table)), names, fontsize=6.5)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.axvline(0, color="0.4", linewidth=0.8)
    low, high = ax.get_xlim()
    low, high = min(low, claim.rule.bound), max(high, claim.rule.bound)
    margin, bound = claim.rule.margin or 0, claim.rule.bound
    sides = {"below": [(low, bound)], "above": [(bound, high)]}
    for side in sides.get(claim.rule.side, [(low, bound - margin), (bound + margin, high)]):
        ax.axvspan(*side, color="0.93", zorder=0, linewidth=0)
    ax.set_xlim(low, high)
    ax.tick_params(axis="x", labelsize=6.5)
    ax.set_xlabel(claim.number, fontsize=7)


def cases(judged: pd.DataFrame, names: Sequence[str], claims: Claims) -> pd.DataFrame:
    """All cases of some claims, with what their verdicts rest on.

    Estimate, 95 % interval, networks (of both runs where two are compared), p-value at the bound
    (Holm's where the number of cases counts), verdict, and networks that would decide the case.
    """
    part = judged[judged["claim"].isin(names)]
    counted = part["claim"].map(lambda name: claims[name].rule.counted)
    both = part["n_replicates"].astype(str) + " / " + part["n_other"].astype(str)
    intervals = part.apply("[{low:+.3f}, {high:+.3f}]".format_map, axis=1)
    columns = {
        "95 % interval": intervals.mask(part["low"].isna(), "–"),
        "networks": part["n_replicates"].where(part["n_other"] == 0, both),
        "p": part["p_holm"].where(counted, part["p"]).round(3),
        "verdict": part["verdict"].where(part["note"].isna(), part["note"]),
        "networks to decide": part["n_to_decide"],
    }
    keys = [part["claim"], part["scope"].map(spaced), part["quantity"].map(readable)]
    estimates = part[["estimate"]].round(3)
    return estimates.assign(**columns).set_index(keys)


def glance(judged: pd.DataFrame, claims: Claims, head: str) -> pd.DataFrame:
    """A row a claim, as text: does it hold, in how many cases, and the range of its numbers."""
    table = overview(judged, claims)
    estimates = judged.groupby("claim")["estimate"]
    least, most = (ends.map(signed) for ends in (estimates.min(), estimates.max()))
    columns = {
        "": table.index,
        head: table["statement"],
        "holds": table["holds"],
        " / ".join(VERDICTS): table[list(VERDICTS)].astype(str).agg(" / ".join, axis=1),
        "number": [claims[name].number for name in table.index],
        "typical": table["typical size"].map(signed),
        "from … to": least + " … " + most,
    }
    return pd.DataFrame(columns, index=table.index)

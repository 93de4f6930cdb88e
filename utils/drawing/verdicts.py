"""Claims that were judged: every number with its interval as a figure, and small tables."""

from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE, filled, symlog
from utils.evidence.judging import VERDICTS, Claims, overview
from utils.names import as_listed, readable, spaced


def intervals(judged: pd.DataFrame) -> Figure:
    """Every number behind the claims, with its interval; colour and mark tell the verdict.

    On the right what has a case for each share pruned; these stand below one another, the
    smallest share first.
    """
    table = filled(judged.dropna(subset="estimate"), ["estimate"])
    by_share = table["scope"].str.endswith("pruned")
    cases = table[~by_share].reset_index(drop=True)
    shares = table[by_share].sort_values("quantity", kind="stable", key=as_listed)
    shares = shares.reset_index(drop=True)
    height = 0.9 + max(0.19 * len(cases), 0.09 * len(shares))
    figure, axes = plt.subplots(1, 1 + by_share.any(), figsize=(7.2, height), squeeze=False)
    names = (
        cases["claim"] + "  " + cases["scope"].map(spaced) + ": " + cases["quantity"].map(readable)
    )
    _intervals(axes[0, 0], cases, cases.index, names, cases.index)
    if by_share.any():
        blocks = as_listed(shares["quantity"])
        rows = shares.index + 2 * blocks
        names = (
            shares["claim"] + "  " + shares["quantity"].map(readable).str.replace(" − ", "\n− ")
        )
        _intervals(axes[0, 1], shares, rows, names.unique(), rows.groupby(blocks).mean())
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    figure.supxlabel("number behind the claim, its own unit (linear within ±0.05)", size=8)
    return figure


def _intervals(
    ax: plt.Axes, table: pd.DataFrame, rows: Iterable[float], names: Iterable, places: Iterable
) -> None:
    """A mark and a bar for every row of the table at the heights `rows`, from above."""
    looks = {
        "agrees": (PALETTE[0], "o"),
        "disagrees": (PALETTE[3], "D"),
        "negligible": (PALETTE[2], "|"),
        "open": (PALETTE[7], "s"),
    }
    for verdict, (colour, mark) in looks.items():
        here = (table["verdict"] == verdict).to_numpy()
        part, heights = table[here], np.asarray(rows)[here]
        errors = np.abs([part["estimate"] - part["low"], part["high"] - part["estimate"]])
        ax.errorbar(
            part["estimate"], heights, xerr=np.nan_to_num(errors), fmt=mark, color=colour,
            markersize=3, linewidth=1, label=verdict,
        )  # fmt: skip
    ax.set_yticks(list(places), list(names), fontsize=5.5)
    ax.grid(visible=False, axis="y")
    ax.margins(y=0.01)
    ax.invert_yaxis()
    ax.axvline(0, color="0.4", linewidth=0.8)
    symlog(ax)
    ax.tick_params(axis="x", labelsize=7)


def cases(judged: pd.DataFrame, names: Sequence[str], claims: Claims) -> pd.DataFrame:
    """All cases of some claims, with what their verdicts rest on.

    Estimate, 95 % interval, networks (of both runs where two are compared), p-value at the bound
    (Holm's where the number of cases counts), verdict, and networks that would decide the case.
    """
    part = judged[judged["claim"].isin(names)]
    counted = part["claim"].map(lambda name: claims[name].rule.counted)
    both = part["n_replicates"].astype(str) + " / " + part["n_other"].astype(str)
    columns = {
        "95 % interval": part.apply("[{low:+.3f}, {high:+.3f}]".format_map, axis=1),
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
    least, most = (ends.map("{:+.3f}".format) for ends in (estimates.min(), estimates.max()))
    columns = {
        "": table.index,
        head: table["statement"],
        "holds": table["holds"],
        " / ".join(VERDICTS): table[list(VERDICTS)].astype(str).agg(" / ".join, axis=1),
        "number": [claims[name].number for name in table.index],
        "typical": table["typical size"].map("{:+.3f}".format),
        "from … to": least + " … " + most,
    }
    return pd.DataFrame(columns, index=table.index)


def claim_definitions(claims: Claims) -> pd.DataFrame:
    """What stands for each claim: the number, the side of the bound, what is negligible."""
    rows = {
        name: {
            "number": claim.number,
            "claimed": f"{claim.rule.side} {claim.rule.bound:g}",
            "negligible": f"±{claim.rule.margin:g}" if claim.rule.margin else "–",
            "counted": "yes, by Holm" if claim.rule.counted else "no",
        }
        for name, claim in claims.items()
    }
    return pd.DataFrame(rows).T

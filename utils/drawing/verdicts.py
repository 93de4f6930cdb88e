"""Claims that were judged: every number with its interval as a figure, and small tables."""

from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE, filled, symlog
from utils.evidence.judging import Claims, overview
from utils.names import as_listed, spaced


def intervals(judged: pd.DataFrame) -> Figure:
    """Every number behind the claims, with its interval; colour and mark tell the verdict.

    On the right what has a case for each share pruned; these stand below one another, the
    smallest share first.
    """
    table = filled(judged, ["estimate"])
    by_share = table["scope"].str.endswith("pruned")
    cases = table[~by_share].reset_index(drop=True)
    shares = table[by_share].sort_values("quantity", kind="stable", key=as_listed)
    shares = shares.reset_index(drop=True)
    height = 0.9 + max(0.19 * len(cases), 0.09 * len(shares))
    figure, axes = plt.subplots(1, 1 + by_share.any(), figsize=(7.2, height), squeeze=False)
    names = cases["claim"] + "  " + cases["scope"] + ": " + cases["quantity"].map(spaced)
    _intervals(axes[0, 0], cases, cases.index, names, cases.index)
    if by_share.any():
        blocks = as_listed(shares["quantity"])
        rows = shares.index + 2 * blocks
        names = shares["claim"] + "  " + shares["quantity"].map(spaced).str.replace(" - ", "\n− ")
        _intervals(axes[0, 1], shares, rows, names.unique(), rows.groupby(blocks).mean())
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    figure.supxlabel("number behind the claim, its own unit (linear within ±0.05)", size=8)
    return figure


def _intervals(
    ax: plt.Axes, table: pd.DataFrame, rows: Iterable[float], names: Iterable, places: Iterable
) -> None:
    """A mark and a bar for every row of the table at the heights `rows`, from above."""
    looks = {
        "agrees": (PALETTE[0], "o"),
        "inconclusive": (PALETTE[7], "s"),
        "disagrees": (PALETTE[3], "D"),
    }
    for verdict, (colour, mark) in looks.items():
        here = (table["verdict"] == verdict).to_numpy()
        part, heights = table[here], np.asarray(rows)[here]
        errors = np.abs([part["estimate"] - part["low"], part["high"] - part["estimate"]])
        ax.errorbar(
            part["estimate"], heights, xerr=np.nan_to_num(errors), fmt=mark, color=colour,
            markersize=3, linewidth=1, label=verdict,
        )  # fmt: skip
    ax.set_yticks(list(places), [name.replace("kl ", "KL ") for name in names], fontsize=5.5)
    ax.grid(visible=False, axis="y")
    ax.margins(y=0.01)
    ax.invert_yaxis()
    ax.axvline(0, color="0.4", linewidth=0.8)
    symlog(ax)
    ax.tick_params(axis="x", labelsize=7)


def cases(judged: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """All cases of some claims: estimate, 95 % interval, number of networks, verdict."""
    part = judged[judged["claim"].isin(names)]
    return part.set_index(["claim", "scope", "quantity"]).round(3)


def both_overviews(judged: pd.DataFrame, second: pd.DataFrame, claims: Claims) -> pd.DataFrame:
    """Whether each claim holds, here and in the second run."""
    here, there = (overview(table, claims)["holds"] for table in (judged, second))
    return pd.DataFrame({"this run": here, "second run": there}).reindex(here.index)


def claim_definitions(claims: Claims) -> pd.DataFrame:
    """What stands for each claim: the number and the side of the bound it is claimed to be on."""
    rows = {
        name: {"number": claim.number, "claimed": f"{claim.side} {claim.bound:g}"}
        for name, claim in claims.items()
    }
    return pd.DataFrame(rows).T

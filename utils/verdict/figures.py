"""What notebook 06 draws beside the claims: why C8's gains differ between activations."""

from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE, legend_below
from utils.evidence.judging import CASE
from utils.names import readable, spaced


def activation_benefit(benefit: pd.DataFrame) -> Figure:
    """Gain of bias balancing against the share of zeroing's error it removes: a point a network.

    `benefit`: run, layer, replicate, share, gain.
    """
    figure, ax = plt.subplots(figsize=(5, 3.4))
    names = dict.fromkeys(benefit["run"])
    looks = zip(names, cycle("osD^v"), cycle((PALETTE[3], PALETTE[0], PALETTE[2])), strict=False)
    for run, marker, colour in looks:
        for layer, part in benefit[benefit["run"] == run].groupby("layer"):
            ax.scatter(
                part["share"], part["gain"], marker=marker, s=16 + 14 * (layer - 1), color=colour,
                facecolor=colour if layer == 1 else "none", label=f"{run}, layer {layer}",
            )  # fmt: skip
    ax.axhline(0, color="0.4", linewidth=0.8)
    ax.set(
        xlim=(0, 1), xlabel="share of the squared error of zeroing that the mean removes",
        ylabel="R(balanced) − R(zeroed), random orders",
    )  # fmt: skip
    ax.legend(fontsize=7)
    return figure


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
    labels = [f"{claim}  {spaced(scope)}: {readable(what)}" for claim, scope, what in cases]
    ax.set_yticks(rows, labels, fontsize=6.5)
    ax.axvline(0, color="0.4", linewidth=0.8)
    ax.grid(visible=False, axis="y")
    ax.invert_yaxis()
    ax.set_xlabel("difference of mean test accuracy")
    legend_below(figure, ax, 3)
    return figure


def by_share(table: pd.DataFrame) -> Figure:
    """Each claim about curves as R is taken up to other shares of the neurons: a panel a claim.

    A line a case, with its 95 % band; of many cases one colour a scope.
    table : `utils.verdict.tables.by_share`
    """
    claims = list(table.groupby("claim", sort=False))
    n_rows = -(-len(claims) // 2)
    figure, axes = plt.subplots(n_rows, 2, figsize=(7.2, 2.3 * n_rows), sharex=True, squeeze=False)
    for ax, (claim, cases) in zip(axes.flat, claims, strict=False):
        many = cases.groupby(CASE).ngroups > len(PALETTE) - 3
        scopes = list(cases["scope"].unique())
        for k, ((scope, quantity), line) in enumerate(cases.groupby(CASE, sort=False)):
            colour = PALETTE[scopes.index(scope) if many else k]
            label = f"{spaced(scope)}: {'each order' if many else readable(quantity)}"
            ax.plot(100 * line["share"], line["mean"], color=colour, label=label)
            band = line["low"], line["high"]
            ax.fill_between(100 * line["share"], *band, alpha=0.1, lw=0, color=colour)
        ax.axhline(0, color="0.4", linewidth=0.8)
        ax.set_title(claim)
        handles, labels = ax.get_legend_handles_labels()
        unique = dict(zip(labels, handles, strict=True))
        ax.legend(unique.values(), unique.keys(), fontsize=5.5)
    for ax in axes.flat[len(claims) :]:
        ax.set_visible(False)
    figure.supxlabel("share of the neurons up to which R is taken (%)", size=8)
    figure.supylabel("the claim's number (accuracy)", size=8)
    return figure

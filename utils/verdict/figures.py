"""What notebook 06 draws beside the claims: why C8's gains differ between activations."""

from itertools import cycle

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE


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

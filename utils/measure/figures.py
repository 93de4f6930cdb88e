"""The quantities of all neurons: by layer, and one against another."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, filled
from utils.evidence.paper import published_extremes
from utils.names import NAMES, QUANTITIES


def violins(measures: pd.DataFrame) -> Figure:
    """The three quantities by layer, all replicates together; the violins end at the extremes.

    The paper's smallest, most frequent and largest values stand beside them as grey marks.
    """
    table = filled(measures, QUANTITIES)
    layers = sorted(table["layer"].unique())
    table = table.assign(layer=table["layer"].astype(str))
    paper = published_extremes()
    paper = paper[paper["layer"].isin(layers)]
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 3))
    for ax, quantity in zip(axes, QUANTITIES, strict=True):
        sns.violinplot(
            table, x="layer", y=quantity, cut=0, color=COLOURS[quantity], inner="quart",
            linewidth=0.8, density_norm="width", ax=ax,
        )  # fmt: skip
        marks = paper[paper["quantity"] == quantity]
        places = [layers.index(layer) + 0.46 for layer in marks["layer"]]
        ax.scatter(places, marks["bits"], marker="_", s=70, color="0.35", linewidth=1.8)
        ax.set(title=NAMES[quantity], ylabel="", ylim=(0, None), xlim=(-0.6, len(layers) - 0.3))
        ax.grid(False, axis="x")
    axes[0].set_ylabel("bits")
    return figure


def joint_scatter(measures: pd.DataFrame) -> Figure:
    """Mutual information against entropy, a point a neuron, coloured by KL selectivity."""
    table = filled(measures, QUANTITIES)
    layers = table.groupby("layer")
    figure, axes = plt.subplots(1, layers.ngroups, sharex=True, sharey=True, squeeze=False)
    for ax, (layer, part) in zip(axes[0], layers, strict=True):
        points = ax.scatter(
            part["entropy"], part["mutual_information"], c=part["kl_selectivity"], s=6,
            cmap="viridis", vmin=0, vmax=table["kl_selectivity"].max(), rasterized=True,
        )  # fmt: skip
        ax.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle=":")
        ax.set(title=f"layer {layer}", xlabel="entropy (bits)")
    axes[0, 0].set_ylabel("mutual information (bits)")
    figure.colorbar(points, ax=axes[0, -1], label="KL selectivity (bits)")
    return figure

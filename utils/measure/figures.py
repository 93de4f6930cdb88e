"""The way from outputs to the quantities, the quantities of all neurons, and what drives a few."""

from collections.abc import Mapping
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from utils.drawing.pictures import one_row
from utils.drawing.style import COLOURS, filled
from utils.evidence.paper import published_extremes
from utils.information.neurons import entropy
from utils.measure.tables import N_IMAGES, firing_rates
from utils.names import NAMES, QUANTITIES
from utils.networks.datasets import Dataset
from utils.networks.network import Network


def one_neuron(
    outputs: np.ndarray, levels: np.ndarray, counts: np.ndarray, quantities: Mapping[str, float]
) -> Figure:
    """From a neuron's outputs to its levels, their shares by class, and the three numbers.

    outputs, levels : [images]
    counts : joint counts [levels, classes]
    quantities : in bits, by name
    """
    n_levels, n_classes = counts.shape
    colours = sns.light_palette("0.25", n_levels + 1)[1:]
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(7.2, 2.5), width_ratios=(3, 4, 3))
    parts = [outputs[levels == level] for level in range(n_levels)]
    left.hist(parts, bins=40, color=colours, stacked=True)
    for lower, upper in pairwise(parts):
        if len(lower) and len(upper):
            left.axvline((lower.max() + upper.min()) / 2, color="black", linewidth=1)
    left.set(title="1. output above threshold?", xlabel="output $h$", ylabel="images")
    left.set_yscale("log")
    shares = counts / counts.sum(axis=0)
    below = shares.cumsum(axis=0) - shares
    for level, colour in enumerate(colours):
        bars = {"bottom": below[level], "color": colour, "label": f"$T$ = {level}"}
        middle.bar(range(n_classes), shares[level], **bars)
    middle.set(title="2. how often, by class", xlabel="class $y$", ylabel="$P(T|y)$", ylim=(0, 1))
    middle.set_xticks(range(n_classes))
    middle.grid(False)
    middle.legend(loc="upper left", bbox_to_anchor=(1, 1), handlelength=1, reverse=True)
    names = [NAMES[quantity].replace(" ", "\n") for quantity in quantities]
    bars = right.barh(names, quantities.values(), color=[COLOURS[q] for q in quantities])
    right.bar_label(bars, fmt=" %.3f", fontsize=8)
    right.set(title="3. three numbers", xlabel="bits")
    right.set_xlim(0, 1.35 * max(*quantities.values(), 0.1))
    right.invert_yaxis()
    right.grid(False)
    return figure


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
        ax.scatter(
            places, marks["bits"], marker="_", s=70, color="0.35", linewidth=1.8, label="the paper"
        )
        ax.set(title=NAMES[quantity], ylabel="", ylim=(0, None), xlim=(-0.6, len(layers) - 0.3))
        ax.grid(False, axis="x")
    axes[0].set_ylabel("bits")
    axes[0].legend(loc="lower left", handlelength=1)
    return figure


def selectivity_by_entropy(measures: pd.DataFrame, n_levels: int) -> Figure:
    """KL selectivity against entropy, a point a neuron, coloured by mutual information.

    Line: with two levels, the largest KL selectivity there can be, that of a neuron whose rarer
    level is the only one for some class.
    """
    table = filled(measures, QUANTITIES)
    layers, top = table.groupby("layer"), max(table["kl_selectivity"].max(), 1.0)
    rare = np.linspace(2**-top, 0.5, 100)
    bound = entropy(np.stack([rare, 1 - rare], axis=1)[..., None]), -np.log2(rare)
    figure, axes = plt.subplots(1, layers.ngroups, sharex=True, sharey=True, squeeze=False)
    for ax, (layer, part) in zip(axes[0], layers, strict=True):
        points = ax.scatter(
            part["entropy"], part["kl_selectivity"], c=part["mutual_information"], s=6,
            cmap="viridis", vmin=0, vmax=table["mutual_information"].max(), rasterized=True,
        )  # fmt: skip
        if n_levels == 2:
            ax.plot(*bound, color="0.4", linewidth=1, label="largest there can be")
        ax.set(title=f"layer {layer}", xlabel="entropy (bits)", ylim=(0, 1.05 * top))
    axes[0, 0].set_ylabel("KL selectivity (bits)")
    if n_levels == 2:
        axes[0, -1].legend(loc="lower left")
    figure.colorbar(points, ax=axes[0, -1], label="mutual information (bits)")
    return figure


def driving_images(network: Network, neurons: pd.DataFrame, data: Dataset) -> Figure:
    """First-layer neurons in rows: firing rate by class, images of highest and lowest output.

    Line: the firing rate over all images. Colour: the class that the neuron is selective for.

    neurons : neuron, selective_class, firing_rate and label by row, as of `tables.extreme_neurons`
    """
    split, classes = data.validation, range(data.n_classes)
    outputs = network.forward(split.images)[1]
    rates = firing_rates(network, split, data.n_classes)
    ratios = (2.2, 3, 3) if data.has_images else (1,)
    figure, axes = plt.subplots(
        len(neurons), len(ratios), figsize=(7.2, 0.85 * len(neurons)), squeeze=False,
        width_ratios=ratios,
    )  # fmt: skip
    for (bars, *pictures), row in zip(axes, neurons.itertuples(), strict=True):
        chosen = COLOURS["kl_selectivity"]
        colours = [chosen if y == row.selective_class else "0.7" for y in classes]
        bars.bar(classes, rates[row.neuron], color=colours)
        bars.axhline(row.firing_rate, color="black", linewidth=0.8)
        bars.set_xticks(classes, data.class_names, fontsize=6)
        bars.tick_params(axis="y", labelsize=6)
        bars.tick_params(axis="x", length=0, pad=1)
        bars.set(ylim=(0, 1), yticks=(0, 1))
        bars.grid(False)
        bars.set_ylabel(row.label, fontsize=7, rotation=0, ha="right", va="center")
        order = np.argsort(-outputs[:, row.neuron], kind="stable")
        for ax, at in zip(pictures, (order[:N_IMAGES], order[::-1][:N_IMAGES]), strict=False):
            one_row(ax, split.images[at], split.labels[at], data.image_shape)
    titles = ("firing rate by class", "highest output", "lowest output")
    for ax, title in zip(axes[0], titles, strict=False):
        ax.set_title(title, fontsize=8)
    return figure

"""One plotting function a figure of notebook 09: tidy table in, figure out."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from utils.convolution.experiment import with_measure_and_errors
from utils.convolution.tables import WORDS
from utils.drawing import differences
from utils.drawing.style import COLOURS, PALETTE, filled, legend_below
from utils.evidence.curves import ABLATED_SHARE
from utils.evidence.intervals import summarize
from utils.evidence.judging import CASE
from utils.names import INFORMED, NAMES, NETWORK, in_order, spaced

ERRORS = {"errors of its class": (PALETTE[0], "o"), "all errors": ("0.5", "s")}


def measured(measures: pd.DataFrame) -> Figure:
    """Share of the channels that have at most so many bits: a panel a quantity, a line a layer.

    Channels of all networks together; the darker a line, the deeper the layer.
    """
    table = filled(measures, INFORMED)
    layers = sorted(table["layer"].unique())
    figure, axes = plt.subplots(1, len(INFORMED), figsize=(7.2, 2.6), sharey=True)
    for ax, quantity in zip(axes, INFORMED, strict=True):
        shades = sns.light_palette(COLOURS[quantity], len(layers) + 1)[1:]
        for layer, shade in zip(layers, shades, strict=True):
            values = np.sort(table.loc[table["layer"] == layer, quantity])
            shares = np.arange(len(values) + 1) / len(values)
            places = np.append(values[0], values)
            ax.step(places, shares, where="post", color=shade, label=f"layer {layer}")
        ax.set(title=NAMES[quantity], xlabel="bits", ylim=(0, 1.02), xlim=(0, None))
        ax.legend(loc="upper left")
    axes[0].set_ylabel("share of channels\nwith at most so many")
    return figure


def layer_curves(ablation: pd.DataFrame, quantities: Sequence[str] = INFORMED) -> Figure:
    """Test accuracy minus that of random orders while a layer's channels go: a panel a layer."""
    table = differences.minus_random(ablation)
    layers = in_order(table.loc[table["scope"] != NETWORK, "scope"])
    figure, axes = plt.subplots(1, len(layers), figsize=(7.2, 3), squeeze=False)
    for ax, scope in zip(axes[0], layers, strict=True):
        rows = table[table["scope"] == scope]
        differences.difference_lines(rows, ax, ("low-first", "high-first"), quantities)
        ax.set(title=spaced(scope), xlabel="channels removed")
        ax.set_xlim(0, ABLATED_SHARE * rows["n_ablated"].max())
    for ax in axes[0, 1:]:
        ax.set_ylabel("")
    legend_below(figure, axes[0, 0], 2)
    return figure


def network_curves(ablation: pd.DataFrame) -> Figure:
    """Low first across the network, minus random: by values (pale) and by ranks within layers."""
    return differences.ranks_beside_values(ablation, INFORMED, "channels")


def selective(correlations: pd.DataFrame) -> Figure:
    """Spearman's ρ of selectivity with both rises of errors, and its interval: a panel a scope.

    correlations : `utils.convolution.experiment.selectivity_correlations`; where ρ is not defined
        there is no mark
    """
    cases = with_measure_and_errors(summarize(filled(correlations, ["scope"]), CASE))
    measures = list(dict.fromkeys(cases["measure"]))
    scopes = in_order(cases["scope"])
    size = {"figsize": (7.2, 2.3), "squeeze": False, "sharex": True, "sharey": True}
    figure, axes = plt.subplots(1, len(scopes), **size)
    for ax, scope in zip(axes[0], scopes, strict=True):
        ax.axvline(0, color="0.4", linewidth=0.8)
        for shift, (errors, (colour, mark)) in zip((-0.13, 0.13), ERRORS.items(), strict=True):
            rows = cases[(cases["scope"] == scope) & (cases["errors"] == errors)]
            rows = rows.set_index("measure").reindex(measures)
            places = np.arange(len(measures)) + shift
            ax.hlines(places, rows["low"], rows["high"], color=colour, linewidth=1.4)
            ax.plot(rows["mean"], places, mark, color=colour, markersize=4.5, label=errors)
        ax.set(title=spaced(scope), xlabel="Spearman's ρ")
        ax.set_yticks(range(len(measures)), [WORDS[name] for name in measures])
        ax.set_ylim(len(measures) - 0.5, -0.5)
        ax.grid(visible=False, axis="y")
    legend_below(figure, axes[0, 0], 2)
    return figure

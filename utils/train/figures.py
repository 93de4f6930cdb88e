"""How training went, what the networks confuse, and how close settings come to the paper."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE, filled, line_panels
from utils.evidence.curves import with_accuracy


def learning_curves(training: pd.DataFrame) -> Figure:
    """Cross-entropy and accuracy by epoch; line: mean over replicates, band: 95 % interval."""
    table = with_accuracy(filled(training, ["loss", "n_correct"]))
    panel = {"": table[table["epoch"] > 0]}
    colours = {"train": PALETTE[7], "validation": PALETTE[0], "test": PALETTE[1]}
    looks = {split: {"color": colour, "label": split} for split, colour in colours.items()}
    figure, axes = plt.subplots(1, 2)
    labels = {"loss": "cross-entropy (nats)", "accuracy": "accuracy"}
    for ax, (y, label) in zip(axes, labels.items(), strict=True):
        line_panels(panel, "split", looks, [ax], "epoch", y, xlabel="epoch", ylabel=label)
    axes[1].legend()
    return figure


def confusion(counts: pd.DataFrame) -> Figure:
    """Confusion matrix [true class, predicted class]: share of each true class, in percent."""
    figure, ax = plt.subplots(figsize=(4.6, 3.8))
    percent = 100 * counts.div(counts.sum(axis=1), axis=0)
    off_diagonal = percent.mask(np.eye(len(percent), dtype=bool))
    sns.heatmap(
        off_diagonal, annot=percent.round(1), fmt=".1f", cmap="Blues", annot_kws={"size": 6.5},
        cbar_kws={"label": "% of the true class, errors only"}, ax=ax,
    )  # fmt: skip
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.grid(False)
    return figure


def calibration_distances(distances: pd.DataFrame) -> Figure:
    """Distance from each published figure by epochs, a line an L2 strength (darker: stronger)."""
    long = distances.drop(columns="score").reset_index().melt(["l2", "epochs"])
    panels = {name.replace("fig", "figure "): part for name, part in long.groupby("figure")}
    strengths = sorted(long["l2"].unique())
    colours = plt.get_cmap("viridis_r")(0.05 + 0.9 * np.linspace(0, 1, len(strengths)))
    looks = {
        l2: {"color": colour, "marker": ".", "label": f"{l2:g}"}
        for l2, colour in zip(strengths, colours, strict=True)
    }
    figure, axes = plt.subplots(1, 4, figsize=(7.2, 2.7))
    line_panels(panels, "l2", looks, axes, "epochs", "value", xlabel="epochs", ylim=(0, None))
    axes[0].set_ylabel("RMSE (accuracy)")
    axes[1].set_ylabel("RMSE (bits)")
    place = {"loc": "upper left", "bbox_to_anchor": (1.02, 1)}
    axes[-1].legend(title="L2", fontsize=7, title_fontsize=7, **place)
    return figure

"""How training went, what the networks confuse, and how close settings come to the paper."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE, filled, line_panels
from utils.evidence.curves import with_accuracy
from utils.names import spaced
from utils.train.closeness import FIT


def learning_curves(training: pd.DataFrame) -> Figure:
    """Cross-entropy and accuracy by epoch; line: mean over replicates, band: 95 % interval.

    Thin lines: the test accuracy of single networks, so that spikes are seen.
    """
    table = with_accuracy(filled(training, ["loss", "n_correct"]))
    panel = {"": table[table["epoch"] > 0]}
    colours = {"train": PALETTE[7], "validation": PALETTE[0], "test": PALETTE[1]}
    looks = {split: {"color": colour, "label": split} for split, colour in colours.items()}
    figure, axes = plt.subplots(1, 2)
    labels = {"loss": "cross-entropy (nats)", "accuracy": "accuracy"}
    for ax, (y, label) in zip(axes, labels.items(), strict=True):
        line_panels(panel, "split", looks, [ax], "epoch", y, xlabel="epoch", ylabel=label)
    for _, single in panel[""].query("split == 'test'").groupby("replicate"):
        axes[1].plot(single["epoch"], single["accuracy"], color=colours["test"], lw=0.4, alpha=0.5)
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
    """Distance from the published curves by epochs, a panel a start of the weights.

    A line an L2 strength (darker: stronger). Dots: settings that cannot be told apart from the
    closest one, which has a ring.

    distances : [initialization, l2, epochs] by name, as of `choice.distances`, the closest first
    """
    table = distances.reset_index().rename(columns={FIT: "distance"})
    strengths = sorted(table["l2"].unique())
    colours = plt.get_cmap("viridis_r")(0.05 + 0.9 * np.linspace(0, 1, len(strengths)))
    looks = {
        l2: {"color": colour, "label": f"{l2:g}"}
        for l2, colour in zip(strengths, colours, strict=True)
    }
    panels = {spaced(name): part for name, part in table.groupby("initialization", sort=False)}
    figure, axes = plt.subplots(1, len(panels), figsize=(7.2, 2.8), sharey=True, squeeze=False)
    line_panels(panels, "l2", looks, axes[0], "epochs", "distance", xlabel="epochs")
    for ax, part in zip(axes[0], panels.values(), strict=True):
        same = part[part["same"]]
        ax.scatter(
            same["epochs"],
            same["distance"],
            c=[colours[strengths.index(x)] for x in same["l2"]],
            s=18,
            zorder=3,
        )
    closest = table.iloc[0]
    axes[0][0].plot(closest["epochs"], closest["distance"], "o", ms=8, mfc="none", mec="black")
    axes[0][0].set(ylabel="distance (standard deviations)", ylim=0)
    place = {"loc": "upper left", "bbox_to_anchor": (1.02, 1)}
    axes[0][-1].legend(title="L2", fontsize=7, title_fontsize=7, **place)
    return figure

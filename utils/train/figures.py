"""How training went, and how close each setting comes to the paper."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from utils.drawing.style import PALETTE, filled, line_panels
from utils.evidence.curves import with_accuracy
from utils.train.choice import INITIALIZATIONS, place, short
from utils.train.closeness import FIGURE_2, FIGURE_3, FIT
from utils.train.tables import PAPERS_ACCURACY

ROWS = {
    FIT: ("Chooses: figure 1 and the odd steps of figure 4", "standard deviations"),
    FIGURE_3: ("Checks: figure 3", "standard deviations"),
    FIGURE_2: ("Checks: figure 2", "bits"),
}  # what a distance is for, and its unit
MARKS = {"ko": 6, "C3*": 13, "C3s": 9}  # size of each


def learning_curves(training: pd.DataFrame) -> Figure:
    """Cross-entropy by epoch (mean and 95 % interval), and every network's test accuracy.

    Dots: the networks kept. The paper's accuracy is drawn where it is within what is shown.
    """
    table = with_accuracy(filled(training, ["loss", "n_correct"]))
    if not table["epoch"].any():
        return _as_they_are(table)
    panel = {"mean over networks": table[table["epoch"] > 0]}
    colours = {"train": PALETTE[7], "validation": PALETTE[0], "test": PALETTE[1]}
    looks = {split: {"color": colour, "label": split} for split, colour in colours.items()}
    figure, (left, right) = plt.subplots(1, 2)
    labels = {"xlabel": "epoch", "ylabel": "cross-entropy (nats)", "ylim": (0, None)}
    line_panels(panel, "split", looks, [left], "epoch", "loss", **labels)
    left.legend()
    test = table[table["split"] == "test"]
    for _, single in test[test["epoch"] > 0].groupby("replicate"):
        right.plot(single["epoch"], single["accuracy"], color=colours["test"], lw=0.6, alpha=0.6)
    kept = test[test["kept"] == 1]
    right.plot(kept["epoch"], kept["accuracy"], "o", ms=4, color=colours["test"], label="kept")
    right.axhline(PAPERS_ACCURACY, color="0.5", zorder=1, label="the paper's")
    right.set(title="each network", xlabel="epoch", ylabel="test accuracy")
    right.set_ylim(kept["accuracy"].min() - 0.014, test["accuracy"].max() + 0.003)
    right.legend(loc="lower right")
    return figure


def _as_they_are(table: pd.DataFrame) -> Figure:
    """Accuracy of networks that were not trained here, a dot a network."""
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.plot(table["split"], table["accuracy"], "o", ms=4, color=PALETTE[1], alpha=0.7)
    ax.set(title="each network", xlabel="images", ylabel="accuracy", xlim=(-0.5, 1.5))
    return figure


def calibration(distances: pd.DataFrame, taken: tuple, this: tuple | None) -> Figure:
    """Distance of every setting: a row a figure of the paper, a column a start of the weights.

    Dots: settings that fit as well as the closest one by the first row. Star: the one `taken`,
    with its place among all; square: `this` run's, if that is another one and was tried (None:
    trained elsewhere). Colour is logarithmic, and the same for rows of one unit.

    distances : [initialization, l2, epochs] by name, as of `choice.distances`
    """
    table = distances.reset_index()
    starts = [start for start in INITIALIZATIONS if start in set(table["initialization"])]
    strengths, epochs = (sorted(table[name].unique()) for name in ("l2", "epochs"))
    settings = pd.Series(list(distances.index), table.index)
    marks = {
        "fits as well as the closest": (table["same"] & (settings != taken), "ko"),
        "the one taken" + ", this run's" * (taken == this): (settings == taken, "C3*"),
        "this run's": ((settings == this) & (settings != taken), "C3s"),
    }
    figure, axes = plt.subplots(
        len(ROWS), len(starts), figsize=(7.2, 5.2), sharex=True, sharey=True, squeeze=False
    )
    for row, (name, (role, unit)) in zip(axes, ROWS.items(), strict=True):
        scaled = table[[other for other, (_, its) in ROWS.items() if its == unit]]
        norm = LogNorm(scaled.min(axis=None), scaled.max(axis=None))
        for ax, start in zip(row, starts, strict=True):
            of_start = table["initialization"] == start
            tiles = table[of_start].pivot(index="l2", columns="epochs", values=name)
            image = ax.imshow(tiles, cmap="YlGnBu", norm=norm, aspect="auto", origin="lower")
            for here, look in marks.values():
                points = table[of_start & here]
                places = points["epochs"].map(epochs.index), points["l2"].map(strengths.index)
                ax.plot(*places, look, ms=MARKS[look], mec="white", mew=0.7)
            ax.grid(False)
        star = f"the star ranks {place(distances, name, taken)} of {len(table)}"
        row[0].set(ylabel="L2", title=" ")  # room for a text that is wider than the panel
        text = row[0].text(0, 1.05, f"{role}; {star}", transform=row[0].transAxes)
        text.set_in_layout(False)
        ticks = {"ticks": LogLocator(subs=(1, 2, 4, 6)), "format": "%g"}
        bar = figure.colorbar(image, ax=row, label=f"{unit}\n(light: close)", pad=0.01, **ticks)
        bar.minorticks_off()
        bar.ax.yaxis.label.set_size(8)
    for ax, start in zip(axes[-1], starts, strict=True):
        ax.set_xticks(range(len(epochs)), epochs, fontsize=7)
        ax.set_xlabel(f"epochs\n{INITIALIZATIONS[start]}")
    axes[0, 0].set_yticks(range(len(strengths)), map(short, strengths), fontsize=7)
    shown = {label: look for label, (here, look) in marks.items() if here.any()}
    handles = [
        axes[0, 0].plot([], [], look, ms=MARKS[look], mec="white", mew=0.7)[0]
        for look in shown.values()
    ]
    figure.legend(handles, shown, loc="outside lower center", ncols=len(shown))
    return figure

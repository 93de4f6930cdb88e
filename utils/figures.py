"""One plotting function a figure of notebooks 01 to 03 and 06: tidy table in, axes out."""

from collections.abc import Iterable, Sequence
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from utils import claims, published
from utils.measures import QUANTITIES
from utils.networks import Network
from utils.style import COLOURS, LINES, NAMES, PALETTE, filled, mean_line, spaced, symlog


def learning_curves(training: pd.DataFrame) -> np.ndarray:
    """Cross-entropy and accuracy by epoch; line: mean over replicates, band: 95 % interval."""
    table = claims.with_accuracy(filled(training, ["loss", "n_correct"]))
    colours = {"train": PALETTE[7], "validation": PALETTE[0], "test": PALETTE[1]}
    _, axes = plt.subplots(1, 2)
    for ax, value, name in zip(
        axes, ("loss", "accuracy"), ("cross-entropy (nats)", "accuracy"), strict=True
    ):
        for split, colour in colours.items():
            part = table[(table["split"] == split) & (table["epoch"] > 0)]
            mean_line(part, "epoch", value, ax, color=colour, label=split)
        ax.set(xlabel="epoch", ylabel=name)
    axes[1].legend()
    return axes


def confusion(counts: pd.DataFrame) -> plt.Axes:
    """Confusion matrix [true class, predicted class]: share of each true class, in percent."""
    _, ax = plt.subplots(figsize=(4.6, 3.8))
    percent = 100 * counts.div(counts.sum(axis=1), axis=0)
    off_diagonal = percent.mask(np.eye(len(percent), dtype=bool))
    sns.heatmap(
        off_diagonal, annot=percent.round(1), fmt=".1f", cmap="Blues", annot_kws={"size": 6.5},
        cbar_kws={"label": "% of the true class, errors only"}, ax=ax,
    )  # fmt: skip
    ax.set(xlabel="predicted class", ylabel="true class")
    ax.grid(False)
    return ax


def incoming_weights(network: Network, image_shape: tuple[int, ...]) -> np.ndarray:
    """Of every first-layer neuron as images [neurons, height, width]; colours are averaged."""
    weights = network.kernels[0].T.reshape(-1, *image_shape)
    return weights if weights.ndim == 3 else weights.mean(axis=3)


def weight_images(
    network: Network,
    neurons: Sequence[int],
    image_shape: tuple[int, ...],
    titles: Sequence[str],
    columns: int = 10,
) -> np.ndarray:
    """Incoming weights of first-layer neurons as images; blue negative, red positive."""
    weights = incoming_weights(network, image_shape)[list(neurons)]
    columns = min(columns, len(neurons))
    rows = -(-len(neurons) // columns)
    _, axes = plt.subplots(rows, columns, figsize=(7.2, 0.95 * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, weights, titles, strict=False):
        limit = np.abs(image).max() or 1
        ax.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set_title(title, fontsize=7, loc="center", pad=2)
    return axes


def driving_images(
    images: np.ndarray, labels: np.ndarray, image_shape: tuple[int, ...], titles: Sequence[str]
) -> np.ndarray:
    """Rows of images [rows, columns, pixels] that drive one neuron each, with their classes."""
    rows, columns = images.shape[:2]
    width = image_shape[1]
    _, axes = plt.subplots(rows, 1, figsize=(7.2, 0.75 * rows), squeeze=False)
    for ax, row, classes, title in zip(axes[:, 0], images, labels, titles, strict=True):
        ax.imshow(np.hstack(row.reshape(columns, *image_shape)), vmin=0, vmax=1)
        ax.set_xticks((np.arange(columns) + 0.5) * width, classes, fontsize=6)
        ax.tick_params(length=0, pad=1)
        ax.set_yticks([])
        ax.grid(False)
        ax.spines[:].set_visible(False)
        ax.set_ylabel(title, fontsize=7, rotation=0, ha="right", va="center")
    return axes[:, 0]


def violins(measures: pd.DataFrame, marks: pd.DataFrame | None = None) -> np.ndarray:
    """The three quantities by layer, all replicates together; the violins end at the extremes.

    With `marks` (layer, quantity, statistic, bits), the paper's smallest, most frequent and
    largest values stand beside them as grey marks.
    """
    table = filled(measures, QUANTITIES)
    layers = sorted(table["layer"].unique())
    _, axes = plt.subplots(1, 3, figsize=(7.2, 3))
    for ax, quantity in zip(axes, QUANTITIES, strict=True):
        sns.violinplot(
            table.assign(layer=table["layer"].astype(str)), x="layer", y=quantity, cut=0,
            color=COLOURS[quantity], inner="quart", linewidth=0.8, density_norm="width", ax=ax,
        )  # fmt: skip
        if marks is not None:
            part = marks[marks["quantity"] == quantity]
            part = part[part["layer"].isin(layers)]
            places = [layers.index(layer) + 0.46 for layer in part["layer"]]
            ax.scatter(places, part["bits"], marker="_", s=70, color="0.35", linewidth=1.8)
        ax.set(title=NAMES[quantity], ylabel="bits" if ax is axes[0] else "", ylim=(0, None))
        ax.grid(False, axis="x")
        ax.set_xlim(-0.6, len(layers) - 0.3)
    return axes


def joint_scatter(measures: pd.DataFrame) -> np.ndarray:
    """Mutual information against entropy, a point a neuron, coloured by KL selectivity."""
    table = filled(measures, QUANTITIES)
    layers = sorted(table["layer"].unique())
    figure, axes = plt.subplots(1, len(layers), sharex=True, sharey=True, squeeze=False)
    for ax, layer in zip(axes[0], layers, strict=True):
        part = table[table["layer"] == layer]
        points = ax.scatter(
            part["entropy"], part["mutual_information"], c=part["kl_selectivity"], s=6,
            cmap="viridis", vmin=0, vmax=table["kl_selectivity"].max(), rasterized=True,
        )  # fmt: skip
        ax.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle=":")
        ax.set(title=f"layer {layer}", xlabel="entropy (bits)")
    axes[0, 0].set_ylabel("mutual information (bits)")
    figure.colorbar(points, ax=axes[0, -1], label="KL selectivity (bits)")
    return axes[0]


def ablation_curves(
    ablation: pd.DataFrame, scopes: Sequence[str], replacement: str, directions: Sequence[str]
) -> np.ndarray:
    """Test accuracy by neurons ablated: a panel a scope and direction, a line an ordering."""
    table = filled(claims.merge_random(ablation), ["accuracy"])
    table = table[table["replacement"] == replacement]
    panels = [(scope, direction) for direction in directions for scope in scopes]
    columns = max(len(scopes), 2)
    rows = -(-len(panels) // columns)
    _, axes = plt.subplots(
        rows, columns, figsize=(7.2, 0.3 + 2.5 * rows), squeeze=False, sharey=True
    )
    for ax, (scope, direction) in zip(axes.flat, panels, strict=True):
        part = table[(table["scope"] == scope) & table["direction"].isin([direction, "none"])]
        for (ordering, of), curve in part.groupby(["ordering", "direction"]):
            style = {"color": COLOURS[ordering], "linestyle": LINES[of]}
            mean_line(curve, "n_ablated", "accuracy", ax, **style, label=NAMES[ordering])
        ax.set(xlabel="neurons ablated", ylim=(0, 1))
        ax.set_title(f"{spaced(scope)}, {spaced(direction)}")
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    axes[0, 0].legend(loc="lower left")
    return axes


def beside_published(ablation: pd.DataFrame, figure: str) -> np.ndarray:
    """Our curves (mean, 95 % band) and the paper's (dashed grey): a row a panel of the figure."""
    both = filled(published.beside(ablation), ["ours", "published"])
    both = both[both["figure"].str.startswith(figure)].rename(columns={"ours": "accuracy"})
    panels = [curves for _, curves in both.groupby("figure")]
    rows, columns = len(panels), max(panel.groupby(claims.CURVE).ngroups for panel in panels)
    _, axes = plt.subplots(
        rows, columns, figsize=(7.2, 0.4 + 1.75 * rows), squeeze=False, sharex=True, sharey=True
    )
    for row, panel in zip(axes, panels, strict=True):
        for ax, (key, curve) in zip(row, panel.groupby(claims.CURVE), strict=False):
            scope, ordering, direction, replacement = key
            mean_line(curve, "n_ablated", "accuracy", ax, color=COLOURS[ordering])
            theirs = curve.groupby("n_ablated")["published"].first()
            ax.plot(theirs.index, theirs, color="0.4", linestyle="--", linewidth=1.2)
            how = [spaced(direction)] * (direction != "none")
            how += ["zeroed"] * (replacement == "zero")
            title = f"{spaced(scope)}: {NAMES[ordering]}\n{', '.join(how)}"
            ax.set_title(title, fontsize=6.5)
            ax.set_ylim(0.25, 1)
        row[0].set_ylabel("test accuracy")
    for ax in axes[-1]:
        ax.set_xlabel("neurons ablated")
    axes[0, 0].plot([], [], color="0.4", linestyle="--", label="paper")
    axes[0, 0].plot([], [], color=axes[0, 0].get_lines()[0].get_color(), label="this run")
    axes[0, 0].legend(loc="lower left", fontsize=7)
    return axes


def calibration_distances(distances: pd.DataFrame) -> np.ndarray:
    """Distance from each published figure by epochs, a line an L2 strength (darker: stronger)."""
    long = distances.drop(columns="score").reset_index().melt(["l2", "epochs"])
    strengths = sorted(long["l2"].unique())
    _, axes = plt.subplots(1, 4, figsize=(7.2, 2.7))
    for ax, (figure, part) in zip(axes, long.groupby("figure"), strict=True):
        for k, l2 in enumerate(strengths):
            line = part[part["l2"] == l2].sort_values("epochs")
            colour = plt.get_cmap("viridis_r")(0.05 + 0.9 * k / (len(strengths) - 1))
            ax.plot(line["epochs"], line["value"], color=colour, marker=".", label=f"{l2:g}")
        ax.set(title=figure.replace("fig", "figure "), xlabel="epochs", ylim=(0, None))
    axes[0].set_ylabel("RMSE (accuracy)")
    axes[1].set_ylabel("RMSE (bits)")
    place = {"loc": "upper left", "bbox_to_anchor": (1.02, 1)}
    axes[-1].legend(title="L2", fontsize=7, title_fontsize=7, **place)
    return axes


def verdict_intervals(found: pd.DataFrame) -> np.ndarray:
    """Every number behind the claims, with its interval; colour and mark tell the verdict.

    On the right what has a case for each share pruned; these stand below one another, the
    smallest share first.
    """
    table = filled(found, ["estimate"])
    by_share = table["scope"].str.endswith("pruned")
    cases = table[~by_share].reset_index(drop=True)
    shares = table[by_share].sort_values("quantity", kind="stable", key=claims.as_listed)
    shares = shares.reset_index(drop=True)
    height = 0.9 + max(0.19 * len(cases), 0.09 * len(shares))
    figure, axes = plt.subplots(1, 1 + by_share.any(), figsize=(7.2, height), squeeze=False)
    names = cases["claim"] + "  " + cases["scope"] + ": " + cases["quantity"].map(spaced)
    _intervals(axes[0, 0], cases, cases.index, names, cases.index)
    if by_share.any():
        blocks = claims.as_listed(shares["quantity"])
        rows = shares.index + 2 * blocks
        names = shares["claim"] + "  " + shares["quantity"].map(spaced).str.replace(" - ", "\n− ")
        _intervals(axes[0, 1], shares, rows, names.unique(), rows.groupby(blocks).mean())
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    figure.supxlabel("number behind the claim, its own unit (linear within ±0.05)", size=8)
    return axes[0]


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
        has = (table["verdict"] == verdict).to_numpy()
        part, heights = table[has], np.asarray(rows)[has]
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


def mistake(curves: pd.DataFrame, width: int, earlier: pd.Series) -> plt.Axes:
    """Accuracy by share of a layer of `width` removed, a line a column, the index the number.

    `earlier` (dashed grey): the earlier replication's curve, by number of its 200 neurons.
    """
    _, ax = plt.subplots(figsize=(5, 3.2))
    for name, colour in zip(curves, (PALETTE[0], PALETTE[3], PALETTE[2]), strict=False):
        ax.plot(curves.index / width, curves[name], color=colour, label=name)
    ax.plot(earlier.index / 200, earlier, color="0.4", linestyle="--", label="earlier replication")
    ax.set(xlabel="share of the layer removed", ylabel="test accuracy", ylim=(0, 1))
    ax.legend(loc="lower left")
    return ax


def activation_benefit(benefit: pd.DataFrame) -> plt.Axes:
    """Gain of bias balancing against the share of zeroing's error it removes: a point a network.

    `benefit`: run, layer, replicate, share, gain.
    """
    _, ax = plt.subplots(figsize=(5, 3.4))
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
    return ax

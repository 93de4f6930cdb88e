"""One plotting function a figure of notebook 08: tidy table in, axes out."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from utils import beyond_claims, claims, figures
from utils.networks import Network
from utils.pairs import pair_matrix
from utils.style import COLOURS, NAMES, PALETTE, filled, mean_line, spaced

# colour and line style of each ordering; single quantities as everywhere
LOOKS = {
    "random": ("black", "--", "random"),
    "mutual_information": (COLOURS["mutual_information"], "-", NAMES["mutual_information"]),
    "mrmr": (PALETTE[0], ":", "mRMR"),
    "jmi": (PALETTE[2], "-.", "JMI"),
    "cmim": (PALETTE[4], "--", "CMIM"),
    "joint_information": (PALETTE[9], (0, (1, 1)), "joint information of sets"),
    "greedy": (PALETTE[7], "-", "greedy, by cross-entropy"),
}


def pair_maps(pairs: pd.DataFrame, measured: pd.DataFrame) -> np.ndarray:
    """Co-information of all pairs of one network by layer; red redundant, blue synergistic.

    Neurons from the highest to the lowest mutual information; the diagonal is left white.
    """
    table = filled(pairs, ["co_information"])
    layers = sorted(table["layer"].unique())
    limit = table["co_information"].abs().max() or 1
    figure, axes = plt.subplots(1, len(layers), figsize=(7.2, 3.4), squeeze=False)
    for ax, layer in zip(axes[0], layers, strict=True):
        part = table[table["layer"] == layer]
        values = measured.loc[measured["layer"] == layer, "mutual_information"].to_numpy()
        matrix = pair_matrix(part, len(values))
        np.fill_diagonal(matrix, np.nan)
        order = np.argsort(-values, kind="stable")
        # few colours and no blending: a third of the bytes
        how = {"cmap": plt.get_cmap("RdBu_r", 21), "interpolation": "nearest"}
        image = ax.imshow(matrix[np.ix_(order, order)], vmin=-limit, vmax=limit, **how)
        ax.set(title=f"layer {layer}", xlabel="neuron, most informative first")
        ax.grid(False)
    axes[0, 0].set_ylabel("neuron")
    figure.colorbar(image, ax=axes[0, -1], label="co-information (bits)")
    return axes[0]


def pair_weights(
    network: Network, extremes: pd.DataFrame, image_shape: tuple[int, ...]
) -> np.ndarray:
    """Incoming weights of pairs of first-layer neurons, one above the other, a column a pair.

    `extremes`: by neuron_1 and neuron_2, with the column co_information (bits).
    """
    pairs = extremes.index.tolist()
    titles = [f"{first}\n{bits:+.2f} bits" for (first, _), bits in
              zip(pairs, extremes["co_information"], strict=True)]  # fmt: skip
    titles += [str(second) for _, second in pairs]
    return figures.weight_images(
        network, [*(first for first, _ in pairs), *(second for _, second in pairs)],
        image_shape, titles, columns=len(pairs),
    )  # fmt: skip


def set_information(sizes: pd.DataFrame) -> np.ndarray:
    """Joint information by size of the set, right and shuffled labels, a panel a layer.

    Solid: plug-in, dashed: corrected; mean over networks. Grey: from the plug-in value with right
    labels less its largest mean error to that value.
    """
    table = filled(sizes, ["joint_information", "miller_madow"])
    scopes = sorted(table["scope"].unique())
    _, axes = plt.subplots(1, len(scopes), squeeze=False, sharey=True)
    for ax, scope in zip(axes[0], scopes, strict=True):
        part = table[table["scope"] == scope].drop(columns="scope")
        means = part.groupby("size").mean()
        for prefix, colour, name in (
            ("", PALETTE[0], "right labels"), ("shuffled_", PALETTE[3], "shuffled labels")
        ):  # fmt: skip
            for column, line, how in (
                ("joint_information", "-", "plug-in"), ("miller_madow", "--", "corrected")
            ):  # fmt: skip
                look = {"color": colour, "linestyle": line, "label": f"{name}, {how}"}
                mean_line(part, "size", f"{prefix}{column}", ax, **look)
        low = (means["joint_information"] - means["bias_high"]).clip(lower=0)
        ax.fill_between(means.index, low, means["joint_information"], color="0.9", zorder=0)
        ax.set(title=spaced(scope), xlabel="neurons in the set")
    axes[0, 0].set(ylabel="joint information (bits)", ylim=(0, None))
    axes[0, -1].legend(loc="center right", fontsize=7)
    return axes[0]


def pair_scatter(pairs: pd.DataFrame) -> np.ndarray:
    """Surplus of removing two together against their co-information: a panel a layer.

    Lines: mean surplus of twentieths of the pairs, a line a network.
    """
    table = filled(pairs, ["co_information", "surplus"])
    layers = sorted(table["layer"].unique())
    _, axes = plt.subplots(1, len(layers), squeeze=False)
    for ax, layer in zip(axes[0], layers, strict=True):
        for _, part in table[table["layer"] == layer].groupby("replicate"):
            ranks = part["co_information"].rank(method="first", pct=True)
            bins = part.groupby(np.ceil(ranks * 20))[["co_information", "surplus"]].mean()
            ax.plot(bins["co_information"], bins["surplus"], color=PALETTE[0], alpha=0.5)
        ax.axhline(0, color="0.4", linewidth=0.8)
        ax.set(title=f"layer {layer}", xlabel="co-information of the pair (bits)")
        ax.locator_params(axis="x", nbins=5)
    axes[0, 0].set_ylabel("surplus of cross-entropy (nats)")
    return axes[0]


def joint_curves(
    ablation: pd.DataFrame, curves: pd.DataFrame, scopes: Sequence[str]
) -> np.ndarray:
    """Test accuracy by neurons ablated, least important first: a column a scope.

    Below, each curve minus that of mutual information in the same network.
    """
    both = filled(pd.concat([ablation, curves]), ["n_correct"])
    both = both[(both["replacement"] == "mean") & (both["direction"] != "high-first")]
    table = claims.merge_random(both)
    table = table.set_index(["scope", "replicate", "n_ablated", "ordering"])["accuracy"].unstack()
    gains = table.sub(table[beyond_claims.SINGLE], axis=0)
    _, axes = plt.subplots(
        2, len(scopes), figsize=(7.2, 5), squeeze=False, sharex="col", sharey="row"
    )
    for column, scope in zip(axes.T, scopes, strict=True):
        for ax, values in zip(column, (table, gains), strict=True):
            for ordering, (colour, line, name) in LOOKS.items():
                look = {"color": colour, "linestyle": line, "label": name}
                curve = values.loc[scope, ordering].rename("value").reset_index()
                mean_line(curve, "n_ablated", "value", ax, **look)
        column[0].set(ylim=(0, 1), title=spaced(scope))
        column[1].set_xlabel("neurons ablated")
    axes[0, 0].set_ylabel("test accuracy")
    axes[1, 0].set_ylabel("minus mutual information's")
    _legend_below(axes[0, 0])
    return axes


def set_surplus(sets: pd.DataFrame, n_samples: int) -> np.ndarray:
    """Accuracy lost together minus the sum of one by one, along each order: a panel a layer."""
    table = filled(sets, ["error_surplus"])
    table = table[table["direction"] != "high-first"]
    ordering = claims.unnumbered(table["ordering"])
    table = table.assign(ordering=ordering, surplus=table["error_surplus"] / n_samples)
    keys = ["replicate", "scope", "ordering", "n_ablated"]
    table = table.groupby(keys, as_index=False)["surplus"].mean()
    scopes = sorted(table["scope"].unique())
    _, axes = plt.subplots(1, len(scopes), figsize=(7.2, 3.6), squeeze=False, sharey=True)
    for ax, scope in zip(axes[0], scopes, strict=True):
        for ordering, (colour, line, name) in LOOKS.items():
            part = table[(table["scope"] == scope) & (table["ordering"] == ordering)]
            look = {"color": colour, "linestyle": line, "label": name}
            mean_line(part, "n_ablated", "surplus", ax, **look)
        ax.axhline(0, color="0.4", linewidth=0.8)
        ax.set(xlabel="neurons ablated", title=spaced(scope))
    axes[0, 0].set_ylabel("accuracy lost beyond the sum")
    _legend_below(axes[0, 0])
    return axes[0]


def class_matrix(classes: pd.DataFrame) -> np.ndarray:
    """Accuracy lost [class selected for, class], mean over networks: a panel a scope."""
    table = beyond_claims.class_losses(filled(classes, ["n_correct"]))
    means = table.groupby(["scope", "selected_class", "class"])["loss"].mean()
    limit = means.abs().max() or 1
    scopes = sorted(table["scope"].unique())
    figure, axes = plt.subplots(1, len(scopes), figsize=(7.2, 3.6), squeeze=False)
    for ax, scope in zip(axes[0], scopes, strict=True):
        matrix = means[scope].unstack("class")
        image = ax.imshow(100 * matrix, cmap="RdBu_r", vmin=-100 * limit, vmax=100 * limit)
        for (row, column), value in np.ndenumerate(100 * matrix.to_numpy()):
            ink = "white" if abs(value) > 60 * limit else "black"
            ax.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=5, color=ink)
        ax.set(title=spaced(scope), xlabel="class that is counted")
        ax.set_xticks(range(matrix.shape[1]))
        ax.set_yticks(range(matrix.shape[0]))
        ax.grid(False)
    axes[0, 0].set_ylabel("class whose neurons are gone")
    figure.colorbar(image, ax=axes[0, -1], label="accuracy lost (% of the class)")
    return axes[0]


def _legend_below(ax: plt.Axes) -> None:
    handles = ax.get_legend_handles_labels()
    ax.figure.legend(*handles, loc="outside lower center", ncols=4, fontsize=7)

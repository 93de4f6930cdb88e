"""One plotting function a figure of notebooks 04 and 05: tidy table in, axes out."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from utils import claims
from utils.style import COLOURS, LINES, NAMES, PALETTE, REPAIRS, filled, mean_line, spaced


def replacement_curves(ablation: pd.DataFrame, scopes: Sequence[str]) -> np.ndarray:
    """Zeroed against bias-balanced: mutual information low first, and random orders."""
    table = filled(claims.merge_random(ablation), ["accuracy"])
    table = table[
        (table["ordering"] == "random")
        | ((table["ordering"] == "mutual_information") & (table["direction"] == "low-first"))
    ]
    _, axes = plt.subplots(1, len(scopes), squeeze=False, sharey=True)
    for ax, scope in zip(axes[0], scopes, strict=True):
        part = table[table["scope"] == scope]
        for (ordering, replacement), curve in part.groupby(["ordering", "replacement"]):
            style = {"color": COLOURS[ordering], "linestyle": LINES[replacement]}
            label = f"{NAMES[ordering]}, {NAMES[replacement]}"
            mean_line(curve, "n_ablated", "accuracy", ax, **style, label=label)
        ax.set(xlabel="neurons ablated", ylim=(0, 1), title=spaced(scope))
    axes[0, 0].set_ylabel("test accuracy")
    axes[0, 0].legend(loc="lower left")
    return axes[0]


def pruning_curves(pruned: pd.DataFrame) -> np.ndarray:
    """Accuracy by fraction pruned, a line a method: a panel a scope, the last one retrained."""
    table = filled(pruned, ["n_correct"])
    epochs = table["retrain_epochs"].max()
    panels = [(scope, 0) for scope in table["scope"].unique()] + [("network", epochs)]
    rows = -(-len(panels) // 2)
    _, axes = plt.subplots(rows, 2, figsize=(7.2, 0.3 + 2.6 * rows), squeeze=False)
    for ax, (scope, epoch) in zip(axes.flat, panels, strict=False):
        part = claims.compared(table, scope)
        part = part[part["retrain_epochs"] == epoch]
        for (method, colour), marker in zip(COLOURS.items(), "osD^vP*X", strict=True):
            style = {"color": colour, "marker": marker, "markersize": 4}
            curve = part[part["method"] == method]
            mean_line(curve, "fraction", "accuracy", ax, **style, label=NAMES[method])
        ax.set(xlabel="share of neurons pruned", title=f"{_layers(scope)}, {_epochs(epoch)}")
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    axes.flat[len(panels) - 2].legend(loc="lower left", fontsize=6.5)
    for ax in axes.flat[len(panels) :]:
        ax.axis("off")
    return axes


def repair_curves(balancing: pd.DataFrame) -> np.ndarray:
    """Accuracy by fraction pruned, not retrained, a line a repair: a panel a scope."""
    table = claims.with_accuracy(filled(balancing, ["n_correct"]))
    table = table[table["retrain_epochs"] == 0]
    scopes = table["scope"].unique()
    _, axes = plt.subplots(1, len(scopes), squeeze=False, sharey=True)
    for ax, scope in zip(axes[0], scopes, strict=True):
        _repair_lines(table[table["scope"] == scope], "fraction", ax)
        ax.set(xlabel="share of neurons pruned", title=_layers(scope))
    axes[0, 0].set_ylabel("test accuracy, not retrained")
    axes[0, 0].legend(loc="lower left", fontsize=7, handlelength=3)
    return axes[0]


def retraining_curves(balancing: pd.DataFrame) -> np.ndarray:
    """Accuracy by epochs of retraining, a line a repair: a panel a fraction of all layers."""
    table = claims.with_accuracy(filled(balancing, ["n_correct"]))
    table = table[table["scope"] == "network"]
    fractions = sorted(table["fraction"].unique())
    _, axes = plt.subplots(1, len(fractions), squeeze=False)
    for ax, fraction in zip(axes[0], fractions, strict=True):
        _repair_lines(table[table["fraction"] == fraction], "retrain_epochs", ax)
        ax.set(xlabel="epochs of retraining", title=f"{fraction:.0%} of all layers pruned")
        ax.set_xticks(sorted(table["retrain_epochs"].unique()))
    axes[0, 0].set_ylabel("test accuracy")
    axes[0, -1].legend(loc="lower right", fontsize=7, handlelength=3)
    return axes[0]


def _repair_lines(table: pd.DataFrame, x: str, ax: plt.Axes) -> None:
    for repair, (colour, style, name) in REPAIRS.items():
        look = {"color": colour, "linestyle": style, "marker": "o", "markersize": 3}
        mean_line(table[table["repair"] == repair], x, "accuracy", ax, **look, label=name)


def pareto(pruned: pd.DataFrame, latency: pd.DataFrame, full: tuple[float, int]) -> np.ndarray:
    """Accuracy against multiply-accumulates, and against the time for 1,000 images.

    A line a way of pruning all layers; the star is the unpruned network, of which `full` has the
    accuracy and the multiply-accumulates.
    """
    table = claims.with_accuracy(filled(pruned, ["n_correct"]))
    table = table[table["scope"] == "network"]
    time = latency[latency["batch"] == 1000].set_index("fraction")["latency_ms"]
    table["milliseconds"] = table["fraction"].map(time)
    last = table["retrain_epochs"].max()
    ways = [
        ("random", "mean", 0, "black", "--"),
        ("mutual_information", "zero", 0, REPAIRS["zero"][0], ":"),
        ("mutual_information", "mean", 0, COLOURS["mutual_information"], "-"),
        ("noise_out", "affine", 0, COLOURS["noise_out"], "-"),
        ("mutual_information", "least_squares", 0, REPAIRS["least_squares"][0], "-"),
        ("mutual_information", "mean", last, PALETTE[2], "-."),
    ]
    full_cost = {"n_macs": full[1], "milliseconds": time.loc[0]}
    _, axes = plt.subplots(1, 2, figsize=(7.2, 3.8), sharey=True)
    for ax, cost in zip(axes, full_cost, strict=True):
        for method, repair, epochs, colour, style in ways:
            part = table[
                (table["method"] == method)
                & (table["repair"] == repair)
                & (table["retrain_epochs"] == epochs)
            ]
            label = f"{NAMES[method]}, {REPAIRS[repair][2]}" + f", {_epochs(epochs)}" * bool(
                epochs
            )
            look = {"color": colour, "linestyle": style, "marker": "o", "markersize": 3}
            mean_line(part, cost, "accuracy", ax, **look, label=label)
        ax.plot(
            full_cost[cost], full[0], marker="*", markersize=9, color="black", linestyle="none"
        )
    axes[0].set(xlabel="multiply-accumulates for an image", ylabel="test accuracy")
    axes[1].set(xlabel="milliseconds for 1,000 images, one thread")
    axes[0].figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=7
    )
    return axes


def _epochs(number: int) -> str:
    return {0: "not retrained", 1: "retrained, 1 epoch"}.get(number, f"retrained, {number} epochs")


def _layers(scope: str) -> str:
    return "all layers" if scope == "network" else f"{spaced(scope)} alone"

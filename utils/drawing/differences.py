"""Ablation curves as differences from random orders of the same network and scope."""

from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, LINES, filled, mean_line
from utils.evidence.curves import ABLATED_SHARE, merge_random
from utils.names import NAMES, NETWORK, RANKS, spaced


def minus_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """Bias-balanced curves minus the mean of the random orders of the same network and scope.

    replicate, scope, ordering, direction, n_ablated, accuracy, difference; orders by ranks minus
    random orders by ranks.
    """
    table = merge_random(ablation)
    table = table[table["replacement"] == "mean"]
    table["ranks"] = table["ordering"].str.endswith(RANKS)
    keys = ["replicate", "scope", "ranks", "n_ablated"]
    random = table[table["direction"] == "none"].set_index(keys)["accuracy"]
    table = table.join(random.rename("random"), on=keys)
    table["difference"] = table["accuracy"] - table["random"]
    return filled(table, ["difference"])


def difference_lines(
    table: pd.DataFrame, ax: plt.Axes, directions: Iterable[str], quantities: Iterable[str]
) -> None:
    """Lines of the difference from random, which is the dashed line at 0."""
    ax.axhline(0, color=COLOURS["random"], linestyle=LINES["none"], linewidth=1)
    for quantity in quantities:
        for direction in directions:
            rows = table[(table["ordering"] == quantity) & (table["direction"] == direction)]
            style = {"color": COLOURS[quantity], "linestyle": LINES[direction]}
            label = f"{NAMES[quantity]}, {spaced(direction)}"
            mean_line(rows, "n_ablated", "difference", ax, **style, label=label)
    ax.set_ylabel("accuracy − that of random orders")


def ranks_beside_values(
    ablation: pd.DataFrame,
    quantities: Sequence[str],
    of: str = "neurons",
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Low first across the network, minus random: by values (pale) and by ranks within layers.

    A panel a quantity; of : what is removed; limits : of the y axis
    """
    table = minus_random(ablation)
    table = table[(table["scope"] == NETWORK) & (table["direction"] == "low-first")]
    filled(table[table["ranks"]], ["difference"])
    figure, axes = plt.subplots(1, len(quantities), figsize=(7.2, 2.5), sharey=True, squeeze=False)
    for ax, quantity in zip(axes[0], quantities, strict=True):
        ax.axhline(0, color="black", linestyle="--", linewidth=1)
        for name, label, alpha in (
            (quantity, "by values", 0.4),
            (quantity + RANKS, "by ranks", 1),
        ):
            rows = table[table["ordering"] == name]
            style = {"color": COLOURS[quantity], "alpha": alpha, "label": label}
            mean_line(rows, "n_ablated", "difference", ax, **style)
        n_neurons = table["n_ablated"].max()
        ax.set(title=NAMES[quantity], xlabel=f"{of} removed", ylim=limits)
        ax.set_xlim(0, ABLATED_SHARE * n_neurons)
        ax.legend(loc="lower left")
    axes[0, 0].set_ylabel("accuracy − random")
    return figure

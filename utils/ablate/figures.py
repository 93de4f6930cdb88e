"""What notebook 03 draws: accuracy as neurons go, across the network and within each layer."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, LINES, filled, line_panels
from utils.evidence.curves import merge_random
from utils.names import DIRECTIONS, NAMES, NETWORK, QUANTITIES, in_order, spaced


def network_curves(ablation: pd.DataFrame) -> Figure:
    """Bias-balanced curves across the network: a panel a direction, a line an ordering."""
    return _curves(ablation, [NETWORK])


def layer_curves(ablation: pd.DataFrame) -> Figure:
    """Bias-balanced curves within each layer: a row a direction, a line an ordering."""
    layers = ablation.loc[ablation["scope"] != NETWORK, "scope"]
    return _curves(ablation, in_order(layers))


def _curves(ablation: pd.DataFrame, scopes: Sequence[str]) -> Figure:
    table = filled(merge_random(ablation), ["accuracy"])
    table = table[table["replacement"] == "mean"]
    rows, columns = (1, 2) if len(scopes) == 1 else (2, len(scopes))
    figure, axes = plt.subplots(
        rows, columns, figsize=(7.2, 0.3 + 2.5 * rows), squeeze=False, sharey=True
    )
    labels = {"xlabel": "neurons ablated", "ylim": (0, 1)}
    for direction, part in zip(DIRECTIONS, axes.reshape(2, len(scopes)), strict=True):
        curves = table[table["direction"].isin([direction, "none"])]
        panels = {
            f"{spaced(scope)}, {spaced(direction)}": curves[curves["scope"] == scope]
            for scope in scopes
        }
        line_panels(panels, "ordering", _looks(direction), part, "n_ablated", **labels)
    for ax in axes[:, 0]:
        ax.set_ylabel("test accuracy")
    axes[0, 0].legend(loc="lower left")
    return figure


def _looks(direction: str) -> dict[str, dict]:
    """Of the line of each ordering, as `mean_line` takes them."""
    lines = dict.fromkeys(QUANTITIES, LINES[direction]) | {"random": LINES["none"]}
    return {
        name: {"color": COLOURS[name], "linestyle": lines[name], "label": NAMES[name]}
        for name in sorted(lines)
    }

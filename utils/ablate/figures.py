"""What notebook 03 draws: accuracy as neurons go, across the network and within each layer."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import COLOURS, LINES, filled, line_panels
from utils.evidence.curves import merge_random
from utils.names import DIRECTIONS, NAMES, NETWORK, QUANTITIES, RANKS, in_order, spaced


def network_curves(ablation: pd.DataFrame) -> Figure:
    """Bias-balanced curves across the network: a row a direction, a line an ordering.

    On the left by values, on the right by ranks within layers.
    """
    table = _balanced(ablation)
    by_ranks = table["ordering"].str.endswith(RANKS)
    values = table[(table["scope"] == NETWORK) & ~by_ranks]
    ranked = filled(table[by_ranks], ["accuracy"])
    ranked = ranked.assign(ordering=ranked["ordering"].str.removesuffix(RANKS))
    return _curves({"network": values, "ranks within layers": ranked})


def layer_curves(ablation: pd.DataFrame) -> Figure:
    """Bias-balanced curves within each layer: a row a direction, a line an ordering."""
    table = _balanced(ablation)
    layers = in_order(table.loc[table["scope"] != NETWORK, "scope"])
    return _curves({spaced(scope): table[table["scope"] == scope] for scope in layers})


def _balanced(ablation: pd.DataFrame) -> pd.DataFrame:
    table = filled(merge_random(ablation), ["accuracy"])
    return table[table["replacement"] == "mean"]


def _curves(columns: Mapping[str, pd.DataFrame]) -> Figure:
    figure, axes = plt.subplots(2, len(columns), figsize=(7.2, 5.3), squeeze=False, sharey=True)
    labels = {"xlabel": "neurons ablated", "ylim": (0, 1)}
    for direction, row in zip(DIRECTIONS, axes, strict=True):
        panels = {
            f"{title}, {spaced(direction)}": table[table["direction"].isin([direction, "none"])]
            for title, table in columns.items()
        }
        line_panels(panels, "ordering", _looks(direction), row, "n_ablated", **labels)
        row[0].set_ylabel("test accuracy")
    axes[0, 0].legend(loc="lower left")
    return figure


def _looks(direction: str) -> dict[str, dict]:
    """Of the line of each ordering, as `mean_line` takes them."""
    lines = dict.fromkeys(QUANTITIES, LINES[direction]) | {"random": LINES["none"]}
    return {
        name: {"color": COLOURS[name], "linestyle": lines[name], "label": NAMES[name]}
        for name in sorted(lines)
    }

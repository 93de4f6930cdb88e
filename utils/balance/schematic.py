"""A drawing of what zeroing and bias balancing do to what the next layer receives."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from utils.drawing.style import REPAIRS

_PANELS = {  # title: what the next neuron receives, what its bias is
    "intact": ("$w_1h_1 + w_2h_2 + w_3h_3 + b$", "$b$"),
    "zeroed": ("$w_1h_1 + w_3h_3 + b$", "$b$"),
    "bias-balanced": (r"$w_1h_1 + w_3h_3 + (b + w_2\bar{h}_2)$", r"$b + w_2\bar{h}_2$"),
}
_HEIGHTS = (0.85, 0.55, 0.25)  # of the three neurons, of which the second is removed


def zeroing_and_balancing() -> Figure:
    """Three neurons and one of the next layer: intact, zeroed, and with the mean in its bias."""
    figure, axes = plt.subplots(1, len(_PANELS), figsize=(7.2, 2.0))
    centred = {"ha": "center", "va": "center"}
    for ax, (title, (received, bias)) in zip(axes, _PANELS.items(), strict=True):
        colour = REPAIRS["mean"]["color"] if title == "bias-balanced" else "0.3"
        for neuron, height in enumerate(_HEIGHTS, 1):
            kept = title == "intact" or neuron != 2
            look = {"edgecolor": "0.3" if kept else "0.7", "linestyle": "-" if kept else ":"}
            if kept:
                ax.plot([0.12, 0.62], [height, 0.55], color="0.6", zorder=1)
                ax.text(0.33, (height + 0.55) / 2 + 0.05, f"$w_{neuron}$", fontsize=8)
            ax.add_patch(plt.Circle((0.12, height), 0.09, facecolor="white", **look))
            ax.text(
                0.12, height, f"$h_{neuron}$", color=look["edgecolor"], ha="center", va="center"
            )
        ax.plot([0.62, 0.62], [0.2, 0.55], color=colour, zorder=1)
        ax.add_patch(plt.Circle((0.62, 0.55), 0.09, facecolor="white", edgecolor="0.3"))
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": colour}
        ax.text(0.62, 0.2, bias, color=colour, fontsize=9, bbox=box, **centred)
        ax.text(0.5, -0.08, received, fontsize=9, **centred)
        ax.set(title=title, xlim=(0, 1), ylim=(-0.15, 1), aspect="equal")
        ax.axis("off")
    return figure

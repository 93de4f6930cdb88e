"""What a mistake does to an ablation curve."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE


def mistake(curves: pd.DataFrame, width: int, earlier: pd.Series) -> Figure:
    """Accuracy by share of a layer of `width` removed, a line a column, the index the number.

    `earlier` (dashed grey): the earlier replication's curve, by number of its 200 neurons.
    """
    figure, ax = plt.subplots(figsize=(5, 3.2))
    for name, colour in zip(curves, (PALETTE[0], PALETTE[3], PALETTE[2]), strict=False):
        ax.plot(curves.index / width, curves[name], color=colour, label=name)
    ax.plot(earlier.index / 200, earlier, color="0.4", linestyle="--", label="earlier replication")
    ax.set(xlabel="share of the layer removed", ylabel="test accuracy", ylim=(0, 1))
    ax.legend(loc="lower left")
    return figure

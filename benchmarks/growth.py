"""How the cost of first-layer ablation curves grows with samples, neurons, orders and layers."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator

from benchmarks.common import PIXELS, median_seconds, random_network, random_samples
from utils.networks.network import Network
from utils.removal import ablation, orders
from utils.study import parallel

# what is varied: its values; everything else stays as in STANDARD
STANDARD = {"samples": 4_000, "neurons": 100, "orders": 2, "replicates": 2, "depth": 2}
VARIED = {
    "samples": (1_000, 2_000, 4_000, 8_000),
    "neurons": (25, 50, 100, 200),
    "orders": (1, 2, 4),
    "replicates": (1, 2, 4),
    "depth": (1, 2, 3, 4),
}
WHY = {
    "samples": "Chunks of 1,000 images, one after another.",
    "neurons": "A whole curve has as many steps as neurons, and a step costs as many sigmoids.",
    "orders": "One after another.",
    "replicates": f"{parallel.n_workers()} side by side, then one after another.",
    "depth": "With one hidden layer a step changes the logits alone; every further layer is a "
    "full matrix product a step.",
}


def growth() -> pd.DataFrame:
    """varied, value, seconds: a row for each value of VARIED."""
    rows = [
        (name, value, _seconds(STANDARD | {name: value}))
        for name, values in VARIED.items()
        for value in values
    ]
    return pd.DataFrame(rows, columns=["varied", "value", "seconds"])


def _seconds(size: dict[str, int], repetitions: int = 2) -> float:
    """First-layer curves of every order and replicate, all neurons removed, compiled before."""
    hidden = (size["neurons"],) * size["depth"]
    networks = [random_network(hidden, PIXELS, seed) for seed in range(size["replicates"])]
    samples = random_samples(size["samples"], PIXELS)
    drawn = orders.random_orders(size["neurons"], size["orders"], (0,))

    def curves(network: Network) -> None:
        ablation.cumulative_ablation(network, *samples, drawn, np.full(sum(hidden), 0.5))

    curves(networks[0])
    return median_seconds(lambda: parallel.run(curves, networks, ""), repetitions)


def powers(table: pd.DataFrame) -> pd.Series:
    """By what is varied: slope of log seconds over log value, through the largest three values.

    >>> seconds = {"varied": "samples", "value": [1, 2, 4, 8], "seconds": [5, 4, 16, 64]}
    >>> powers(pd.DataFrame(seconds)).round(6).to_dict()
    {'samples': 2.0}
    """
    slopes = {}
    for name, part in table.groupby("varied", sort=False):
        largest = np.log(part.nlargest(3, "value")[["value", "seconds"]])
        slopes[name] = np.polyfit(largest["value"], largest["seconds"], 1)[0]
    return pd.Series(slopes)


def draw(table: pd.DataFrame, path: Path) -> None:
    figure, axes = plt.subplots(
        1, len(VARIED), figsize=(9, 2.4), sharey=True, layout="constrained"
    )
    for ax, (name, part) in zip(axes, table.groupby("varied", sort=False), strict=True):
        ax.plot(part["value"], part["seconds"], marker="o", color="black")
        first = part.iloc[0]
        ax.plot(
            part["value"], first["seconds"] * part["value"] / first["value"], color="0.4",
            linestyle="--", label="in proportion",
        )  # fmt: skip
        ax.set(xscale="log", yscale="log", xlabel=name)
        ax.set_xticks(part["value"], [f"{value:g}" for value in part["value"]], fontsize=6)
        ax.minorticks_off()
    axes[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes[0].yaxis.set_major_formatter("{x:g}")
    axes[0].set_ylabel("seconds")
    axes[0].legend(fontsize=7)
    figure.savefig(path, dpi=150)

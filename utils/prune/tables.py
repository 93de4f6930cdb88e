"""The small tables of notebook 04: one function a table, made to be read."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from utils.evidence.curves import compared, with_accuracy
from utils.evidence.intervals import summarize
from utils.names import NETWORK, REPAIRS
from utils.networks.datasets import Split
from utils.networks.network import Network
from utils.removal import costs


def cost(networks: Mapping[str, Network]) -> pd.DataFrame:
    """Parameters, multiply-accumulates for one image, and bytes of each network."""
    table = pd.DataFrame({name: costs.sizes(network) for name, network in networks.items()}).T
    return table.set_axis(["parameters", "multiply-accumulates", "bytes"], axis=1)


def pruned_accuracy(pruned: pd.DataFrame, retrain_epochs: int) -> pd.DataFrame:
    """Mean accuracy by method and fraction of all layers, after some epochs of retraining.

    Bias-balanced throughout.
    """
    table = compared(pruned[pruned["retrain_epochs"] == retrain_epochs])
    return table.pivot_table(index="method", columns="fraction", values="accuracy", sort=False)


def repaired_accuracy(pruned: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Mean accuracy by method and repair with a fraction of all layers pruned, not retrained.

    Down a column the repair is the same; NoiseOut as published has none but its own.
    """
    here = (pruned["scope"] == NETWORK) & (pruned["fraction"] == fraction)
    table = with_accuracy(pruned[here & (pruned["retrain_epochs"] == 0)])
    return table.pivot_table(index="method", columns="repair", values="accuracy", sort=False)


def against_random(pruned: pd.DataFrame, fraction: float, retrain_epochs: int) -> pd.DataFrame:
    """Accuracy minus that of random choice in the same network: mean and 95 % interval.

    Bias-balanced on both sides.
    """
    table = compared(pruned[pruned["retrain_epochs"] == retrain_epochs])
    table = table[table["fraction"] == fraction]
    wide = table.pivot_table(index="replicate", columns="method", values="accuracy", sort=False)
    gains = wide.sub(wide["random"], axis=0).drop(columns="random")
    columns = ["mean", "low", "high", "n_replicates"]
    return summarize(gains.melt(), ["method"]).set_index("method")[columns]


def full_accuracy(networks: Sequence[Network], test: Split) -> np.ndarray:
    """Test accuracy of each of the unpruned networks."""
    hits = [network.n_correct(test.images, test.labels) for network in networks]
    return np.array(hits) / len(test.labels)


def within(pruned: pd.DataFrame, full: np.ndarray, loss: float = 0.01) -> pd.DataFrame:
    """Up to which share of all layers a method stays within `loss` of the full network.

    As text, `20 % (10 %)`: up to 20 % the mean loss of accuracy is at most `loss`, up to 10 % the
    whole of its 95 % interval is; 0 % if at no share tried. The losses are within one network,
    `full` [replicates] the accuracies of the unpruned ones. A row a method, a column a repair
    without retraining; the last column is the mean repair retrained (NoiseOut as published: merged
    and retrained), of which fewer shares were tried.
    """
    last = pruned["retrain_epochs"].max()
    table = with_accuracy(pruned[pruned["scope"] == NETWORK])
    table = table[table["retrain_epochs"].isin([0, last])]
    table["repair"] = table["repair"].where(table["retrain_epochs"] == 0, "retrained")
    table["value"] = full[table["replicate"]] - table["accuracy"]
    losses = summarize(table, ["method", "repair", "fraction"])
    shares = _up_to(losses, "mean", loss) + " (" + _up_to(losses, "high", loss) + ")"
    wide = shares.unstack().reindex(pruned["method"].unique(), columns=[*REPAIRS, "retrained"])
    return wide.fillna("").rename_axis(None, axis=1)


def _up_to(losses: pd.DataFrame, end: str, loss: float) -> pd.Series:
    """By method and repair, the largest fraction up to which `end` is at most `loss`; or 0."""
    ascending = losses.sort_values("fraction").set_index(["method", "repair"])
    small = (ascending[end] <= loss).groupby(level=[0, 1]).cummin()
    shares = ascending["fraction"].where(small, 0).groupby(level=[0, 1]).max()
    return shares.map("{:.0%}".format)


def slowness(latency: pd.DataFrame) -> pd.DataFrame:
    """Milliseconds by fraction pruned and batch, and the share of the unpruned network's."""
    wide = latency.pivot_table(index="fraction", columns="batch", values="latency_ms")
    shares = (wide / wide.loc[0]).add_prefix("share, batch of ")
    return wide.add_prefix("ms, batch of ").join(shares).round(3)

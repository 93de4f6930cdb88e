"""The small tables of notebooks 04 and 05: one function a table, made to be read."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils import claims, costs, measures, surgery, verdicts
from utils.datasets import Split
from utils.networks import Network


# 04-prune
def cost(networks: dict[str, Network]) -> pd.DataFrame:
    """Parameters, multiply-accumulates for one image, and bytes of each network."""
    rows = {
        name: {
            "parameters": costs.n_parameters(n),
            "multiply-accumulates": costs.n_macs(n),
            "bytes": costs.n_bytes(n),
        }
        for name, n in networks.items()
    }
    return pd.DataFrame(rows).T


def pruned_accuracy(pruned: pd.DataFrame, scope: str, retrain_epochs: int) -> pd.DataFrame:
    """Mean accuracy by method and fraction after some epochs of retraining."""
    table = claims.compared(pruned, scope)
    table = table[table["retrain_epochs"] == retrain_epochs]
    return table.pivot_table(index="method", columns="fraction", values="accuracy", sort=False)


def against_random(pruned: pd.DataFrame, fraction: float, retrain_epochs: int) -> pd.DataFrame:
    """Accuracy minus that of random choice in the same network: mean and 95 % interval."""
    table = claims.compared(pruned)
    table = table[(table["retrain_epochs"] == retrain_epochs) & (table["fraction"] == fraction)]
    wide = table.pivot_table(index="replicate", columns="method", values="accuracy", sort=False)
    wide = wide.sub(wide["random"], axis=0).drop(columns="random").reset_index()
    long = wide.melt("replicate", var_name="method")
    return claims.summarize(long, ["method"]).set_index("method")


def full_accuracy(networks: Sequence[Network], test: Split) -> float:
    """Mean test accuracy of the unpruned networks."""
    hits = [network.n_correct(test.images, test.labels) for network in networks]
    return float(np.mean(hits)) / len(test.labels)


def within(pruned: pd.DataFrame, full: float, loss: float = 0.01) -> pd.DataFrame:
    """Largest fraction up to which mean accuracy is within `loss` of `full`; 0 if none is.

    All layers pruned at equal fractions. A row a method, a column a repair without retraining;
    the last column is the mean repair retrained (NoiseOut: merged and retrained), of which fewer
    fractions were tried.
    """
    table = claims.with_accuracy(pruned[pruned["scope"] == "network"])
    again = table[table["retrain_epochs"] == table["retrain_epochs"].max()]
    columns = {
        repair: table[(table["repair"] == repair) & (table["retrain_epochs"] == 0)]
        for repair in surgery.REPAIRS
    }
    columns |= {"retrained": again[again["retrain_epochs"] > 0]}
    found = {}
    for name, part in columns.items():
        means = part.groupby(["method", "fraction"], sort=False)["accuracy"].mean()
        ok = (means.unstack("fraction").sort_index(axis=1) >= full - loss).cummin(axis=1)
        found[name] = (ok * ok.columns.to_numpy()).max(axis=1)
    order = list(dict.fromkeys(pruned["method"]))
    return pd.DataFrame(found).reindex(order).rename_axis("method")


def slowness(latency: pd.DataFrame) -> pd.DataFrame:
    """Milliseconds by fraction pruned and batch, and the share of the unpruned network's."""
    wide = latency.pivot_table(index="fraction", columns="batch", values="latency_ms")
    shares = (wide / wide.loc[0]).add_prefix("share, batch of ")
    return wide.add_prefix("ms, batch of ").join(shares).round(3)


# 05-bias-balance
def mean_and_variance(measured: pd.DataFrame) -> pd.DataFrame:
    """Squared mean and variance of outputs, and the share of their sum that balancing removes.

    Each the mean over the neurons of a layer and the networks.
    """
    columns = {
        "squared mean": measured["mean_output"] ** 2,
        "variance": measured["output_variance"],
        "share removed by balancing": measures.share_of_mean(measured),
    }
    return pd.DataFrame(columns).groupby(measured["layer"]).mean()


def repaired_accuracy(balancing: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy by scope and fraction, as pruned; across: repairs."""
    table = claims.with_accuracy(balancing[balancing["retrain_epochs"] == 0])
    return table.pivot_table(
        index=["scope", "fraction"], columns="repair", values="accuracy", sort=False
    )


def retrained_accuracy(balancing: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy with all layers pruned, by fraction and repair; across: retraining epochs."""
    table = claims.with_accuracy(balancing[balancing["scope"] == "network"])
    return table.pivot_table(
        index=["fraction", "repair"], columns="retrain_epochs", values="accuracy", sort=False
    )


def retraining_share(balancing: pd.DataFrame) -> pd.DataFrame:
    """Share of what retraining gains that each repair gains alone: mean, interval, verdict."""
    parts = {
        (repair, fraction): share
        for repair in surgery.REPAIRS[1:]
        for fraction, share in verdicts.retraining_shares(balancing, repair).items()
    }
    shares = pd.concat(parts, names=["repair", "fraction"]).rename("value").reset_index()
    table = claims.summarize(shares, ["repair", "fraction"])
    table["verdict"] = claims.verdicts(table)
    return table.set_index(["repair", "fraction"])


def head_start(balancing: pd.DataFrame) -> pd.DataFrame:
    """Accuracy retrained from repaired weights minus that from zeroed ones: mean and interval."""
    wide = claims.with_accuracy(balancing[balancing["scope"] == "network"]).pivot_table(
        index=["replicate", "fraction", "retrain_epochs"], columns="repair", values="accuracy"
    )
    gains = wide[list(surgery.REPAIRS[1:])].sub(wide["zero"], axis=0).reset_index()
    long = gains[gains["retrain_epochs"] > 0].melt(
        ["replicate", "fraction", "retrain_epochs"], var_name="repair"
    )
    by = ["retrain_epochs", "repair"]
    averaged = long.groupby(["replicate", *by], sort=False)["value"].mean().reset_index()
    return claims.summarize(averaged, by).set_index(by)

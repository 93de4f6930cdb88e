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


def full_accuracy(networks: Sequence[Network], test: Split) -> np.ndarray:
    """Test accuracy of each of the unpruned networks."""
    hits = [network.n_correct(test.images, test.labels) for network in networks]
    return np.array(hits) / len(test.labels)


def within(pruned: pd.DataFrame, full: np.ndarray, loss: float = 0.01) -> pd.DataFrame:
    """Up to which share of all layers a method stays within `loss` of the full network.

    As text, `20 % (10 %)`: up to 20 % the mean loss of accuracy is at most `loss`, up to 10 % the
    whole of its 95 % interval is; 0 % if at no share tried. The losses are within one network,
    `full` [replicates] the accuracies of the unpruned ones. A row a method, a column a repair
    without retraining; the last column is the mean repair retrained (NoiseOut: merged and
    retrained), of which fewer shares were tried.
    """
    table = claims.with_accuracy(pruned[pruned["scope"] == "network"])
    table["value"] = full[table["replicate"]] - table["accuracy"]
    last = table["retrain_epochs"].max()
    again = table[(table["retrain_epochs"] == last) & (last > 0)]
    plain = table[table["retrain_epochs"] == 0]
    parts = [plain, again.assign(repair="retrained")]
    losses = claims.summarize(pd.concat(parts), ["method", "repair", "fraction"])
    shares = {
        end: losses.groupby(["method", "repair"], sort=False)[[end, "fraction"]].apply(
            _up_to, end, loss
        )
        for end in ("mean", "high")
    }
    text = shares["mean"].map("{:.0%}".format) + " (" + shares["high"].map("{:.0%}".format) + ")"
    return text.unstack().reindex(
        list(dict.fromkeys(pruned["method"])), columns=[*surgery.REPAIRS, "retrained"]
    ).fillna("").rename_axis(None, axis=1)  # fmt: skip


def _up_to(losses: pd.DataFrame, end: str, loss: float) -> float:
    """The largest fraction up to which the column `end` is at most `loss`; 0 if none is."""
    ascending = losses.sort_values("fraction")
    return float((ascending["fraction"] * (ascending[end] <= loss).cummin()).max())


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

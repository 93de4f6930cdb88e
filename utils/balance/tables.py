"""The small tables of notebook 05: one function a table, made to be read."""

import pandas as pd

from utils.evidence import effects
from utils.evidence.curves import retained, with_accuracy
from utils.evidence.intervals import summarize
from utils.evidence.judging import decided, long
from utils.information.neurons import share_of_mean
from utils.names import NETWORK, REPAIRS


def mean_and_variance(measured: pd.DataFrame) -> pd.DataFrame:
    """Squared mean and variance of outputs, and the share of their sum that balancing removes.

    Each the mean over the neurons of a layer and the networks.
    """
    columns = {
        "squared mean": measured["mean_output"] ** 2,
        "variance": measured["output_variance"],
        "share removed by balancing": share_of_mean(measured),
    }
    return pd.DataFrame(columns).groupby(measured["layer"]).mean()


def gains(ablation: pd.DataFrame) -> pd.DataFrame:
    """R(balanced) - R(zeroed) by layer and ordering: mean, interval, verdict."""
    r = effects.of_layers(retained(ablation))
    return decided(effects.balancing_gains(r, {**effects.LOW_FIRST, **effects.RANDOM}))


def repaired_accuracy(balancing: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy by scope and fraction, as pruned; across: repairs."""
    table = with_accuracy(balancing[balancing["retrain_epochs"] == 0])
    return table.pivot_table(
        index=["scope", "fraction"], columns="repair", values="accuracy", sort=False
    )


def retrained_accuracy(balancing: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy with all layers pruned, by fraction and repair; across: retraining epochs."""
    table = with_accuracy(balancing[balancing["scope"] == NETWORK])
    return table.pivot_table(
        index=["fraction", "repair"], columns="retrain_epochs", values="accuracy", sort=False
    )


def retraining_share(balancing: pd.DataFrame) -> pd.DataFrame:
    """Share of what retraining gains that each repair gains alone: mean, interval, verdict."""
    parts = {
        repair: decided(long(effects.retraining_shares(balancing, repair))).droplevel("scope")
        for repair in REPAIRS[1:]
    }
    return pd.concat(parts, names=["repair", "fraction"])


def head_start(balancing: pd.DataFrame) -> pd.DataFrame:
    """Accuracy retrained from repaired weights minus that from zeroed ones: mean and interval.

    By epochs of retraining and repair, over networks, of the mean over the fractions.
    """
    retrained = with_accuracy(balancing[balancing["retrain_epochs"] > 0])
    wide = retrained.pivot_table(
        index=["replicate", "fraction", "retrain_epochs"], columns="repair", values="accuracy"
    )
    differences = wide[list(REPAIRS[1:])].sub(wide["zero"], axis=0)
    averaged = differences.groupby(["replicate", "retrain_epochs"]).mean().melt(ignore_index=False)
    by = ["retrain_epochs", "repair"]
    return summarize(averaged.reset_index(), by).set_index(by)

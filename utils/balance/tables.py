"""The small tables of notebook 05: one function a table, made to be read."""

import pandas as pd

from utils.evidence import effects
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import with_accuracy
from utils.evidence.effects import JUDGED_BY
from utils.evidence.intervals import summarize
from utils.evidence.judging import Rule, decided
from utils.evidence.tables import Tables
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
    """C7's number, R(balanced) - R(zeroed), by layer, low first and random: interval, verdict.

    Verdicts are those among all cases of the claim, high first too.
    """
    claim = CLAIMS["C7"]
    table = _decided(claim.values(Tables({"ablation": ablation})), claim.rule)
    return table[~table.index.get_level_values("quantity").str.endswith("high-first")]


def repaired_accuracy(balancing: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy by scope and fraction, lowest mutual information first; across: repairs."""
    return _across_repairs(balancing[balancing["method"] == JUDGED_BY], ["scope", "fraction"])


def choices_repaired(balancing: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Mean accuracy by scope and choice of the `fraction` that is pruned; across: repairs."""
    return _across_repairs(balancing[balancing["fraction"] == fraction], ["scope", "method"])


def _across_repairs(balancing: pd.DataFrame, rows: list[str]) -> pd.DataFrame:
    table = with_accuracy(balancing[balancing["retrain_epochs"] == 0])
    return table.pivot_table(index=rows, columns="repair", values="accuracy", sort=False)


def retrained_accuracy(balancing: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy with all layers pruned, by fraction and repair; across: retraining epochs.

    Lowest mutual information first.
    """
    here = (balancing["scope"] == NETWORK) & (balancing["method"] == JUDGED_BY)
    table = with_accuracy(balancing[here])
    return table.pivot_table(
        index=["fraction", "repair"], columns="retrain_epochs", values="accuracy", sort=False
    )


def retraining_share(balancing: pd.DataFrame) -> pd.DataFrame:
    """Share of what retraining gains that each repair gains alone: mean, interval, verdict.

    By repair and fraction of all layers, lowest mutual information first; for the mean, C9's
    number. Where retraining gains nothing that could be told from 0, there is no share, and a note
    in the place of the verdict.
    """
    parts = {
        repair: _decided(effects.retraining_share(balancing, repair), CLAIMS["C9"].rule)
        for repair in REPAIRS[1:]
    }
    return pd.concat(parts, names=["repair"]).droplevel("scope")


def _decided(values: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """mean, low, high and verdict, or why there is none, by case."""
    table = decided(values, rule)
    table["verdict"] = table["verdict"].where(table["note"].isna(), table["note"])
    return table[["mean", "low", "high", "verdict"]]


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
    return summarize(averaged.reset_index(), by).set_index(by)[["mean", "low", "high"]]

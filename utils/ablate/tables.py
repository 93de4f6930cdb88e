"""What notebook 03 prints: accuracies on the way, and C1's and C2's numbers beside their like."""

import pandas as pd

from utils.evidence import effects
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import merge_random, retained
from utils.evidence.judging import Tables, decided, long
from utils.names import QUANTITIES, in_order


def halfway(ablation: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy with half of a scope's neurons ablated, bias-balanced."""
    table = merge_random(ablation)
    half = table.groupby("scope")["n_ablated"].transform("max") // 2
    table = table[(table["n_ablated"] == half) & (table["replacement"] == "mean")]
    wide = table.pivot_table(
        index=["ordering", "direction"], columns="scope", values="accuracy", sort=False
    )
    return wide[in_order(wide.columns)]


def network_against_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """C1: R(low first) - R(random) across the network; claimed to be below the claim's bound."""
    claim = CLAIMS["C1"]
    return decided(claim.values(Tables({"ablation": ablation})), claim.side, claim.bound)


def layers_against_high_first(ablation: pd.DataFrame) -> pd.DataFrame:
    """C2's number, and entropy's: R(low first) - R(high first) within each layer, above 0."""
    return decided(long(effects.direction_gaps(effects.of_layers(retained(ablation)))))


def layers_against_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """R(low first) - R(random) within each layer, above 0."""
    return decided(effects.against_random(effects.of_layers(retained(ablation))))


def correlation_with_rise(measured: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rho of each quantity and the rise in cross-entropy: mean, interval, verdict."""
    correlations = effects.rise_correlations(measured, alone)
    return decided(correlations).rename(columns={"verdict": "above 0"})


def layer_of_removed(measured: pd.DataFrame) -> pd.Series:
    """Share of the first half of the neurons, lowest values first, that are of layer 1."""
    shares = {}
    for quantity in QUANTITIES:
        ranks = measured.groupby("replicate")[quantity].rank(method="first", pct=True)
        shares[quantity] = (measured.loc[ranks <= 0.5, "layer"] == 1).mean()
    return pd.Series(shares, name="share of layer 1")

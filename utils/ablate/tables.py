"""What notebook 03 prints: C1's, C1b's and C2's numbers beside their like."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils.evidence import effects
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import retained
from utils.evidence.judging import Rule, decided, long
from utils.evidence.tables import Tables
from utils.names import QUANTITIES, layer_scope

SHOWN = ["mean", "low", "high", "verdict"]


def network_against_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """C1: R - R(random) across the network; claimed to be below the claim's bound."""
    return _claimed("C1", ablation)


def ranks_against_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """C1b: R(low first) - R(random), all by ranks within layers; above the claim's bound."""
    return _claimed("C1b", ablation)


def _claimed(claim: str, ablation: pd.DataFrame) -> pd.DataFrame:
    return _decided(CLAIMS[claim].values(Tables({"ablation": ablation})), CLAIMS[claim].rule)


def _decided(values: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    return decided(values, rule)[SHOWN]


def layers_against_high_first(ablation: pd.DataFrame) -> pd.DataFrame:
    """C2's number, and entropy's: R(low first) - R(high first) within each layer, above 0."""
    gaps = effects.direction_gaps(effects.of_layers(retained(ablation)))
    return _decided(long(gaps), CLAIMS["C2"].rule)


def layers_against_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """R(low first) - R(random) within each layer, above 0."""
    differences = effects.against_random(effects.of_layers(retained(ablation)))
    return _decided(differences, CLAIMS["C2"].rule)


def correlation_with_rise(measured: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rho of each quantity with what rises when a neuron alone is removed, above 0.

    With the errors and with the temperature-scaled cross-entropy beside each other: mean,
    interval and verdict by layer and quantity.
    """
    parts = {}
    for rise in effects.RISES:
        values = effects.rise_correlations(measured, alone, rise)
        values["quantity"] = values["quantity"].str.removesuffix(f", {rise}")
        parts[rise] = _decided(values, CLAIMS["C2, one by one"].rule)
    return pd.concat(parts, axis=1)


def lowered(alone: pd.DataFrame, temperatures: Sequence[float]) -> pd.DataFrame:
    """Share of a layer's neurons whose removal alone lowers the test cross-entropy, by network.

    Bias-balanced; with logits as they are and divided by the network's temperature, which stands
    in the first column.
    """
    names = {
        "cross_entropy_rise": "cross-entropy",
        "scaled_cross_entropy_rise": "scaled cross-entropy",
    }
    balanced = alone[alone["replacement"] == "mean"].rename(columns=names)
    keys = [balanced["replicate"], balanced["layer"].map(layer_scope)]
    shares = (balanced[list(names.values())] < 0).groupby(keys).mean().unstack("layer", sort=False)
    shares.insert(0, ("temperature", ""), np.asarray(temperatures))
    return shares.rename_axis(columns=[None, None])


def layer_of_removed(measured: pd.DataFrame) -> pd.Series:
    """Share of the first half of the neurons, lowest values first, that are of layer 1."""
    shares = {}
    for quantity in QUANTITIES:
        ranks = measured.groupby("replicate")[quantity].rank(method="first", pct=True)
        shares[quantity] = (measured.loc[ranks <= 0.5, "layer"] == 1).mean()
    return pd.Series(shares, name="share of layer 1")

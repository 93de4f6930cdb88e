"""Effect sizes on tables with known answers."""

import warnings

import numpy as np
import pandas as pd
import pytest

from utils.evidence import effects
from utils.evidence.curves import retained
from utils.names import QUANTITIES


@pytest.fixture(scope="module")
def r(ablation_of):
    """R of three networks of one layer with ten neurons whose curves are flat, random twofold."""
    levels = {"low-first": 0.8, "high-first": 0.5}
    random = {"random-00": 0.6, "random-01": 0.8}

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        level = levels.get(direction) or random[ordering]
        if replacement == "zero":
            level -= 0.05
        return round(100_000 * (level if n_ablated <= 8 else 0.1))

    return retained(ablation_of(n_correct, ["layer-1"], 3, n_neurons=10, n_random_orders=2))


def test_effects_are_the_differences_of_mean_accuracy_up_to_80_percent(r):
    assert r.shape[0] == 3
    for quantity, gaps in effects.direction_gaps(r).items():
        assert quantity in QUANTITIES
        assert gaps.tolist() == pytest.approx([0.3] * 3)
    against = effects.against_random(r).groupby("quantity")["value"].apply(list)
    gains = effects.balancing_gains(r).groupby("quantity")["value"].apply(list)
    for quantity in QUANTITIES:
        assert against[quantity] == pytest.approx([0.1] * 3)
    orders = [f"{q}, {direction}-first" for q in QUANTITIES for direction in ("low", "high")]
    assert set(gains.index) == {*orders, "random"}
    for order in gains.index:
        assert gains[order] == pytest.approx([0.05] * 3)


def test_a_quantity_that_is_the_same_everywhere_has_no_correlation_and_no_warning():
    neurons = [(k, layer, n) for k in (0, 1) for layer in (1, 2) for n in range(4)]
    keys = pd.DataFrame(neurons, columns=["replicate", "layer", "neuron"])
    varied = keys.assign(**dict.fromkeys(QUANTITIES, keys["neuron"] / 10))
    measures = varied.assign(entropy=np.where(keys["layer"] == 2, 0.5, keys["neuron"] / 10))
    single = keys.assign(replacement="mean", error_rise=keys["neuron"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = effects.rise_correlations(measures, single, "errors")
    cases = values.set_index(["scope", "quantity"])["value"]
    assert cases.loc["layer-2", "entropy, errors"].isna().all()
    assert cases.drop(("layer-2", "entropy, errors")).tolist() == [1] * 10

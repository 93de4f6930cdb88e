"""What notebook 03 prints, from curves with known answers."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from utils.ablate import experiment, tables
from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.evidence.tables import Tables
from utils.names import QUANTITIES
from utils.networks.temperature import at_temperature

LEVELS = {  # low first is a little better than random, high first worse
    "low-first": 70_500, "high-first": 60_000, "none": 70_000,
}  # fmt: skip


@pytest.fixture(scope="module")
def ablation(ablation_of, with_ranks) -> pd.DataFrame:
    """Three networks of 11 layers, whose curves are flat; the second layer is the second best."""
    scopes = [*(f"layer-{layer}" for layer in range(1, 12)), "network"]

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        deeper = 0 if scope == "network" else 100 * int(scope.removeprefix("layer-"))
        zeroed = 5000 if replacement == "zero" else 0
        return LEVELS[direction] + deeper + 10 * replicate * (direction == "low-first") - zeroed

    table = with_ranks(ablation_of(n_correct, scopes, n_replicates=3))
    low_ranks = (table["ordering"] == "kl_selectivity_ranks") & (table["direction"] == "low-first")
    return table.assign(n_correct=table["n_correct"] + 2000 * low_ranks)


def test_across_the_network_the_claims_are_decided_by_values_and_by_ranks(ablation):
    by_values = tables.network_against_random(ablation)
    low = by_values[by_values.index.get_level_values("quantity").str.endswith("low-first")]
    assert low["mean"].to_numpy() == pytest.approx(0.0051)
    assert set(by_values["verdict"]) == {"agrees"}  # above 0, but no good indicator
    by_ranks = tables.ranks_against_random(ablation)
    assert by_ranks["mean"].to_numpy() == pytest.approx([0.0051, 0.0051, 0.0251] * 2)
    assert by_ranks["verdict"].tolist() == ["disagrees", "disagrees", "agrees"] * 2
    for claim, table in (("C1", by_values), ("C1b", by_ranks)):
        judged = judging.judge(Tables({"ablation": ablation}), {claim: CLAIMS[claim]})
        assert judged["estimate"].tolist() == table["mean"].round(5).tolist()
        assert judged["verdict"].tolist() == table["verdict"].tolist()


def test_within_layers_orders_are_compared_with_the_other_direction_and_with_random(ablation):
    for compare, difference, verdict in (
        (tables.layers_against_high_first, 0.1051, "agrees"),
        (tables.layers_against_random, 0.0051, "negligible"),
    ):
        table = compare(ablation)
        assert table.index.tolist() == [
            (f"layer-{layer}", quantity) for layer in range(1, 12) for quantity in QUANTITIES
        ]
        assert table["mean"].to_numpy() == pytest.approx(difference)
        assert set(table["verdict"]) == {verdict}


@pytest.fixture
def measured() -> pd.DataFrame:
    """Two networks of two layers of four; mutual information falls where the others rise."""
    keys = [(k, layer, n) for k in (0, 1) for layer in (1, 2) for n in range(4)]
    table = pd.DataFrame(keys, columns=["replicate", "layer", "neuron"])
    values = table["neuron"] + 10 * table["layer"]
    return table.assign(entropy=values, mutual_information=-values, kl_selectivity=values)


@pytest.fixture
def alone(measured) -> pd.DataFrame:
    """Errors rise with the number of the neuron, the scaled cross-entropy with its mirror."""
    neuron = measured["neuron"]
    return measured[["replicate", "layer", "neuron"]].assign(
        replacement="mean", error_rise=neuron**2, scaled_cross_entropy_rise=0.5 - neuron,
        cross_entropy_rise=np.where(measured["layer"] == 2, -1.0, 0.5 - neuron),
    )  # fmt: skip


def test_an_order_that_notices_layers_by_its_values(measured):
    assert tables.layer_of_removed(measured).tolist() == [1, 0, 1]


def test_one_by_one_errors_and_scaled_cross_entropy_stand_beside_each_other(measured, alone):
    table = tables.correlation_with_rise(measured, alone)
    assert table.index.tolist() == [
        (f"layer-{layer}", quantity) for layer in (1, 2) for quantity in QUANTITIES
    ]
    assert table["errors", "mean"].tolist() == pytest.approx([1, -1, 1] * 2)
    assert table["errors", "verdict"].tolist() == ["agrees", "disagrees", "agrees"] * 2
    assert table["scaled cross-entropy", "mean"].tolist() == pytest.approx([-1, 1, -1] * 2)
    words = ["disagrees", "agrees", "disagrees"]
    assert table["scaled cross-entropy", "verdict"].tolist() == words * 2
    zeroed = alone.assign(replacement="zero", error_rise=0, scaled_cross_entropy_rise=0.0)
    assert tables.correlation_with_rise(measured, pd.concat([zeroed, alone])).equals(table)


def test_shares_of_neurons_whose_removal_lowers_the_cross_entropy(alone):
    zeroed = alone.assign(replacement="zero", cross_entropy_rise=-1.0)
    table = tables.lowered(pd.concat([zeroed, alone]), [3.0, 2.5])
    assert table.index.tolist() == [0, 1]
    assert table["temperature"].to_numpy().ravel().tolist() == [3.0, 2.5]
    assert table["cross-entropy"].to_numpy().tolist() == [[0.75, 1.0]] * 2
    assert table["scaled cross-entropy"].to_numpy().tolist() == [[0.75, 0.75]] * 2


def test_temperatures_are_those_of_the_networks(random_network, fitted, small_digits):
    network = fitted(random_network((49, 8, 10)), small_digits)
    networks = [network, at_temperature(network, 0.5)]
    stage = SimpleNamespace(networks=networks, dataset=small_digits)
    one, twice = experiment.temperatures(stage)
    assert twice == pytest.approx(2 * one, rel=1e-4)

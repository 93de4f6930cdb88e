"""What notebook 03 prints, from curves with known answers."""

import pandas as pd
import pytest

from utils.ablate import tables
from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.names import QUANTITIES

LEVELS = {  # low first is a little better than random, high first worse
    "low-first": 70_500, "high-first": 60_000, "none": 70_000,
}  # fmt: skip


@pytest.fixture(scope="module")
def ablation(ablation_of) -> pd.DataFrame:
    """Three networks of 11 layers, whose curves are flat; the second layer is the second best."""
    scopes = [*(f"layer-{layer}" for layer in range(1, 12)), "network"]

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        deeper = 0 if scope == "network" else 100 * int(scope.removeprefix("layer-"))
        zeroed = 5000 if replacement == "zero" else 0
        return LEVELS[direction] + deeper + 10 * replicate * (direction == "low-first") - zeroed

    return ablation_of(n_correct, scopes, n_replicates=3)


def test_halfway_has_a_column_a_scope_layers_by_number(ablation):
    table = tables.halfway(ablation)
    assert table.columns.tolist() == [*(f"layer-{k}" for k in range(1, 12)), "network"]
    assert table.loc[("random", "none"), "layer-11"] == pytest.approx(0.711)
    assert table.loc[("entropy", "high-first"), "network"] == pytest.approx(0.6)


def test_across_the_network_it_is_the_first_claim_that_is_decided(ablation):
    table = tables.network_against_random(ablation)
    assert table["mean"].to_numpy() == pytest.approx(0.0051)
    assert set(table["verdict"]) == {"agrees"}  # above 0, but no good indicator
    judged = judging.judge(judging.Tables({"ablation": ablation}), {"C1": CLAIMS["C1"]})
    assert judged["estimate"].tolist() == table["mean"].round(5).tolist()
    assert judged["verdict"].tolist() == table["verdict"].tolist()


def test_within_layers_orders_are_compared_with_the_other_direction_and_with_random(ablation):
    for compare, difference in (
        (tables.layers_against_high_first, 0.1051),
        (tables.layers_against_random, 0.0051),
    ):
        table = compare(ablation)
        assert table.index.tolist() == [
            (f"layer-{layer}", quantity) for layer in range(1, 12) for quantity in QUANTITIES
        ]
        assert table["mean"].to_numpy() == pytest.approx(difference)
        assert set(table["verdict"]) == {"agrees"}


def test_neurons_and_their_removal_one_by_one():
    measured = pd.DataFrame(
        [(k, layer, n, n + 10 * layer) for k in (0, 1) for layer in (1, 2) for n in range(4)],
        columns=["replicate", "layer", "neuron", "entropy"],
    )
    measured = measured.assign(mutual_information=-measured["entropy"], kl_selectivity=0.0)
    measured["kl_selectivity"] = measured["entropy"]
    assert tables.layer_of_removed(measured).tolist() == [1, 0, 1]
    alone = measured.assign(replacement="mean", cross_entropy_rise=measured["neuron"] ** 2)
    alone = alone[["replicate", "layer", "neuron", "replacement", "cross_entropy_rise"]]
    table = tables.correlation_with_rise(measured, alone)
    assert table["mean"].tolist() == [1, -1, 1, 1, -1, 1]
    assert table["above 0"].tolist() == ["agrees", "disagrees", "agrees"] * 2

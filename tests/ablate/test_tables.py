"""What notebook 03 prints, from curves with known answers."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from utils.ablate import experiment, tables
from utils.evidence import judging, paper
from utils.evidence.claims import CLAIMS
from utils.evidence.tables import Tables
from utils.information.neurons import measure
from utils.names import QUANTITIES
from utils.networks.temperature import at_temperature
from utils.study.parallel import Replicate

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


def test_effects_stand_at_both_shares_and_are_those_of_the_claims(ablation):
    by_values = tables.at_shares(ablation, tables.against_random, CLAIMS["C1"].rule)
    assert by_values.index.unique("share").tolist() == [0.4, 0.8]
    low = by_values[by_values.index.get_level_values("quantity").str.endswith("low-first")]
    assert low["mean"].to_numpy() == pytest.approx(0.0051)
    by_ranks = tables.at_shares(ablation, tables.ranks_against_random, tables.GOOD)
    low = by_ranks[by_ranks.index.get_level_values("quantity").str.endswith("low-first")]
    assert low["mean"].to_numpy() == pytest.approx([0.0051, 0.0051, 0.0251] * 2)
    assert low["verdict"].tolist() == ["disagrees", "disagrees", "agrees"] * 2
    for claim, table in (("C1", by_values), ("C1b", low)):
        judged = judging.judge(Tables({"ablation": ablation}), {claim: CLAIMS[claim]})
        for case in judged.itertuples():
            share = int(case.scope.removeprefix("network to ").removesuffix("%")) / 100
            order = case.quantity if claim == "C1" else f"{case.quantity}, low-first"
            row = table.loc[(share, "network", order)]
            assert (case.estimate, case.verdict) == (round(row["mean"], 5), row["verdict"])


def test_within_layers_orders_are_compared_with_the_other_direction_and_with_random(ablation):
    gaps = tables.at_shares(ablation, tables.against_high_first)
    gaps = tables.of_scope(gaps, network=False).loc[0.8]
    assert gaps.index.tolist() == [
        (f"layer-{layer}", quantity) for layer in range(1, 12) for quantity in QUANTITIES
    ]
    assert gaps["mean"].to_numpy() == pytest.approx(0.1051)
    assert set(gaps["verdict"]) == {"agrees"}
    random = tables.at_shares(ablation, tables.against_random)
    random = random.xs("entropy, low-first", level="quantity")
    assert random["mean"].to_numpy() == pytest.approx(0.0051)
    assert set(random["verdict"]) == {"negligible"}


def test_readers_see_words_and_text(ablation):
    table = tables.all_effects(ablation)
    assert table.columns.tolist() == ["up to 40 % removed", "up to 80 % removed"]
    text = table.loc[("order − random", "layer 1", "KL selectivity, high first")].tolist()
    assert text == ["−0.100 [−0.100, −0.100] disagrees"] * 2


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


def test_layers_are_counted_in_the_order_of_removal(measured):
    low = (
        tables.removed_by_layer(measured)
        .set_index(["quantity", "layer", "n"])["removed"]
        .sort_index()
    )
    assert low["entropy", 1].tolist() == [1, 2, 3, 4, 4, 4, 4, 4]
    assert low["mutual_information", 1].tolist() == [0, 0, 0, 0, 1, 2, 3, 4]
    high = tables.removed_by_layer(measured, low_first=False)
    high = high.set_index(["quantity", "layer", "n"])["removed"].sort_index()
    assert high["entropy", 1].tolist() == [0, 0, 0, 0, 1, 2, 3, 4]


def test_one_by_one_errors_and_scaled_cross_entropy_stand_beside_each_other(measured, alone):
    measured = measured.assign(outgoing_norm=measured["entropy"], outgoing_variance=0.0)
    table = tables.correlation_with_rise(measured, alone)
    layer = table.loc["errors"].loc["layer-1"]
    assert layer.index.tolist() == list(tables.PREDICTORS)
    assert layer["mean"].tolist()[:4] == pytest.approx([1, -1, 1, 1])
    assert layer["verdict"].tolist()[:3] == ["agrees", "disagrees", "agrees"]
    other = table.loc["scaled cross-entropy"].loc["layer-2"]
    assert other["mean"].tolist()[:3] == pytest.approx([-1, 1, -1])
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
    stage = SimpleNamespace(replicates=[Replicate(0, n, 0, small_digits) for n in networks])
    one, twice = experiment.temperatures(stage)
    assert twice == pytest.approx(2 * one, rel=1e-4)


def test_weights_are_those_that_lead_out_of_each_neuron(random_network):
    networks = [random_network((49, 3, 2, 10), seed=k) for k in (0, 1)]
    keys = [(k, layer, n) for k in (0, 1) for layer in (1, 2) for n in range(4 - layer)]
    measured = pd.DataFrame(keys, columns=["replicate", "layer", "neuron"])
    measured["output_variance"] = np.arange(10.0)
    stage = SimpleNamespace(networks=networks)
    table = experiment.with_weights(stage, measured.sample(frac=1, random_state=0))
    row = table[(table["replicate"] == 1) & (table["layer"] == 2)].iloc[1]
    weights = networks[1].kernels[2][1]
    assert row["outgoing_norm"] == pytest.approx(np.abs(weights).mean())
    assert row["outgoing_variance"] == pytest.approx(9 * (weights**2).sum())


def test_losses_are_counted_by_class_as_without_the_neurons(random_network, fitted, small_digits):
    network = fitted(random_network((49, 10, 10)), small_digits)
    split = small_digits.validation
    measured = measure(network, split.images, split.labels, 2, 10)
    stage = SimpleNamespace(parameters=SimpleNamespace(n_random_orders=2))
    losses = experiment.class_losses(stage, Replicate(0, network, 1, small_digits), measured)
    assert losses["ordering"].unique().tolist() == ["mutual_information", "random-00", "random-01"]
    gone = np.argsort(measured["mutual_information"], kind="stable")[:6]
    outputs, test = network.forward(small_digits.test.images)[1], small_digits.test
    before = network.predict(test.images) == test.labels
    outputs[:, gone] = measured["mean_output"].to_numpy()[gone]
    now = (outputs @ network.kernels[1] + network.biases[1]).argmax(axis=1) == test.labels
    lost = [(before.astype(int) - now)[test.labels == k].mean() for k in range(10)]
    ours = losses.loc[losses["ordering"] == "mutual_information", "lost"]
    assert ours.to_numpy() == pytest.approx(lost)


def test_figure_3_is_nearer_to_the_curves_it_was_made_of():
    curves = paper.published_curves().query("figure == 'fig3'").drop(columns="figure")
    both = [curves, curves.assign(replacement="zero", accuracy=curves["accuracy"] - 0.1)]
    table = pd.concat(both).assign(replicate=0, n_samples=1e6)
    table = table.assign(n_correct=table["accuracy"] * 1e6).drop(columns="accuracy")
    assert tables.distances_from_figure_3(table).to_dict() == pytest.approx(
        {"mean": 0, "zero": 0.1}
    )

"""Pruning experiments: the counts are those of the networks that surgery makes by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from utils.information.neurons import measure
from utils.networks.recipes import Recipe
from utils.prune.experiment import latency, methods
from utils.removal import costs, surgery
from utils.removal.importance import METHODS, least_important
from utils.removal.surgery import Moments
from utils.study.parallel import Replicate


@pytest.fixture(scope="module")
def patient(negatives, random_network, fitted):
    """A network that gets some small digits right, and its measures."""
    network = fitted(random_network((49, 9, 7, 10), dtype=np.float32), negatives)
    validation = negatives.validation
    measured = measure(network, validation.images, validation.labels, 2, 10)
    return network, measured


@pytest.fixture(scope="module")
def stage(patient, negatives):
    """What the experiments need of a stage: images, networks, recipe and parameters."""
    given = {"fractions": [0.3, 0.6], "retrain_fractions": [0.6], "retrain_epochs": [1, 2]}
    return SimpleNamespace(
        replicates=[Replicate(0, patient[0], 5, negatives)],
        recipe=Recipe((9, 7), "sigmoid"),
        parameters=SimpleNamespace(**given),
    )


@pytest.fixture(scope="module")
def pruned(stage, patient):
    return methods(stage, stage.replicates[0], patient[1])


def test_every_method_repair_and_fraction_has_one_row(pruned):
    case = ["scope", "method", "repair", "fraction", "retrain_epochs"]
    assert not pruned.duplicated(case).any()
    of_network = pruned[(pruned["scope"] == "network") & (pruned["retrain_epochs"] == 0)]
    assert len(of_network) == 2 * (4 * (len(METHODS) + 1) + 1)
    again = pruned[pruned["retrain_epochs"] > 0]
    assert set(again["scope"]) == {"network"}
    assert set(again["fraction"]) == {0.6}
    assert again.groupby("method")["repair"].unique().map(list).to_dict() == {
        **{method: ["mean"] for method in (*METHODS, "noise_out")}, "noise_out_merged": ["affine"],
    }  # fmt: skip


def test_layers_alone_are_pruned_by_every_method_with_one_repair_each(pruned):
    of_layers = pruned[pruned["scope"] != "network"]
    assert of_layers["scope"].unique().tolist() == ["layer-1", "layer-2"]
    assert len(of_layers) == 2 * 2 * (len(METHODS) + 2)


@pytest.mark.parametrize("repair", surgery.REPAIRS)
def test_counts_and_costs_are_those_of_surgery_layer_after_layer(
    patient, pruned, negatives, repair
):
    network, measured = patient
    images = negatives.validation.images
    smaller = network
    for layer in (1, 2):
        values = measured.loc[measured["layer"] == layer, "kl_selectivity"].to_numpy()
        moments = Moments(smaller.forward(images)[layer])
        gone = least_important(values, 0.6)
        smaller = surgery.remove(smaller, layer, gone, repair, moments)
    row = pruned.query(
        "scope == 'network' and method == 'kl_selectivity' and repair == @repair "
        "and fraction == 0.6 and retrain_epochs == 0"
    ).iloc[0]
    test = negatives.test
    assert row["n_correct"] == smaller.n_correct(test.images, test.labels)
    assert row["n_samples"] == len(test.labels)
    assert row["n_macs"] == costs.sizes(smaller)["n_macs"] == 49 * 4 + 4 * 3 + 3 * 10


def test_latency_is_measured_beside_the_full_network(stage):
    stage.parameters.fractions = [0.5]
    table = latency(stage)
    assert table["fraction"].tolist() == [0.0, 0.5] * 2
    assert table["batch"].tolist() == [1, 1, 1000, 1000]
    assert (table["latency_ms"] > 0).all()

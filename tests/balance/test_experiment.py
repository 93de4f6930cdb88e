"""Repairs and retraining of one network."""

from types import SimpleNamespace

import numpy as np
import pytest

from utils.balance.experiment import repairs
from utils.information.neurons import measure
from utils.networks.recipes import Recipe
from utils.removal import surgery
from utils.removal.importance import least_important
from utils.study.parallel import Replicate


@pytest.fixture(scope="module")
def patient(negatives, random_network):
    """A network, its measures, and the table of its repairs; retraining hardly moves it."""
    network = random_network((49, 9, 7, 10), dtype=np.float32)
    validation = negatives.validation
    measured = measure(network, validation.images, validation.labels, 2, 10)
    stage = SimpleNamespace(
        recipe=Recipe((9, 7), "sigmoid", learning_rate=1e-7),
        parameters=SimpleNamespace(fractions=[0.5], retrain_epochs=[1]),
    )
    return network, measured, repairs(stage, Replicate(0, network, 5, negatives), measured)


def test_retraining_goes_on_from_the_pruned_weights(patient):
    """One layer, nothing but the pruned network and its first step: no new start."""
    *_, table = patient
    retrained = table[table["retrain_epochs"] > 0]
    assert set(zip(retrained["scope"], retrained["method"], strict=True)) == {
        ("network", "mutual_information")
    }
    informed = table[table["method"] == "mutual_information"]
    wide = informed[informed["scope"] == "network"].pivot(
        index="repair", columns="retrain_epochs", values="n_correct"
    )
    assert (wide[0] - wide[1]).abs().max() == 0
    assert set(table["repair"]) == set(surgery.REPAIRS)
    as_pruned = table[table["retrain_epochs"] == 0]
    assert as_pruned.groupby(["scope", "method", "repair"]).size().tolist() == [1] * 3 * 3 * 4


def test_repairs_are_made_from_validation_images_and_counted_on_test_images(patient, negatives):
    network, measured, table = patient
    outputs, test = network.forward(negatives.validation.images), negatives.test
    rows = table[(table["method"] == "mutual_information") & (table["retrain_epochs"] == 0)]
    counts = rows.set_index(["scope", "repair"])["n_correct"]
    for layer in (1, 2):
        values = measured.loc[measured["layer"] == layer, "mutual_information"].to_numpy()
        gone, moments = least_important(values, 0.5), surgery.Moments(outputs[layer])
        for repair in surgery.REPAIRS:
            smaller = surgery.remove(network, layer, gone, repair, moments)
            expected = smaller.n_correct(test.images, test.labels)
            assert counts[f"layer-{layer}", repair] == expected

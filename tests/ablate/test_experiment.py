"""Curves and single removals of one network: which images each is counted and scaled on."""

from types import SimpleNamespace

import pytest

from utils.ablate import experiment
from utils.information.neurons import measure
from utils.networks.temperature import best_temperature
from utils.networks.training import score
from utils.removal.curves import quantity_curves
from utils.study.parallel import Replicate


@pytest.fixture(scope="module")
def given(small_digits, random_network, fitted):
    """A stage, one network as its replicate, and what is measured of it."""
    network = fitted(random_network((49, 8, 6, 10), seed=1), small_digits)
    split = small_digits.validation
    measured = measure(network, split.images, split.labels, 2, 10)
    stage = SimpleNamespace(dataset=small_digits, parameters=SimpleNamespace(n_random_orders=2))
    return stage, Replicate(0, network, 7, small_digits), measured


def test_curves_are_counted_on_test_images_with_the_replicates_own_orders(given):
    stage, replicate, measured = given
    network, test = replicate.network, stage.dataset.test
    table = experiment.curves(*given)
    intact = table.loc[table["n_ablated"] == 0, "n_correct"]
    assert set(intact) == {network.n_correct(test.images, test.labels)}
    assert set(table["n_samples"]) == {len(test.labels)}
    assert table.equals(quantity_curves(network, measured, test, 2, seed=7))


def test_single_removals_cost_test_images_at_the_temperature_of_validation_images(given):
    stage, replicate, _ = given
    network, test = replicate.network, stage.dataset.test
    value = best_temperature(network, stage.dataset.validation)
    row = experiment.one_by_one(*given).query("layer == 2 and neuron == 3").iloc[0]
    assert row["replacement"] == "zero"
    *_, outputs, intact = network.forward(test.images)
    without = outputs.copy()
    without[:, 3] = 0
    logits = without @ network.kernels[-1] + network.biases[-1]
    (hits, loss), (_, scaled) = (
        (before[0] - after[0], after[1] - before[1])
        for before, after in (
            (score(intact / divisor, test.labels), score(logits / divisor, test.labels))
            for divisor in (1, value)
        )
    )
    assert row["error_rise"] == hits
    assert row["cross_entropy_rise"] == pytest.approx(loss, abs=1e-6)
    assert row["scaled_cross_entropy_rise"] == pytest.approx(scaled, abs=1e-6)


def test_temperatures_are_those_of_validation_images(given):
    stage, replicate, _ = given
    stage = SimpleNamespace(dataset=stage.dataset, replicates=[replicate])
    value = best_temperature(replicate.network, stage.dataset.validation)
    assert value != best_temperature(replicate.network, stage.dataset.test)
    assert experiment.temperatures(stage) == [value]

"""Mistakes made in small networks, beside the right way by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from utils.information.neurons import measure
from utils.mistakes import experiment
from utils.networks.network import Network
from utils.removal.orders import order_by, random_orders
from utils.study.parallel import Replicate


@pytest.fixture
def made(small_digits, random_network):
    """A stage, its one network of a layer of eight, and what is measured of it."""
    network = random_network((49, 8, 10))
    split = small_digits.validation
    stage = SimpleNamespace(
        dataset=small_digits, parameters_of=lambda _: SimpleNamespace(n_levels=2)
    )
    measured = measure(network, split.images, split.labels, 2, 10)
    return stage, Replicate(0, network, 3, small_digits), measured


def _without(stage, network: Network, gone, constants: np.ndarray) -> float:
    """Accuracy by hand with neurons of the first layer at a constant output."""
    test, kernels, biases = stage.dataset.test, list(network.kernels), list(network.biases)
    kept = np.setdiff1d(np.arange(network.hidden[0]), gone)
    biases[1] = biases[1] + constants[gone] @ kernels[1][gone]
    kernels[0], biases[0], kernels[1] = kernels[0][:, kept], biases[0][kept], kernels[1][kept]
    smaller = Network(tuple(kernels), tuple(biases), network.activations)
    return smaller.n_correct(test.images, test.labels) / len(test.labels)


def _wide(curves):
    return curves.pivot(index="n_removed", columns="case", values="accuracy")


def test_new_sets_begin_and_end_as_the_growing_one(made):
    stage, replicate, measured = made
    curves = experiment.fresh_sets(*made)
    assert curves["case"].unique().tolist() == ["growing set", "new set each time"]
    curves, means = _wide(curves), measured["mean_output"].to_numpy()
    assert curves.index.tolist() == list(range(9))
    draws = random_orders(8, 9, (3,))
    for number in (0, 5, 8):
        by_hand = [_without(stage, replicate.network, draws[k][:number], means)
                   for k in (0, number)]  # fmt: skip
        assert curves.loc[number].tolist() == by_hand


def test_scaled_outputs_are_neither_zeroed_nor_balanced(made):
    stage, replicate, measured = made
    network, curves = replicate.network, _wide(experiment.scaled_outputs(*made))
    order = order_by(measured["mutual_information"].to_numpy())
    assert curves.index.tolist() == list(range(9))
    means, test = measured["mean_output"].to_numpy(), stage.dataset.test
    for number in curves.index:
        gone = order[:number]
        zeroed = _without(stage, network, gone, np.zeros(8))
        assert curves.loc[number, "zeroed"] == pytest.approx(zeroed)
        balanced = _without(stage, network, gone, means)
        assert curves.loc[number, "bias-balanced"] == pytest.approx(balanced)
    gone, outputs = order[:6], network.forward(test.images)[1]
    outputs[:, gone] *= measured["firing_rate"].to_numpy()[gone]
    hits = network.after(1).n_correct(outputs, test.labels)
    assert curves.loc[6, "scaled by P(T=1)"] == hits / len(test.labels)


def test_what_is_undefined_goes_last_or_first(made):
    stage, replicate, measured = made
    network, data = replicate.network, stage.dataset
    nan = experiment.undefined(network, data.validation, 2, 10)
    assert 0 < nan.sum() < 8
    table = experiment.undefined_orders(*made)
    flags = table.pivot(index="n_removed", columns="case", values="undefined")
    assert not flags.loc[0].any()
    assert flags.sum().tolist() == [nan.sum()] * 3
    assert flags["NaN as the largest"].iloc[-nan.sum() :].all()
    assert flags["NaN as the smallest"].iloc[1 : nan.sum() + 1].all()
    order = order_by(measured["mutual_information"].to_numpy())
    assert flags["0 log 0 = 0"].iloc[1:].tolist() == nan[order].tolist()
    means = measured["mean_output"].to_numpy()
    by_hand = _without(stage, network, order[:3], means)
    assert _wide(table).loc[3, "0 log 0 = 0"] == pytest.approx(by_hand)


def test_a_neuron_that_never_changes_is_undefined(small_digits):
    kernel = np.ones((49, 2))
    network = Network(
        (kernel, np.zeros((2, 10))), (np.array([-1000.0, -1000]), np.zeros(10)), ("sigmoid",)
    )
    assert experiment.undefined(network, small_digits.validation, 2, 10).tolist() == [True, True]


def test_earlier_curves_are_accuracies_by_number_of_neurons():
    curve = experiment.earlier_curve(68, "random", True)
    assert curve.between(0, 1).all()
    assert curve.index.is_monotonic_increasing
    assert not curve.equals(experiment.earlier_curve(68, "mutual_information", True))

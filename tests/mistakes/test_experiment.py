"""Mistakes on small tables with known answers."""

import numpy as np
import pandas as pd
import pytest

from utils.information.neurons import measure
from utils.mistakes import experiment
from utils.networks.datasets import Split
from utils.networks.network import Network
from utils.removal.orders import order_by, random_orders


def test_the_wrong_sign_gives_twice_the_entropy_minus_the_information():
    measured = pd.DataFrame({"layer": [1, 2], "entropy": 0.9, "mutual_information": 0.2})
    table = experiment.added_conditional_entropy(measured)
    assert table["wrong"].to_numpy() == pytest.approx(1.6)
    assert table.loc[(1, "median"), "earlier"] == pytest.approx(0.885 / np.log(2))


def test_rough_curves_are_told_from_smooth_ones():
    curves = pd.DataFrame({"smooth": [0.9, 0.8, 0.7], "rough": [0.9, 0.5, 0.6]})
    assert experiment.roughness(curves).to_dict() == {"smooth": 0, "rough": 1}


def _without(network: Network, split: Split, gone: list[int], constant: np.ndarray) -> float:
    """Accuracy by hand with neurons of the first layer at a constant output."""
    kernels, biases = list(network.kernels), list(network.biases)
    kept = np.setdiff1d(np.arange(network.hidden[0]), gone)
    biases[1] = biases[1] + constant[gone] @ kernels[1][gone]
    kernels[0], biases[0], kernels[1] = kernels[0][:, kept], biases[0][kept], kernels[1][kept]
    smaller = Network(tuple(kernels), tuple(biases), network.activations)
    return smaller.n_correct(split.images, split.labels) / len(split.labels)


def test_new_sets_begin_and_end_as_the_growing_one(small_digits, random_network):
    network, test = random_network((49, 8, 10)), small_digits.test
    means = network.forward(small_digits.validation.images)[1].mean(axis=0)
    curves = experiment.fresh_sets(network, test, 1, means, 3)
    assert curves.index.tolist() == list(range(9))
    assert curves.columns.tolist() == ["growing set", "new set each time"]
    for number in (0, 8):
        by_hand = _without(network, test, list(range(number)), means)
        assert curves.loc[number].tolist() == [by_hand, by_hand]
    first = random_orders(8, 9, (3,))[0]
    assert curves.loc[5, "growing set"] == _without(network, test, first[:5], means)


def test_scaled_outputs_are_neither_zeroed_nor_balanced(small_digits, random_network):
    network, split = random_network((49, 8, 10)), small_digits.validation
    measured = measure(network, split.images, split.labels, 2, 10)
    curves = experiment.scaled_outputs(network, split, measured, 1)
    order = order_by(measured["mutual_information"].to_numpy())
    assert curves.index.tolist() == list(range(7))  # up to 80 % of 8
    for number in curves.index:
        gone, means = order[:number], measured["mean_output"].to_numpy()
        zeroed = _without(network, split, gone, np.zeros(8))
        assert curves.loc[number, "zeroed"] == pytest.approx(zeroed)
        balanced = _without(network, split, gone, means)
        assert curves.loc[number, "balanced"] == pytest.approx(balanced)
    gone, outputs = order[:6], network.forward(split.images)[1]
    outputs[:, gone] *= measured["firing_rate"].to_numpy()[gone]
    hits = network.after(1).n_correct(outputs, split.labels)
    assert curves.loc[6, "scaled"] == hits / len(split.labels)


def test_a_neuron_that_never_changes_is_undefined(small_digits):
    kernel = np.ones((49, 2))
    network = Network(
        (kernel, np.zeros((2, 10))), (np.array([-1000.0, -1000]), np.zeros(10)), ("sigmoid",)
    )
    assert experiment.undefined_share([network, network], small_digits.validation, 10) == 1


def test_earlier_curves_are_accuracies_by_number_of_neurons():
    curve = experiment.earlier_curve(68, "random", True)
    assert curve.between(0, 1).all()
    assert curve.index.is_monotonic_increasing
    assert not curve.equals(experiment.earlier_curve(68, "mutual_information", True))

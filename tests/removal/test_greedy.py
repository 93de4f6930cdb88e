"""The greedy order and the losses of pairs against plain forward passes."""

import numpy as np
import pytest
from scipy.special import log_softmax

from utils.networks.network import ACTIVATIONS, Network
from utils.removal import greedy
from utils.removal.ablation import cumulative_ablation


def _loss(network: Network, images, labels, gone, constants) -> float:
    """Mean cross-entropy with the outputs of `gone` held constant, layer by layer."""
    signal, start = images, 0
    for kernel, bias, name in zip(
        network.kernels, network.biases, (*network.activations, None), strict=True
    ):
        signal = signal @ kernel + bias
        signal = ACTIVATIONS[name](signal) if name else signal
        here = [k for k in gone if start <= k < start + kernel.shape[1] and name]
        signal[:, [k - start for k in here]] = constants[here]
        start += kernel.shape[1]
    return float(-log_softmax(signal, axis=1)[np.arange(len(labels)), labels].mean())


@pytest.fixture
def case(random_network, small_digits):
    def make(activation, sizes=(49, 6, 5, 4, 10)):
        network = random_network(sizes, activation)
        split = small_digits.validation
        constants = np.random.default_rng(1).random(sum(sizes[1:-1]))
        return network, split.images.astype(float), split.labels, constants

    return make


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("scope", [range(6), range(6, 11), range(15)])
def test_greedy_removes_what_a_plain_pass_says_costs_least(case, activation, scope):
    network, images, labels, constants = case(activation)
    order = greedy.greedy_order(network, images, labels, np.array(scope), constants)
    assert sorted(order.tolist()) == list(scope)
    gone: list[int] = []
    for chosen in order.tolist():
        left = [k for k in scope if k not in gone]
        losses = {k: _loss(network, images, labels, [*gone, k], constants) for k in left}
        assert losses[chosen] == pytest.approx(min(losses.values()), abs=1e-9)
        gone.append(chosen)


@pytest.mark.parametrize("neurons", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_equal_neurons_the_one_named_first_goes_first(neurons):
    """Neurons 0 to 2 are copies of each other, and count for less than neuron 3."""
    network = Network(
        (np.array([[1.0, 1, 1, 1]]), np.array([[0.0, 1], [0, 1], [0, 1], [0, 9]])),
        (np.zeros(4), np.array([0.0, -6])),
        ("sigmoid",),
    )
    images = np.linspace(-3, 3, 40)[:, None]
    labels = (images[:, 0] > 0).astype(int)
    order = greedy.greedy_order(network, images, labels, np.array([3, *neurons]), np.full(4, 0.5))
    assert order[:2].tolist() == list(neurons[:2])


def test_pairs_are_what_cumulative_ablation_finds(case):
    network, images, labels, constants = case("sigmoid")
    neurons = np.arange(6)
    intact, losses = greedy.pair_losses(network, images, labels, neurons, constants)
    for i in neurons:
        for j in neurons[neurons != i]:
            _, found = cumulative_ablation(network, images, labels, np.array([i, j]), constants)
            np.testing.assert_allclose(
                [intact, losses[i, i], losses[i, j]], found[0], rtol=0, atol=1e-9
            )


def test_chunks_that_do_not_divide_the_samples(case, monkeypatch):
    network, images, labels, constants = case("sigmoid", (49, 6, 10))
    whole = greedy.Trials(network, images, labels, constants).losses(np.arange(6))
    monkeypatch.setattr(greedy, "CHUNK", 70)
    chunked = greedy.Trials(network, images, labels, constants).losses(np.arange(6))
    np.testing.assert_allclose(chunked, whole, rtol=0, atol=1e-12)
    plain = [_loss(network, images, labels, [k], constants) for k in range(6)]
    np.testing.assert_allclose(chunked, plain, rtol=0, atol=1e-9)


def test_logits_are_those_of_a_plain_pass_without_the_neurons(case):
    network, images, labels, constants = case("relu")
    trials = greedy.Trials(network, images, labels, constants)
    np.testing.assert_allclose(trials.logits.T, network.forward(images)[-1], atol=1e-12)
    for neuron in (12, 3):
        trials.remove(neuron)
    order = np.array([12, 3])
    hits, losses = cumulative_ablation(network, images, labels, order, constants)
    assert (trials.logits.argmax(axis=0) == labels).sum() == hits[0, 2]
    assert trials.loss() == pytest.approx(losses[0, 2], abs=1e-9)


def test_surplus_of_copies_and_of_neurons_that_work_apart():
    """Logits (0, a h0 + b h1): an exact duplicate costs nothing until both are gone."""
    x = np.array([[4.0], [-4.0]]).repeat(50, axis=0)
    labels = (x[:, 0] > 0).astype(int)
    network = Network(
        (np.array([[3.0, 3.0, 0.0]]), np.array([[0.0, 9], [0, 9], [0, 0]])),
        (np.zeros(3), np.array([0.0, -9])),
        ("sigmoid",),
    )
    intact, losses = greedy.pair_losses(network, x, labels, np.arange(3), np.full(3, 0.5))
    found = greedy.surplus(intact, losses)
    assert found[0, 1] > 0.5
    np.testing.assert_allclose(found[:, 2], 0, atol=1e-12)
    np.testing.assert_array_equal(found.diagonal(), 0)
    np.testing.assert_array_equal(found, found.T)

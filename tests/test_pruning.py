"""Removing neurons: equal to masking, refused where it makes no sense."""

from itertools import pairwise

import numpy as np
import pytest

from utils import conversion, pruning
from utils.networks import Network, NetworkError


def _network(hidden: tuple[int, ...], activation: str, seed: int = 0) -> Network:
    rng = np.random.default_rng(seed)
    sizes = (30, *hidden, 10)
    kernels = [rng.normal(0, 0.4, pair).astype(np.float32) for pair in pairwise(sizes)]
    biases = [rng.normal(0, 0.4, width).astype(np.float32) for width in sizes[1:]]
    return Network(tuple(kernels), tuple(biases), (activation,) * len(hidden))


def _masked_logits(
    network: Network, images: np.ndarray, layer: int, gone: list[int], constants: np.ndarray
) -> np.ndarray:
    """Full forward pass with the outputs of `gone` overwritten: what removal must equal."""
    outputs = network.forward(images)[layer - 1].copy()
    outputs[:, gone] = constants[gone]
    rest = Network(network.kernels[layer:], network.biases[layer:], network.activations[layer:])
    return rest.forward(outputs)[-1]


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("hidden", "layer"), [((12, 9), 1), ((12, 9), 2), ((8, 7, 6), 2)])
@pytest.mark.parametrize("balanced", [False, True])
def test_removed_equals_masked_also_as_a_keras_model(activation, hidden, layer, balanced):
    network = _network(hidden, activation)
    images = np.random.default_rng(1).random((200, 30)).astype(np.float32)
    gone = [0, 3, 5]
    means = network.forward(images)[layer - 1].mean(axis=0) * balanced
    pruned = pruning.remove(network, layer, gone, means if balanced else None)
    expected = _masked_logits(network, images, layer, gone, means)
    np.testing.assert_allclose(pruned.forward(images)[-1], expected, atol=1e-5)
    model = conversion.to_keras(pruned)
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-5)
    assert pruned.hidden[layer - 1] == hidden[layer - 1] - 3
    assert network.hidden == hidden


def test_removing_nothing_changes_nothing():
    network = _network((5, 4), "relu")
    pruned = pruning.remove(network, 1, [])
    for before, after in zip(network.kernels, pruned.kernels, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("layer", "neurons", "message"),
    [
        (1, [0, 0], "neuron 0 of layer 1 is named twice"),
        (1, [-1], "neuron -1 is not in layer 1, which has neurons 0 to 4"),
        (1, [5], "neuron 5 is not in layer 1"),
        (1, [0.0], r"neurons \[0.0\] must be a list of integers"),
        (1, [0, 1, 2, 3, 4], "all 5 neurons of layer 1"),
        (0, [0], "layer 0 is not a hidden layer: 1 to 2 are"),
        (3, [0], "layer 3 is not a hidden layer"),
    ],
)
def test_impossible_removals_are_named(layer, neurons, message):
    with pytest.raises(NetworkError, match=message):
        pruning.remove(_network((5, 4), "sigmoid"), layer, neurons)


def test_cost_as_counted_by_hand():
    sizes = [(784, 100), (100, 100), (100, 10)]
    full = Network(
        tuple(np.zeros(size, np.float32) for size in sizes),
        tuple(np.zeros(size[1], np.float32) for size in sizes),
        ("sigmoid", "sigmoid"),
    )
    assert (pruning.n_parameters(full), pruning.n_macs(full)) == (89_610, 89_400)
    half = pruning.remove(pruning.remove(full, 1, range(50)), 2, range(50))
    assert (pruning.n_parameters(half), pruning.n_macs(half)) == (42_310, 42_200)


def test_weight_norms_are_mean_absolute_weights():
    network = Network(
        (np.array([[1.0, -2.0], [3.0, 0.0]]), np.array([[1.0, -1.0], [0.0, 4.0]])),
        (np.zeros(2), np.zeros(2)),
        ("relu",),
    )
    rng = np.random.default_rng(0)
    assert pruning.importance(network, None, 1, "incoming_norm", rng).tolist() == [2, 1]
    assert pruning.importance(network, None, 1, "outgoing_norm", rng).tolist() == [1, 2]


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5])
def test_impossible_fractions_are_refused(fraction):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        pruning.least_important(np.arange(4.0), fraction)

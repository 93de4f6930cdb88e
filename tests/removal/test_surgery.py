"""Removed neurons and what stands in for them: equal to masking, optimal, refused if senseless."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn.linear_model import LinearRegression

from utils.networks import building
from utils.networks.network import Network, NetworkError
from utils.networks.recipes import Recipe
from utils.removal import surgery
from utils.removal.surgery import Moments


def _masked_logits(
    network: Network, images: np.ndarray, layer: int, gone: list[int], values: np.ndarray
) -> np.ndarray:
    """Full forward pass with the outputs of `gone` overwritten: what removal must equal."""
    outputs = network.forward(images)[layer].copy()
    outputs[:, gone] = values
    return network.after(layer).forward(outputs)[-1]


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("hidden", "layer"), [((12, 9), 1), ((12, 9), 2), ((8, 7, 6), 2)])
@pytest.mark.parametrize("repair", surgery.REPAIRS)
def test_removed_equals_masked_also_as_a_keras_model(
    random_network, activation, hidden, layer, repair
):
    network = random_network((30, *hidden, 10), activation, dtype=np.float32)
    images = np.random.default_rng(1).random((200, 30)).astype(np.float32)
    gone = [0, 3, 5]
    outputs = network.forward(images)[layer]
    pruned = surgery.remove(network, layer, gone, repair, Moments(outputs))
    kept, rest = np.delete(outputs, gone, axis=1), outputs[:, gone]
    values = {
        "zero": lambda: 0,
        "mean": lambda: rest.mean(axis=0),
        "affine": lambda: _lines(kept, rest),
        "least_squares": lambda: LinearRegression().fit(kept, rest).predict(kept),
    }[repair]()
    expected = _masked_logits(network, images, layer, gone, values)
    np.testing.assert_allclose(pruned.forward(images)[-1], expected, atol=1e-5)
    model = building.build(30, 10, Recipe(pruned.hidden, activation))
    model.set_weights(building.keras_weights(pruned))
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-5)
    assert pruned.hidden[layer - 1] == hidden[layer - 1] - 3
    assert network.hidden == hidden


def _lines(kept: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Each column of `rest` on the line through the column of `kept` that correlates most."""
    found = []
    for column in rest.T:
        fits = {k: stats.linregress(one, column) for k, one in enumerate(kept.T) if np.ptp(one)}
        best = max(fits, key=lambda k: abs(fits[k].rvalue))
        found.append(fits[best].intercept + fits[best].slope * kept[:, best])
    return np.stack(found, axis=1)


def test_removing_nothing_changes_nothing(random_network):
    network = random_network((30, 5, 4, 10), "relu")
    pruned = surgery.remove(network, 1, [])
    for before, after in zip(network.kernels, pruned.kernels, strict=True):
        np.testing.assert_array_equal(before, after)


def _error(outputs: np.ndarray, gone: list[int], repair: str, kernel: np.ndarray) -> float:
    """Mean square error of the next pre-activation, summed over its neurons."""
    found = surgery.stand_in(Moments(outputs), np.array(gone), repair)
    folded, bias = found.fold(kernel, np.zeros(kernel.shape[1]))
    difference = outputs[:, found.kept] @ folded + bias - outputs @ kernel
    return float((difference**2).sum(axis=1).mean())


_outputs = arrays(
    np.float64, st.tuples(st.integers(2, 30), st.integers(3, 8)),
    elements=st.floats(-1, 1, width=16),
)  # fmt: skip


@given(_outputs, st.integers(0, 2**31), st.data())
def test_no_repair_leaves_a_smaller_error_than_least_squares(outputs, seed, data):
    rng = np.random.default_rng(seed)
    width = outputs.shape[1]
    if data.draw(st.booleans()):  # a constant neuron, and one that is the double of another
        outputs = np.column_stack([outputs, np.full(len(outputs), 0.3), 2 * outputs[:, 0]])
        width += 2
    gone = rng.permutation(width)[: rng.integers(1, width)].tolist()
    kernel = rng.normal(size=(width, 4))
    best = _error(outputs, gone, "least_squares", kernel)
    for repair in ("zero", "mean", "affine"):
        assert best <= _error(outputs, gone, repair, kernel) + 1e-8


@given(_outputs, st.integers(0, 2**31))
def test_for_one_neuron_every_rung_of_the_ladder_is_at_least_as_good(outputs, seed):
    kernel = np.random.default_rng(seed).normal(size=(outputs.shape[1], 4))
    gone = [seed % outputs.shape[1]]
    errors = [_error(outputs, gone, repair, kernel) for repair in surgery.REPAIRS]
    assert all(later <= earlier + 1e-8 for earlier, later in pairwise(errors))


def test_for_several_neurons_affine_may_be_worse_than_the_mean():
    """Each line is the best for its own neuron; what two lines leave over may not cancel.

    The two removed neurons nearly cancel in what the next layer receives, so next to nothing is
    lost with both at their means. One follows p a little more, the other q: on lines through p and
    through q they leave q and -p over.
    """
    p, q = np.array([1.0, 1, -1, -1]), np.array([1.0, -1, 1, -1])
    outputs = np.column_stack([p, q, 1.01 * p + q, -p - 1.01 * q])
    kernel = np.array([[0.0], [0.0], [1.0], [1.0]])
    errors = {repair: _error(outputs, [2, 3], repair, kernel) for repair in surgery.REPAIRS}
    assert errors["mean"] == pytest.approx(2 * 0.01**2)
    assert errors["affine"] == pytest.approx(2)
    assert errors["least_squares"] == pytest.approx(0, abs=1e-12)


def test_constant_neurons_are_replaced_by_their_value_and_help_nobody():
    rng = np.random.default_rng(0)
    outputs = np.column_stack([np.full(50, 0.25), rng.random(50), np.full(50, 0.5)])
    for repair in ("affine", "least_squares"):
        found = surgery.stand_in(Moments(outputs), np.array([2]), repair)
        assert found.constants.tolist() == [0.5]
        assert not found.weights.any()
        found = surgery.stand_in(Moments(outputs), np.array([1, 2]), repair)
        assert found.weights.tolist() == [[0, 0]]
        assert found.constants == pytest.approx([outputs[:, 1].mean(), 0.5])


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
def test_impossible_removals_are_named(random_network, layer, neurons, message):
    with pytest.raises(NetworkError, match=message):
        surgery.remove(random_network((30, 5, 4, 10), "sigmoid"), layer, neurons)


def test_wrong_repairs_and_outputs_are_named(random_network):
    network = random_network((30, 5, 4, 10), "sigmoid")
    with pytest.raises(NetworkError, match="'mean' needs the moments of the outputs of layer 1"):
        surgery.remove(network, 1, [0], "mean")
    with pytest.raises(NetworkError, match=r"shape \(9, 4\), expected \(n, 5\)"):
        surgery.remove(network, 1, [0], "mean", Moments(np.ones((9, 4))))
    with pytest.raises(ValueError, match="repair 'median'; allowed are zero, mean, affine"):
        surgery.remove(network, 1, [0], "median", Moments(np.ones((9, 5))))


@pytest.mark.parametrize("steps", [1, 2, 5, 30])
def test_what_float32_hardly_tells_apart_is_constant(steps) -> None:
    """A kept neuron that differs in its last digits only must not stand in for others."""
    rng = np.random.default_rng(0)
    nearly = np.float32(1) - rng.integers(0, steps + 1, 200) * np.float32(2) ** -24
    assert set(nearly) >= {1, np.float32(1 - steps * 2**-24)}
    outputs = np.column_stack([nearly, rng.random((200, 2))]).astype(np.float32)
    moments = Moments(outputs)
    assert moments.constant.tolist() == [True, False, False]
    line = surgery.stand_in(moments, np.array([2]), "least_squares")
    slope, height = np.polyfit(outputs[:, 1], outputs[:, 2], 1)
    assert line.weights == pytest.approx(np.array([[0], [slope]]), abs=1e-5)
    assert line.constants == pytest.approx([height], abs=1e-5)
    weights, constants = line.fold(np.eye(3, dtype=np.float32)[:, 2:], np.zeros(1, np.float32))
    exact = outputs[:, 1] * slope + height
    assert (outputs[:, :2] @ weights + constants)[:, 0] == pytest.approx(exact, abs=1e-5)


def test_a_kept_copy_in_float32_does_not_blow_up_least_squares() -> None:
    rng = np.random.default_rng(1)
    first = rng.random(300).astype(np.float32)
    copied = first * np.float32(3) / np.float32(3)
    outputs = np.column_stack([first, copied, rng.random(300), rng.random(300)]).astype(np.float32)
    line = surgery.stand_in(Moments(outputs), np.array([3]), "least_squares")
    assert np.abs(line.weights).max() < 1

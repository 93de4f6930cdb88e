"""Cumulative ablation: at every step what Keras predicts when neurons are masked."""

import logging
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax

from utils.networks.backend import keras, tf
from utils.networks.datasets import Dataset
from utils.networks.network import Network, NetworkError, positions
from utils.removal import ablation
from utils.removal.ablation import cumulative_ablation, single_ablation
from utils.removal.orders import order_by, random_orders

DrawNetwork = Callable[..., Network]
layers = keras.layers


def masked_model(network: Network) -> Any:
    """A Keras model whose hidden outputs h are h * mask + constant * (1 - mask).

    Its inputs are the images, then a mask and the constants for each hidden layer.
    """
    dtype = network.kernels[0].dtype.name
    dense = [layers.Dense(width, dtype=dtype) for width in network.sizes[1:]]
    inputs = [keras.Input((network.sizes[0],), dtype=dtype)]
    signal = inputs[0]
    for layer, name, width in zip(dense, network.activations, network.hidden, strict=False):
        mask, constant = (keras.Input((width,), dtype=dtype) for _ in range(2))
        inputs += [mask, constant]
        signal = layers.Activation(name, dtype=dtype)(layer(signal)) * mask + constant * (1 - mask)
    model = keras.Model(inputs, dense[-1](signal))
    for layer, kernel, bias in zip(dense, network.kernels, network.biases, strict=True):
        layer.set_weights([kernel, bias])
    return model


def keras_curves(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    orders: np.ndarray,
    replacement: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """What `cumulative_ablation` returns, from one plain `predict` of the masked model."""
    masks = np.ones((len(orders), orders.shape[1] + 1, len(replacement)))
    for order, of_order in zip(orders, masks, strict=True):
        for step in range(len(order)):
            of_order[step + 1 :, order[step]] = 0
    steps = masks.reshape(-1, len(replacement))
    ends = np.cumsum(network.hidden)[:-1]
    inputs = [np.tile(images, (len(steps), 1))]
    for mask, constant in zip(
        np.split(steps, ends, axis=1), np.split(replacement, ends), strict=True
    ):
        inputs.append(np.repeat(mask, len(images), axis=0))
        inputs.append(np.broadcast_to(constant, inputs[-1].shape))
    logits = masked_model(network).predict(inputs, batch_size=5_000, verbose=0)
    assert logits.dtype == network.kernels[0].dtype
    logits = logits.reshape(*masks.shape[:2], len(labels), -1)
    losses = -np.take_along_axis(log_softmax(logits, axis=-1), labels[:, None][None, None], -1)
    return (logits.argmax(axis=-1) == labels).sum(axis=-1), losses.mean(axis=(2, 3))


def means(network: Network, images: np.ndarray) -> np.ndarray:
    """Mean outputs, rounded to single precision, which is what `predict` makes of its inputs."""
    outputs = np.concatenate([h.mean(axis=0) for h in network.forward(images)[1:-1]])
    return outputs.astype(np.float32).astype(np.float64)


@pytest.fixture(scope="module")
def draw(digits: Dataset, random_network: DrawNetwork) -> DrawNetwork:
    """Random hidden layers, and logits that least squares fits to digits of the right size."""

    def fitted(sizes: tuple[int, ...], activation: str, seed: int = 0) -> Network:
        side = round(np.sqrt(sizes[0]))
        step = 28 // side
        images = digits.train.images.reshape(-1, side, step, side, step).mean(axis=(2, 4))
        network = random_network(sizes, activation, seed)
        features = network.forward(images.reshape(-1, sizes[0]).astype(np.float64))[-2]
        design = np.column_stack([features, np.ones(len(features))])
        targets = 10.0 * (digits.train.labels[:, None] == np.arange(10))
        fit = np.linalg.lstsq(design, targets)[0]
        return Network(
            (*network.kernels[:-1], fit[:-1]), (*network.biases[:-1], fit[-1]), network.activations
        )

    return fitted


def assert_as_keras(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    orders: np.ndarray,
    replacement: np.ndarray,
) -> None:
    n_correct, cross_entropy = cumulative_ablation(network, images, labels, orders, replacement)
    expected_correct, expected_loss = keras_curves(network, images, labels, orders, replacement)
    assert n_correct.dtype == np.int64
    assert np.array_equal(n_correct, expected_correct)
    np.testing.assert_allclose(cross_entropy, expected_loss, rtol=0, atol=1e-9)
    assert np.ptp(expected_correct) > 5, "the curves do move"


@pytest.fixture(scope="module")
def sample(small_digits: Dataset) -> tuple[np.ndarray, np.ndarray]:
    return small_digits.test.images.astype(np.float64), small_digits.test.labels


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("sizes", [(49, 7, 6, 10), (49, 6, 5, 4, 10)], ids=["two", "three"])
def test_across_the_whole_network(
    sizes: tuple[int, ...], activation: str, sample: tuple, draw: DrawNetwork
) -> None:
    network = draw(sizes, activation)
    orders = random_orders(sum(network.hidden), 3, (0,))
    for replacement in (np.zeros(orders.shape[1]), means(network, sample[0])):
        assert_as_keras(network, *sample, orders, replacement)


@pytest.mark.parametrize(
    ("sizes", "activation", "layer"),
    [
        ((49, 7, 6, 10), "sigmoid", 1),
        ((49, 7, 6, 10), "relu", 1),
        ((49, 7, 6, 10), "tanh", 2),
        ((49, 6, 5, 4, 10), "tanh", 1),
        ((49, 6, 5, 4, 10), "relu", 2),
        ((49, 6, 5, 4, 10), "sigmoid", 3),
        ((49, 9, 10), "relu", 1),
    ],
)
def test_layer_by_layer(
    sizes: tuple[int, ...], activation: str, layer: int, sample: tuple, draw: DrawNetwork
) -> None:
    network = draw(sizes, activation, seed=1)
    of_layer = np.flatnonzero(positions(network.hidden)[0] == layer)
    orders = of_layer[random_orders(len(of_layer), 2, (1,))]
    for replacement in (np.zeros(sum(network.hidden)), means(network, sample[0])):
        assert_as_keras(network, *sample, orders, replacement)


def test_one_neuron_at_a_time(sample: tuple, draw: DrawNetwork) -> None:
    network = draw((49, 7, 6, 10), "relu")
    replacement = means(network, sample[0])
    n_correct, cross_entropy = single_ablation(network, *sample, replacement)
    orders = np.arange(13)[:, None]
    expected_correct, expected_loss = keras_curves(network, *sample, orders, replacement)
    assert np.array_equal(n_correct, expected_correct[:, 1])
    np.testing.assert_allclose(cross_entropy, expected_loss[:, 1], rtol=0, atol=1e-9)
    assert len(np.unique(n_correct)) > 3


def test_orders_that_skip_a_layer_and_stop_early(sample: tuple, draw: DrawNetwork) -> None:
    """First and third hidden layer only, not all of their neurons."""
    network = draw((49, 6, 5, 4, 10), "tanh", seed=2)
    orders = np.array([[12, 0, 14, 3], [5, 11, 1, 13]])
    assert_as_keras(network, *sample, orders, np.arange(-7, 8) / 8)


def test_chunks_that_do_not_divide_the_samples(
    sample: tuple, draw: DrawNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = draw((49, 7, 6, 10), "sigmoid")
    orders, replacement = random_orders(13, 2, (0,)), np.zeros(13)
    whole = cumulative_ablation(network, *sample, orders, replacement)
    monkeypatch.setattr(ablation, "CHUNK", 36)
    assert_as_keras(network, *sample, orders, replacement)
    chunked = cumulative_ablation(network, *sample, orders, replacement)
    assert np.array_equal(chunked[0], whole[0])
    np.testing.assert_allclose(chunked[1], whole[1], rtol=0, atol=1e-12)


def test_first_column_is_the_intact_network_and_last_does_not_see_the_images(
    sample: tuple, draw: DrawNetwork
) -> None:
    network = draw((49, 7, 6, 10), "sigmoid")
    replacement = means(network, sample[0])
    n_correct, _ = cumulative_ablation(network, *sample, random_orders(13, 3, (0,)), replacement)
    assert n_correct.shape == (3, 14)
    assert set(n_correct[:, 0]) == {network.n_correct(*sample)}
    constant_class = (replacement[7:] @ network.kernels[-1] + network.biases[-1]).argmax()
    assert set(n_correct[:, -1]) == {(sample[1] == constant_class).sum()}


def test_one_order_needs_no_second_axis(sample: tuple, draw: DrawNetwork) -> None:
    network = draw((49, 9, 10), "relu", seed=1)
    order = np.arange(9)
    flat, nested = (
        cumulative_ablation(network, *sample, orders, np.zeros(9)) for orders in (order, [order])
    )
    assert np.array_equal(flat[0], nested[0])
    assert flat[0].shape == (1, 10)


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_single_precision_over_ten_thousand_images(
    activation: str, digits: Dataset, draw: DrawNetwork
) -> None:
    """Rounding moves at most two images over the border at any step."""
    rng = np.random.default_rng(0)
    real = np.concatenate([digits.train.images, digits.validation.images, digits.test.images])
    noisy = np.clip(real + rng.normal(0, 0.05, real.shape).astype(np.float32), 0, 1)
    images = np.concatenate([real, noisy])
    labels = np.concatenate(
        [digits.train.labels, digits.validation.labels, digits.test.labels] * 2
    )
    assert images.shape == (10_000, 784)
    double = draw((784, 20, 15, 10), activation)
    orders = random_orders(35, 2, (3,))
    replacement = means(double, images[:1000].astype(np.float64))
    exact, exact_loss = cumulative_ablation(double, images, labels, orders, replacement)
    kernels, biases = (
        tuple(array.astype(np.float32) for array in arrays)
        for arrays in (double.kernels, double.biases)
    )
    single = Network(kernels, biases, double.activations)
    found, loss = cumulative_ablation(single, images, labels, orders, replacement)
    assert np.abs(found - exact).max() <= 2
    np.testing.assert_allclose(loss, exact_loss, rtol=0, atol=1e-4)
    assert np.ptp(exact) > 2_000


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        ([[0, 1, 13]], "neuron numbers 0 to 12"),
        ([[0, -1]], "neuron numbers 0 to 12"),
        ([[0.0, 1.0]], "neuron numbers 0 to 12"),
        ([[True, False]], "neuron numbers 0 to 12"),
        ([[]], "neuron numbers 0 to 12"),
        (np.zeros((1, 0), int), "neuron numbers 0 to 12"),
        ([[0, 1, 2], [3, 4, 3]], "a neuron stands twice"),
    ],
)
def test_impossible_orders(orders: Any, message: str, sample: tuple, draw: DrawNetwork) -> None:
    with pytest.raises(NetworkError, match=message):
        cumulative_ablation(draw((49, 7, 6, 10), "relu"), *sample, orders, np.zeros(13))


def test_order_by_value() -> None:
    assert order_by(np.array([0.3, 0.1, 0.2, 0.1])).tolist() == [1, 3, 2, 0]
    tied = np.array([1000] * 6 + [0, 1000])
    assert order_by(tied).tolist() == [6, 0, 1, 2, 3, 4, 5, 7]
    assert order_by(tied, high_first=True).tolist() == [0, 1, 2, 3, 4, 5, 7, 6]
    assert order_by(np.zeros(100), high_first=True).tolist() == list(range(100))


@pytest.mark.parametrize("high_first", [False, True])
def test_no_order_with_nan(high_first: bool) -> None:
    with pytest.raises(ValueError, match="NaN"):
        order_by(np.array([0.1, np.nan, 0.2]), high_first)


def test_random_orders() -> None:
    orders = random_orders(20, 4, (0, 1))
    assert orders.shape == (4, 20)
    for order in orders:
        assert sorted(order) == list(range(20))
        removed = [set(order[:step].tolist()) for step in range(21)]
        assert all(len(after - before) == 1 for before, after in pairwise(removed))
    assert len({tuple(order) for order in orders}) == 4
    assert np.array_equal(random_orders(20, 2, (0, 1)), orders[:2])
    assert not np.array_equal(random_orders(20, 4, (1, 1)), orders)
    assert not np.array_equal(random_orders(20, 4, (0, 2)), orders)
    assert random_orders(20, 0, (0,)).shape == (0, 20)


def test_positions_count_through_the_layers() -> None:
    layer_of, neuron_of = positions((3, 1, 2))
    assert layer_of.tolist() == [1, 1, 1, 2, 3, 3]
    assert neuron_of.tolist() == [0, 1, 2, 0, 0, 1]


def test_many_sizes_are_ablated_without_tracing_warnings(
    sample: tuple,
    draw: DrawNetwork,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture,
) -> None:
    logger = tf.get_logger()
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.WARNING, logger=logger.name):
            for width in (8, 7, 6, 5, 4, 3):
                network = draw((49, width, 10), "relu")
                cumulative_ablation(network, *sample, np.arange(width), np.zeros(width))
    finally:
        logger.removeHandler(caplog.handler)
    captured = capfd.readouterr()
    assert "retracing" not in captured.out + captured.err + caplog.text

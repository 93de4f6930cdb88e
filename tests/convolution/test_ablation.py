"""Cumulative ablation of channels: at every step what Keras evaluates with masked maps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from utils.convolution import ablation
from utils.convolution.ablation import class_ablation, cumulative_ablation
from utils.convolution.keras_models import from_keras
from utils.convolution.network import ConvNetwork
from utils.convolution.stand_ins import stand_ins
from utils.networks.datasets import Split
from utils.networks.network import NetworkError, scopes
from utils.removal.ablation import single_ablation
from utils.removal.orders import random_orders

Mask = Callable[[Any], Any]


def evaluated(
    mask: Mask, model: Any, sample: Split, order: np.ndarray, instead: list[np.ndarray]
) -> tuple[list[int], list[float]]:
    """Correct predictions and loss after each removal: an `evaluate` of the masked model each."""
    masked, hits, losses = mask(model), [], []
    ends = np.cumsum([maps.shape[-1] for maps in instead])[:-1]
    for step in range(len(order) + 1):
        alive = np.ones(sum(maps.shape[-1] for maps in instead))
        alive[order[:step]] = 0
        inputs = [sample.images]
        for part, maps in zip(np.split(alive, ends), instead, strict=True):
            for one in (part[None, None], maps):
                inputs.append(np.broadcast_to(one, (len(sample.images), *one.shape)))
        loss, accuracy = masked.evaluate(inputs, sample.labels, batch_size=60, verbose=0)
        hits.append(round(accuracy * len(sample.labels)))
        losses.append(loss)
    return hits, losses


def maps_instead(network: ConvNetwork, images: np.ndarray, name: str) -> list[np.ndarray]:
    """By NumPy: the maps that stand in, without borders."""
    maps = network.forward(images)[1:-1]
    axes = {"mean": (0, 1, 2), "mean_map": 0, "zero": ()}[name]
    means = [block.mean(axis=axes, keepdims=True)[0] * (name != "zero") for block in maps]
    return [np.broadcast_to(one, block.shape[1:]) for one, block in zip(means, maps, strict=True)]


@pytest.mark.parametrize(
    ("blocks", "scope", "name"),
    [
        ("same, pooled", "network", "mean_map"),
        ("same, pooled", "layer-1", "mean"),
        ("valid, stride 2, means", "network", "mean_map"),
        ("valid, stride 2, means", "network", "zero"),
        ("three blocks, normalised", "network", "mean_map"),
        ("three blocks, normalised", "layer-2", "mean"),
        ("a pool that leaves a rest", "network", "mean_map"),
    ],
)
def test_every_step_is_what_keras_evaluates(
    blocks: str, scope: str, name: str, models: dict, masked: Mask, sample: Split
) -> None:
    model = models[blocks]
    network = from_keras(model)
    neurons = scopes(network.hidden)[scope]
    order = neurons[random_orders(len(neurons), 1, (3,))[0]]
    given = sample.images, sample.labels, order, stand_ins(network, sample.images, name)
    hits, losses = cumulative_ablation(network, *given)
    instead = maps_instead(network, sample.images, name)
    expected, expected_losses = evaluated(masked, model, sample, order, instead)
    assert hits.tolist() == [expected]
    np.testing.assert_allclose(losses[0], expected_losses, rtol=0, atol=1e-5)
    assert np.ptp(expected) > 5, "the curve moves"


@pytest.mark.parametrize("name", ["same, pooled", "a pool that leaves a rest"])
def test_bias_is_zeroed_maps_and_another_bias_in_keras(
    name: str, models: dict, masked: Mask, sample: Split
) -> None:
    """Of all removed channels the mean, times the sum of the kernel, goes into the next bias."""
    model = models[name]
    network = from_keras(model)
    order = np.arange(network.hidden[0])[::-1]
    instead = stand_ins(network, sample.images, "bias")
    hits, _ = cumulative_ablation(network, sample.images, sample.labels, order, instead)
    means = network.forward(sample.images)[1].mean(axis=(0, 1, 2))
    _, follower = (layer for layer in model.layers if type(layer).__name__ == "Conv2D")
    kernel, bias = follower.get_weights()
    zeros = [np.zeros(shape) for shape in network.map_shapes[1:]]
    try:
        for step in range(len(order) + 1):
            gone = order[:step]
            folded = bias + np.einsum("c,yxcd->d", means[gone], kernel[:, :, gone])
            follower.set_weights([kernel, folded])
            [*_, expected], _ = evaluated(masked, model, sample, gone, zeros)
            assert hits[0, step] == expected
    finally:
        follower.set_weights([kernel, bias])
    assert np.ptp(hits) > 5


def test_with_padding_valid_a_bias_can_say_the_mean(models: dict, sample: Split) -> None:
    network = from_keras(models["valid, stride 2, means"])
    mean, bias, position = (
        stand_ins(network, sample.images, name) for name in ("mean", "bias", "mean_map")
    )
    for one, other, third in zip(mean, bias, position, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_allclose(third.mean(axis=(0, 1)), one[0, 0], rtol=0, atol=1e-12)
        assert np.ptp(third, axis=(0, 1)).max() > 0.01


def test_constants_are_maps_of_one_value(model: Any, sample: Split) -> None:
    network = from_keras(model)
    orders = random_orders(sum(network.hidden), 2, (0,))
    maps = network.forward(sample.images)[1:-1]
    means = np.concatenate([block.mean(axis=(0, 1, 2)) for block in maps])
    by_maps = stand_ins(network, sample.images, "mean")
    first, second = (
        cumulative_ablation(network, sample.images, sample.labels, orders, instead)
        for instead in (means, by_maps)
    )
    assert np.array_equal(first[0], second[0])


@pytest.mark.parametrize("name", ["same, pooled", "three blocks, normalised"])
def test_by_class_one_at_a_time_and_in_chunks(
    name: str, models: dict, sample: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = from_keras(models[name])
    zeros = np.zeros(sum(network.hidden))
    hits, losses = single_ablation(
        network, sample.images, sample.labels, zeros, cumulative_ablation
    )
    monkeypatch.setattr(ablation, "CHUNK", 35)
    one = sum(network.hidden) - 1  # of the last block
    by_class, _ = class_ablation(network, sample.images, sample.labels, [one], zeros)
    assert by_class.shape == (1, 2, 10)
    maps = network.forward(sample.images)[-2].copy()
    for step in range(2):
        maps[..., -1] *= step == 0
        right = network.after(len(network.hidden)).predict(maps) == sample.labels
        expected = np.bincount(sample.labels[right], minlength=10)
        assert by_class[0, step].tolist() == expected.tolist()
    assert by_class[0, 1].sum() == hits[one]
    assert len(hits) == len(losses) == sum(network.hidden)
    assert len(set(hits.tolist())) > 3


def test_single_precision_over_a_thousand_images(digits: Any, models: dict, halved: Mask) -> None:
    """Rounding moves at most two images over the border at any step."""
    double = from_keras(models["same, pooled"])
    test = halved(digits.test, 1000)
    kernels, biases = (
        tuple(one.astype(np.float32) for one in some) for some in (double.kernels, double.biases)
    )
    single = replace(double, kernels=kernels, biases=biases)
    orders, zeros = random_orders(11, 2, (1,)), np.zeros(11)
    exact, found = (
        cumulative_ablation(one, test.images, test.labels, orders, zeros)[0]
        for one in (double, single)
    )
    assert np.abs(found - exact).max() <= 2
    assert np.ptp(exact) > 200


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"orders": [[0, 11]]}, NetworkError, "neuron numbers 0 to 10"),
        ({"orders": [[-1, 2]]}, NetworkError, "neuron numbers 0 to 10"),
        ({"orders": [[0.0, 1.0]]}, NetworkError, "neuron numbers 0 to 10"),
        ({"orders": [[]]}, NetworkError, "neuron numbers 0 to 10"),
        ({"orders": [[3, 3]]}, NetworkError, "a neuron stands twice"),
        ({"labels": np.full(120, 10)}, ValueError, "label 10 of sample 0 is no class"),
        ({"labels": np.full(120, -1)}, ValueError, "label -1 of sample 0 is no class"),
        ({"labels": np.zeros(119, int)}, ValueError, r"labels of shape \(119,\)"),
        ({"labels": np.eye(120, 10, dtype=int)}, ValueError, r"labels of shape \(120, 10\)"),
        ({"images": np.zeros((120, 13, 13, 1))}, NetworkError, r"expected \(n, 196\)"),
        ({"replacement": np.zeros(10)}, NetworkError, "a number for each of 11 channels"),
        ({"replacement": [np.zeros((7, 7, 6))]}, NetworkError, r"\(9, 9, 6\), \(3, 3, 5\)"),
        ({"replacement": np.full(11, np.nan)}, NetworkError, "finite"),
    ],
)
def test_what_cannot_be_removed_is_refused(
    models: dict, sample: Split, change: dict, error: type, message: str
) -> None:
    given = {
        "images": sample.images, "labels": sample.labels, "orders": [[0, 1]],
        "replacement": np.zeros(11),
    }  # fmt: skip
    with pytest.raises(error, match=message):
        cumulative_ablation(from_keras(models["same, pooled"]), **{**given, **change})


def test_another_stand_in_is_refused(models: dict, sample: Split) -> None:
    with pytest.raises(NetworkError, match="'median'; allowed are zero, mean, mean_map, bias"):
        stand_ins(from_keras(models["same, pooled"]), sample.images, "median")

"""`ConvNetwork`: the maps and logits of Keras, whichever way it is saved, cut or fed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from utils.convolution.keras_models import ConvRecipe, build, from_keras
from utils.convolution.network import ConvNetwork
from utils.networks.backend import keras
from utils.networks.datasets import Split
from utils.networks.network import Network, NetworkError
from utils.networks.temperature import at_temperature

layers = keras.layers


def test_maps_and_logits_are_those_of_keras(model: Any, sample: Split) -> None:
    network = from_keras(model)
    signal, expected = sample.images, []
    for layer, follower in zip(model.layers, [*model.layers[1:], None], strict=True):
        signal = layer(signal)
        if type(follower).__name__ in ("Conv2D", "Flatten", "GlobalAveragePooling2D", "NoneType"):
            expected.append(signal.numpy())
    found = network.forward(sample.images.reshape(len(sample.images), -1))
    assert [one.shape for one in found[:-1]] == [(120, *shape) for shape in network.map_shapes]
    for ours, theirs in zip(found[1:], expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)
    accuracy = (expected[-1].argmax(axis=1) == sample.labels).mean()
    assert network.n_correct(sample.images, sample.labels) == round(accuracy * 120)
    assert accuracy > 0.3, "the network has learnt something"
    assert network.hidden == tuple(maps.shape[-1] for maps in expected[:-1])


def test_a_part_of_a_network_begins_with_the_maps_before_it(model: Any, sample: Split) -> None:
    network = from_keras(model)
    outputs = network.forward(sample.images)
    for block in range(1, len(network.hidden) + 1):
        part = network.after(block)
        assert part.hidden == network.hidden[block:]
        np.testing.assert_allclose(
            part.forward(outputs[block])[-1], outputs[-1], rtol=0, atol=1e-10
        )


def test_saved_and_loaded_it_is_the_same(model: Any, tmp_path: Path, sample: Split) -> None:
    network = from_keras(model)
    ConvNetwork.save_all([network, network.rounded()], tmp_path)
    exact, rounded = ConvNetwork.load_all(tmp_path)
    assert np.array_equal(exact.forward(sample.images)[-1], network.forward(sample.images)[-1])
    for ours, theirs in zip(rounded.kernels, network.kernels, strict=True):
        assert np.array_equal(ours, theirs.astype(np.float16))
    with np.load(tmp_path / "replicate-00.npz", allow_pickle=False) as file:
        assert "kernel_0" in file
    dense = tmp_path / "dense.npz"
    Network((np.eye(2),), (np.zeros(2),), ()).save(dense)
    with pytest.raises(NetworkError, match=r"plain arrays .* activations, strides, paddings, poo"):
        ConvNetwork.load(dense)


def test_temperature_divides_the_logits(model: Any, sample: Split) -> None:
    network = from_keras(model)
    cooler = at_temperature(network, 4.0)
    assert isinstance(cooler, ConvNetwork)
    logits, found = (one.forward(sample.images)[-1] for one in (network, cooler))
    np.testing.assert_allclose(found, logits / 4, rtol=0, atol=1e-10)


def conv(**options: Any) -> Any:
    return layers.Conv2D(3, 3, name="c", **{"activation": "relu"} | options)


def of_layers(*some: Any) -> Any:
    """A model of fresh layers, some named by their class alone."""
    made = [layers.Dense(4) if one == "Dense" else one for one in some]
    made = [layers.Flatten() if one == "Flatten" else one for one in made]
    return keras.Sequential([keras.Input((9, 9, 2)), *made])


FLAT, DENSE = "Flatten", "Dense"


@pytest.mark.parametrize(
    ("some", "message"),
    [
        ([conv(), FLAT, layers.Dense(5, name="d"), DENSE], "Dense after a Dense"),
        ([conv(), layers.AveragePooling2D(2, name="a"), FLAT, DENSE], "'a' is a AveragePooling2D"),
        ([conv(activation=None), FLAT, DENSE], "is a Flatten after a Conv2D"),
        ([conv(), layers.BatchNormalization(name="b"), FLAT, DENSE], "'b' is a BatchNorm.* after"),
        ([conv(dilation_rate=2), FLAT, DENSE], r"'c' has dilation_rate \(2, 2\)"),
        ([conv(strides=(1, 2)), FLAT, DENSE], r"'c' has strides \(1, 2\); understood are equal"),
        ([conv(), layers.MaxPooling2D(2, 1, name="p"), FLAT, DENSE], "'p' has strides"),
        ([conv(), layers.MaxPooling2D(2, padding="same"), FLAT, DENSE], "has padding 'same'"),
        ([conv(activation="elu"), FLAT, DENSE], "'c' has the activation 'elu'"),
        ([conv(), FLAT], "must end in a Dense layer"),
        ([FLAT, DENSE], "is a Flatten after a InputLayer; understood is Conv2D"),
        ([conv(), DENSE], "is a Dense after a Activation"),
    ],
)
def test_other_models_are_refused_by_the_name_of_a_layer(some: list, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        from_keras(of_layers(*some))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strides": (0, 1)}, r"strides or pools \{0\}; allowed are whole numbers from 1"),
        ({"strides": (1,)}, "one activation, stride, padding and pool a block"),
        ({"paddings": ("same", "full")}, r"paddings \{'full'\}; allowed are same, valid"),
        ({"activations": ("relu", "softplus")}, "allowed are sigmoid, tanh, relu"),
        ({"pools": (8, 8)}, r"nothing is left of maps \(1, 1, 6\) after block 2"),
        ({"image_shape": (14, 14)}, r"images \(14, 14\); expected height, width, channels"),
        ({"image_shape": (14, 14, 3)}, r"block 1 has a kernel .* width, 3, channels\)"),
        ({"image_shape": (20, 20, 1)}, r"the logits have a kernel .* expected \(125, classes\)"),
        ({"biases": (np.zeros(6), np.zeros(4), np.zeros(10))}, r"a bias \(4,\) for a kernel"),
    ],
)
def test_what_cannot_be_a_network_is_refused(
    models: dict, change: dict[str, Any], message: str
) -> None:
    network = from_keras(models["same, pooled"])
    with pytest.raises(NetworkError, match=message):
        replace(network, **change)


@pytest.mark.parametrize("shape", [(3, 14, 14), (3, 195), (0, 14, 14, 1)])
def test_images_of_another_shape_are_refused(models: dict, shape: tuple[int, ...]) -> None:
    with pytest.raises(NetworkError, match=r"expected \(n, 196\) or \(n, 14, 14, 1\)"):
        from_keras(models["same, pooled"]).forward(np.zeros(shape))


def test_what_is_built_follows_from_recipe_and_seed() -> None:
    recipe = ConvRecipe((8, 8, 1), (3, 4), (2, 1), (1, 2), batch_normalization=True, pooled=True)
    first, same, other = (build(64, 5, recipe, seed) for seed in (1, 1, 2))
    pairs = list(zip(first.get_weights(), same.get_weights(), strict=True))
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])
    network = from_keras(first)
    assert network.map_shapes == [(8, 8, 1), (4, 4, 3), (2, 2, 4)]
    assert network.kernels[-1].shape == (4, 5)
    with pytest.raises(NetworkError, match=r"samples of 63 values are no images of shape \(8, 8"):
        build(63, 5, recipe)

"""Small convolutional networks in Keras, in double precision, and digits of their size."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from utils.convolution import experiment
from utils.convolution.keras_models import ConvRecipe
from utils.convolution.network import ConvNetwork
from utils.networks.backend import keras
from utils.networks.datasets import Dataset, Split

SIDE = 14  # pixels
CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
layers = keras.layers
FOLLOWERS = layers.Conv2D, layers.Flatten, layers.GlobalAveragePooling2D  # of a block
BLOCKS = {
    "same, pooled": [
        ("Conv2D", 6, 3, {"padding": "same", "activation": "relu"}), ("MaxPooling2D", 2),
        ("Conv2D", 5, 3, {"padding": "same", "activation": "relu"}), ("MaxPooling2D", 2),
        ("Flatten",),
    ],
    "valid, stride 2, means": [
        ("Conv2D", 6, 3, {"strides": 2}), ("ReLU",), ("Dropout", 0.5),
        ("Conv2D", 8, 3, {"use_bias": False, "activation": "relu"}),
        ("GlobalAveragePooling2D",),
    ],
    "three blocks, normalised": [
        ("Conv2D", 4, 3, {"padding": "same", "use_bias": False}), ("BatchNormalization",),
        ("Activation", "relu"), ("MaxPooling2D", 2),
        ("Conv2D", 5, 3, {"padding": "same", "strides": 2}), ("BatchNormalization",),
        ("Activation", "tanh"),
        ("Conv2D", 4, 3, {"activation": "sigmoid"}),
        ("Flatten",),
    ],
    "a pool that leaves a rest": [
        ("Conv2D", 5, 4, {"padding": "same", "strides": 2}), ("Activation", "relu"),
        ("MaxPooling2D", 2),
        ("Conv2D", 6, 2, {"padding": "same"}), ("ReLU",),
        ("GlobalAveragePooling2D",),
    ],
}  # fmt: skip


@pytest.fixture(scope="session")
def halved(digits: Dataset) -> Callable[[Split, int], Split]:
    """A function to the first samples of a split as images [n, 14, 14, 1] in double precision."""

    def shrink(split: Split, n_samples: int) -> Split:
        images = split.images[:n_samples].astype(np.float64)
        pixels = images.reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4))
        return Split(pixels[..., None], split.labels[:n_samples])

    return shrink


@pytest.fixture(scope="session")
def sample(digits: Dataset, halved: Callable) -> Split:
    return halved(digits.test, 120)


@pytest.fixture(scope="session")
def models(digits: Dataset, halved: Callable) -> dict[str, Any]:
    """A Keras model of each of BLOCKS: random blocks, and logits that least squares fits."""
    train = halved(digits.train, 1500)

    def fitted(blocks: list[tuple], seed: int) -> Any:
        model = keras.Sequential([keras.Input((SIDE, SIDE, 1))])
        for name, *arguments in blocks:
            options = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            model.add(getattr(layers, name)(*arguments, **options, dtype="float64"))
        rng = np.random.default_rng(seed)
        for layer in model.layers:
            draw = [rng.normal(0, 0.4, weight.shape) for weight in layer.get_weights()]
            if isinstance(layer, layers.BatchNormalization):  # the last of them are variances
                draw[0], draw[-1] = 1 + draw[0], np.exp(draw[-1])
            layer.set_weights(draw)
        features = model.predict(train.images, verbose=0)
        design = np.column_stack([features, np.ones(len(features))])
        targets = 10.0 * (train.labels[:, None] == np.arange(10))
        fit = np.linalg.lstsq(design, targets)[0]
        model.add(layers.Dense(10, dtype="float64"))
        model.layers[-1].set_weights([fit[:-1], fit[-1]])
        return model

    return {name: fitted(blocks, seed) for seed, (name, blocks) in enumerate(BLOCKS.items())}


@pytest.fixture(scope="session", params=BLOCKS)
def model(request: pytest.FixtureRequest, models: dict[str, Any]) -> Any:
    return models[request.param]


@pytest.fixture(scope="session")
def masked() -> Callable[[Any], Any]:
    """A function to a model of the same layers, whose maps are maps * mask + instead * (1 - mask).

    Its inputs are the images, then for each block a mask [1, 1, channels] and maps to put instead.
    """

    @cache
    def mask(model: Any) -> Any:
        inputs = [keras.Input(model.input_shape[1:], dtype="float64")]
        signal = inputs[0]
        for layer in model.layers:
            ends = isinstance(
                layer, (layers.Conv2D, layers.Flatten, layers.GlobalAveragePooling2D)
            )
            if ends and signal is not inputs[0]:
                *_, channels = signal.shape
                one, instead = (
                    keras.Input(shape, dtype="float64")
                    for shape in ((1, 1, channels), signal.shape[1:])
                )
                inputs += [one, instead]
                signal = signal * one + instead * (1 - one)
            signal = layer(signal)
        made = keras.Model(inputs, signal)
        made.compile(metrics=["sparse_categorical_accuracy"], loss=CROSS_ENTROPY)
        return made

    return mask


@pytest.fixture(scope="session")
def data(digits: Dataset, halved: Callable) -> Dataset:
    """Digits of this size as a data set, flat, in single precision."""

    def small(split: Split, n_samples: int) -> Split:
        shrunk = halved(split, n_samples)
        return Split(shrunk.images.reshape(n_samples, -1).astype(np.float32), shrunk.labels)

    return Dataset(
        "digits", small(digits.train, 2000), small(digits.validation, 300),
        small(digits.test, 250), (SIDE, SIDE), "", digits.class_names,
    )  # fmt: skip


@pytest.fixture(scope="session")
def recipe() -> ConvRecipe:
    shape = SIDE, SIDE, 1
    return ConvRecipe(shape, (5, 4), pools=(2, 2), batch_size=50, learning_rate=0.01)


@pytest.fixture(scope="session")
def trained(data: Dataset, recipe: ConvRecipe) -> tuple[list[ConvNetwork], pd.DataFrame]:
    """Two networks, trained by the recipe for two epochs, and training.csv."""
    return experiment.replicates(data, recipe, 2, 7, range(2))


@pytest.fixture(scope="session")
def rhos() -> Callable[..., pd.DataFrame]:
    """A function that makes correlations of n networks that differ little, as of `experiment`.

    With the errors of a class, and with all errors; in layer 1 and across the network.
    """

    def make(own: float, every: float, n: int = 4) -> pd.DataFrame:
        rows = [
            (scope, f"{measure}, {errors}", k, rho + 0.01 * k * (errors == "all errors"))
            for scope in ("layer-1", "network")
            for measure in ("kl_selectivity", "class_selectivity")
            for errors, rho in (("errors of its class", own), ("all errors", every))
            for k in range(n)
        ]
        return pd.DataFrame(rows, columns=["scope", "quantity", "replicate", "value"])

    return make


@pytest.fixture(scope="session")
def judged_of() -> Callable[..., pd.DataFrame]:
    """A function that makes cases as judged: claim, scope, quantity, estimate, verdict of each."""

    def make(*rows: tuple[str, str, str, float, str], n: int = 5) -> pd.DataFrame:
        table = pd.DataFrame(rows, columns=["claim", "scope", "quantity", "estimate", "verdict"])
        width = 0.01 if n > 1 else np.nan
        return table.assign(
            low=table["estimate"] - width, high=table["estimate"] + width, n_replicates=n,
            n_other=0, p=0.01, p_holm=np.nan, n_to_decide=3, note=None,
        )  # fmt: skip

    return make


@pytest.fixture(scope="session")
def of_channels() -> pd.DataFrame:
    """Measures of two networks with channels of two layers: one silent, one with ties."""
    rows = [
        (k, layer, channel, 1.0, 0.1 * (channel + layer), 1.0, 0.5)
        for k in range(2)
        for layer in (1, 2)
        for channel in range(3)
    ]
    columns = "replicate layer neuron entropy mutual_information kl_selectivity firing_rate"
    table = pd.DataFrame(rows, columns=columns.split())
    table.loc[0, ["entropy", "mutual_information", "kl_selectivity", "firing_rate"]] = 0.0
    table.loc[1, ["entropy", "kl_selectivity", "firing_rate"]] = 0.8, 1.7, 0.25
    return table

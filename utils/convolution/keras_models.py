"""Keras models of convolutional networks: those that are trained, and any as a `ConvNetwork`.

Understood are chains of blocks (Conv2D, BatchNormalization, an activation, MaxPooling2D; the
second and the last may be missing), then Flatten or GlobalAveragePooling2D, and one Dense.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from utils.convolution.network import ConvNetwork
from utils.networks.backend import keras
from utils.networks.building import Kind
from utils.networks.keras_models import chain, composed, kind, read, refused
from utils.networks.network import NetworkError

KINDS = (
    "InputLayer", "Conv2D", "BatchNormalization", "Activation", "ReLU", "MaxPooling2D", "Flatten",
    "GlobalAveragePooling2D", "Dense", "Dropout", "SpatialDropout2D",
)  # fmt: skip
# what may follow: a convolution or the start, its batch normalisation, its activation, and so on
_FOLLOWS = {
    "InputLayer": ("Conv2D",),
    "Conv2D": ("BatchNormalization", "Activation"),
    "BatchNormalization": ("Activation",),
    "Activation": ("Conv2D", "MaxPooling2D", "Flatten", "GlobalAveragePooling2D"),
    "MaxPooling2D": ("Conv2D", "Flatten", "GlobalAveragePooling2D"),
    "Flatten": ("Dense",),
    "GlobalAveragePooling2D": ("Dense",),
    "Dense": ("softmax",),
    "softmax": (),
}
# settings of layers that have others in Keras; what they must be
_SETTINGS: dict[str, dict[str, Any]] = {
    "Conv2D": {"data_format": "channels_last", "dilation_rate": (1, 1), "groups": 1},
    "MaxPooling2D": {"data_format": "channels_last", "padding": "valid"},
    "Flatten": {"data_format": "channels_last"},
    "GlobalAveragePooling2D": {"data_format": "channels_last", "keepdims": False},
}


def from_keras(model: Any) -> ConvNetwork:
    """The model's maps and logits as a `ConvNetwork`, batch normalisation folded.

    A softmax at the end is left out. Raises NetworkError, by the layer's name, for layers of
    another kind or in another order, settings that are not understood, and what
    `utils.networks.keras_models.chain` refuses.
    """
    maps: list[tuple[np.ndarray, np.ndarray]] = []
    activations, strides, paddings, pools = [], [], [], []
    last = "InputLayer"
    for layer in chain(model, KINDS):
        affine, activation = read(layer)
        name = kind(layer)
        for setting, value in _SETTINGS.get(name, {}).items():
            if (found := getattr(layer, setting)) != value:
                raise refused(layer, f"has {setting} {found!r}; understood is {value!r}")
        steps = [name] if affine or name in _SETTINGS else []
        if activation:
            steps.append("softmax" if activation == "softmax" else "Activation")
        for step in steps:
            if step not in _FOLLOWS[last]:
                allowed = " or ".join(_FOLLOWS[last]) or "nothing"
                raise refused(layer, f"is a {step} after a {last}; understood is {allowed}")
            last = step
        if name == "BatchNormalization":
            if layer.axis not in (-1, 3):
                raise refused(layer, f"normalises axis {layer.axis}; understood is the last")
            maps[-1] = composed(maps[-1], affine, layer)
        elif affine:
            maps.append(affine)
        if name == "Conv2D":
            strides.append(_square(layer, "strides"))
            paddings.append(layer.padding)
            pools.append(1)
        if name == "MaxPooling2D":
            pools[-1] = _square(layer, "pool_size")
            if layer.strides != layer.pool_size:
                raise refused(layer, f"has strides {layer.strides}; understood are pools apart")
        if activation and activation != "softmax":
            activations.append(activation)
    if last not in ("Dense", "softmax"):
        raise NetworkError("the model must end in a Dense layer, linear or with a softmax")
    settings = [tuple(one) for one in (activations, strides, paddings, pools)]
    return ConvNetwork(*zip(*maps, strict=True), *settings, tuple(model.input_shape[1:]))


def _square(layer: Any, setting: str) -> int:
    """A setting that must be the same of height and width."""
    height, width = getattr(layer, setting)
    if height != width:
        raise refused(layer, f"has {setting} {(height, width)}; understood are equal ones")
    return height


@dataclass(frozen=True)
class ConvRecipe:
    """Everything that decides how a network is trained, except data, seed and duration.

    channels, strides, pools : of each block; a pool of 1 is none
    pooled : the logits see the mean of each last map, and not all of it
    """

    image_shape: tuple[int, int, int] = (28, 28, 1)
    channels: tuple[int, ...] = (16, 32)
    strides: tuple[int, ...] = (1, 1)
    pools: tuple[int, ...] = (2, 2)
    window: int = 3
    padding: str = "same"
    activation: str = "relu"
    batch_normalization: bool = False
    pooled: bool = False
    learning_rate: float = 1e-3
    batch_size: int = 64


def build(n_inputs: int, n_classes: int, recipe: ConvRecipe, seed: int = 0) -> Any:
    """A Keras model by `recipe`; its weights start as Keras' defaults, drawn from `seed`."""
    layers = keras.layers
    if n_inputs != np.prod(recipe.image_shape):
        raise NetworkError(
            f"samples of {n_inputs} values are no images of shape {recipe.image_shape}"
        )
    blocks = list(zip(recipe.channels, recipe.strides, recipe.pools, strict=True))
    seeds = iter(np.random.SeedSequence(seed).generate_state(len(blocks) + 1).tolist())
    model = keras.Sequential([keras.Input(recipe.image_shape)])
    for channels, stride, pool in blocks:
        start = keras.initializers.GlorotUniform(next(seeds))
        model.add(
            layers.Conv2D(
                channels, recipe.window, stride, recipe.padding, kernel_initializer=start
            )
        )
        if recipe.batch_normalization:
            model.add(layers.BatchNormalization())
        model.add(layers.Activation(recipe.activation))
        if pool > 1:
            model.add(layers.MaxPooling2D(pool))
    model.add(layers.GlobalAveragePooling2D() if recipe.pooled else layers.Flatten())
    model.add(
        layers.Dense(n_classes, kernel_initializer=keras.initializers.GlorotUniform(next(seeds)))
    )
    return model


def recipe_of(network: ConvNetwork, recipe: ConvRecipe) -> ConvRecipe:
    """`recipe` with the channels that the network has; raises NetworkError for another kind."""
    settings = {
        "image_shape": (network.image_shape, recipe.image_shape),
        "strides": (network.strides, recipe.strides),
        "pools": (network.pools, recipe.pools),
        "padding": ({*network.paddings}, {recipe.padding}),
        "activation": ({*network.activations}, {recipe.activation}),
        "window": ({k.shape[:2] for k in network.kernels[:-1]}, {(recipe.window,) * 2}),
    }
    for name, (found, wanted) in settings.items():
        if found != wanted:
            raise NetworkError(f"the recipe has {name} {wanted}, the network {found}")
    return replace(recipe, channels=network.hidden, batch_normalization=False)


CONVOLUTIONAL = Kind(build, from_keras, recipe_of, compiled=False)

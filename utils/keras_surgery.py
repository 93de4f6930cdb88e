"""Surgery on a Keras model of one's own: fewer neurons in a Dense layer, the rest as it was.

    smaller = remove_neurons(model, "dense_1", [3, 17], images, "least_squares")

For Sequential and functional models that are a chain of Dense, Activation, ReLU, Dropout,
BatchNormalization and, before the first Dense, Flatten layers. The model itself is left alone;
the smaller one keeps its layers (batch normalisation and dropout included), their names and the
settings it was compiled with, and can be trained, saved and loaded.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils import surgery
from utils.backend import keras
from utils.conversion import back_from_output, chain
from utils.networks import NetworkError

_PER_NEURON = ("Activation", "ReLU", "Dropout", "BatchNormalization")
# activation functions that look at all neurons of a layer at once
_ACROSS_NEURONS = ("softmax", "log_softmax", "sparsemax", "glu")


def remove_neurons(
    model: Any,
    layer: str,
    neurons: Sequence[int],
    images: np.ndarray | None = None,
    repair: str = "mean",
) -> Any:
    """A smaller Keras model without `neurons` of the hidden Dense layer named `layer`.

    `images` [n, ...]: inputs as for `model.predict`, over which the repair is estimated; best
    those of a validation set; `repair` one of `surgery.REPAIRS`, of which only `zero` needs no
    images. A neuron's output is what the next Dense layer receives from it when the model is
    used, after activation, batch normalisation and dropout (which is then the identity).

    Raises
    ------
    NetworkError
        A layer of another kind, or used twice, or branches; a layer that is not there or not a
        hidden Dense; neurons that are not there, named twice, or all of them; no images, or
        images of another shape.
    """
    layers = chain(model)
    _check_layers(layers)
    dense = [one for one in layers if type(one).__name__ == "Dense"]
    hidden = [one.name for one in dense[:-1]]
    if layer not in hidden:
        raise NetworkError(
            f"{layer!r} is not a hidden Dense layer of this model; it has "
            f"{', '.join(hidden) or 'none'} (the last Dense layer gives the classes)"
        )
    target = next(one for one in dense if one.name == layer)
    receiver = dense[dense.index(target) + 1]
    gone = surgery.checked_neurons(neurons, target.units, f"layer {layer!r}")
    moments = surgery.Moments.none(target.units)
    if repair != "zero":
        moments = surgery.Moments(_outputs(model, receiver, images))
    found = surgery.stand_in(moments, gone, repair)

    def smaller(old: Any) -> Any:
        settings = old.get_config()
        if old is target:
            settings["units"] = len(found.kept)
        if old is receiver:
            settings["use_bias"] = old.use_bias or repair != "zero"
        return type(old).from_config(settings)

    pruned = keras.models.clone_model(model, clone_function=smaller)
    pruned.build(model.input_shape)
    between = layers[layers.index(target) : layers.index(receiver)]
    for old, new in zip(layers, chain(pruned), strict=True):
        weights = old.get_weights()
        if old in between:  # kernels [inputs, neurons], everything else [neurons]
            weights = [array[..., found.kept] for array in weights]
        if old is receiver:
            bias = weights[1] if old.use_bias else np.zeros(old.units, weights[0].dtype)
            weights = list(found.fold(weights[0], bias))[: 1 + new.use_bias]
        new.set_weights(weights)
    if model.compiled:
        pruned.compile_from_config(model.get_compile_config())
    return pruned


def _check_layers(layers: list[Any]) -> None:
    """Every layer is of a kind that treats neurons one by one, and has one place."""
    kinds = [type(layer).__name__ for layer in layers]
    dense = [place for place, kind in enumerate(kinds) if kind == "Dense"]
    first, last = (dense[0], dense[-1]) if dense else (len(layers), 0)
    for place, (layer, kind) in enumerate(zip(layers, kinds, strict=True)):
        if layer in layers[:place]:
            raise NetworkError(f"layer {layer.name!r} is used twice; give it one place")
        known = kind in ("Dense", *_PER_NEURON)
        if not known and not (place < first and kind in ("InputLayer", "Flatten")):
            raise NetworkError(
                f"layer {layer.name!r} is a {kind}; surgery knows Dense, "
                f"{', '.join(_PER_NEURON)} and, before the first Dense, Flatten"
            )
        name = getattr(getattr(layer, "activation", None), "__name__", "linear")
        if name in _ACROSS_NEURONS and place < last:
            raise NetworkError(
                f"layer {layer.name!r} has the activation {name!r}, in which every neuron depends "
                "on the others; surgery cannot go before it"
            )


def _outputs(model: Any, receiver: Any, images: np.ndarray | None) -> np.ndarray:
    """What `receiver` gets, [n, neurons]."""
    if images is None:
        raise NetworkError("images are needed for every repair but 'zero'")
    if np.shape(images)[1:] != tuple(model.input_shape[1:]) or not len(images):
        raise NetworkError(
            f"images of shape {np.shape(images)}, expected (n, "
            f"{', '.join(map(str, model.input_shape[1:]))}) with n of at least 1"
        )
    [given] = dict(back_from_output(model))[receiver]
    return keras.Model(model.inputs, given).predict(images, verbose=0)

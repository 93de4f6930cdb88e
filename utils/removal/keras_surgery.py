"""Surgery on a Keras model of one's own: fewer neurons in a Dense layer, the rest as it was.

    smaller = remove_neurons(model, "dense_1", [3, 17], images, "least_squares")

For the models that `networks.keras_models` understands. The model itself is left alone; the
smaller one keeps its layers (batch normalisation and dropout included), their names and the
settings it was compiled with, and can be trained, saved and loaded.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.networks.backend import keras
from utils.networks.keras_models import back_from_output, chain, kind, refused
from utils.networks.network import NetworkError
from utils.removal import surgery

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
    those of a validation set; `repair` one of `names.REPAIRS`, of which only `zero` needs no
    images. A neuron's output is what the next Dense layer receives from it when the model is
    used, after activation, batch normalisation and dropout (which is then the identity).

    Raises NetworkError for what `keras_models.chain` refuses; a layer that is not there or not a
    hidden Dense, or in whose outputs neurons are mixed; neurons that are not there, named twice,
    or all of them; no images, or images of another shape.
    """
    between, receiver = _reach(chain(model), layer)
    target = between[0]
    gone = surgery.checked_neurons(neurons, target.units, f"layer {layer!r}")
    outputs = np.empty((0, target.units))
    if repair != "zero":
        outputs = _outputs(model, receiver, images)
    stand_in = surgery.stand_in(surgery.Moments(outputs), gone, repair)

    def smaller(old: Any) -> Any:
        settings = old.get_config()
        if old is target:
            settings["units"] = len(stand_in.kept)
        if old is receiver:
            settings["use_bias"] = old.use_bias or repair != "zero"
        return type(old).from_config(settings)

    pruned = keras.models.clone_model(model, clone_function=smaller)
    pruned.build(model.input_shape)
    for old, new in zip(chain(model), chain(pruned), strict=True):
        weights = old.get_weights()
        if old in between:  # kernels [inputs, neurons], everything else [neurons]
            weights = [array[..., stand_in.kept] for array in weights]
        if old is receiver:
            bias = weights[1] if old.use_bias else np.zeros(old.units, weights[0].dtype)
            weights = list(stand_in.fold(weights[0], bias))[: len(new.weights)]
        new.set_weights(weights)
    if model.compiled:
        pruned.compile_from_config(model.get_compile_config())
    return pruned


def _reach(layers: list[Any], name: str) -> tuple[list[Any], Any]:
    """From the Dense layer `name` to the one before the next Dense; and that one."""
    dense = [place for place, layer in enumerate(layers) if kind(layer) == "Dense"]
    hidden = {layers[place].name: place for place in dense[:-1]}
    if name not in hidden:
        raise NetworkError(
            f"{name!r} is not a hidden Dense layer of this model; it has "
            f"{', '.join(hidden) or 'none'} (the last Dense layer gives the classes)"
        )
    end = dense[dense.index(hidden[name]) + 1]
    between = layers[hidden[name] : end]
    for layer in between:
        function = getattr(getattr(layer, "activation", None), "__name__", "linear")
        if function in _ACROSS_NEURONS:
            raise refused(layer, f"has the activation {function!r}, which mixes neurons")
        if kind(layer) == "Flatten":
            raise refused(layer, "flattens outputs between two Dense layers")
    return between, layers[end]


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
    outputs = keras.Model(model.inputs, given).predict(images, verbose=0)
    return outputs.reshape(-1, outputs.shape[-1])

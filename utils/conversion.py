"""Between Keras models and `Network`.

Understood are chains of Dense, Activation (sigmoid, tanh, relu), BatchNormalization, Dropout and
Flatten, in a Sequential or a functional model. Anything else is refused by the name of the layer:
a layer passed over in silence would give another network.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from utils.backend import keras
from utils.networks import ACTIVATIONS, Network, NetworkError

_IDENTITY = ("InputLayer", "Dropout", "Flatten")


def from_keras(model: Any) -> Network:
    """The model's logits and hidden outputs as a `Network`, batch normalisation folded.

    A softmax at the end is left out. Batch normalisation may stand before or after an
    activation: it is folded into the Dense layer before it, or into the one after it.

    Raises
    ------
    NetworkError
        Another kind of layer, another activation, branches, a Dense layer used twice.
    """
    kernels: list[np.ndarray] = []
    biases: list[np.ndarray] = []
    activations: list[str | None] = []
    pending: tuple[np.ndarray, np.ndarray] | None = None  # an affine map the next Dense takes in
    seen: set[str] = set()
    for layer in chain(model):
        kind = type(layer).__name__
        if kind == "Dense":
            if layer.name in seen:
                raise NetworkError(f"layer {layer.name!r} is used twice; give it one place")
            seen.add(layer.name)
            if activations and activations[-1] is None:
                raise NetworkError(f"layer {layer.name!r} follows a Dense without an activation")
            kernel = np.array(layer.kernel, np.float32)
            bias = np.array(layer.bias) if layer.use_bias else np.zeros(layer.units, np.float32)
            if pending is not None:
                scale, shift = pending
                kernel, bias, pending = scale[:, None] * kernel, bias + shift @ kernel, None
            kernels.append(kernel)
            biases.append(bias)
            activations.append(None)
            _activate(activations, layer.activation, layer.name)
        elif kind in ("Activation", "ReLU"):
            if kind == "ReLU" and _is_modified_relu(layer):
                raise NetworkError(f"layer {layer.name!r} is a ReLU with a slope or a ceiling")
            function = keras.activations.relu if kind == "ReLU" else layer.activation
            _activate(activations, function, layer.name)
        elif kind == "BatchNormalization":
            scale, shift = _affine(layer)
            if not kernels or activations[-1] == "softmax":
                raise NetworkError(f"layer {layer.name!r} has no Dense layer before it")
            if activations[-1] is None:
                kernels[-1], biases[-1] = kernels[-1] * scale, biases[-1] * scale + shift
            elif pending is None:
                pending = scale, shift
            else:
                pending = pending[0] * scale, pending[1] * scale + shift
        elif kind == "Flatten" and layer.data_format == "channels_first":
            raise NetworkError(
                f"layer {layer.name!r} flattens channels first, another pixel order"
            )
        elif kind not in _IDENTITY:
            raise NetworkError(
                f"layer {layer.name!r} is a {kind}; understood are Dense, Activation, ReLU, "
                "BatchNormalization, Dropout and Flatten"
            )
    if not kernels or activations[-1] not in (None, "softmax") or pending is not None:
        raise NetworkError("the model must end in a Dense layer, linear or with a softmax")
    if "softmax" in activations[:-1]:
        raise NetworkError("a softmax is understood at the end only")
    return Network(tuple(kernels), tuple(biases), tuple(map(str, activations[:-1])))


def to_keras(network: Network) -> Any:
    """A Keras Sequential model with the network's logits: trainable, can be saved and loaded."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((network.sizes[0],))])
    for width, name in zip(network.hidden, network.activations, strict=True):
        model.add(layers.Dense(width, activation=name))
    model.add(layers.Dense(network.sizes[-1]))
    model.set_weights(
        [a for pair in zip(network.kernels, network.biases, strict=True) for a in pair]
    )
    return model


def chain(model: Any) -> list[Any]:
    """The layers a signal passes, in order; a layer used twice stands there twice."""
    if isinstance(model, keras.Sequential):
        if not model.built:
            raise NetworkError(f"model {model.name!r} has no weights yet; call it on images once")
        return list(model.layers)
    if not isinstance(model, keras.Model) or not getattr(model, "outputs", None):
        raise NetworkError(f"a Sequential or functional Keras model is needed, not {type(model)}")
    if len(model.outputs) != 1 or len(model.inputs) != 1:
        raise NetworkError("the model must have one input and one output")
    layers = []
    for layer, sources in back_from_output(model):
        if len(sources) > 1:
            raise NetworkError(f"layer {layer.name!r} joins {len(sources)} branches; a chain only")
        layers.append(layer)
    return layers[::-1]


def back_from_output(model: Any) -> Iterator[tuple[Any, list[Any]]]:
    """The layers a signal passes, last to first, each with the tensors it is given there.

    Not `layer.input`: a layer may be part of other models too.
    """
    tensor = model.outputs[0]
    while tensor is not None:
        layer, node, _ = tensor._keras_history
        sources = layer._inbound_nodes[node].input_tensors
        yield layer, sources
        tensor = sources[0] if sources else None


def _activate(activations: list[str | None], function: Any, layer: str) -> None:
    """Set the last layer's activation, which must not have one yet."""
    name = keras.activations.serialize(function)
    if name == "linear":
        return
    if name not in (*ACTIVATIONS, "softmax"):
        raise NetworkError(
            f"layer {layer!r} has the activation {name!r}; understood are {', '.join(ACTIVATIONS)}"
        )
    if not activations or activations[-1] is not None:
        raise NetworkError(f"layer {layer!r} activates something other than a Dense layer")
    activations[-1] = name


def _is_modified_relu(layer: Any) -> bool:
    return layer.max_value is not None or bool(layer.negative_slope) or bool(layer.threshold)


def _affine(layer: Any) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of batch normalisation as it is when a network is used."""
    deviation = np.sqrt(np.array(layer.moving_variance) + layer.epsilon)
    scale = (np.array(layer.gamma) if layer.scale else 1.0) / deviation
    offset = np.array(layer.beta) if layer.center else 0.0
    return scale, offset - np.array(layer.moving_mean) * scale

"""A Keras model as a `Network`.

Understood are chains of Dense, Activation (sigmoid, tanh, relu), BatchNormalization, Rescaling,
Normalization, Dropout and other noise, Flatten and Reshape, in a Sequential or a functional model.
Anything else is refused by the name of the layer: a layer passed over in silence would give
another network.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from utils.networks.backend import keras
from utils.networks.network import ACTIVATIONS, Network, NetworkError

# kernel [inputs, neurons] or scale [neurons], and bias [neurons]
Affine = tuple[np.ndarray, np.ndarray]
ONLY_IN_TRAINING = ("Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout")
SCALES = ("BatchNormalization", "Rescaling", "Normalization")
SHAPES = ("InputLayer", "Flatten", "Reshape")
KINDS = (*SHAPES, "Dense", "Activation", "ReLU", "Softmax", *SCALES, *ONLY_IN_TRAINING)


def from_keras(model: Any) -> Network:
    """The model's logits and hidden outputs as a `Network`; raises what `chain` raises."""
    return network_of(chain(model))


def network_of(layers: Iterable[Any]) -> Network:
    """Layers, one after another, as a `Network`, batch normalisation folded.

    A softmax at the end is left out; of a sigmoid for two classes its input is the second logit,
    and 0 the first. What scales neurons may stand before or after an activation: it is folded into
    the Dense layer before it, or into the one after it. Raises NetworkError for another
    activation, and layers in another order.
    """
    maps: list[Affine] = []
    activations: list[str] = []  # the one after each map, but for the last map
    for layer in layers:
        affine, activation = read(layer)
        if affine is not None and affine[0].ndim < 2:
            if not maps:
                raise refused(layer, "has no Dense layer before it")
            affine = tuple(np.broadcast_to(part, maps[-1][1].shape) for part in affine)
        if affine is not None and len(maps) > len(activations):
            maps[-1] = composed(maps[-1], affine, layer)
        elif affine is not None:
            maps.append(affine)
        if activation:
            if len(maps) == len(activations) or maps[-1][0].ndim == 1:
                raise refused(layer, "activates something other than a Dense layer")
            activations.append(activation)
    end = activations[-1] if maps and len(maps) == len(activations) else "linear"
    if end == "sigmoid" and maps[-1][0].shape[1:] == (1,):
        maps[-1] = tuple(np.concatenate([0 * array, array], axis=-1) for array in maps[-1])
        activations.pop()
    elif end == "softmax":
        activations.pop()
    if not maps or len(maps) == len(activations) or maps[-1][0].ndim == 1:
        raise NetworkError(
            "the model must end in a Dense layer, linear or with a softmax, or in one neuron with "
            "a sigmoid"
        )
    if maps[-1][0].shape[1] == 1:
        raise NetworkError("the model ends in one output; for two classes it needs a sigmoid")
    if "softmax" in activations:
        raise NetworkError("a softmax is understood at the end only")
    kernels, biases = zip(*maps, strict=True)
    return Network(kernels, biases, tuple(activations))


def ends_in_probabilities(layers: Sequence[Any]) -> bool:
    """Whether layers that `network_of` understands end in a softmax, or in one sigmoid."""
    last = [activation for layer in layers if (activation := read(layer)[1])][-1:]
    return last == ["softmax"] or (last == ["sigmoid"] and layers[-1].output.shape[-1] == 1)


def read(layer: Any) -> tuple[Affine | None, str | None]:
    """What a layer multiplies by and adds, and its activation; None where it does not."""
    affine = function = None
    match kind(layer):
        case "Dense" if layer.quantization_mode:
            mode = layer.quantization_mode
            raise refused(layer, f"is quantised ({mode}); read the model as it was before")
        case "Dense" | "Conv2D":
            kernel = layer.kernel.numpy()
            kernel = kernel.astype(np.promote_types(kernel.dtype, np.float32))
            bias = layer.bias.numpy() if layer.use_bias else np.zeros(kernel.shape[-1])
            affine, function = (kernel, bias.astype(kernel.dtype)), layer.activation
        case "BatchNormalization":  # as it is when a network is used
            deviation = np.sqrt(layer.moving_variance.numpy() + layer.epsilon)
            scale = (layer.gamma.numpy() if layer.scale else 1.0) / deviation
            offset = layer.beta.numpy() if layer.center else 0.0
            affine = scale, offset - layer.moving_mean.numpy() * scale
        case "Rescaling":
            affine = np.array(layer.scale, np.float32), np.array(layer.offset, np.float32)
        case "Normalization":
            affine = _normalization(layer)
        case "Activation":
            function = layer.activation
        case "Softmax" if layer.axis in (-1, 1):
            function = keras.activations.softmax
        case "ReLU":
            if layer.max_value is not None or layer.negative_slope or layer.threshold:
                raise refused(layer, "is a ReLU with a slope or a ceiling")
            function = keras.activations.relu
        case "Softmax":
            raise refused(layer, f"is a softmax over axis {layer.axis}")
        case "Flatten" if layer.data_format == "channels_first":
            raise refused(layer, "flattens channels first, another pixel order")
    name = "linear" if function is None else keras.activations.serialize(function)
    if name not in (*ACTIVATIONS, "linear", "softmax"):
        understood = ", ".join(ACTIVATIONS)
        raise refused(layer, f"has the activation {name!r}; understood are {understood}")
    return affine, None if name == "linear" else name


def _normalization(layer: Any) -> Affine:
    """What an adapted Normalization multiplies by, and adds."""
    mean, variance = (part.numpy().ravel() for part in (layer.mean, layer.variance))
    deviation = np.maximum(np.sqrt(variance), keras.config.epsilon())
    return (deviation, mean) if layer.invert else (1 / deviation, -mean / deviation)


def composed(first: Affine, second: Affine, layer: Any) -> Affine:
    """Both in one, `second` after `first`."""
    (kernel, bias), (scale, shift) = first, second
    if scale.ndim == 1:
        return kernel * scale, bias * scale + shift
    if kernel.ndim == 2:
        raise refused(layer, "follows a Dense without an activation")
    return kernel[:, None] * scale, shift + bias @ scale


def kind(layer: Any) -> str:
    """The name of the layer's class, and not of one it is derived from."""
    return type(layer).__name__


def refused(layer: Any, why: str) -> NetworkError:
    return NetworkError(f"layer {layer.name!r} {why}")


def check_built(model: Any) -> None:
    """Raise NetworkError unless it is a Keras model with weights whose layers are known."""
    if isinstance(model, keras.Sequential) and not model.built:
        raise NetworkError(f"model {model.name!r} has no weights yet; call it on images once")
    if not isinstance(model, keras.Model) or not getattr(model, "outputs", None):
        raise NetworkError(f"a Sequential or functional Keras model is needed, not {type(model)}")


def chain(model: Any, kinds: Sequence[str] = KINDS) -> list[Any]:
    """The layers a signal passes, in order; one without weights may have two places.

    Raises NetworkError for something else than a Keras model that has weights, branches, another
    kind of layer than `kinds`, and a layer with weights that is used twice.
    """
    check_built(model)
    if len(model.outputs) != 1 or len(model.inputs) != 1:
        raise NetworkError("the model must have one input and one output")
    layers = []
    for layer, sources in back_from(model.outputs[0]):
        if len(sources) > 1:
            raise refused(layer, f"joins {len(sources)} branches; a chain only")
        if kind(layer) not in kinds:
            raise refused(layer, f"is a {kind(layer)}; understood are {', '.join(kinds[1:])}")
        if layer in layers and layer.weights:
            raise refused(layer, "is used twice; give it one place")
        layers.append(layer)
    return layers[::-1]


def back_from(tensor: Any) -> Iterator[tuple[Any, list[Any]]]:
    """The layers a signal passes to a tensor, last to first, each with what it is given there.

    Where branches are joined the first one alone is followed. Not `layer.input`: a layer may be
    part of other models too.
    """
    while tensor is not None:
        layer, node, _ = tensor._keras_history
        sources = layer._inbound_nodes[node].input_tensors
        yield layer, sources
        tensor = sources[0] if sources else None

"""The way of a layer's outputs through a Keras model, to the next layer that mixes neurons.

Only that way matters to surgery: before it, beside it and after it may stand anything.
"""

from typing import Any, NamedTuple

import numpy as np

from utils.models.elementwise import why_not
from utils.models.keras_copies import copied_layer
from utils.networks.backend import keras
from utils.networks.keras_models import check_built, kind, refused
from utils.networks.network import NetworkError

layers = keras.layers
WEIGHTED = (layers.Dense, layers.Conv1D, layers.Conv2D)
# of each neuron alone, which is tried: they hold functions that users wrote, or an axis
ALONE = (layers.Activation, layers.ReLU, layers.LeakyReLU, layers.ELU, layers.Softmax,
         layers.Lambda, layers.Rescaling)  # fmt: skip
# each neuron has weights of its own
SCALED = (layers.BatchNormalization, layers.PReLU)
# nothing happens when a model is used
TRAINING_ONLY = (
    layers.Dropout, layers.SpatialDropout1D, layers.SpatialDropout2D, layers.AlphaDropout,
    layers.GaussianDropout, layers.GaussianNoise, layers.ActivityRegularization, layers.Identity,
)  # fmt: skip
# outputs are put in other places
MOVING = (layers.Flatten, layers.Reshape, layers.Permute)
# each neuron's outputs are put together, or framed with zeros
POOLING = (
    layers.MaxPooling1D, layers.AveragePooling1D, layers.GlobalMaxPooling1D,
    layers.GlobalAveragePooling1D, layers.MaxPooling2D, layers.AveragePooling2D,
    layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D, layers.ZeroPadding2D,
)  # fmt: skip
PASSED = (*ALONE, *SCALED, *TRAINING_ONLY, *MOVING, *POOLING)
_ANY = "the next Dense, Conv1D or Conv2D layer"
_TRIED = 8  # places along an axis, where an image has more


class Path(NamedTuple):
    """From `target` to `receiver`, which gets the tensor `received`.

    `between`: for each layer between them, the neuron [entries] whose output every entry on the
    last axis of its outputs is; `entries` likewise for what `receiver` gets. Flatten makes many
    entries of a neuron.
    """

    target: Any
    between: dict[Any, np.ndarray]
    receiver: Any
    received: Any
    entries: np.ndarray

    @property
    def width(self) -> int:
        """Neurons of the target."""
        return self.target.kernel.shape[-1]


def path(model: Any, name: str) -> Path:
    """The way from the Dense or convolutional layer `name` to the next one.

    Raises NetworkError for something else than a Keras model with weights whose layers are known
    (Sequential or functional); a layer that is not there, of another kind, or gives the model's
    outputs; layers on the way that mix neurons, are not understood, or are quantised or adapted;
    outputs that go to two places, and layers with weights that are used twice.
    """
    nodes = _nodes(model)
    node = _start(nodes, name)
    target, between = node.operation, {}
    _check_weighted(target, nodes)
    shape = _shape(node)
    _check_alone(target, target.activation, shape)
    neurons = np.broadcast_to(np.arange(shape[-1]), shape)
    while True:
        tensor = node.outputs[0]
        layer, node = node.operation, _next(model, nodes, node, name)
        entries = neurons.reshape(-1, neurons.shape[-1])
        if (entries != entries[0]).any():
            raise refused(layer, "moves neurons away from the last axis")
        if layer is not target:
            between[layer] = entries[0]
        receiver = node.operation
        if type(receiver) in WEIGHTED:
            _check_weighted(receiver, nodes)
            return Path(target, between, receiver, tensor, entries[0])
        neurons = _passed(node, neurons, nodes)


def _nodes(model: Any) -> list[Any]:
    """The calls of layers that a model consists of, last first."""
    check_built(model)
    nodes, tensors = [], list(model.outputs)
    while tensors:
        layer, number, _ = tensors.pop(0)._keras_history
        node = layer._inbound_nodes[number]
        if node not in nodes:
            nodes.append(node)
            tensors += node.input_tensors
    return nodes


def _shape(node: Any) -> tuple[int, ...]:
    """Of its outputs, without n; a size that is open is taken for 2."""
    return tuple(size or 2 for size in node.outputs[0].shape[1:])


def _start(nodes: list[Any], name: str) -> Any:
    known = {node.operation.name: node for node in reversed(nodes)}
    dense = [one for one, node in known.items() if type(node.operation) in WEIGHTED]
    if name in dense:
        return known[name]
    inside = [one for one, node in known.items() if isinstance(node.operation, keras.Model)]
    hint = f"; layers inside {', '.join(inside)} are out of reach" if inside else ""
    raise NetworkError(
        f"{name!r} is not a Dense, Conv1D or Conv2D layer of this model; it has "
        f"{', '.join(dense) or 'none'}{hint}"
    )


def _next(model: Any, nodes: list[Any], node: Any, name: str) -> Any:
    """The only place that the outputs of `node` go to."""
    layer, tensor = node.operation, node.outputs[0]
    users = [one for one in nodes if any(tensor is given for given in one.input_tensors)]
    if any(tensor is given for given in model.outputs):
        raise NetworkError(
            f"{name!r} is not a hidden layer: {layer.name!r} gives an output of the model, and "
            f"{_ANY} does not come before"
        )
    if len(users) > 1:
        places = ", ".join(repr(one.operation.name) for one in users)
        raise refused(layer, f"gives its outputs to several layers: {places}")
    [user] = users
    if len(user.input_tensors) > 1:
        raise refused(user.operation, f"joins {len(user.input_tensors)} branches")
    return user


def _passed(node: Any, neurons: np.ndarray, nodes: list[Any]) -> np.ndarray:
    """Where outputs are after a layer, each as the number of its neuron, if it may be passed."""
    layer = node.operation
    if type(layer) not in PASSED:
        understood = ", ".join(one.__name__ for one in PASSED)
        raise refused(layer, f"is a {kind(layer)}; on the way to {_ANY} understood: {understood}")
    if layer.weights:
        _check_once(layer, nodes)
    if type(layer) in ALONE:
        _check_alone(layer, layer, neurons.shape)
    if type(layer) is layers.BatchNormalization and layer.axis not in (-1, neurons.ndim):
        raise refused(layer, f"normalises along axis {layer.axis}, not along neurons")
    if (getattr(layer, "noise_shape", None) or [None])[-1] not in (None, 1):
        raise refused(layer, f"has a noise_shape for {neurons.shape[-1]} neurons")
    if type(layer) in POOLING:
        if getattr(layer, "data_format", "channels_last") != "channels_last":
            raise refused(layer, "has its channels first")
        return np.broadcast_to(neurons.reshape(-1, neurons.shape[-1])[0], _shape(node))
    if type(layer) in MOVING:
        return np.asarray(copied_layer(layer)(neurons[None].astype(np.float32)))[0].astype(int)
    return neurons


def _check_weighted(layer: Any, nodes: list[Any]) -> None:
    _check_once(layer, nodes)
    if layer.quantization_mode:
        mode = layer.quantization_mode
        raise refused(layer, f"is quantised ({mode}); remove neurons first, then quantise")
    if layer.lora_enabled:
        raise refused(layer, "has a low-rank adaptation (LoRA); merge it into the kernel first")
    if len(layer.weights) != 1 + layer.use_bias:
        raise refused(layer, "has weights besides kernel and bias")
    if getattr(layer, "groups", 1) != 1:
        raise refused(layer, f"has {layer.groups} groups of channels; one only")
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        raise refused(layer, "has its channels first")


def _check_once(layer: Any, nodes: list[Any]) -> None:
    if sum(node.operation is layer for node in nodes) > 1:
        raise refused(layer, "is used twice; give it one place")


def _check_alone(layer: Any, function: Any, shape: tuple[int, ...]) -> None:
    shape = (*(min(size, _TRIED) for size in shape[:-1]), shape[-1])
    if isinstance(function, keras.Layer):
        function = copied_layer(function)  # a call may make weights
        function(np.zeros((1, *shape)))
        if function.weights:
            raise refused(layer, f"has a {kind(function)} with weights as its activation")
    reason = why_not(function, shape, layer.compute_dtype)
    if reason:
        held = getattr(layer, "activation", None)
        name = getattr(held, "__name__", kind(held))
        what = f"has the activation {name!r}" if held else f"is a {kind(layer)}"
        raise refused(layer, f"{what}, which {reason}")

"""A trained Keras model of one's own: its fully connected end as a `Network`, and back.

A model is divided in two. Its end, Dense layers with what `keras_models.KINDS` has between them,
is what the study measures and prunes. Its front, anything at all before them, is kept as it is:
what it makes of an image is what the first studied layer is given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import softmax

from utils.models.keras_copies import copied
from utils.networks.backend import keras
from utils.networks.keras_models import (
    KINDS,
    ONLY_IN_TRAINING,
    SHAPES,
    back_from,
    ends_in_probabilities,
    kind,
    network_of,
)
from utils.networks.network import Network, NetworkError

_BATCH = 256
AGREEMENT = 1e-5  # by which outputs of model and study may differ; times the largest, if above 1


@dataclass(frozen=True, eq=False)
class Divided:
    """A model; its end as a network and as layers; and the tensor [n, width] that is given."""

    model: Any
    network: Network
    end: list[Any]
    given: Any

    @property
    def front_layers(self) -> list[str]:
        """The kinds of layers in the front, without those that only give a shape."""
        before = [layer for layer in self.model.layers if layer not in self.end]
        return [kind(layer) for layer in before if not _same_numbers(layer)]

    @property
    def front(self) -> Callable[[np.ndarray], np.ndarray] | None:
        """Samples [n, values] to what the end is given [n, width]; None where that is the same."""
        if not self.front_layers:
            return None
        return lambda samples: _outputs(self.model, self.given, samples)


def divided(model: Any) -> Divided:
    """A model in front and end, the longest end that is understood.

    Raises NetworkError for something else than one input and one output, and where no hidden Dense
    layer can be studied: names the layer that is in the way.
    """
    if not isinstance(model, keras.Model) or not getattr(model, "outputs", None):
        raise NetworkError(f"a built Keras model is needed, not {type(model).__name__}")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise NetworkError(
            f"the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs; one of "
            "each is needed"
        )
    found, end, why = None, [], "there is none"
    for layer, sources in back_from(model.outputs[0]):
        if reason := _not_studied(layer, sources, end):
            if kind(layer) not in SHAPES:
                why = f"layer {layer.name!r} {reason}"
            break
        end = [layer, *end]
        if kind(layer) == "Dense":
            try:
                found = Divided(model, network_of(end), end, sources[0])
            except NetworkError as error:
                why = str(error)
                break
    if found is None:
        raise NetworkError(f"the model's end cannot be studied: {why}")
    if not found.network.hidden:
        raise NetworkError(f"the model has no hidden Dense layer that can be studied: {why}")
    return found


def _not_studied(layer: Any, sources: list[Any], later: list[Any]) -> str:
    """Why a layer cannot be part of the end; empty if it can."""
    if len(sources) > 1:
        return f"joins {len(sources)} branches"
    if kind(layer) not in KINDS:
        return f"is a {kind(layer)}; understood are {', '.join(KINDS[1:])}"
    if sources and len(sources[0].shape) != 2:
        return f"is given samples of the shape {tuple(sources[0].shape[1:])}, not rows of numbers"
    return "is used twice" if layer in later and layer.weights else ""


def _same_numbers(layer: Any) -> bool:
    """Whether a layer in use gives the numbers it is given, in their order."""
    of_channels = getattr(layer, "data_format", None) == "channels_first"
    return kind(layer) in (*SHAPES, *ONLY_IN_TRAINING) and not of_channels


def _outputs(model: Any, tensor: Any, samples: np.ndarray) -> np.ndarray:
    """What a tensor of a model is for samples [n, values], in the shape the model takes."""
    part, shaped = (
        keras.Model(model.inputs[0], tensor),
        samples.reshape(-1, *model.input_shape[1:]),
    )
    # called, not `predict`: that would trace a function for every part of a model
    batches = (shaped[start : start + _BATCH] for start in range(0, len(shaped), _BATCH))
    return np.concatenate([part(batch, training=False).numpy() for batch in batches])


def check_takes(parts: Divided, shape: tuple[int, ...], n_classes: int) -> None:
    """Raise NetworkError unless a model takes samples of this shape, and has these classes."""
    takes = parts.model.input_shape[1:]
    if None in takes or np.prod(takes) != np.prod(shape):
        raise NetworkError(
            f"the model takes samples of the shape {takes}, those of the data set have {shape}"
        )
    if parts.network.sizes[-1] != n_classes:
        raise NetworkError(
            f"the model has {parts.network.sizes[-1]} classes, the data set {n_classes}"
        )


def check_agreement(parts: Divided, samples: np.ndarray) -> None:
    """Raise NetworkError unless model and study give the same outputs for samples [n, values].

    Names the layer with which they part: the Dense before the longest end that agrees.
    """
    model, end = parts.model, parts.end
    expected = _outputs(model, model.outputs[0], samples)
    allowed = AGREEMENT * max(1, np.abs(expected).max())
    for place in (place for place in range(len(end))[::-1] if kind(end[place]) == "Dense"):
        [given] = dict(back_from(model.outputs[0]))[end[place]]
        outputs = network_of(end[place:]).forward(_outputs(model, given, samples))[-1]
        if ends_in_probabilities(end):
            outputs = softmax(outputs, axis=1)[:, -expected.shape[1] :]
        if not (apart := np.abs(outputs - expected).max()) <= allowed:
            raise NetworkError(
                f"from layer {end[place].name!r} on, the study computes other outputs than Keras, "
                f"by {apart:.2g}; {allowed:.2g} is allowed. Does it compute in half precision?"
            )


def rejoined(parts: Divided, network: Network) -> Any:
    """A Keras model of the front of one and, instead of its end, `network`; not compiled.

    It ends as the model does, in logits, a softmax or a sigmoid, shares no weights with it, and
    can be trained, saved and loaded. Raises NetworkError if the network does not fit.
    """
    if (network.sizes[0], network.sizes[-1]) != (parts.network.sizes[0], parts.network.sizes[-1]):
        raise NetworkError(
            f"a network of {network.sizes} does not fit a model whose end is one of "
            f"{parts.network.sizes}"
        )
    front, _ = copied(keras.Model(parts.model.inputs, parts.given), {})
    kernels, biases, last = [*network.kernels], [*network.biases], "linear"
    if ends_in_probabilities(parts.end):
        last = "softmax"
        if parts.model.output_shape[-1] == 1:
            last, kernels[-1] = "sigmoid", kernels[-1][:, 1:] - kernels[-1][:, :1]
            biases[-1] = biases[-1][1:] - biases[-1][:1]
    names = [layer.name for layer in parts.end if kind(layer) == "Dense"]
    signal = front.outputs[0]
    for kernel, bias, function, name in zip(
        kernels, biases, (*network.activations, last), names, strict=True
    ):
        dense = keras.layers.Dense(kernel.shape[1], function, name=name)
        signal = dense(signal)
        dense.set_weights([kernel, bias])
    return keras.Model(front.inputs, signal, name=parts.model.name)

"""Surgery on a Keras model of one's own: fewer neurons in a layer, the rest as it was.

    smaller = remove_neurons(model, "dense_1", [3, 17], images, "least_squares")

The neurons of a convolution are its channels.

The model itself is left alone; the smaller one keeps its layers, their names and the settings it
was compiled with, and can be trained, saved and loaded. What may stand where is in
docs/own-models.md.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from utils.models.keras_copies import compile_as, copied
from utils.networks.backend import keras, tf
from utils.networks.network import NetworkError
from utils.removal import surgery
from utils.removal.keras_path import Path, path

_BATCH = 256


def remove_neurons(
    model: Any,
    layer: str,
    neurons: Sequence[int],
    images: Any = None,
    repair: str = "mean",
) -> Any:
    """A smaller Keras model without `neurons` of the hidden Dense or Conv layer named `layer`.

    `images` [n, ...]: inputs as for `model.predict`, over which the repair is estimated; best
    those of a validation set; an array, a list of images, a dict by the names of inputs, or a
    `tf.data.Dataset`, with labels or without. `repair` one of `names.REPAIRS`, of which only
    `zero` needs no images. A neuron's output is what the next such layer receives from it when
    the model is used, after activation, batch normalisation and dropout (then the identity). At
    the border of images where a convolution reads zeros, the constant that stands in for a
    neuron is there all the same.

    A loss and metrics of one's own are carried over as they are; where the model cannot be
    compiled as before, a warning says so. Raises NetworkError for what `keras_path.path` and
    `keras_copies.copied` refuse; neurons that are not there, named twice, or all of them; no
    images, images of another shape, or outputs that are not finite.
    """
    way = path(model, layer)
    gone = surgery.checked_neurons(neurons, way.width, f"layer {layer!r}")
    outputs = np.empty((0, len(way.entries)))
    if repair != "zero":
        outputs = _outputs(model, way, images)
    lost = np.flatnonzero(np.isin(way.entries, gone))
    stand_in = surgery.stand_in(surgery.Moments(outputs), lost, repair)
    repaired = repair != "zero" and len(gone) > 0
    pruned, copies = copied(model, _settings(way, gone, repaired))
    for old, entries in {way.target: np.arange(way.width), **way.between}.items():
        kept = ~np.isin(entries, gone)
        copies[old].set_weights(
            # kernels [..., neurons], everything else [neurons] or, for all alike, [1]
            [w[..., kept] if w.shape[-1] == len(kept) else w for w in old.get_weights()]
        )
    copies[way.receiver].set_weights(_folded(way.receiver, stand_in, repaired))
    compile_as(pruned, model)
    return pruned


def _settings(way: Path, gone: np.ndarray, repaired: bool) -> dict[Any, dict[str, Any]]:
    """What changes in the settings of layers."""
    settings = {old: {} for old in way.between if old.weights}
    for old, entries in way.between.items():
        if isinstance(old, keras.layers.Reshape) and old.target_shape[-1] != -1:
            left = int((~np.isin(entries, gone)).sum())
            settings[old] = {"target_shape": (*old.target_shape[:-1], left)}
    width = "units" if isinstance(way.target, keras.layers.Dense) else "filters"
    return settings | {
        way.target: {width: way.width - len(gone)},
        way.receiver: {"use_bias": way.receiver.use_bias or repaired},
    }


def _folded(receiver: Any, stand_in: surgery.StandIn, repaired: bool) -> list[np.ndarray]:
    """The receiver's weights without what is gone, and with what stands in for it."""
    kernel, *others = receiver.get_weights()
    bias = np.zeros(kernel.shape[-1], kernel.dtype)
    if receiver.use_bias:
        bias, *others = others
    folded, shifted = stand_in.fold(kernel, bias)
    return [folded, *([shifted] if receiver.use_bias or repaired else []), *others]


def _outputs(model: Any, way: Path, images: Any) -> np.ndarray:
    """What the receiver gets, [n or n times places, entries]."""
    reader = keras.Model(model.inputs, way.received)
    parts = [
        # called, not `predict`: that would trace a function for every model
        np.asarray(keras.ops.cast(reader(batch, training=False), "float32"))
        for batch in _batches(model, images)
    ]
    if not sum(map(len, parts)):
        raise NetworkError("images are empty; at least one is needed")
    outputs = np.concatenate([part.reshape(-1, part.shape[-1]) for part in parts])
    if not np.isfinite(outputs).all():
        raise NetworkError(
            f"outputs of layer {way.target.name!r} are not all finite on these images"
        )
    return outputs


def _batches(model: Any, images: Any) -> Iterator[list[Any]]:
    """Inputs of the model, each a list with an array [n, ...] for every input."""
    if images is None:
        raise NetworkError("images are needed for every repair but 'zero'")
    if isinstance(images, tf.data.Dataset):
        yield from _of_dataset(model, images)
        return
    given = zip(_by_input(model, images), model.inputs, strict=True)
    arrays = [_array(one, tensor.dtype) for one, tensor in given]
    _check(model, [array.shape for array in arrays])
    for start in range(0, len(arrays[0]), _BATCH):
        yield [array[start : start + _BATCH] for array in arrays]


def _of_dataset(model: Any, images: Any) -> Iterator[list[Any]]:
    if images.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise NetworkError("images are a Dataset without an end; limit it, as by .take(10)")

    def inputs(element: Any) -> list[Any]:  # others are labels and weights, as for `fit`
        return _by_input(model, element[0] if isinstance(element, tuple) else element)

    shapes = [tuple(one.shape) for one in inputs(images.element_spec)]
    if [len(shape) + 1 for shape in shapes] == [len(one.shape) for one in model.inputs]:
        images = images.batch(_BATCH)
        shapes = [(None, *shape) for shape in shapes]
    _check(model, shapes)
    yield from map(inputs, images)


def _by_input(model: Any, images: Any) -> list[Any]:
    """Images in the order of the model's inputs."""
    names = [one._keras_history[0].name for one in model.inputs]
    if isinstance(images, dict):
        missing = [name for name in names if name not in images]
        if missing:
            raise NetworkError(f"images have no {missing[0]!r}; the model's inputs are {names}")
        return [images[name] for name in names]
    if len(names) == 1:
        alone = isinstance(images, (list, tuple)) and len(images) == 1
        # as `predict` takes it: a list with all images of the one input
        same_rank = alone and np.ndim(images[0]) == len(model.inputs[0].shape)
        return [images[0] if same_rank else images]
    if not isinstance(images, (list, tuple)) or len(images) != len(names):
        raise NetworkError(f"images must be a list of {len(names)}, one for each input: {names}")
    return list(images)


def _array(images: Any, wanted: str) -> np.ndarray:
    try:
        array = np.asarray(images)
    except ValueError:
        shapes = sorted({np.shape(one) for one in images})
        raise NetworkError(f"images of different shapes: {shapes[:3]}") from None
    if array.dtype == object:
        raise NetworkError(
            f"images are a {type(images).__name__}; an array [n, ...], a list of images, or a "
            "tf.data.Dataset is needed"
        )
    if array.dtype.kind not in "fiub" and wanted != "string":
        raise NetworkError(f"images of {array.dtype}, numbers are needed")
    return array


def _check(model: Any, shapes: list[tuple[int | None, ...]]) -> None:
    for shape, tensor in zip(shapes, model.inputs, strict=True):
        fits = len(shape) == len(tensor.shape) and all(
            None in (size, wanted) or size == wanted
            for size, wanted in zip(shape[1:], tensor.shape[1:], strict=True)
        )
        if not fits or shape[0] == 0 or len({one[0] for one in shapes}) > 1:
            wanted = ", ".join(map(str, tensor.shape[1:]))
            raise NetworkError(
                f"images of shape {shape}, expected (n, {wanted}) with n of at least 1"
            )

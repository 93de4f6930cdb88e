"""Whether a function treats every neuron alone and all alike, by trying it.

An activation may be any function that somebody wrote, so its name proves nothing. Where it is one
of each neuron alone, it makes no difference whether neurons are taken away before or after it.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from utils.models.keras_copies import first_line
from utils.networks.backend import keras

_SAMPLES, _NEURONS, _SCALES = 3, 8, (1e-3, 1.0, 30.0, 1e3, 1e6)


def why_not(
    function: Callable[[Any], Any], shape: tuple[int, ...], dtype: str = "float32"
) -> str | None:
    """Why `function` of outputs [n, ..., neurons] is no function of each neuron alone.

    None if it is one. Tried on random numbers of `shape` (without n) and several sizes, since a
    limit on a norm, for one, shows with large ones only: the shape stays, the same numbers give
    the same result, and neither other neurons nor other samples change it.

    >>> why_not(keras.activations.relu, (5,))
    >>> why_not(keras.activations.softmax, (5,))
    'mixes neurons'
    """
    precise = dtype in ("float32", "float64")

    def values(inputs: np.ndarray) -> np.ndarray:
        outputs = function(keras.ops.convert_to_tensor(inputs, dtype))
        return np.asarray(keras.ops.cast(outputs, "float32"))

    for scale in _SCALES[: -1 if dtype == "float16" else None]:  # it ends at 65,504
        try:
            with warnings.catch_warnings():  # numbers are as odd as can be
                warnings.simplefilter("ignore")
                reason = _why_not(values, shape, scale, 1e-5 if precise else 0.02)
        except Exception as error:  # of whatever kind: a stranger's function
            reason = f"fails on random numbers: {first_line(error)}"
        if reason:
            return reason
    return None


def _why_not(
    values: Callable[[np.ndarray], np.ndarray],
    shape: tuple[int, ...],
    scale: float,
    tolerance: float,
) -> str | None:
    rng = np.random.default_rng(0)
    kept = np.arange(shape[-1]) % 2 == 0
    inputs = scale * rng.normal(size=(_SAMPLES, *shape))
    outputs = values(inputs)

    def same(one: np.ndarray, other: np.ndarray) -> bool:
        near = np.isclose(one, other, tolerance, tolerance * scale / 10, equal_nan=True)
        return bool(near.all())

    if outputs.shape != inputs.shape:
        return f"makes shape {outputs.shape[1:]} of {shape}"
    if not same(values(inputs), outputs):
        return "gives other values each time"
    if not same(values(inputs[:1]), outputs[:1]):
        return "mixes samples"
    ones = [np.arange(shape[-1]) != neuron for neuron in rng.permutation(shape[-1])[:_NEURONS]]
    for others in [kept, *ones]:  # raises half of the neurons, then one by one
        raised = values(inputs + 10 * scale * ~others)
        if not same(raised[..., others], outputs[..., others]):
            return "mixes neurons"
    try:
        fewer = values(inputs[..., kept])
    except Exception:
        return "works with this number of neurons only"
    return None if same(fewer, outputs[..., kept]) else "treats neurons differently"

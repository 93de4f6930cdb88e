"""Functions of each neuron alone are told from those that mix neurons, by trying them."""

import functools
import re

import numpy as np
import pytest

from utils.models.elementwise import why_not
from utils.networks.backend import keras, tf

MIXING = {"softmax", "log_softmax", "sparsemax"}
ALONE = {
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh",
    "leaky_relu", "linear", "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
    "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "tanh",
    "tanh_shrink",
}  # fmt: skip
ops = keras.ops


@pytest.mark.parametrize("shape", [(1,), (2,), (12,), (300,), (4, 6)])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_activations_of_keras(shape, dtype):
    found = {name: why_not(getattr(keras.activations, name), shape, dtype) for name in ALONE}
    assert set(found.values()) == {None}
    if shape[-1] > 1:
        assert all(why_not(getattr(keras.activations, name), shape, dtype) for name in MIXING)
        assert why_not(keras.activations.glu, shape).startswith("makes shape")


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x,
        tf.math.sin,
        functools.partial(keras.activations.leaky_relu, negative_slope=0.3),
        lambda x: ops.where(x > 0.5, x, 0.1 * x),
        lambda x: x * 0.0,
        np.tanh,
    ],
)
def test_own_functions_of_each_neuron_alone(function):
    assert why_not(function, (12,)) is None


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x / ops.sum(x, -1, keepdims=True), "mixes neurons"),
        (tf.nn.softmax, "mixes neurons"),
        (lambda x: x[..., ::-1], "mixes neurons"),
        (lambda x: x + 1e-3 * ops.mean(x, -1, keepdims=True), "mixes neurons"),
        (lambda x: tf.clip_by_norm(x, 1e5, axes=-1), "mixes neurons"),
        (lambda x: x - ops.mean(x, 0), "mixes samples"),
        (lambda x: x * np.arange(x.shape[-1]), "treats neurons differently"),
        (lambda x: x * np.arange(12), "works with this number of neurons only"),
        (lambda x: x + keras.random.normal(ops.shape(x)), "gives other values each time"),
        (lambda x: x[..., :3], r"makes shape \(3,\) of \(12,\)"),
        (lambda x: x.no_such_thing, "fails on random numbers: .*no_such_thing"),
    ],
)
def test_what_is_not_one_has_a_reason(function, reason):
    assert re.match(reason, why_not(function, (12,)))

"""What surgery refuses, by the name of the layer."""

import numpy as np
import pytest

from utils.networks.backend import keras, tf
from utils.networks.network import NetworkError
from utils.removal.keras_path import path

layers = keras.layers
ops = keras.ops


class Mine(layers.Dense):
    pass


class Doubled(layers.Layer):
    def call(self, inputs):
        return 2 * inputs


class Model(keras.Model):
    def call(self, inputs):
        return inputs


def _between(*parts):
    first = layers.Dense(6, "relu", name="left")
    return keras.Sequential([keras.Input((6,)), first, *parts, layers.Dense(2, name="end")])


def _activated(activation):
    return keras.Sequential([keras.Input((6,)), layers.Dense(4, activation, name="left"),
                             layers.Dense(2)])  # fmt: skip


def _places(*parts):
    return keras.Sequential([keras.Input((4, 5)), layers.Dense(6, name="left"), *parts,
                             layers.Dense(2)])  # fmt: skip


def _pictures(*parts):
    first = layers.Conv2D(6, 3, name="left")
    return keras.Sequential([keras.Input((9, 9, 3)), first, *parts, layers.Flatten(),
                             layers.Dense(2)])  # fmt: skip


def _functional(join):
    start = keras.Input((6,))
    return keras.Model(start, join(layers.Dense(6, name="left")(start), start))


def _shared_target():
    start, shared = keras.Input((4,)), layers.Dense(4, name="left")
    return keras.Model(start, layers.Dense(2)(shared(shared(start))))


def _shared_receiver():
    start, shared = keras.Input((4,)), layers.Dense(4, name="again")
    return keras.Model(start, shared(shared(layers.Dense(4, name="left")(start))))


def _shared_normalisation():
    start, shared = keras.Input((4,)), layers.BatchNormalization(name="again")
    return keras.Model(start, layers.Dense(4)(shared(layers.Dense(4, name="left")(shared(start)))))


def _two_outputs():
    start = keras.Input((6,))
    hidden = layers.Dense(4, name="left")(start)
    return keras.Model(start, [hidden, layers.Dense(2)(hidden)])


def _quantised(name):
    model = _between()
    model.get_layer(name).quantize("int8")
    return model


def _adapted(name):
    model = _between()
    model.get_layer(name).enable_lora(4)
    return model


def _nested():
    block = keras.Sequential([keras.Input((6,)), layers.Dense(6), layers.Dense(6)], name="block")
    return keras.Sequential([keras.Input((6,)), block, layers.Dense(2, name="end")])


def _dense(tensor):
    return layers.Dense(2)(tensor)


MIXED = "which mixes neurons"
REFUSED = {
    "softmax": (lambda: _activated("softmax"), f"'left' has the activation 'softmax', {MIXED}"),
    "log_softmax": (lambda: _activated("log_softmax"), f"'log_softmax', {MIXED}"),
    "sparsemax": (lambda: _activated("sparsemax"), f"'sparsemax', {MIXED}"),
    "function": (lambda: _activated(keras.activations.softmax), f"'softmax', {MIXED}"),
    "tf": (lambda: _activated(tf.nn.softmax), f"'left' has the activation 'softmax.*{MIXED}"),
    "lambda": (lambda: _activated(lambda x: x / ops.sum(x, -1, keepdims=True)),
               f"'left' has the activation '<lambda>', {MIXED}"),
    "layer": (lambda: _activated(layers.Softmax()), f"'left' has the activation.*{MIXED}"),
    "weighted": (lambda: _activated(layers.PReLU()), "'left' has a PReLU with weights"),
    "own": (lambda: _activated(lambda x: x * np.arange(4)), "works with this number of neurons"),
    "broken": (lambda: _activated(lambda x: x[:, :3]), "'left' has the activation.*makes shape"),
    "activation layer": (lambda: _between(layers.Activation("softmax", name="act")),
                         f"'act' has the activation 'softmax', {MIXED}"),
    "softmax layer": (lambda: _between(layers.Softmax(name="soft")),
                      f"'soft' is a Softmax, {MIXED}"),
    "lambda layer": (lambda: _between(layers.Lambda(lambda x: x[:, ::-1], name="turn")),
                     f"'turn' is a Lambda, {MIXED}"),
    "rescaling": (lambda: _between(layers.Rescaling(np.arange(6.0), name="each")),
                  "'each' is a Rescaling, which works with this number of neurons only"),
    "norm": (lambda: _between(layers.LayerNormalization(name="ln")),
             "'ln' is a LayerNormalization; on the way to the next Dense"),
    "unit": (lambda: _between(layers.UnitNormalization(name="un")), "'un' is a UnitNormalization"),
    "unknown": (lambda: _between(Doubled(name="twice")), "'twice' is a Doubled; on the way to"),
    "operation": (lambda: _functional(lambda a, s: _dense(ops.relu(a))), "is a Relu; on the way"),
    "block": (lambda: _between(keras.Sequential([layers.ReLU()], name="block")),
              "'block' is a Sequential; on the way to"),
    "own dense after": (lambda: _functional(lambda a, s: _dense(Mine(3, name="mine")(a))),
                        "'mine' is a Mine"),
    "noise shape": (lambda: _between(layers.Dropout(0.2, noise_shape=(None, 6), name="drop")),
                    "'drop' has a noise_shape for 6 neurons"),
    "split": (lambda: _between(layers.Reshape((2, 3), name="cut")), "'cut' moves neurons away"),
    "turned": (lambda: _places(layers.Permute((2, 1), name="turn")), "'turn' moves neurons away"),
    "axis": (lambda: _places(layers.BatchNormalization(axis=1, name="other")),
             "'other' normalises along axis 1"),
    "skip": (lambda: _functional(lambda a, s: _dense(layers.Add(name="sum")([a, s]))),
             "'sum' joins 2 branches"),
    "twice in one": (lambda: _functional(lambda a, s: _dense(layers.Add(name="sum")([a, a]))),
                     "'sum' joins 2 branches"),
    "two users": (lambda: _functional(lambda a, s: layers.Add()([_dense(a), _dense(a)])),
                  "'left' gives its outputs to several layers"),
    "output too": (_two_outputs, "'left' is not a hidden layer"),
    "shared target": (_shared_target, "'left' is used twice"),
    "shared receiver": (_shared_receiver, "'again' is used twice"),
    "shared normalisation": (_shared_normalisation, "'again' is used twice"),
    "quantised": (lambda: _quantised("left"), r"'left' is quantised \(int8\); remove"),
    "quantised next": (lambda: _quantised("end"), r"'end' is quantised \(int8\)"),
    "adapted": (lambda: _adapted("left"), r"'left' has a low-rank adaptation \(LoRA\)"),
    "adapted next": (lambda: _adapted("end"), r"'end' has a low-rank adaptation \(LoRA\)"),
    "depthwise": (lambda: _pictures(layers.DepthwiseConv2D(3, name="deep")),
                  "'deep' is a DepthwiseConv2D"),
    "separable": (lambda: _pictures(layers.SeparableConv2D(3, 3, name="split")),
                  "'split' is a SeparableConv2D"),
    "groups": (lambda: _pictures(layers.Conv2D(4, 3, groups=2, name="grouped")),
               "'grouped' has 2 groups of channels"),
    "pooled": (lambda: _places(layers.MaxPooling1D(2, data_format="channels_first", name="pool")),
               "'pool' has its channels first"),
    "nested": (_nested, "'left' is not a Dense, .*has end; layers inside block are out of reach"),
    "not built": (lambda: keras.Sequential([layers.Dense(2, name="left")]), "has no weights yet"),
    "subclass": (Model, "a Sequential or functional Keras model is needed"),
    "no model": (dict, "a Sequential or functional Keras model is needed"),
}  # fmt: skip


@pytest.mark.parametrize(("model", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_named(model, message):
    with pytest.raises(NetworkError, match=message):
        path(model(), "left")


def test_the_way_ends_at_the_next_dense_layer_and_says_which_entries_are_whose():
    way = path(_places(layers.Dropout(0.1, name="drop"), layers.Flatten(name="flat")), "left")
    assert [layer.name for layer in way.between] == ["drop", "flat"]
    assert way.entries.tolist() == [0, 1, 2, 3, 4, 5] * 4
    assert way.receiver.kernel.shape == (24, 2)


def test_depthwise_and_residual_networks_are_refused_by_the_layer_that_is_in_the_way():
    mobile = keras.applications.MobileNet((32, 32, 3), weights=None)
    with pytest.raises(NetworkError, match="'conv_dw_1' is a DepthwiseConv2D"):
        path(mobile, "conv1")
    residual = keras.applications.ResNet50(input_shape=(32, 32, 3), weights=None)
    with pytest.raises(NetworkError, match="'conv2_block1_add' joins 2 branches"):
        path(residual, "conv2_block1_3_conv")
    assert path(residual, "conv2_block1_1_conv").receiver.name == "conv2_block1_2_conv"

"""The plain way to do what the study does: Keras' `fit` and `evaluate`, scikit-learn in a loop.

Runs in a process of its own, since `utils` gives TensorFlow one thread and this side has all
cores. Every function returns seconds beside its results.
"""

import math
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import mutual_info_score

from utils.networks.network import Network

BATCH = 1000


class Mask:
    """A Keras model of `network` in which hidden outputs can be replaced by constants.

    Convolutional networks are those with padding, strides and pools, and logits of all maps.
    """

    def __init__(self, network: Network) -> None:
        import keras

        self.keep = [keras.Variable(np.ones(width, "float32")) for width in network.hidden]
        self.constant = [keras.Variable(np.zeros(width, "float32")) for width in network.hidden]

        class Replace(keras.layers.Layer):
            def __init__(self, keep: Any, constant: Any) -> None:
                super().__init__()
                self.keep, self.constant = keep, constant

            def call(self, outputs: Any) -> Any:
                return outputs * self.keep + self.constant * (1 - self.keep)

        shape = getattr(network, "image_shape", network.sizes[:1])
        self.model = keras.Sequential([keras.Input((math.prod(shape),))])
        if len(shape) > 1:
            self.model.add(keras.layers.Reshape(shape))
        names = (*network.activations, "linear")
        for k, (kernel, name) in enumerate(zip(network.kernels, names, strict=True)):
            *window, _, width = kernel.shape
            if window:
                stride, padding = network.strides[k], network.paddings[k]
                layer = keras.layers.Conv2D(width, window, stride, padding, activation=name)
            else:
                layer = keras.layers.Dense(width, activation=name)
                if len(shape) > 1:  # the logits alone
                    self.model.add(keras.layers.Flatten())
            self.model.add(layer)
            layer.set_weights([kernel, network.biases[k]])
            if window:
                self.model.add(keras.layers.MaxPooling2D(network.pools[k]))
            if k < len(network.hidden):
                self.model.add(Replace(self.keep[k], self.constant[k]))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile(loss=loss, metrics=["accuracy"])

    def evaluate(self, images: Any, labels: Any, gone: np.ndarray, values: np.ndarray) -> int:
        """Correct predictions with the hidden neurons `gone`, counted through, replaced."""
        start = 0
        for keep, constant in zip(self.keep, self.constant, strict=True):
            stop = start + keep.shape[0]
            here = gone[(gone >= start) & (gone < stop)] - start
            mask = np.ones(stop - start, "float32")
            mask[here] = 0
            keep.assign(mask)
            constant.assign(values[start:stop])
            start = stop
        _, accuracy = self.model.evaluate(images, labels, batch_size=BATCH, verbose=0)
        return round(accuracy * len(labels))


given: dict[str, Any] = {}


def use_all_cores() -> None:
    """As many threads as TensorFlow takes by itself, before `utils` is imported: it keeps them."""
    import tensorflow as tf

    n_cores = len(os.sched_getaffinity(0))
    tf.config.threading.set_intra_op_parallelism_threads(n_cores)
    tf.config.threading.set_inter_op_parallelism_threads(n_cores)


def start(**objects: Any) -> None:
    """Keep what the functions below work on: sent to this process once."""
    given.update(objects)


def _once(name: str, make: Callable[[], Any]) -> Any:
    if name not in given:
        given[name] = make()
    return given[name]


def ablate(removed: list[np.ndarray]) -> tuple[list[int], list[float]]:
    """Correct predictions and seconds for each set of removed neurons, by `evaluate`."""
    test = given["dataset"].test
    mask = _once("mask", lambda: Mask(given["network"]))
    mask.evaluate(test.images, test.labels, removed[0], given["means"])  # traces the first time
    counts, seconds = [], []
    for gone in removed:
        begin = time.perf_counter()
        counts.append(mask.evaluate(test.images, test.labels, gone, given["means"]))
        seconds.append(time.perf_counter() - begin)
    return counts, seconds


def _compiled() -> Any:
    import keras

    n_inputs, *widths = given["network"].sizes
    model = keras.Sequential([keras.Input((n_inputs,))])
    for width, name in zip(widths, (*given["network"].activations, None), strict=True):
        model.add(keras.layers.Dense(width, activation=name))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def fit_epoch() -> tuple[float, float]:
    """Seconds of one more epoch of `fit` with its defaults, and the test accuracy after it."""
    data = given["dataset"]
    model = _once("model", _compiled)
    begin = time.perf_counter()
    model.fit(data.train.images, data.train.labels, verbose=0)
    seconds = time.perf_counter() - begin
    return seconds, model.evaluate(data.test.images, data.test.labels, verbose=0)[1]


def information(levels: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, float]:
    """Mutual information in bits of every column of `levels` [n, neurons] with the labels."""
    begin = time.perf_counter()
    bits = [mutual_info_score(column, labels) / np.log(2) for column in levels.T]
    return np.array(bits), time.perf_counter() - begin


def pair_information(
    levels: np.ndarray, labels: np.ndarray, pairs: np.ndarray
) -> tuple[np.ndarray, float]:
    """Joint information in bits of `pairs` [pairs, 2] of columns of `levels`, which are 0 or 1."""
    begin = time.perf_counter()
    codes = (2 * levels[:, i] + levels[:, j] for i, j in pairs)
    bits = [mutual_info_score(code, labels) / np.log(2) for code in codes]
    return np.array(bits), time.perf_counter() - begin


def train_in_a_row(replicates: int, epochs: int) -> float:
    """Seconds for `replicates` networks by our own training, one after another, on all cores."""
    from utils.networks import training

    def train(replicate: int, epochs: int) -> None:
        training.train_replicate(given["dataset"], given["recipe"], epochs, 0, replicate)

    _once("compiled", lambda: train(0, 1))
    begin = time.perf_counter()
    for replicate in range(replicates):
        train(replicate, epochs)
    return time.perf_counter() - begin

"""An order by what the network itself loses: the upper reference for orders by information.

Greedy backward elimination: at each step every neuron that is left is removed on trial, and the
one whose removal raises cross-entropy least goes. A trial is a change of rank one in what the next
layer receives (`utils.ablation`) and what follows from it, so 100 neurons cost 5,050 of these
instead of 5,050 passes from the images. The trials of a step are one XLA program; samples are
taken in chunks so that a trial stays in the processor's cache, and stand in the last axis.
"""

import copy
from functools import lru_cache
from typing import Any

import numpy as np

from utils.ablation import CHUNK, TF_ACTIVATIONS
from utils.backend import tf
from utils.networks import ACTIVATIONS, Network
from utils.orders import positions


def greedy_order(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    neurons: np.ndarray,
    replacement: np.ndarray,
) -> np.ndarray:
    """`neurons`, first to last removed, each time the one whose removal raises the loss least.

    Parameters
    ----------
    images, labels : [n, pixels], [n]; validation images, since the order is fitted to them
    neurons : hidden neurons counted through all layers, of one layer or of several; ties go by
        their place here
    replacement : [hidden neurons], the constant output of each neuron once it is removed
    """
    trials, left, order = Trials(network, images, labels, replacement), list(neurons), []
    while left:
        order.append(left.pop(int(trials.losses(left).argmin())))
        trials.remove(order[-1])
    return np.array(order)


def pair_losses(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    neurons: np.ndarray,
    replacement: np.ndarray,
) -> tuple[float, np.ndarray]:
    """Mean cross-entropy of the intact network, and with each pair removed [m, m], in nats.

    Arguments as for `greedy_order`; the diagonal is that of one neuron removed.
    """
    intact = Trials(network, images, labels, replacement)
    losses = np.diag(intact.losses(neurons))
    for i, neuron in enumerate(neurons[:-1]):
        without = copy.deepcopy(intact)
        without.remove(neuron)
        losses[i, i + 1 :] = losses[i + 1 :, i] = without.losses(neurons[i + 1 :])
    return intact.loss(), losses


def surplus(intact: float, losses: np.ndarray) -> np.ndarray:
    """What removing two together costs beyond the sum of one by one [m, m], in nats.

    From what `pair_losses` returns; 0 on the diagonal. Positive where each makes up for the loss
    of the other (redundancy); negative where the loss of one leaves less for the other to do
    (synergy).
    """
    alone = losses.diagonal() - intact
    found = losses - intact - (alone[:, None] + alone)
    np.fill_diagonal(found, 0)
    return found


class Trials:
    """A network that loses neurons, and what it would lose with one more.

    inputs[i] [width, n]: what hidden layer i (0 = first) receives, the last of them the logits.
    kernels[i] [next width, width]: from layer i, 0 for neurons that are gone.
    """

    def __init__(
        self, network: Network, images: np.ndarray, labels: np.ndarray, replacement: np.ndarray
    ) -> None:
        dtype = network.kernels[0].dtype
        self.positions = positions(network.hidden)
        self.activations = network.activations
        self.constants = np.asarray(replacement, dtype)
        self.kernels = [kernel.T.copy() for kernel in network.kernels[1:]]
        self.biases = [bias[:, None].copy() for bias in network.biases[1:]]
        self.labels = labels.astype(np.int32)
        first = images.astype(dtype, copy=False) @ network.kernels[0] + network.biases[0]
        self.inputs = [np.ascontiguousarray(first.T)]
        for layer in range(len(network.hidden)):
            self.inputs.append(self._received(layer))

    def _output(self, layer: int) -> np.ndarray:
        return ACTIVATIONS[self.activations[layer]](self.inputs[layer])

    def _received(self, layer: int) -> np.ndarray:
        return self.kernels[layer] @ self._output(layer) + self.biases[layer]

    def loss(self) -> float:
        """Mean cross-entropy in nats of the network as it is."""
        logits = self.inputs[-1].astype(np.float64)
        true = logits[self.labels, np.arange(len(self.labels))]
        return float((np.logaddexp.reduce(logits, axis=0) - true).mean())

    def remove(self, neuron: int) -> None:
        """Replace the output of a hidden neuron, counted through all layers, by its constant."""
        layer, column = (int(table[neuron]) for table in self.positions)
        self.biases[layer] += self.kernels[layer][:, [column]] * self.constants[neuron]
        self.kernels[layer][:, column] = 0
        for later in range(layer, len(self.kernels)):
            self.inputs[later + 1] = self._received(later)

    def losses(self, neurons: np.ndarray) -> np.ndarray:
        """Mean cross-entropy in nats with each of `neurons` removed in turn [neurons]."""
        neurons = np.asarray(neurons)
        layers, columns = (table[neurons] for table in self.positions)
        losses = np.empty(len(neurons))
        for layer in np.unique(layers):
            here = layers == layer
            losses[here] = self._losses_of_layer(layer, columns[here])
        return losses

    def _losses_of_layer(self, layer: int, columns: np.ndarray) -> np.ndarray:
        output, received, width = self._output(layer), self.inputs[layer + 1], len(columns)
        tried = np.zeros(self.kernels[layer].shape[1], np.int32)
        tried[:width] = columns
        constants = self.constants[self.positions[0] == layer]
        rows = np.ascontiguousarray(self.kernels[layer].T)
        later = self.kernels[layer + 1 :], self.biases[layer + 1 :]
        total = np.zeros(width)
        for start in range(0, len(self.labels), CHUNK):
            chunk = slice(start, start + CHUNK)
            labels = self.labels[chunk]
            sizes = tuple(kernel.shape[::-1] for kernel in self.kernels[layer:])
            names = self.activations[layer + 1 :]
            program = _compiled_trials(sizes, names, output.dtype.name, len(labels))
            found = program(
                tf.constant(output[:, chunk]), tf.constant(received[:, chunk]), tf.constant(rows),
                tf.constant(constants), *([tf.constant(part) for part in of] for of in later),
                tf.constant(labels), tf.constant(tried), tf.constant(width, tf.int32),
            )  # fmt: skip
            total += found.numpy()[:width]
        return total / len(self.labels)


@lru_cache(maxsize=64)
def _compiled_trials(
    sizes: tuple[tuple[int, int], ...], names: tuple[str, ...], dtype: str, n_samples: int
) -> Any:
    """The program for a layer followed by kernels of `sizes` (width, next width), traced here."""
    functions = [TF_ACTIVATIONS[name] for name in names]

    @tf.function(jit_compile=True)
    def trials(output, received, rows, constants, kernels, biases, labels, tried, n_tried):
        """Summed cross-entropy with each of the first `n_tried` of `tried` removed."""
        one_hot = tf.one_hot(labels, sizes[-1][1], dtype=dtype, axis=0)
        losses = tf.TensorArray(dtype, sizes[0][0], element_shape=())
        i = 0
        # a range, or a slice instead of tf.gather, would be compiled again for other neurons
        while i < n_tried:
            row, constant, of_one = (tf.gather(x, tried[i]) for x in (rows, constants, output))
            signal = received + row[:, None] * (constant - of_one)
            for function, kernel, bias in zip(functions, kernels, biases, strict=True):
                signal = kernel @ function(signal) + bias
            largest = tf.reduce_max(signal, 0, keepdims=True)
            normal = tf.math.log(tf.reduce_sum(tf.exp(signal - largest), 0)) + largest[0]
            losses = losses.write(i, tf.reduce_sum(normal) - tf.reduce_sum(signal * one_hot))
            i += 1
        return losses.stack()

    def spec(*shape: int, kind: str = dtype) -> Any:
        return tf.TensorSpec(shape, kind)

    width, received = sizes[0]
    return trials.get_concrete_function(
        spec(width, n_samples), spec(received, n_samples), spec(width, received), spec(width),
        [spec(after, before) for before, after in sizes[1:]],
        [spec(after, 1) for _, after in sizes[1:]],
        spec(n_samples, kind="int32"), spec(width, kind="int32"), spec(kind="int32"),
    )  # fmt: skip

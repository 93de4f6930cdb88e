"""An order by what the network itself loses: the upper reference for orders by information.

Greedy backward elimination: at each step every neuron that is left is removed on trial, and the
one whose removal raises cross-entropy least goes. A trial is a change of rank one in what the next
layer receives (`removal.ablation`) and what follows from it, so 100 neurons cost 5,050 of these
instead of 5,050 passes from the images. The trials of a step are one XLA program; samples are
taken in chunks so that a trial stays in the processor's cache, and stand in the last axis.
"""

import copy
from functools import lru_cache
from typing import Any

import numpy as np

from utils.networks.backend import tf, traced
from utils.networks.network import ACTIVATIONS, Network, positions
from utils.removal.ablation import CHUNK


def greedy_order(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    neurons: np.ndarray,
    replacement: np.ndarray,
) -> np.ndarray:
    """`neurons`, first to last removed, each time the one whose removal raises the loss least.

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

    >>> surplus(1.0, np.array([[2.0, 5.0], [5.0, 3.0]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    alone = losses.diagonal() - intact
    extra = losses - intact - (alone[:, None] + alone)
    np.fill_diagonal(extra, 0)
    return extra


class Trials:
    """A network that loses neurons, and what it would lose with one more.

    received[i] [width, n]: what layer i (1 = first) is given, the last of them the logits.
    kernels[i] [next width, width]: out of hidden layer i, 0 for neurons that are gone.
    """

    def __init__(
        self, network: Network, images: np.ndarray, labels: np.ndarray, replacement: np.ndarray
    ) -> None:
        dtype = network.kernels[0].dtype
        self.activations = network.activations
        self.positions = positions(network.hidden)
        self.constants = np.asarray(replacement, dtype)
        self.kernels = {i: kernel.T.copy() for i, kernel in enumerate(network.kernels[1:], 1)}
        self.biases = {i: bias[:, None].copy() for i, bias in enumerate(network.biases[1:], 1)}
        self.labels = labels.astype(np.int32)
        first = images.astype(dtype, copy=False) @ network.kernels[0] + network.biases[0]
        self.received = {1: np.ascontiguousarray(first.T)}
        self._pass_on(1)

    @property
    def logits(self) -> np.ndarray:
        """[classes, n] of the network as it is."""
        return self.received[max(self.received)]

    def _output(self, layer: int) -> np.ndarray:
        return ACTIVATIONS[self.activations[layer - 1]](self.received[layer])

    def _pass_on(self, first: int) -> None:
        """Compute what the layers after hidden layer `first` receive."""
        for i in range(first, len(self.kernels) + 1):
            self.received[i + 1] = self.kernels[i] @ self._output(i) + self.biases[i]

    def loss(self) -> float:
        """Mean cross-entropy in nats of the network as it is."""
        logits = self.logits.astype(np.float64)
        true = logits[self.labels, np.arange(len(self.labels))]
        return float((np.logaddexp.reduce(logits, axis=0) - true).mean())

    def remove(self, neuron: int) -> None:
        """Replace the output of a hidden neuron, counted through all layers, by its constant."""
        layer, column = (int(table[neuron]) for table in self.positions)
        self.biases[layer] += self.kernels[layer][:, [column]] * self.constants[neuron]
        self.kernels[layer][:, column] = 0
        self._pass_on(layer)

    def losses(self, neurons: np.ndarray) -> np.ndarray:
        """Mean cross-entropy in nats with each of `neurons` removed in turn [neurons]."""
        neurons = np.asarray(neurons)
        layers, columns = (table[neurons] for table in self.positions)
        losses = np.empty(len(neurons))
        for layer in np.unique(layers):
            here = layers == layer
            losses[here] = self._losses_of_layer(int(layer), columns[here])
        return losses

    def _losses_of_layer(self, layer: int, columns: np.ndarray) -> np.ndarray:
        output, received, n_tried = self._output(layer), self.received[layer + 1], len(columns)
        tried = np.zeros(len(output), np.int32)
        tried[:n_tried] = columns
        constants = self.constants[self.positions[0] == layer]
        of_layers = [*self.kernels.values()], [*self.biases.values()]
        parameters = *of_layers, constants, tried, tf.constant(n_tried)
        program, total = _trials(self.activations, layer), np.zeros(n_tried)
        for start in range(0, len(self.labels), CHUNK):
            chunk = slice(start, start + CHUNK)
            samples = output[:, chunk], received[:, chunk], self.labels[chunk]
            total += traced(program, *samples, *parameters).numpy()[:n_tried]
        return total / len(self.labels)


@lru_cache(maxsize=64)
def _trials(activations: tuple[str, ...], layer: int) -> Any:
    """The program that removes neurons of hidden layer `layer` on trial."""
    functions = {i: getattr(tf.nn, name) for i, name in enumerate(activations, 1)}

    @tf.function(jit_compile=True)
    def trials(output, received, labels, kernels, biases, constants, tried, n_tried):
        """Summed cross-entropy with each of the first `n_tried` of `tried` removed.

        output, received : of the layer, and by the next one; kernels, biases : out of all layers
        """
        kernels, biases = (dict(enumerate(x, 1)) for x in (kernels, biases))
        one_hot = tf.one_hot(labels, biases[len(biases)].shape[0], dtype=output.dtype, axis=0)
        losses = tf.TensorArray(output.dtype, tried.shape[0], element_shape=())
        rows = tf.transpose(kernels[layer])
        i = 0
        # a range, or a slice instead of tf.gather, would be compiled again for other neurons
        while i < n_tried:
            row, constant, lost = (tf.gather(x, tried[i]) for x in (rows, constants, output))
            signal = received + row[:, None] * (constant - lost)
            for later in range(layer + 1, len(activations) + 1):
                signal = kernels[later] @ functions[later](signal) + biases[later]
            largest = tf.reduce_max(signal, 0, keepdims=True)
            normal = tf.math.log(tf.reduce_sum(tf.exp(signal - largest), 0)) + largest[0]
            losses = losses.write(i, tf.reduce_sum(normal) - tf.reduce_sum(signal * one_hot))
            i += 1
        return losses.stack()

    return trials

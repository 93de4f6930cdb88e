"""Cumulative ablation: neurons removed one after another, accuracy watched, incrementally.

Replacing the output of neuron j of layer i by a constant m_j changes the next pre-activation by a
term of rank one:

    a  <-  a + w_j (m_j - h_j)        h_j: outputs of j [n],  w_j: row j of the next kernel

so `a` is kept, updated, and only what follows is computed: no pass from the input, no model built.
For the last hidden layer the logits themselves are updated. Exact, up to rounding: the counts are
those of a full forward pass through the masked network. A whole curve is one XLA program; samples
are taken in chunks so that its state stays in the processor's cache, and stand in the last axis,
along which the processor's vectors run.
"""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from utils.networks.backend import tf, traced
from utils.networks.network import Network, NetworkError, layer_scopes, positions

CHUNK = 1000


def cumulative_ablation(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    orders: np.ndarray,
    replacement: np.ndarray,
    *,
    cumulative: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Correct predictions and mean cross-entropy after each removal.

    images, labels : [n, pixels], [n]
    orders : [orders, steps], hidden neurons counted through all layers, each at most once an order
    replacement : [hidden neurons], the constant output of each neuron once it is removed: 0, or
        its mean output, which is the paper's bias balancing
    cumulative : if False, each neuron is put back before the next is removed

    Returns n_correct [orders, steps + 1] (int64) and cross_entropy in nats [orders, steps + 1];
    column 0 is the intact network. Raises NetworkError for orders that are empty, hold anything
    but numbers of hidden neurons, or hold one twice.
    """
    orders = np.atleast_2d(orders)
    _check(orders, sum(network.hidden))
    layer_of, neuron_of = (table[orders].astype(np.int32) for table in positions(network.hidden))
    touched = tuple(np.unique(layer_of).tolist())
    places = np.searchsorted(touched, layer_of).astype(np.int32)
    kernels = [tf.constant(kernel.T) for kernel in network.kernels[1:]]
    biases = [tf.constant(bias[:, None]) for bias in network.biases[1:]]
    dtype = network.kernels[0].dtype
    constants = np.asarray(replacement, dtype)[orders]
    n_correct = np.zeros((len(orders), orders.shape[1] + 1), np.int64)
    cross_entropy = np.zeros(n_correct.shape)
    curve = _curve(network.activations, touched, cumulative)
    for start in range(0, len(labels), CHUNK):
        chunk = slice(start, start + CHUNK)
        outputs = [tf.constant(output.T) for output in network.forward(images[chunk])[1:-1]]
        given = outputs, kernels, biases, tf.constant(labels[chunk].astype(np.int32))
        for k in range(len(orders)):
            hits, loss = traced(curve, *given, places[k], neuron_of[k], constants[k])
            n_correct[k] += hits.numpy()
            cross_entropy[k] += loss.numpy()
    return n_correct, cross_entropy / len(labels)


def single_ablation(
    network: Network, images: np.ndarray, labels: np.ndarray, replacement: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Correct predictions and mean cross-entropy with one hidden neuron removed, each in turn.

    Arguments as for `cumulative_ablation`. Returns n_correct [hidden neurons] and cross_entropy
    in nats [hidden neurons].
    """
    curves = [
        cumulative_ablation(network, images, labels, neurons, replacement, cumulative=False)
        for neurons in layer_scopes(network.hidden).values()
    ]
    hits, losses = zip(*curves, strict=True)
    return tuple(np.concatenate([part[0, 1:] for part in parts]) for parts in (hits, losses))


def _check(orders: np.ndarray, n_neurons: int) -> None:
    numbers = orders.size and np.issubdtype(orders.dtype, np.integer)
    if not numbers or orders.min() < 0 or orders.max() >= n_neurons:
        raise NetworkError(f"orders must hold neuron numbers 0 to {n_neurons - 1}")
    if any(len(set(order)) < len(order) for order in orders.tolist()):
        raise NetworkError("a neuron stands twice in an order")


class _State(NamedTuple):
    """What removals change, by layer, from the first layer that loses neurons.

    received[i] [width, n]: what layer i is given, the last of them the logits. alive[i] [width]:
    1 for neurons of hidden layer i that still speak; bias[i] [next width, 1]: in what they say.
    """

    received: dict[int, Any]
    alive: dict[int, Any]
    bias: dict[int, Any]

    def without(
        self, layer: int, neuron: Any, constant: Any, outputs: dict, kernels: dict, functions: dict
    ) -> "_State":
        """The state once a neuron of hidden layer `layer` is replaced by `constant` as well."""
        received, alive, bias = ({**part} for part in self)
        if layer in received:
            output = functions[layer](tf.gather(received[layer], neuron))
        else:  # nothing before it is removed
            output = tf.gather(outputs[layer], neuron)
        row = tf.gather(kernels[layer], neuron, axis=1)[:, None]
        received[layer + 1] += row * (constant - output)
        bias[layer] += row * constant
        alive[layer] *= tf.cast(tf.range(alive[layer].shape[0]) != neuron, row.dtype)
        for later in range(layer + 1, max(received)):
            signal = functions[later](received[later])
            received[later + 1] = (kernels[later] * alive[later]) @ signal + bias[later]
        return _State(received, alive, bias)

    def score(self, labels: Any) -> tuple[Any, Any]:
        """Hits and summed cross-entropy."""
        logits = self.received[max(self.received)]
        classes = tf.range(logits.shape[0])[:, None]
        true = tf.reduce_sum(tf.where(classes == labels, logits, 0), 0)
        # of equal logits the first counts, as with argmax, which XLA computes one by one
        beaten = (logits > true) | ((logits == true) & (classes < labels))
        hits = tf.cast(~tf.reduce_any(beaten, 0), tf.int32)
        losses = tf.reduce_logsumexp(logits, 0) - true
        return tf.reduce_sum(hits), tf.reduce_sum(losses)


@lru_cache(maxsize=64)
def _curve(activations: tuple[str, ...], touched: tuple[int, ...], cumulative: bool) -> Any:
    """The program for orders that remove neurons from the layers `touched`."""
    functions = {i: getattr(tf.nn, name) for i, name in enumerate(activations, 1)}

    @tf.function(jit_compile=True)
    def curve(outputs, kernels, biases, labels, places, neurons, constants):
        """Hits and summed cross-entropy [steps + 1], intact and after each removal, of one chunk.

        outputs, kernels, biases : of the intact network's hidden layers, and out of them
        places : where in `touched` the layer of each removal stands
        """
        n_steps, dtype = neurons.shape[0], constants.dtype
        outputs, kernels, biases = (dict(enumerate(x, 1)) for x in (outputs, kernels, biases))
        changed = range(touched[0], len(activations) + 1)
        state = _State(
            {i + 1: kernels[i] @ outputs[i] + biases[i] for i in changed},
            {i: tf.ones(outputs[i].shape[0], dtype) for i in changed},
            {i: biases[i] for i in changed},
        )
        hits, loss = state.score(labels)
        all_hits = tf.TensorArray(tf.int32, n_steps + 1, element_shape=()).write(0, hits)
        all_losses = tf.TensorArray(dtype, n_steps + 1, element_shape=()).write(0, loss)
        for step in tf.range(n_steps):
            removal = neurons[step], constants[step], outputs, kernels, functions
            ways = [partial(state.without, layer, *removal) for layer in touched]
            after = tf.switch_case(places[step], ways) if len(ways) > 1 else ways[0]()
            hits, loss = after.score(labels)
            state = after if cumulative else state
            all_hits = all_hits.write(step + 1, hits)
            all_losses = all_losses.write(step + 1, loss)
        return all_hits.stack(), all_losses.stack()

    return curve

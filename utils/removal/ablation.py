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

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from utils.networks.backend import tf, traced
from utils.networks.network import Network, layer_scopes
from utils.removal.removals import Removals, scores, walk

CHUNK = 1000
Ablate = Callable[..., tuple[np.ndarray, np.ndarray]]  # `cumulative_ablation`, or one like it


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
    removals = Removals.of(orders, network.hidden)
    kernels = [tf.constant(kernel.T) for kernel in network.kernels[1:]]
    biases = [tf.constant(bias[:, None]) for bias in network.biases[1:]]
    constants = np.asarray(replacement, network.kernels[0].dtype)[orders]
    curve = _curve(network.activations, removals.touched, cumulative)

    def of_chunk(chunk: slice) -> Callable[[int], Any]:
        outputs = [tf.constant(output.T) for output in network.forward(images[chunk])[1:-1]]
        given = outputs, kernels, biases, tf.constant(labels[chunk].astype(np.int32))
        return lambda k: traced(curve, *given, *removals.order(k), constants[k])

    return removals.summed(of_chunk, len(labels), CHUNK)


def single_ablation(
    network: Network,
    images: np.ndarray,
    labels: np.ndarray,
    replacement: np.ndarray,
    ablate: Ablate = cumulative_ablation,
) -> tuple[np.ndarray, np.ndarray]:
    """Correct predictions and mean cross-entropy with one hidden neuron removed, each in turn.

    Arguments as for `cumulative_ablation`, in whose place `ablate` can stand. Returns
    n_correct [hidden neurons] and cross_entropy in nats [hidden neurons].
    """
    curves = [
        ablate(network, images, labels, neurons, replacement, cumulative=False)
        for neurons in layer_scopes(network.hidden).values()
    ]
    hits, losses = zip(*curves, strict=True)
    return tuple(np.concatenate([part[0, 1:] for part in parts]) for parts in (hits, losses))


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
        hits, losses = scores(self.received[max(self.received)], labels)
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
        dtype = constants.dtype
        outputs, kernels, biases = (dict(enumerate(x, 1)) for x in (outputs, kernels, biases))
        changed = range(touched[0], len(activations) + 1)
        state = _State(
            {i + 1: kernels[i] @ outputs[i] + biases[i] for i in changed},
            {i: tf.ones(outputs[i].shape[0], dtype) for i in changed},
            {i: biases[i] for i in changed},
        )

        def ways(state: _State, step: Any) -> list[Callable[[], _State]]:
            removal = neurons[step], constants[step], outputs, kernels, functions
            return [partial(state.without, layer, *removal) for layer in touched]

        return walk(state, ways, places, labels, cumulative)

    return curve

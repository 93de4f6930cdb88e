"""Cumulative ablation of channels: removed one after another, accuracy watched, incrementally.

Replacing the map H_j of channel j by another map M_j changes what the next layer receives by a
convolution with one input channel, as a neuron's removal does by a term of rank one:

    a  <-  a + K_j * (M_j - H_j)        H_j: maps [n, h, w] of j,  K_j: kernel [k, k, next] of j

so `a` is kept, updated, and only what follows is computed, as in `utils.removal.ablation`. Exact,
up to rounding: the counts are those of a Keras model whose channels are masked. A whole curve is
one XLA program; what the intact network receives is computed once for all of them.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from utils.convolution.network import ConvNetwork
from utils.convolution.operations import Layer, of_channel
from utils.convolution.stand_ins import as_stand_ins
from utils.information.neurons import checked_labels
from utils.networks.backend import tf, traced
from utils.removal.removals import Removals, scores, walk

CHUNK = 125  # images, so that their maps stay in the processor's cache


def cumulative_ablation(
    network: ConvNetwork,
    images: np.ndarray,
    labels: np.ndarray,
    orders: np.ndarray,
    replacement: np.ndarray | Sequence[np.ndarray],
    *,
    cumulative: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """As `utils.removal.ablation.cumulative_ablation`, with channels for neurons.

    replacement : [channels], the constant of each removed channel's map; or what `stand_ins` gives
    """
    given = network, images, labels, orders, replacement
    hits, losses = class_ablation(*given, cumulative=cumulative)
    return hits.sum(axis=-1), losses


def class_ablation(
    network: ConvNetwork,
    images: np.ndarray,
    labels: np.ndarray,
    orders: np.ndarray,
    replacement: np.ndarray | Sequence[np.ndarray],
    *,
    cumulative: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """The same with correct predictions by class: n_correct [orders, steps + 1, classes].

    Raises ValueError for labels that are no classes of the network, too.
    """
    removals = Removals.of(np.atleast_2d(orders), network.hidden)
    labels = checked_labels(labels, len(images), network.sizes[-1]).astype(np.int32)
    instead = [tf.constant(maps) for maps in as_stand_ins(network, replacement)]
    weights = [[tf.constant(array) for array in one] for one in network.weights]
    start = _start(network.layers, removals.touched[0])
    curve = _curve(network.layers, removals.touched, cumulative)

    def of_chunk(chunk: slice) -> Callable[[int], Any]:
        [outputs] = network.chunks(images[chunk], CHUNK)
        maps = tf.constant(outputs[removals.touched[0]])
        intact = traced(start, maps, *weights, instead)
        given = *intact, *weights, instead, tf.constant(labels[chunk])
        return lambda k: traced(curve, *given, *removals.order(k))

    return removals.summed(of_chunk, len(labels), CHUNK)


class _Given(NamedTuple):
    """What removals do not change; layers, kernels and stand-ins by block they follow.

    changes : of the first block that loses channels, stand-ins less maps [channels, n, height,
        width]; both have borders
    """

    changes: Any
    layers: dict[int, Layer]
    kernels: dict[int, Any]
    instead: dict[int, Any]


class _State(NamedTuple):
    """What removals change, by layer, from the first block that loses channels.

    received[i] [n, height, width, channels]: what layer i is given, the last of them the logits.
    alive[i] [channels]: 1 for channels of block i that still speak. bias[i] [1, height, width,
    next channels]: what the next layer is given by biases and by stand-ins.
    """

    received: dict[int, Any]
    alive: dict[int, Any]
    bias: dict[int, Any]

    def without(self, layer: int, channel: Any, given: _Given) -> "_State":
        """The state once a channel of block `layer` is replaced as well."""
        received, alive, bias = ({**part} for part in self)
        follower = given.layers[layer]
        if layer in received:
            maps = given.layers[layer - 1].output(received[layer], compiled=True)
            change = of_channel(given.instead[layer] - follower.padded(maps), channel)
        else:
            # not by [channel], which XLA would compile anew for every order
            change = tf.gather(given.changes, channel)
        kernel = of_channel(given.kernels[layer], channel, axis=2)
        received[layer + 1] += follower.received_of_one(change, kernel)
        instead = of_channel(given.instead[layer], channel)[None]
        bias[layer] += follower.received_of_one(instead, kernel)
        alive[layer] *= tf.cast(tf.range(alive[layer].shape[0]) != channel, kernel.dtype)
        for later in range(layer + 1, max(received)):
            maps = given.layers[later - 1].output(received[later], compiled=True)
            kernels = given.kernels[later] * alive[later][:, None]
            follower = given.layers[later]
            received[later + 1] = follower.received(follower.padded(maps), kernels) + bias[later]
        return _State(received, alive, bias)

    def score(self, labels: Any) -> tuple[Any, Any]:
        """Hits by class [classes], and summed cross-entropy."""
        logits = self.received[max(self.received)][:, 0, 0]
        hits, losses = scores(tf.transpose(logits), labels)
        of_class = tf.one_hot(labels, logits.shape[1], dtype=tf.int32)
        return tf.reduce_sum(of_class * hits[:, None], 0), tf.reduce_sum(losses)


@lru_cache(maxsize=64)
def _start(layers: tuple[Layer, ...], first: int) -> Any:
    """The program for what all orders share whose first touched block is `first`."""

    @tf.function
    def start(maps, kernels, biases, instead):
        """`_Given.changes`, and what each later layer of the intact network receives.

        maps : of the first touched block; instead : stand-ins of every block
        """
        # each channel's in one piece, which is looked up faster than picked out
        changes = tf.transpose(instead[first - 1] - layers[first].padded(maps), (3, 0, 1, 2))
        received = []
        for i in range(first, len(layers)):
            signal = layers[i - 1].output(received[-1]) if received else maps
            one = layers[i].received(layers[i].padded(signal), kernels[i]) + biases[i]
            received.append(one)
        return changes, received

    return start


@lru_cache(maxsize=64)
def _curve(layers: tuple[Layer, ...], touched: tuple[int, ...], cumulative: bool) -> Any:
    """The program for orders that remove channels from the blocks `touched`."""

    @tf.function(jit_compile=True)
    def curve(changes, received, kernels, biases, instead, labels, places, channels):
        """Hits by class and summed cross-entropy, intact and after each removal, of one chunk.

        changes, received : by `_start`; instead : stand-ins of every block
        places : where in `touched` the block of each removal stands
        """
        by_block = dict(enumerate(layers)), dict(enumerate(kernels)), dict(enumerate(instead, 1))
        given, first = _Given(changes, *by_block), touched[0]
        received = dict(enumerate(received, first + 1))
        changed = range(first, len(layers))
        alive = {i: tf.ones(kernels[i].shape[2], changes.dtype) for i in changed}
        bias = {i: tf.zeros_like(received[i + 1][:1]) + biases[i] for i in changed}

        def ways(state: _State, step: Any) -> list[Callable[[], _State]]:
            return [partial(state.without, layer, channels[step], given) for layer in touched]

        return walk(_State(received, alive, bias), ways, places, labels, cumulative)

    return curve

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
from typing import Any

import numpy as np

from utils.backend import tf
from utils.networks import Network, NetworkError
from utils.orders import positions

CHUNK = 1000
TF_ACTIVATIONS = {"sigmoid": tf.sigmoid, "tanh": tf.tanh, "relu": tf.nn.relu}


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

    With `cumulative=False` each neuron is put back before the next is removed.

    Parameters
    ----------
    images, labels : [n, pixels], [n]
    orders : [orders, steps], hidden neurons counted through all layers, each at most once an order
    replacement : [hidden neurons], the constant output of each neuron once it is removed: 0, or
        its mean output, which is the paper's bias balancing

    Returns
    -------
    n_correct [orders, steps + 1] (int64) and cross_entropy in nats [orders, steps + 1]; column 0
    is the intact network.
    """
    orders = np.atleast_2d(orders)
    n_neurons = sum(network.hidden)
    if (
        not orders.size
        or not np.issubdtype(orders.dtype, np.integer)
        or orders.min() < 0
        or orders.max() >= n_neurons
    ):
        raise NetworkError(f"orders must hold neuron numbers 0 to {n_neurons - 1}")
    if any(len(set(order)) < len(order) for order in orders.tolist()):
        raise NetworkError("a neuron stands twice in an order")
    layer_of, neuron_of = (table[orders].astype(np.int32) for table in positions(network.hidden))
    touched = tuple(np.unique(layer_of).tolist())
    places = np.searchsorted(touched, layer_of).astype(np.int32)
    dtype = network.kernels[0].dtype
    constants = np.asarray(replacement, dtype)[orders]
    kernels = [kernel.T for kernel in network.kernels[1:]]
    biases = [bias[:, None] for bias in network.biases[1:]]
    n_correct = np.zeros((len(orders), orders.shape[1] + 1), np.int64)
    cross_entropy = np.zeros(n_correct.shape)
    architecture = network.sizes, network.activations, dtype.name, touched, cumulative
    for start in range(0, len(labels), CHUNK):
        chunk = slice(start, start + CHUNK)
        signals = [tf.constant(output.T) for output in network.forward(images[chunk])[:-1]]
        truth = tf.constant(labels[chunk].astype(np.int32))
        curve = _compiled_curve(*architecture, len(truth), orders.shape[1])
        for k in range(len(orders)):
            hits, loss = curve(
                signals, kernels, biases, truth, places[k], neuron_of[k], constants[k]
            )
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
    layer_of, _ = positions(network.hidden)
    layers = [np.flatnonzero(layer_of == layer) for layer in range(len(network.hidden))]
    found = [
        cumulative_ablation(network, images, labels, layer, replacement, cumulative=False)
        for layer in layers
    ]
    hits, losses = zip(*found, strict=True)
    return tuple(np.concatenate([part[0, 1:] for part in parts]) for parts in (hits, losses))


@lru_cache(maxsize=64)
def _compiled_curve(
    sizes: tuple[int, ...],
    activations: tuple[str, ...],
    dtype: str,
    touched: tuple[int, ...],
    cumulative: bool,
    n_samples: int,
    n_steps: int,
) -> Any:
    """The program for orders that remove neurons from the layers `touched` of one architecture.

    Traced here, for one shape of its inputs: TensorFlow counts the traces it makes by itself and
    warns of them.
    """

    function = [TF_ACTIVATIONS[name] for name in activations]

    def score(logits: Any, labels: Any) -> tuple[Any, Any]:
        hits = tf.cast(tf.argmax(logits, 0, tf.int32) == labels, tf.int32)
        one_hot = tf.one_hot(labels, sizes[-1], dtype=dtype, axis=0)
        losses = tf.reduce_logsumexp(logits, 0) - tf.reduce_sum(logits * one_hot, 0)
        return tf.reduce_sum(hits), tf.reduce_sum(losses)

    first = touched[0]

    @tf.function(jit_compile=True)
    def curve(signals, kernels, biases, labels, places, neurons, constants):
        """Hits and summed cross-entropy, intact and after each removal, of one chunk.

        signals[i] [width i, n]: outputs of hidden layer i in the intact network. The state is
        what removals change: inputs[i], what layer i makes the next layer receive (the last of
        them the logits), the bias in it, and which neurons of i still speak through the kernel.
        places: where in `touched` the layer of each removal stands.
        """

        def remove(layer: int, neuron: Any, constant: Any, state: tuple) -> tuple:
            inputs, alive, bias = ({**part} for part in state)
            if layer == first:
                output = tf.gather(signals[layer], neuron)
            else:
                output = function[layer](tf.gather(inputs[layer - 1], neuron))
            row = tf.gather(kernels[layer], neuron, axis=1)[:, None]
            inputs[layer] += row * (constant - output)
            bias[layer] += row * constant
            alive[layer] *= tf.cast(tf.range(sizes[layer + 1]) != neuron, dtype)
            for later in range(layer + 1, len(signals)):
                signal = function[later](inputs[later - 1])
                inputs[later] = (kernels[later] * alive[later]) @ signal + bias[later]
            return inputs, alive, bias

        depth = range(first, len(signals))
        state = (
            {i: kernels[i] @ signals[i] + biases[i] for i in depth},
            {i: tf.ones(sizes[i + 1], dtype) for i in depth},
            {i: biases[i] for i in depth},
        )
        steps = neurons.shape[0]
        hits, loss = score(state[0][depth[-1]], labels)
        all_hits = tf.TensorArray(tf.int32, steps + 1, element_shape=()).write(0, hits)
        all_losses = tf.TensorArray(dtype, steps + 1, element_shape=()).write(0, loss)
        for step in tf.range(steps):
            removal = [partial(remove, i, neurons[step], constants[step], state) for i in touched]
            after = tf.switch_case(places[step], removal) if len(removal) > 1 else removal[0]()
            hits, loss = score(after[0][depth[-1]], labels)
            state = after if cumulative else state
            all_hits = all_hits.write(step + 1, hits)
            all_losses = all_losses.write(step + 1, loss)
        return all_hits.stack(), all_losses.stack()

    def specs(*shapes: tuple[int, ...], kind: str = dtype) -> list[Any]:
        return [tf.TensorSpec(shape, kind) for shape in shapes]

    steps = specs((n_steps,), (n_steps,), kind="int32")
    return curve.get_concrete_function(
        specs(*((width, n_samples) for width in sizes[1:-1])),
        specs(*zip(sizes[2:], sizes[1:-1], strict=True)),
        specs(*((width, 1) for width in sizes[2:])),
        *specs((n_samples,), kind="int32"),
        *steps,
        *specs((n_steps,)),
    )

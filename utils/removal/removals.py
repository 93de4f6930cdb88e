"""What every ablation does: orders checked and looked up, removals walked along, scores summed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.networks.backend import tf
from utils.networks.network import NetworkError, positions


@dataclass(frozen=True, eq=False)
class Removals:
    """Which layers lose neurons, and of each removal [orders, steps] its layer and neuron.

    places : where in `touched` the layer stands; neurons : counted within it
    """

    touched: tuple[int, ...]
    places: np.ndarray
    neurons: np.ndarray

    @classmethod
    def of(cls, orders: np.ndarray, hidden: tuple[int, ...]) -> "Removals":
        """From orders [orders, steps] of hidden neurons counted through all layers, checked."""
        _check(orders, sum(hidden))
        layers, neurons = (table[orders].astype(np.int32) for table in positions(hidden))
        touched = tuple(np.unique(layers).tolist())
        return cls(touched, np.searchsorted(touched, layers).astype(np.int32), neurons)

    def order(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        return self.places[number], self.neurons[number]

    def summed(
        self, of_chunk: Callable[[slice], Callable[[int], Any]], n_samples: int, size: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Hits [orders, steps + 1, ...] and mean losses of all samples, `size` at a time.

        of_chunk : from some of the samples to what gives, for the number of an order, hits and
            summed losses [steps + 1, ...] of these
        """
        n_correct = cross_entropy = 0
        for start in range(0, n_samples, size):
            curve = of_chunk(slice(start, start + size))
            hits, losses = zip(*map(curve, range(len(self.places))), strict=True)
            n_correct += np.stack(hits).astype(np.int64)
            cross_entropy += np.stack(losses).astype(np.float64)
        return n_correct, cross_entropy / n_samples


def _check(orders: np.ndarray, n_neurons: int) -> None:
    numbers = orders.size and np.issubdtype(orders.dtype, np.integer)
    if not numbers or orders.min() < 0 or orders.max() >= n_neurons:
        raise NetworkError(f"orders must hold neuron numbers 0 to {n_neurons - 1}")
    if any(len(set(order)) < len(order) for order in orders.tolist()):
        raise NetworkError("a neuron stands twice in an order")


def scores(logits: Any, labels: Any) -> tuple[Any, Any]:
    """Whether each sample is right [n] (int32), and its cross-entropy [n]: logits [classes, n]."""
    classes = tf.range(logits.shape[0])[:, None]
    true = tf.reduce_sum(tf.where(classes == labels, logits, 0), 0)
    # of equal logits the first counts, as with argmax, which XLA computes one by one
    beaten = (logits > true) | ((logits == true) & (classes < labels))
    hits = tf.cast(~tf.reduce_any(beaten, 0), tf.int32)
    return hits, tf.reduce_logsumexp(logits, 0) - true


def walk(state: Any, ways: Any, places: Any, labels: Any, cumulative: bool) -> tuple[Any, Any]:
    """The state's scores, intact and after each removal [steps + 1, ...]; to be traced.

    ways : from a state and the number of a step, by layer, a function to the state once the
        neuron of this step is removed as well, if it is of this layer
    places : of the function that each step takes
    """
    n_steps = places.shape[0]
    hits, loss = state.score(labels)
    all_hits = tf.TensorArray(hits.dtype, n_steps + 1, element_shape=hits.shape).write(0, hits)
    all_losses = tf.TensorArray(loss.dtype, n_steps + 1, element_shape=()).write(0, loss)
    for step in tf.range(n_steps):
        possible = ways(state, step)
        after = tf.switch_case(places[step], possible) if len(possible) > 1 else possible[0]()
        hits, loss = after.score(labels)
        state = after if cumulative else state
        all_hits = all_hits.write(step + 1, hits)
        all_losses = all_losses.write(step + 1, loss)
    return all_hits.stack(), all_losses.stack()

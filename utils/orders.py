"""Orders in which neurons are removed."""

import numpy as np


def order_by(values: np.ndarray, high_first: bool = False) -> np.ndarray:
    """Neuron numbers by value, low first (or high first); equal values in order of the numbers.

    >>> order_by(np.array([0.3, 0.1, 0.2, 0.1])).tolist()
    [1, 3, 2, 0]
    """
    values = np.asarray(values, float)
    if np.isnan(values).any():
        raise ValueError("a quantity is NaN: there is no order")
    return np.argsort(-values if high_first else values, kind="stable")


def random_orders(n_neurons: int, n_orders: int, seed: tuple[int, ...]) -> np.ndarray:
    """Permutations [n_orders, n_neurons]; order k is the same however many are asked for."""
    rngs = [np.random.default_rng([*seed, k]) for k in range(n_orders)]
    return np.array([rng.permutation(n_neurons) for rng in rngs]).reshape(n_orders, n_neurons)


def positions(hidden: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Layer (0 = first hidden) and neuron in it of each hidden neuron, counted through layers."""
    layers = np.repeat(np.arange(len(hidden)), hidden)
    return layers, np.concatenate([np.arange(width) for width in hidden])

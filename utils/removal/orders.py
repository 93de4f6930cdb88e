"""Orders in which neurons are removed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from utils.names import DIRECTIONS, QUANTITIES, RANKS
from utils.networks.network import layer_scopes, scopes

# (ordering, direction): the neurons of a scope, counted within it, from first to last removed
Orders = dict[tuple[str, str], np.ndarray]


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


def quantity_orders(
    measures: pd.DataFrame, hidden: tuple[int, ...], n_random_orders: int, seed: int
) -> dict[str, Orders]:
    """By scope: each quantity low first and high first, then the random orders.

    measures : rows of measures.csv of one network, a row a hidden neuron in their order
    seed : of the network; the random orders of a scope follow from it and the scope's place
    """
    orders: dict[str, Orders] = {}
    for place, (scope, neurons) in enumerate(scopes(hidden).items()):
        orders[scope] = {
            (quantity, direction): order_by(
                measures[quantity].to_numpy()[neurons], high_first=direction == "high-first"
            )
            for quantity in QUANTITIES
            for direction in DIRECTIONS
        }
        drawn = random_orders(len(neurons), n_random_orders, (seed, place))
        orders[scope] |= {(f"random-{k:02d}", "none"): order for k, order in enumerate(drawn)}
    return orders


def rank_orders(orders: Mapping[str, Orders], hidden: tuple[int, ...]) -> Orders:
    """The layers' orders merged into orders of the whole network, by ranks within layers.

    The neuron at place r = 0, 1, … of its layer's order goes by (r + 0.5) / width, ties to the
    lower layer: at every step about the same share of each layer is gone, whatever the levels of
    their values.

    orders : of every layer, all with the same names
    Returns the order `entropy`, low-first as `entropy_ranks`, low-first, `random-00` as
    `random_ranks-00`, …; neurons are counted through all layers.

    >>> rank_orders({"layer-1": {("random-00", "none"): np.array([1, 0])},
    ...              "layer-2": {("random-00", "none"): np.array([2, 0, 1])}}, (2, 3))
    {('random_ranks-00', 'none'): array([4, 1, 2, 0, 3])}
    """
    layers = layer_scopes(hidden)
    shares = np.concatenate([(np.arange(width) + 0.5) / width for width in hidden])
    merged = np.argsort(shares, kind="stable")
    ranked: Orders = {}
    for ordering, direction in orders[next(iter(layers))]:
        parts = [layers[scope][orders[scope][ordering, direction]] for scope in layers]
        name, dash, number = ordering.partition("-")
        ranked[f"{name}{RANKS}{dash}{number}", direction] = np.concatenate(parts)[merged]
    return ranked

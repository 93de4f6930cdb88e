"""Which neurons to prune: an importance for every neuron of a layer, and the least important."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from utils.names import QUANTITIES
from utils.networks.network import Network
from utils.removal.orders import order_by
from utils.removal.surgery import outgoing

# by importance; NoiseOut, which goes by pairs and needs none, is `utils.removal.noise_out`
METHODS = (*QUANTITIES, "outgoing_norm", "incoming_norm", "mean_output", "random")


def importance(
    network: Network, measures: pd.DataFrame, layer: int, method: str, rng: np.random.Generator
) -> np.ndarray:
    """Importance [neurons of the layer] by `method`; the least important are pruned first.

    `entropy`, `mutual_information`, `kl_selectivity`: as measured, in bits. `outgoing_norm` and
    `incoming_norm`: mean absolute weight out of or into the neuron, the onorm and inorm of He et
    al. (ICASSP 2014); the order of channels by the latter is that of Li et al. (arXiv 1608.08710).
    `mean_output`: magnitude of the mean output. `random`: uniform numbers. Raises ValueError for
    another method.
    """
    if method == "outgoing_norm":
        return np.abs(outgoing(network, layer)).mean(axis=(0, 2))
    if method == "incoming_norm":
        kernel = network.kernels[layer - 1]
        return np.abs(kernel.reshape(-1, kernel.shape[-1])).mean(axis=0)
    if method == "random":
        return rng.random(network.sizes[layer])
    if method in METHODS:
        return measures.loc[measures["layer"] == layer, method].abs().to_numpy()
    raise ValueError(f"pruning method {method!r}; allowed are {', '.join(METHODS)}")


def importances(
    network: Network, measures: pd.DataFrame, methods: Iterable[str], seed: int
) -> dict[str, np.ndarray]:
    """By method, the `importance` [hidden neurons] in every layer; random numbers from `seed`."""
    rng, layers = np.random.default_rng(seed), range(1, len(network.hidden) + 1)
    return {
        method: np.concatenate([importance(network, measures, i, method, rng) for i in layers])
        for method in methods
    }


def n_pruned(fraction: float, width: int) -> int:
    """Neurons that are `fraction` of a layer of `width`, rounded; at least one is left.

    Raises ValueError for a fraction below 0, or of 1 and above.

    >>> n_pruned(0.5, 100), n_pruned(0.9, 2)
    (50, 1)
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction {fraction!r}; it must be from 0 to below 1")
    return min(round(fraction * width), width - 1)


def least_important(values: np.ndarray, fraction: float) -> np.ndarray:
    """Numbers of the `fraction` of neurons with the lowest values; ties by number.

    >>> least_important(np.array([0.3, 0.1, 0.2, 0.1]), 0.5).tolist()
    [1, 3]
    """
    return order_by(values)[: n_pruned(fraction, len(values))]

"""Pruning: which neurons to remove, removing them for good, and what the smaller network costs.

A removed neuron leaves a smaller network: its column of one kernel and its row of the next are
gone. What it told the next layer may be put into that layer's bias as a constant,

    b_k  <-  b_k + w_jk m_j,

with m_j = 0 (zeroing) or the neuron's mean output over the validation set (bias balancing; Liu,
Amjad and Geiger, arXiv 1804.06679).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils.measures import QUANTITIES
from utils.networks import Network, NetworkError

METHODS = (*QUANTITIES, "outgoing_norm", "incoming_norm", "random")


def remove(
    network: Network, layer: int, neurons: Sequence[int], constants: np.ndarray | None = None
) -> Network:
    """A smaller network without `neurons` of hidden layer `layer` (1 = first).

    `constants` [neurons of the layer]: output put in each removed neuron's place, folded into the
    next bias; None stands for 0.

    Raises
    ------
    NetworkError
        A layer that is not hidden; neurons that are not integers, not there, named twice, or all
        neurons of the layer.
    """
    gone = _checked(network, layer, neurons)
    kept = np.setdiff1d(np.arange(network.hidden[layer - 1]), gone)
    kernels, biases = list(network.kernels), list(network.biases)
    if constants is not None:
        folded = np.asarray(constants, kernels[layer].dtype)[gone] @ kernels[layer][gone]
        biases[layer] = biases[layer] + folded
    kernels[layer - 1] = kernels[layer - 1][:, kept]
    biases[layer - 1] = biases[layer - 1][kept]
    kernels[layer] = kernels[layer][kept]
    return Network(tuple(kernels), tuple(biases), network.activations)


def _checked(network: Network, layer: int, neurons: Sequence[int]) -> np.ndarray:
    depth = len(network.hidden)
    if not isinstance(layer, (int, np.integer)) or not 1 <= layer <= depth:
        raise NetworkError(
            f"layer {layer!r} is not a hidden layer: 1 to {depth} are; the inputs and the classes "
            "cannot be pruned"
        )
    width = network.hidden[layer - 1]
    gone = np.asarray(neurons)
    if gone.size == 0:
        return np.array([], int)
    if gone.ndim != 1 or not np.issubdtype(gone.dtype, np.integer):
        raise NetworkError(f"neurons {neurons!r} must be a list of integers")
    outside = gone[(gone < 0) | (gone >= width)]
    if outside.size:
        raise NetworkError(
            f"neuron {outside[0]} is not in layer {layer}, which has neurons 0 to {width - 1}"
        )
    if len(np.unique(gone)) < len(gone):
        twice = next(n for n in gone if (gone == n).sum() > 1)
        raise NetworkError(f"neuron {twice} of layer {layer} is named twice")
    if len(gone) == width:
        raise NetworkError(f"all {width} neurons of layer {layer} named; at least one must stay")
    return gone


def importance(
    network: Network, measures: pd.DataFrame, layer: int, method: str, rng: np.random.Generator
) -> np.ndarray:
    """Importance [neurons of the layer] by `method`; the least important are pruned first.

    `entropy`, `mutual_information`, `kl_selectivity`: as measured, in bits. `outgoing_norm` and
    `incoming_norm`: mean absolute weight out of or into the neuron, the onorm and inorm of He et
    al. (ICASSP 2014). `random`: uniform numbers.
    """
    if method == "outgoing_norm":
        return np.abs(network.kernels[layer]).mean(axis=1)
    if method == "incoming_norm":
        return np.abs(network.kernels[layer - 1]).mean(axis=0)
    if method == "random":
        return rng.random(network.hidden[layer - 1])
    if method in QUANTITIES:
        return measures.loc[measures["layer"] == layer, method].to_numpy()
    raise ValueError(f"pruning method {method!r}; allowed are {', '.join(METHODS)}")


def least_important(values: np.ndarray, fraction: float) -> np.ndarray:
    """Numbers of the `fraction` of neurons with the lowest values; ties by number.

    >>> least_important(np.array([0.3, 0.1, 0.2, 0.1]), 0.5).tolist()
    [1, 3]
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction {fraction!r}; it must be from 0 to below 1")
    return np.argsort(values, kind="stable")[: round(fraction * len(values))]


def mean_outputs(measures: pd.DataFrame, layer: int) -> np.ndarray:
    """Mean output over the validation set [neurons of the layer]."""
    return measures.loc[measures["layer"] == layer, "mean_output"].to_numpy()


def noise_out(network: Network, layer: int, outputs: np.ndarray, n_removed: int) -> Network:
    """A smaller network by NoiseOut: `n_removed` neurons of `layer` merged into correlated ones.

    Again and again the two most correlated neurons i and j are found; j is removed and replaced
    by the least-squares line a h_i + b through its outputs, folded into the next layer:
    w_i <- w_i + a w_j, bias <- bias + b w_j. A constant neuron is replaced by its value.
    `outputs` [n, neurons of the layer] are those over the validation set. Source: Babaeizadeh,
    Smaragdis and Campbell, arXiv 1611.06211, without the noise outputs of its training.
    """
    outputs = outputs.astype(np.float64)
    means, covariance = outputs.mean(axis=0), np.cov(outputs.T).reshape(2 * (outputs.shape[1],))
    deviation = np.sqrt(np.diag(covariance))
    constant = deviation <= 1e-12
    scale = np.where(constant, 1, deviation)
    strength = np.abs(covariance / np.outer(scale, scale))
    strength[constant] = strength[:, constant] = 2  # nothing is lost with these: they go first
    np.fill_diagonal(strength, -1)
    kernel, bias = network.kernels[layer].astype(np.float64), network.biases[layer].astype(float)
    gone: list[int] = []
    for _ in range(n_removed):
        i, j = np.unravel_index(strength.argmax(), strength.shape)
        i, j = (j, i) if constant[i] else (i, j)
        slope = 0.0 if constant[j] else covariance[i, j] / covariance[i, i]
        kernel[i] += slope * kernel[j]
        bias += (means[j] - slope * means[i]) * kernel[j]
        strength[j] = strength[:, j] = -1
        gone.append(int(j))
    kernels, biases = list(network.kernels), list(network.biases)
    kernels[layer] = kernel.astype(network.kernels[layer].dtype)
    biases[layer] = bias.astype(network.biases[layer].dtype)
    return remove(Network(tuple(kernels), tuple(biases), network.activations), layer, gone)


def n_parameters(network: Network) -> int:
    """Weights and biases."""
    return sum(array.size for array in (*network.kernels, *network.biases))


def n_macs(network: Network) -> int:
    """Multiply-accumulates for one image."""
    return sum(kernel.size for kernel in network.kernels)

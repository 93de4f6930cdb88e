"""Temperature: how over-confident a network is, and the network without that.

A network that is trained long on cross-entropy alone ends with logits that are too large: it is
surer of its errors than it should be. Divided by a temperature T > 1 its logits give the same
predictions with less confidence (C. Guo et al., On calibration of modern neural networks, ICML
2017). The cross-entropy of an over-confident network falls with whatever makes its logits smaller,
so it says little about what a removed neuron was good for.
"""

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar

from utils.networks.datasets import Split
from utils.networks.network import Network
from utils.networks.training import score

LARGEST = 100.0  # temperature that is looked for; the smallest is 1 / LARGEST


def temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature T > 0 at which logits / T have the smallest mean cross-entropy.

    Cross-entropy is convex in 1 / T, so there is one minimum. It lies at 0 where every label has
    the largest logit, and at infinity for logits that say nothing of the labels; then a very
    small or large temperature comes back, from 1 / LARGEST to LARGEST.

    logits : [n, classes]; labels : [n]
    """
    logits = np.asarray(logits, float)
    limit = np.log(LARGEST)
    found = minimize_scalar(
        lambda log_t: score(logits / np.exp(log_t), labels)[1],
        bounds=(-limit, limit),
        method="bounded",
    )
    return float(np.exp(found.x))


def best_temperature(network: Network, split: Split) -> float:
    """`temperature` of a network's logits, over the images of a split."""
    return temperature(network.forward(split.images)[-1], split.labels)


def at_temperature(network: Network, value: float) -> Network:
    """The network with its logits divided by a temperature: its last layer is."""
    *before, last = zip(network.kernels, network.biases, strict=True)
    kernels, biases = zip(*before, [array / value for array in last], strict=True)
    return replace(network, kernels=kernels, biases=biases)

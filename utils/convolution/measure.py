"""Entropy, mutual information and KL selectivity of channels: a channel is a neuron.

The paper's neurons have one output an image, a channel has a map. **Assumed**: its bit T is 1
where a statistic of the map, its mean or its maximum over positions, lies strictly above a
threshold, the channel's median (or mean) of that statistic over the validation images. By the
median every channel without ties fires for half of the images, so that its entropy is 1 bit and
says nothing; ties come from channels that are silent for many images. What is measured of T is
`utils.information.neurons`' as it is.
"""

import numpy as np
import pandas as pd

from utils.convolution.network import ConvNetwork
from utils.information.neurons import joint_counts, quantities
from utils.networks.network import positions

STATISTICS = ("mean", "max")
THRESHOLDS = {"median": np.median, "mean": np.mean}


def summaries(network: ConvNetwork, images: np.ndarray) -> dict[str, np.ndarray]:
    """Mean, max and mean square of every channel's map [n, channels], first block first."""
    parts: dict[str, list[np.ndarray]] = {"mean": [], "max": [], "square": []}
    for _, *maps, _ in network.chunks(images):
        exact = [block.astype(np.float64) for block in maps]
        parts["mean"].append(np.hstack([block.mean(axis=(1, 2)) for block in exact]))
        parts["max"].append(np.hstack([block.max(axis=(1, 2)) for block in exact]))
        parts["square"].append(np.hstack([(block**2).mean(axis=(1, 2)) for block in exact]))
    return {name: np.concatenate(part) for name, part in parts.items()}


def bits(values: np.ndarray, threshold: str = "median") -> np.ndarray:
    """T [n, channels] from a statistic [n, channels], with one of THRESHOLDS; a constant has 0.

    >>> bits(np.array([[0.0, 5.0], [1.0, 5.0], [4.0, 5.0]])).T.tolist()
    [[0, 0, 1], [0, 0, 0]]
    """
    if threshold not in THRESHOLDS:
        raise ValueError(f"threshold {threshold!r}; allowed are {', '.join(THRESHOLDS)}")
    varies = values.max(axis=0) > values.min(axis=0)  # the mean of equal values may be rounded
    return ((values > THRESHOLDS[threshold](values, axis=0)) & varies).astype(np.int8)


def measure(
    network: ConvNetwork,
    images: np.ndarray,
    labels: np.ndarray,
    statistic: str = "mean",
    threshold: str = "median",
) -> pd.DataFrame:
    """The columns of `utils.information.neurons.measure`, a row a channel.

    firing_rate is the share of images with T = 1; mean_output and output_variance are over images
    and positions. Raises ValueError for another statistic or threshold, and for labels that are
    no classes of the network.
    """
    if statistic not in STATISTICS:
        raise ValueError(f"statistic {statistic!r}; allowed are {', '.join(STATISTICS)}")
    summary = summaries(network, images)
    levels = bits(summary[statistic], threshold)
    layers, channels = positions(network.hidden)
    mean = summary["mean"].mean(axis=0)
    return pd.DataFrame(
        {
            "layer": layers,
            "neuron": channels,
            **quantities(joint_counts(levels, labels, 2, network.sizes[-1])),
            "firing_rate": levels.mean(axis=0),
            "mean_output": mean,
            "output_variance": np.maximum(summary["square"].mean(axis=0) - mean**2, 0),
        }
    )


def class_selectivity(means: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of Morcos et al. (2018) [channels]: (a - b) / (a + b), from 0 to 1 for outputs of relu.

    a : a channel's mean over the images of a class, where it is largest; b : over other classes
    means : [n, channels], each map's mean; labels : [n]. Also returns the class; -1 if silent.

    >>> means = np.array([[3.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    >>> [found.tolist() for found in class_selectivity(means, np.array([0, 1]))]
    [[0.5, 0.0, 0.0], [0, 0, -1]]
    """
    classes = np.unique(labels)
    of_class = np.array([means[labels == one].mean(axis=0) for one in classes])
    largest = of_class.max(axis=0)
    others = (of_class.sum(axis=0) - largest) / (len(classes) - 1)
    total = largest + others
    value = np.divide(largest - others, total, out=np.zeros_like(total), where=total > 0)
    return value, np.where(total > 0, classes[of_class.argmax(axis=0)], -1)

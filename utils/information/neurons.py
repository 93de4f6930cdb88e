"""Entropy, mutual information and KL selectivity of quantised neuron outputs, in bits.

T is a neuron's quantised output, Y the class, P the empirical distribution over N validation
samples (Liu, Amjad and Geiger, arXiv 1804.06679, section on information-theoretic quantities):

    H(T)    = - sum_t P(t) log2 P(t)
    I(T;Y)  = H(T) - H(T|Y)
    KL      = max_y D( P(T|Y=y) || P(T) )

with 0 log 0 = 0. Everything is computed in float64 from integer joint counts, so a constant neuron
has exactly 0 of each. Always 0 <= I <= min(H(T), H(Y)) and I <= KL.
"""

import warnings

import numpy as np
import pandas as pd
from scipy.special import xlogy

from utils.networks.network import Network

THRESHOLDS = {"sigmoid": 0.5, "tanh": 0.0, "relu": 0.0}


def quantize(outputs: np.ndarray, n_levels: int, activation: str) -> np.ndarray:
    """Levels 0..n_levels-1 of outputs [n, neurons], as int8 of the same shape.

    With two levels, 1 means strictly above the threshold: 0.5 for sigmoid as in the paper, 0 for
    tanh and relu (assumed). With more, the cells are of equal width over the range of the
    activation: (0, 1) for sigmoid, (-1, 1) for tanh; for relu level 0 is an output of 0 and the
    others share the range up to the neuron's largest output (assumed). A cell contains its upper
    end. Raises ValueError for fewer levels.

    >>> quantize(np.array([[0.5], [0.5000001], [1.0]]), 2, "sigmoid").ravel().tolist()
    [0, 1, 1]
    """
    if n_levels < 2:
        raise ValueError(f"{n_levels} levels; at least 2 are needed")
    outputs = np.asarray(outputs)
    if n_levels == 2:
        return (outputs > THRESHOLDS[activation]).astype(np.int8)
    if activation == "relu":
        largest = np.maximum(outputs.max(axis=0), np.finfo(outputs.dtype).tiny)
        cell = np.ceil(outputs / largest * (n_levels - 1))
    else:
        cell = np.ceil((outputs if activation == "sigmoid" else (outputs + 1) / 2) * n_levels) - 1
    return np.clip(cell, 0, n_levels - 1).astype(np.int8)


def network_levels(network: Network, images: np.ndarray, n_levels: int) -> np.ndarray:
    """Levels [n, hidden neurons] of the outputs of all hidden layers, first layer first."""
    layers = zip(network.forward(images)[1:-1], network.activations, strict=True)
    return np.hstack([quantize(outputs, n_levels, activation) for outputs, activation in layers])


def checked_labels(labels: np.ndarray, n_samples: int, n_classes: int) -> np.ndarray:
    """Labels [n] or [n, 1] as [n]; raises ValueError for another shape, and for no class."""
    labels = np.asarray(labels)
    if labels.shape not in ((n_samples,), (n_samples, 1)):
        raise ValueError(f"labels of shape {labels.shape}; expected ({n_samples},), one a sample")
    labels = labels.ravel()
    wrong = np.flatnonzero(~np.isin(labels, np.arange(n_classes)))
    if wrong.size:
        raise ValueError(
            f"label {labels[wrong[0]]} of sample {wrong[0]} is no class; classes are the whole "
            f"numbers from 0 to {n_classes - 1}"
        )
    return labels


def joint_counts(
    levels: np.ndarray, labels: np.ndarray, n_levels: int, n_classes: int
) -> np.ndarray:
    """Counts [neurons, levels, classes] of (T = t, Y = y) from levels [n, neurons], labels [n].

    One matrix product a level but the last, which is what is left of every class. Float32 holds
    integers up to 2**24 exactly, far above any n here. Warns of classes without samples; their
    conditional distributions are skipped. Raises ValueError as `checked_labels` does.
    """
    labels = checked_labels(labels, len(levels), n_classes)
    one_hot = (labels[:, None] == np.arange(n_classes)).astype(np.float32)
    of_class = one_hot.sum(axis=0)
    absent = np.flatnonzero(of_class == 0)
    if absent.size:
        names = ", ".join(map(str, absent))
        warnings.warn(f"no samples of class {names}: left out of every quantity", stacklevel=2)
    counts = [(levels == level).astype(np.float32).T @ one_hot for level in range(n_levels - 1)]
    counts.append(of_class - sum(counts))
    return np.stack(counts, axis=1).astype(np.int64)


def entropy(counts: np.ndarray) -> np.ndarray:
    """H(T) in bits [...] from joint counts [..., levels, classes].

    >>> entropy(np.array([[1, 1], [1, 2]])).round(6)
    np.float64(0.970951)
    """
    p = counts.sum(axis=-1) / counts.sum(axis=(-2, -1))[..., None]
    return np.abs(xlogy(p, p).sum(axis=-1)) / np.log(2)


def mutual_information(counts: np.ndarray) -> np.ndarray:
    """I(T;Y) in bits [...] from joint counts [..., levels, classes]; the plug-in value.

    On independent data its mean is about (levels-1)(classes-1) / (2 N ln 2), not 0.

    >>> mutual_information(np.array([[1, 1], [1, 2]])).round(6)
    np.float64(0.019973)
    """
    n = counts.sum(axis=(-2, -1))
    information = (counts * _log2_lift(counts)).sum(axis=(-2, -1)) / n
    return np.maximum(information, 0)  # rounding may leave -1e-17


def kl_selectivity(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """max_y D(P(T|Y=y) || P(T)) in bits [...], and the class that attains it (lowest on ties).

    From joint counts [..., levels, classes]; classes without samples are skipped. Where the
    bit says nothing of any class, as that of a constant neuron, the class is -1.

    >>> [float(x.round(6)) for x in kl_selectivity(np.array([[1, 1], [1, 2]]))]
    [0.029447, 0.0]
    """
    divergence = class_divergence(counts)
    largest = divergence.max(axis=-1)
    return largest, np.where(largest > 0, divergence.argmax(axis=-1), -1)


def class_divergence(counts: np.ndarray) -> np.ndarray:
    """D(P(T|Y=y) || P(T)) in bits [..., classes] from joint counts [..., levels, classes].

    KL selectivity is its largest value; -1 for classes without samples.
    """
    of_class = counts.sum(axis=-2)
    divergence = (counts * _log2_lift(counts)).sum(axis=-2) / np.maximum(of_class, 1)
    return np.where(of_class > 0, np.maximum(divergence, 0), -1)


def _log2_lift(counts: np.ndarray) -> np.ndarray:
    """log2 P(t,y) / (P(t) P(y)), from integers: exactly 0 if T is constant, 0 where P(t,y) is."""
    n = counts.sum(axis=(-2, -1), keepdims=True)
    expected = counts.sum(axis=-1, keepdims=True) * counts.sum(axis=-2, keepdims=True)
    lift = np.divide(counts * n, expected, out=np.ones(counts.shape), where=counts > 0)
    return np.log2(lift)


def independent_bias(n_samples: int, n_levels: int, n_classes: int) -> float:
    """Mean plug-in mutual information, in bits, of independent T and Y: what is left of nothing.

    >>> round(independent_bias(500, 2, 10), 6)
    0.012984
    """
    return float((n_levels - 1) * (n_classes - 1) / (2 * n_samples * np.log(2)))


def quantities(counts: np.ndarray) -> dict[str, np.ndarray]:
    """The three quantities (bits) and the selective class, from counts [neurons, ...], by name."""
    selectivity, selective_class = kl_selectivity(counts)
    return {
        "entropy": entropy(counts),
        "mutual_information": mutual_information(counts),
        "kl_selectivity": selectivity,
        "selective_class": selective_class,
    }


def measure(
    network: Network, images: np.ndarray, labels: np.ndarray, n_levels: int, n_classes: int
) -> pd.DataFrame:
    """All quantities of every hidden neuron over the given (validation) samples.

    Columns: layer, neuron, entropy, mutual_information, kl_selectivity (bits), selective_class,
    firing_rate (share of samples above the one-bit threshold), mean_output, output_variance.
    """
    tables = []
    layers = zip(network.forward(images)[1:-1], network.activations, strict=True)
    for layer, (outputs, activation) in enumerate(layers, 1):
        levels = quantize(outputs, n_levels, activation)
        columns = {
            "layer": layer,
            "neuron": np.arange(outputs.shape[1]),
            **quantities(joint_counts(levels, labels, n_levels, n_classes)),
            "firing_rate": (outputs > THRESHOLDS[activation]).mean(axis=0),
            "mean_output": outputs.mean(axis=0, dtype=np.float64),
            "output_variance": outputs.var(axis=0, dtype=np.float64),
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def share_of_mean(measured: pd.DataFrame) -> pd.Series:
    """Of a neuron's mean squared output, the share that is the square of its mean.

    It is the part of the squared error of zeroing the neuron, in what the next layer receives,
    that bias balancing removes. NaN for a neuron that is always 0, where there is no error.
    """
    square = measured["mean_output"] ** 2
    total = square + measured["output_variance"]
    return square / total.where(total > 0)

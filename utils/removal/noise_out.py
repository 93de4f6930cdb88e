"""NoiseOut: correlated neurons are merged, pair by pair.

Source: Babaeizadeh, Smaragdis and Campbell, arXiv 1611.06211, without the noise outputs of its
training. It leaves open which neuron of a pair goes; here the one with less outgoing variance.
"""

import numpy as np

from utils.networks.network import NetworkError
from utils.removal.surgery import Moments, StandIn

METHOD, MERGED = "noise_out", "noise_out_merged"  # its choice with any repair; as published


def noise_out(moments: Moments, kernel: np.ndarray, n_removed: int) -> StandIn:
    """`n_removed` neurons merged into correlated ones; `gone` is in the order of removal.

    Again and again the two most correlated neurons of those left are sought. The one with less
    outgoing variance, Var(h) times the sum of its squared outgoing weights, is removed (of equal
    ones the later), and the least-squares line through its outputs as a function of the other's
    stands in for it: its outgoing weights, what it stood in for included, are added to the
    other's. Constant neurons go first, replaced by their value.

    kernel : the layer's outgoing weights [neurons, width of the next layer]

    Raises NetworkError if no neuron would be left.
    """
    width = len(kernel)
    if not 0 <= n_removed < width:
        raise NetworkError(f"{n_removed} of {width} neurons to remove; 0 to {width - 1} can")
    strength = np.abs(moments.correlation)
    strength[moments.constant] = strength[:, moments.constant] = 2  # nothing is lost with these
    np.fill_diagonal(strength, -1)
    deviations = np.where(moments.constant, 0, moments.deviations)
    weights, constants = np.eye(width), np.zeros(width)  # of every neuron, in terms of those left
    outgoing = kernel.astype(np.float64)
    gone: list[int] = []
    for _ in range(n_removed):
        i, j = np.unravel_index(strength.argmax(), strength.shape)
        size_i, size_j = (deviations[k] * np.linalg.norm(outgoing[k]) for k in (i, j))
        i, j = (j, i) if size_i < size_j else (i, j)
        slope = moments.correlation[i, j] * deviations[j] / moments.scale[i]
        constants += weights[j] * (moments.means[j] - slope * moments.means[i])
        weights[i] += slope * weights[j]
        weights[j] = 0
        outgoing[i] += slope * outgoing[j]
        strength[j] = strength[:, j] = -1
        gone.append(int(j))
    kept = np.setdiff1d(np.arange(width), gone)
    return StandIn(kept, np.array(gone, int), weights[np.ix_(kept, gone)], constants[gone])

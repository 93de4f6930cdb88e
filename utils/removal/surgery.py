"""Removing neurons for good, and what stands in for their outputs: surgery without retraining.

A removed neuron leaves a smaller network: its column of one kernel and its row of the next are
gone. What the next layer k received from the removed neurons G is put back, as far as the repair
allows, by the neurons K that are kept. With stand-ins

    h_g  ~  c_g + sum_{i in K} h_i A_ig        for every g in G,

    w_i  <-  w_i + sum_{g in G} A_ig w_g,      b  <-  b + sum_{g in G} c_g w_g.

The repairs are a ladder, each with more to stand in with, all of them from the means and the
covariance of the layer's outputs over the validation images:

- `zero`: nothing (A = 0, c = 0);
- `mean`: the mean output (A = 0): bias balancing (Liu, Amjad and Geiger, arXiv 1804.06679);
- `affine`: a straight line through the kept neuron that is correlated most;
- `least_squares`: the best affine combination of all kept neurons. Then the error of the next
  pre-activation is orthogonal to all that is kept: no other A and c leave a smaller one.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from utils.names import REPAIRS
from utils.networks.network import Network, NetworkError

# least deviation, and least strength of a direction of correlations, above what rounding makes
_CONSTANT, _RANK = 1e-12, 1e-10
# as many last digits is what a neuron must change by, so that rounding is little of what it says
_DIGITS = 64


@dataclass(frozen=True, eq=False)
class Moments:
    """Means [neurons] and correlations [neurons, neurons] of outputs [n, neurons], in float64."""

    outputs: np.ndarray

    @classmethod
    def of(cls, outputs: np.ndarray) -> "Moments":
        """Of outputs [n, neurons], or maps [n, height, width, channels], every place a sample."""
        return cls(outputs.reshape(-1, outputs.shape[-1]))

    @cached_property
    def means(self) -> np.ndarray:
        return self.outputs.mean(axis=0, dtype=np.float64)

    @cached_property
    def _centred(self) -> np.ndarray:
        return self.outputs - self.means

    @cached_property
    def deviations(self) -> np.ndarray:
        """Standard deviations [neurons]."""
        return np.sqrt(np.square(self._centred).mean(axis=0))

    @cached_property
    def constant(self) -> np.ndarray:
        """Which neurons [neurons] say nothing about others, having one value throughout."""
        low, high = self.outputs.min(axis=0, initial=0), self.outputs.max(axis=0, initial=0)
        digit = np.finfo(self.outputs.dtype).eps * np.maximum(high, -low)
        return self.deviations <= np.maximum(_CONSTANT, _DIGITS * digit)

    @cached_property
    def scale(self) -> np.ndarray:
        """What outputs [neurons] are divided by: infinity makes a constant neuron's vanish."""
        return np.where(self.constant, np.inf, self.deviations)

    @cached_property
    def correlation(self) -> np.ndarray:
        """0 throughout for a constant neuron."""
        standardized = self._centred / self.scale
        return standardized.T @ standardized / len(standardized)


class StandIn(NamedTuple):
    """Neurons kept and gone, A [kept, gone] and c [gone], as in the module's equation."""

    kept: np.ndarray
    gone: np.ndarray
    weights: np.ndarray
    constants: np.ndarray

    def fold(self, kernel: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The next layer's kernel [..., kept, width] and bias [width] from those it had.

        A convolution has weights at each place of its window: kernel [..., neurons, width]. Where
        this lies over the border of the maps, the constants are there all the same.
        """
        lost = kernel[..., self.gone, :].astype(np.float64)
        shifts = (self.constants @ lost).reshape(-1, len(bias)).sum(axis=0)
        return (
            (kernel[..., self.kept, :] + self.weights @ lost).astype(kernel.dtype),
            (bias + shifts).astype(bias.dtype),
        )


def stand_in(moments: Moments, gone: np.ndarray, repair: str) -> StandIn:
    """What stands in for the neurons `gone` by `repair`; raises ValueError for an unknown one.

    Where kept neurons are linearly dependent, least squares takes the smallest of its solutions.

    >>> line = stand_in(Moments(np.array([[0.0, 1.0], [1.0, 3.0]])), np.array([1]), "affine")
    >>> line.kept.tolist(), line.weights.tolist(), line.constants.tolist()
    ([0], [[2.0]], [1.0])
    """
    if repair not in REPAIRS:
        raise ValueError(f"repair {repair!r}; allowed are {', '.join(REPAIRS)}")
    kept = np.setdiff1d(np.arange(moments.outputs.shape[1]), gone)
    weights = np.zeros((len(kept), len(gone)))
    if repair == "zero":
        return StandIn(kept, gone, weights, np.zeros(len(gone)))
    if repair == "mean":
        return StandIn(kept, gone, weights, moments.means[gone])
    if repair == "affine":
        across = moments.correlation[np.ix_(kept, gone)]
        best = np.abs(across).argmax(axis=0), np.arange(len(gone))
        weights[best] = across[best]
    elif repair == "least_squares":
        within, across = (moments.correlation[np.ix_(kept, part)] for part in (kept, gone))
        precision = float(np.finfo(moments.outputs.dtype).eps)
        weights = np.linalg.lstsq(within, across, rcond=max(_RANK, precision))[0]
    weights *= moments.deviations[gone]
    weights /= moments.scale[kept][:, None]
    return StandIn(kept, gone, weights, moments.means[gone] - moments.means[kept] @ weights)


def remove(
    network: Network,
    layer: int,
    neurons: Sequence[int],
    repair: str = "zero",
    moments: Moments | None = None,
) -> Network:
    """A smaller network without `neurons` of hidden layer `layer` (1 = first).

    `moments`: of its outputs over validation images, which every repair but `zero` needs. The
    neurons of a convolutional network are its channels. Raises NetworkError for a layer that is
    not hidden; neurons that are not integers, not there, named twice, or all neurons of the
    layer; moments of another layer.
    """
    depth = len(network.hidden)
    if not isinstance(layer, (int, np.integer)) or not 1 <= layer <= depth:
        raise NetworkError(f"layer {layer!r} is not a hidden layer: 1 to {depth} are")
    width = network.sizes[layer]
    gone = checked_neurons(neurons, width, f"layer {layer}")
    if repair == "zero":
        moments = Moments(np.empty((0, width)))
    elif moments is None:
        raise NetworkError(f"repair {repair!r} needs the moments of the outputs of layer {layer}")
    elif moments.outputs.shape[1:] != (width,):
        raise NetworkError(f"outputs of shape {moments.outputs.shape}, expected (n, {width})")
    return replace(network, layer, stand_in(moments, gone, repair))


def replace(network: Network, layer: int, substitute: StandIn) -> Network:
    """A smaller network, `substitute` in the place of neurons of hidden layer `layer`."""
    kernels, biases = list(network.kernels), list(network.biases)
    kernels[layer - 1] = kernels[layer - 1][..., substitute.kept]
    biases[layer - 1] = biases[layer - 1][substitute.kept]
    folded, biases[layer] = substitute.fold(outgoing(network, layer), biases[layer])
    *places, _, width = kernels[layer].shape
    kernels[layer] = folded.reshape(*places, -1, width)
    return dataclasses.replace(network, kernels=tuple(kernels), biases=tuple(biases))


def outgoing(network: Network, layer: int) -> np.ndarray:
    """Weights out of hidden layer `layer` [places, neurons, width of the next layer].

    A channel has some at each place of the next layer's window; a neuron has one place.
    """
    kernel = network.kernels[layer]
    return kernel.reshape(-1, network.sizes[layer], kernel.shape[-1])


def checked_neurons(neurons: Sequence[int], width: int, place: str) -> np.ndarray:
    """`neurons` of a layer as an array of integers; raises NetworkError as `remove` does."""
    gone = np.asarray(neurons)
    if gone.size == 0:
        return gone.astype(int)
    if gone.ndim != 1 or not np.issubdtype(gone.dtype, np.integer):
        raise NetworkError(f"neurons {neurons!r} must be a list of integers")
    outside = gone[(gone < 0) | (gone >= width)]
    if outside.size:
        raise NetworkError(
            f"neuron {outside[0]} is not in {place}, which has neurons 0 to {width - 1}"
        )
    numbers, counts = np.unique(gone, return_counts=True)
    if counts.max() > 1:
        raise NetworkError(f"neuron {numbers[counts.argmax()]} of {place} is named twice")
    if len(gone) == width:
        raise NetworkError(f"all {width} neurons of {place} named; at least one must stay")
    return gone

"""What several measurements share: a row of the comparison, networks, images, seconds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from utils import paths
from utils.networks import datasets
from utils.networks.datasets import Dataset, Split
from utils.networks.network import Network

Call = Callable[..., Any]
PIXELS = 64  # of random images


class Row(NamedTuple):
    """One comparison: seconds of the plain way and of ours, and the ratio to reach.

    plain, ours: of each repetition; what counts are their medians.
    """

    what: str
    against: str
    plain: Sequence[float]
    ours: Sequence[float]
    target: float
    repetitions: str

    @property
    def medians(self) -> tuple[float, float]:
        return float(np.median(self.plain)), float(np.median(self.ours))

    @property
    def ratio(self) -> float:
        plain, ours = self.medians
        return plain / ours


@dataclass(frozen=True)
class Setting:
    """Real digits in the shapes of full MNIST, and the first network of the committed run."""

    data: Dataset
    network: Network
    means: np.ndarray  # mean outputs [hidden neurons]

    @classmethod
    def make(cls) -> "Setting":
        small = datasets.load("mnist-5k")
        data = replace(
            small,
            train=_repeated(small.train, 50_000),
            validation=_repeated(small.validation, 10_000),
            test=_repeated(small.test, 10_000),
        )
        network = Network.load_all(paths.COMMITTED_RUN / "networks")[0]
        outputs = network.forward(data.validation.images)[1:-1]
        return cls(data, network, np.concatenate([output.mean(axis=0) for output in outputs]))


def _repeated(split: Split, n_samples: int) -> Split:
    """The samples again and again, each time with noise of its own, so that no two are equal."""
    rng = np.random.default_rng(0)
    images = np.resize(split.images, (n_samples, split.images.shape[1]))
    noise = rng.random(images.shape, np.float32) - 0.5
    images = np.clip(images + 0.2 * noise, 0, 1)
    return Split(images, np.resize(split.labels, n_samples))


def random_network(hidden: tuple[int, ...], n_inputs: int, seed: int = 0) -> Network:
    rng = np.random.default_rng(seed)
    sizes = (n_inputs, *hidden, 10)
    kernels = [rng.normal(0, a**-0.5, (a, b)).astype(np.float32) for a, b in pairwise(sizes)]
    biases = [np.zeros(width, np.float32) for width in sizes[1:]]
    return Network(tuple(kernels), tuple(biases), ("sigmoid",) * len(hidden))


def random_samples(n_samples: int, n_inputs: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    images = rng.random((n_samples, n_inputs), np.float32)
    return images, rng.integers(0, 10, n_samples)


def timed(function: Call, *arguments: Any) -> tuple[float, Any]:
    """Seconds that a call takes, and what it returns."""
    begin = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - begin, result


def median_seconds(function: Call, repetitions: int) -> float:
    return float(np.median([timed(function)[0] for _ in range(repetitions)]))

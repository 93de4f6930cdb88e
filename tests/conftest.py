"""Real digits and small random networks for the unit tests."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from utils import datasets
from utils.datasets import Dataset, Split
from utils.networks import Network

hypothesis.settings.register_profile("unit", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("unit")


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """5,000 real MNIST digits, available without files or network."""
    return datasets.load("mnist-5k")


def _shrunk(split: Split, n_samples: int) -> Split:
    """The first samples, 7 x 7 pixels, each the mean of 4 x 4."""
    images = split.images[:n_samples].reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4))
    return Split(images.reshape(-1, 49), split.labels[:n_samples])


@pytest.fixture(scope="session")
def small_digits(digits: Dataset) -> Dataset:
    """Few and small digits: 200, 120 and 100 of 49 pixels, all ten classes in each split."""
    return replace(
        digits,
        train=_shrunk(digits.train, 200),
        validation=_shrunk(digits.validation, 120),
        test=_shrunk(digits.test, 100),
        image_shape=(7, 7),
    )


class _Evil:
    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple:
        return Path.touch, (self.touched,)


@pytest.fixture
def trap(tmp_path: Path) -> tuple[np.ndarray, Path]:
    """An array that, unpickled, runs a command; and the file that this command makes."""
    touched = tmp_path / "PWNED"
    return np.array([_Evil(touched)], dtype=object), touched


@pytest.fixture(scope="session")
def random_network() -> Callable[..., Network]:
    """A function that draws a network with the given sizes (inputs, hidden layers, classes)."""

    def draw(
        sizes: tuple[int, ...],
        activation: str = "sigmoid",
        seed: int = 0,
        dtype: type = np.float64,
    ) -> Network:
        rng = np.random.default_rng(seed)
        kernels = [
            rng.normal(0, 2 / np.sqrt(shape[0]), shape).astype(dtype) for shape in pairwise(sizes)
        ]
        biases = [rng.normal(0, 0.3, width).astype(dtype) for width in sizes[1:]]
        return Network(tuple(kernels), tuple(biases), (activation,) * (len(sizes) - 2))

    return draw

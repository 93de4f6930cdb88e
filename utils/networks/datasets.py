"""The image sets, from whichever place has them, checked before anything is computed.

The validation images are drawn from the training images, stratified by class, with one fixed
seed: every replicate and every run of a data set has the same three splits.
"""

from dataclasses import dataclass

import numpy as np

from utils.networks import image_files
from utils.networks.image_files import SOURCES, DataError

NAMES = tuple(SOURCES)


@dataclass(frozen=True)
class Split:
    """Images [n, pixels] float32 in 0..1 and labels [n] int64 in 0..n_classes-1."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """The three splits; `checksum` is of the arrays they are made from."""

    name: str
    train: Split
    validation: Split
    test: Split
    n_classes: int
    image_shape: tuple[int, ...]
    checksum: str


def load(name: str) -> Dataset:
    """The data set `name`, one of `NAMES`, checked, scaled to 0..1 and split in three.

    Raises DataError for an unknown name; a file that is truncated, holds other arrays than it
    should or fails its checksum; or no file and no network: says what was expected, what to do.
    """
    if name not in SOURCES:
        raise DataError(f"unknown data set {name!r}; allowed are {', '.join(NAMES)}")
    source, (arrays, checksum) = SOURCES[name], image_files.arrays(name)
    labels = arrays["y_train"].ravel()
    x_train, x_validation, y_train, y_validation = image_files.drawn(
        arrays["x_train"], labels, source.n_validation
    )
    return Dataset(
        name,
        _split(x_train, y_train),
        _split(x_validation, y_validation),
        _split(arrays["x_test"], arrays["y_test"].ravel()),
        n_classes=int(labels.max()) + 1,
        image_shape=source.image_shape,
        checksum=checksum,
    )


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    pixels = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
    return Split(pixels, labels.astype(np.int64))

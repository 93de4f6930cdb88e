"""The image sets, from whichever place has them, checked before anything is computed.

The validation images are drawn from the training images, stratified by class, with one fixed
seed: every replicate and every run of a data set has the same three splits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.networks import image_files, own_data
from utils.networks.image_files import SOURCES, DataError
from utils.networks.own_data import SUFFIX

NAMES = tuple(SOURCES)
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Split:
    """Samples [n, values of one] float32 and labels [n] int64 in 0..n_classes-1."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Dataset:
    """The three splits; `checksum` is of the arrays they are made from."""

    name: str
    train: Split
    validation: Split
    test: Split
    image_shape: tuple[int, ...]  # of one sample
    checksum: str
    class_names: tuple[str, ...]

    @property
    def n_classes(self) -> int:
        return len(self.class_names)

    @property
    def has_images(self) -> bool:
        """Whether a sample can be shown: height and width, and one, three or four channels."""
        *_, last = self.image_shape
        return len(self.image_shape) == 2 or (len(self.image_shape) == 3 and last in (1, 3, 4))


def subset(split: Split, n: int) -> Split:
    """`n` images drawn with a fixed seed, the same for every network; all if there are fewer."""
    if n >= len(split.labels):
        return split
    chosen = np.random.default_rng(0).choice(len(split.labels), n, replace=False)
    return Split(split.images[chosen], split.labels[chosen])


def load(name: str) -> Dataset:
    """The data set `name`, checked and split in three: one of `NAMES`, or the path of an npz file.

    Raises DataError for an unknown name; a file that is missing, truncated, holds other arrays
    than it should or fails its checksum; no network: says what was expected, what to do.
    """
    if name.endswith(SUFFIX):
        arrays, class_names, checksum = own_data.read(name)
        return _dataset(Path(name).stem, arrays, checksum, class_names)
    if name not in SOURCES:
        raise DataError(
            f"unknown data set {name!r}; allowed are {', '.join(NAMES)}, or the path of your own "
            f"{SUFFIX} file"
        )
    arrays, checksum = image_files.arrays(name)
    arrays = image_files.with_validation(arrays, SOURCES[name].n_validation)
    return _dataset(name, arrays, checksum, "0123456789")


def _dataset(
    name: str, arrays: image_files.Arrays, checksum: str, class_names: Iterable[str]
) -> Dataset:
    splits = (_split(arrays, part) for part in SPLITS)
    return Dataset(name, *splits, arrays["x_train"].shape[1:], checksum, tuple(class_names))


def _split(arrays: image_files.Arrays, part: str) -> Split:
    """Bytes become numbers from 0 to 1; floats are taken as they are."""
    samples = arrays[f"x_{part}"].reshape(len(arrays[f"x_{part}"]), -1)
    images = samples.astype(np.float32)
    images /= 255 if samples.dtype == np.uint8 else 1
    return Split(images, arrays[f"y_{part}"].ravel().astype(np.int64))

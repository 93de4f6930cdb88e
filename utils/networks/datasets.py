"""The image sets, from whichever place has them, checked before anything is computed.

The validation images are drawn from the training images, stratified by class, with one fixed
seed: every replicate and every run of a data set has the same three splits.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils.networks import image_files, own_data
from utils.networks.image_files import SOURCES, DataError
from utils.networks.own_data import SUFFIX

NAMES = tuple(SOURCES)


@dataclass(frozen=True)
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
    class_names: tuple[str, ...] = tuple("0123456789")

    @property
    def n_classes(self) -> int:
        return len(self.class_names)

    @property
    def has_images(self) -> bool:
        """Whether a sample can be shown: height and width, and one, three or four channels."""
        *_, last = self.image_shape
        return len(self.image_shape) == 2 or (len(self.image_shape) == 3 and last in (1, 3, 4))


def load(name: str) -> Dataset:
    """The data set `name`, checked and split in three: one of `NAMES`, or the path of an npz file.

    Raises DataError for an unknown name; a file that is missing, truncated, holds other arrays
    than it should or fails its checksum; no network: says what was expected, what to do.
    """
    if name.endswith(SUFFIX):
        arrays, class_names, checksum = own_data.read(name)
        shape = arrays["x_train"].shape[1:]
        splits = (_split(arrays, part) for part in ("train", "validation", "test"))
        return Dataset(Path(name).stem, *splits, shape, checksum, tuple(class_names))
    if name not in SOURCES:
        raise DataError(
            f"unknown data set {name!r}; allowed are {', '.join(NAMES)}, or the path of your own "
            f"{SUFFIX} file"
        )
    source, (arrays, checksum) = SOURCES[name], image_files.arrays(name)
    parts = image_files.drawn(arrays["x_train"], arrays["y_train"].ravel(), source.n_validation)
    names = ("x_train", "x_validation", "y_train", "y_validation")
    arrays |= dict(zip(names, parts, strict=True))
    for key in arrays:
        if key.startswith("x"):
            arrays[key] = arrays[key].astype(np.float32) / np.float32(255)
    splits = (_split(arrays, part) for part in ("train", "validation", "test"))
    return Dataset(name, *splits, source.image_shape, checksum)


def _split(arrays: image_files.Arrays, part: str) -> Split:
    samples = arrays[f"x_{part}"]
    return Split(samples.reshape(len(samples), -1), arrays[f"y_{part}"].ravel().astype(np.int64))

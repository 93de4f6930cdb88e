"""A data set of one's own: an npz file with `x_train`, `y_train`, `x_test` and `y_test`.

`x_validation` and `y_validation` may be there as well; without them a sixth of the training
samples is drawn for validation, by class and always the same. Samples have any shape after the
first axis: unsigned bytes, which are scaled by 255, or floats, which are taken as they are.
Labels are whole numbers from 0, [n] or [n, 1], every class in every split. `class_names`, a text
for each class, may be there too. What is wrong with a file is said before anything is computed.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from utils import paths
from utils.networks.image_files import ARRAYS, Arrays, DataError, with_validation

VALIDATION = ("x_validation", "y_validation")
NAMED = "class_names"
SHARE = 6  # one in so many training samples is drawn for validation if none are given
SUFFIX = ".npz"


def read(name: str) -> tuple[Arrays, list[str], str]:
    """Arrays of the three splits, names of the classes, and the checksum of all that was read.

    name : path of the file: absolute, or relative to the working directory or to data/

    Raises DataError: says which file, what is wrong, what is allowed.
    """
    path = find(name)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files if key in {*ARRAYS, *VALIDATION, NAMED}}
    except paths.UNREADABLE as error:
        raise DataError(
            f"{paths.shown(path)} is not a readable npz file of plain arrays "
            f"({type(error).__name__}: {error}). Write it with numpy.savez, without arrays of "
            "objects"
        ) from None
    try:
        return _split(arrays)
    except DataError as error:
        raise DataError(f"{paths.shown(path)}: {error}. See docs/own-data.md") from None


def find(name: str) -> Path:
    """Where the file is; raises DataError with the places that were looked at."""
    found, looked = paths.find_file(name)
    if not found:
        raise DataError(f"no data set {name!r}: looked for {looked}")
    return found


def _split(given: Arrays) -> tuple[Arrays, list[str], str]:
    digest = hashlib.sha256()
    for key in sorted(given):
        array = np.ascontiguousarray(given[key])
        digest.update(f"{key} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    if missing := [key for key in ARRAYS if key not in given]:
        raise DataError(f"{' and '.join(missing)} missing; it has {', '.join(given) or 'nothing'}")
    there = [key for key in VALIDATION if key in given]
    if len(there) == 1:
        raise DataError(f"{there[0]} is there alone; give both of {' and '.join(VALIDATION)}")
    splits = ["train", *["validation"] * bool(there), "test"]
    arrays = {}
    for split in splits:
        arrays[f"x_{split}"] = _samples(given[f"x_{split}"], f"x_{split}")
        arrays[f"y_{split}"] = _labels(given[f"y_{split}"], f"y_{split}")
        sizes = [len(arrays[f"{part}_{split}"]) for part in "xy"]
        if sizes[0] != sizes[1]:
            raise DataError(
                f"x_{split} has {sizes[0]:,} samples and y_{split} {sizes[1]:,} labels"
            )
    _alike([arrays[f"x_{split}"] for split in splits], splits)
    classes = _classes([arrays[f"y_{split}"] for split in splits], splits)
    if not there:
        arrays = _drawn(arrays, len(classes))
    return arrays, _names(given.get(NAMED), len(classes)), digest.hexdigest()


def _samples(array: np.ndarray, name: str) -> np.ndarray:
    """Samples [n, …], bytes as they are or floats as float32."""
    if array.ndim < 2 or not array.size:
        raise DataError(
            f"{name} has the shape {array.shape}; the first axis must be the samples, with at "
            "least one more for what each holds, and none empty"
        )
    if array.dtype == np.uint8:
        return array
    if not np.issubdtype(array.dtype, np.floating):
        raise DataError(f"{name} is {array.dtype}; allowed are uint8 (scaled by 255) and floats")
    if wrong := int((~np.isfinite(array)).sum()):
        raise DataError(f"{name} has {wrong:,} values that are NaN or infinite")
    with np.errstate(over="ignore"):
        converted = array.astype(np.float32)
    if not np.isfinite(converted).all():
        raise DataError(f"{name} has values beyond what float32 can hold")
    return converted


def _labels(array: np.ndarray, name: str) -> np.ndarray:
    """Labels [n] int64."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{name} has the shape {array.shape}; allowed are [n] and [n, 1]")
    if not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise DataError(f"{name} is {array.dtype}; labels must be whole numbers from 0")
    whole = array.astype(np.int64) if np.isfinite(array).all() else None
    if whole is None or (whole != array).any():
        raise DataError(f"{name} has labels that are not whole numbers")
    return whole


def _alike(samples: list[np.ndarray], splits: list[str]) -> None:
    shapes = {split: x.shape[1:] for split, x in zip(splits, samples, strict=True)}
    if len({*shapes.values()}) > 1:
        texts = (f"{shape} in x_{split}" for split, shape in shapes.items())
        raise DataError(f"samples have different shapes: {', '.join(texts)}")


def _classes(labels: list[np.ndarray], splits: list[str]) -> np.ndarray:
    """0 to k-1, if that is what the labels of every split are."""
    classes = np.unique(np.concatenate(labels))
    if len(classes) < 2:
        raise DataError("there is one class; at least two are needed")
    if (classes != np.arange(len(classes))).any():
        shown = ", ".join(map(str, classes[:12])) + ", …" * (len(classes) > 12)
        raise DataError(f"labels must be 0, 1, 2, … without a gap; they are {shown}")
    for of_split, split in zip(labels, splits, strict=True):
        if len(lacking := np.setdiff1d(classes, of_split)):
            raise DataError(f"class {lacking[0]} is not in y_{split}; every class must be")
    return classes


def _drawn(arrays: Arrays, n_classes: int) -> Arrays:
    """With a sixth of the training samples, at least one a class, for validation."""
    counts = np.bincount(arrays["y_train"])
    if counts.min() < 2:
        raise DataError(
            f"class {counts.argmin()} has one training sample; two at least are needed, since one "
            "is drawn for validation. Or give x_validation and y_validation"
        )
    return with_validation(arrays, max(n_classes, round(counts.sum() / SHARE)))


def _names(given: Any, n_classes: int) -> list[str]:
    """A text for each class; its number where none are given."""
    if given is None:
        return [str(number) for number in range(n_classes)]
    names = [str(name) for name in np.ravel(given)]
    if given.dtype.kind != "U" or len(names) != n_classes or len({*names}) < n_classes:
        raise DataError(
            f"{NAMED} must be a different text for each of {n_classes} classes; it is "
            f"{given.dtype} {names[:12]}"
        )
    return names

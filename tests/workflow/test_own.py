"""Data and models that nobody wrote here through every notebook, by papermill, on small settings.

What the runs say is compared with numbers of others: of scikit-learn, and of Keras on models in
which neurons are masked.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import train_test_split

from utils import paths
from utils.models import inputs
from utils.networks import datasets
from utils.networks.backend import keras
from utils.networks.network import Network
from utils.study import stages

pytestmark = pytest.mark.chain
CHAIN = stages.of_run([])  # tables are no images
layers = keras.layers
KERAS_2 = Path(__file__).parents[1] / "models" / "keras-2.h5"
SMALL = {
    "01-train": {
        "n_replicates": 2,
        "hidden": [12, 8],
        "epochs": 60,
        "kept_of_last": 3,
        "learning_rate": 0.01,
        "batch_size": 16,
    },
    "03-ablate": {"n_random_orders": 2},
    "04-prune": {"fractions": [0.25, 0.5], "retrain_fractions": [0.5], "retrain_epochs": [1]},
    "05-bias-balance": {"fractions": [0.5], "retrain_epochs": [1]},
    "08-beyond": {"n_images": 100},
}
DATA = {"digits": load_digits, "wine": load_wine, "breast-cancer": load_breast_cancer}


def _save_data(folder: Path, name: str) -> str:
    loaded = DATA[name]()
    x, y = loaded.get("images", loaded.data), loaded.target
    parts = train_test_split(x, y, test_size=0.3, stratify=y, random_state=0)
    mean, deviation = (0, 16) if name == "digits" else (parts[0].mean(0), parts[0].std(0))
    x_train, x_test = ((part - mean) / deviation for part in parts[:2])
    path = folder / f"{name}.npz"
    np.savez(path, x_train=x_train, y_train=parts[2], x_test=x_test, y_test=parts[3],
             class_names=np.array(loaded.target_names, str))  # fmt: skip
    return str(path)


def _convolutions() -> list:
    """As the Keras documentation's network for MNIST, for 8 x 8 images, with a hidden layer."""
    return [
        layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(16, 2, activation="relu"), layers.Flatten(), layers.Dropout(0.5),
        layers.Dense(12, "relu"), layers.Dense(10, "softmax"),
    ]  # fmt: skip


def _normalized() -> list:
    hidden = [
        [layers.Dense(width), layers.BatchNormalization(), layers.Activation("relu")]
        for width in (12, 10, 8)
    ]
    return [layers.Flatten(), *(one for group in hidden for one in group), layers.Dense(10)]


def _fitted(folder: Path, name: str, stack: list, data: datasets.Dataset, seed: int) -> str:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((8, 8, 1)), *stack])
    logits = name == "normalised"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
    model.compile("adam", loss, metrics=["accuracy"])
    images = data.train.images.reshape(-1, 8, 8, 1)
    model.fit(images, data.train.labels, epochs=40, verbose=0)
    path = folder / f"{name}-{seed}.keras"
    model.save(path)
    return str(path)


def _sweep(folder: Path, snakemake, name: str, grid: dict, base: dict) -> Path:
    """The folder with the finished runs of a sweep over every notebook of a run."""
    content = {"base": SMALL | base, "grid": grid, "stages": CHAIN}
    file = folder / f"{name}.yml"
    file.write_text(yaml.safe_dump(content))
    done = snakemake(folder / "runs", sweep=file, threads=1)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "runs" / name


@pytest.fixture(scope="module")
def of_data(snakemake, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("own data")
    files = {name: _save_data(folder, name) for name in DATA}
    return _sweep(folder, snakemake, "tables", {"dataset": [*files.values()]}, {}), files


@pytest.fixture(scope="module")
def of_models(snakemake, tmp_path_factory) -> tuple[Path, dict[str, list[str]], str]:
    folder = tmp_path_factory.mktemp("own models")
    file = _save_data(folder, "digits")
    data = datasets.load(file)
    models = {
        name: [_fitted(folder, name, stack(), data, seed) for seed in range(2)]
        for name, stack in (("convolutions", _convolutions), ("normalised", _normalized))
    }
    models["keras-2"] = [str(KERAS_2)]
    base = {"01-train": {"dataset": file}}
    return _sweep(folder, snakemake, "models", {"models": [*models.values()]}, base), models, file


def _run(folder: Path, files: list[str]) -> Path:
    (run,) = (one for one in folder.iterdir() if one.name.endswith(
        "-".join(Path(file).stem for file in files)) and one.is_dir())  # fmt: skip
    return run


def _checked_measures(run: Path, k: int, network: Network, data: datasets.Dataset) -> None:
    """Entropy and mutual information of scikit-learn, of outputs above and below the threshold."""
    measures = pd.read_csv(run / "measures.csv").query("replicate == @k")
    split = data.validation
    for layer, outputs in enumerate(network.forward(split.images)[1:-1], 1):
        activation = network.activations[layer - 1]
        bits = outputs > (0.5 if activation == "sigmoid" else 0)
        rows = measures[measures["layer"] == layer]
        for name, other in (("entropy", None), ("mutual_information", split.labels)):
            expected = [
                mutual_info_score(bit, bit if other is None else other) / np.log(2)
                for bit in bits.T
            ]
            np.testing.assert_allclose(rows[name], np.maximum(expected, 0), atol=2e-5)


def _curve(run: Path, k: int) -> pd.DataFrame:
    return pd.read_csv(run / "ablation.csv.xz").query(
        "replicate == @k and scope == 'layer-1' and ordering == 'mutual_information' "
        "and direction == 'low-first' and replacement == 'zero'"
    )


def _order(run: Path, k: int) -> np.ndarray:
    rows = pd.read_csv(run / "measures.csv").query("replicate == @k and layer == 1")
    return np.argsort(rows["mutual_information"].to_numpy(), kind="stable")


@pytest.mark.parametrize("name", DATA)
def test_tables_of_ones_own_go_through_every_notebook(of_data, name):
    folder, files = of_data
    data, run = datasets.load(files[name]), _run(folder, [files[name]])
    assert {f"{stage}.ipynb" for stage in CHAIN} <= {path.name for path in run.iterdir()}
    training = pd.read_csv(run / "training.csv").query("split == 'test' and kept == 1")
    for k, network in enumerate(Network.load_all(run / "networks")):
        row = training[training["replicate"] == k].iloc[0]
        model = keras.Sequential([
            keras.Input((network.sizes[0],)),
            *(layers.Dense(width, "sigmoid") for width in network.hidden),
            layers.Dense(data.n_classes),
        ])  # fmt: skip
        model.set_weights([a for pair in zip(network.kernels, network.biases, strict=True)
                           for a in pair])  # fmt: skip
        model.compile(
            loss="sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"]
        )
        _, accuracy = model.evaluate(data.test.images, data.test.labels, verbose=0)
        assert row["n_correct"] / row["n_samples"] == pytest.approx(accuracy, abs=1e-6)
        assert accuracy > 0.8
        _checked_measures(run, k, network, data)
        kernel = model.layers[1].kernel
        whole, hits = kernel.numpy(), []
        for gone in range(len(whole) + 1):
            masked = whole.copy()
            masked[_order(run, k)[:gone]] = 0
            kernel.assign(masked)
            guessed = model.predict(data.test.images, verbose=0).argmax(axis=1)
            hits.append(int((guessed == data.test.labels).sum()))
        assert _curve(run, k)["n_correct"].tolist() == hits


@pytest.mark.parametrize("name", ["digits", "wine"])
def test_channels_are_of_images_alone(of_data, name, tmp_path):
    """Notebook 09 trains on images of another size, and says what to do where there are none."""
    folder, files = of_data
    given = {
        "run": str(_run(folder, [files[name]])), "n_replicates": 2, "channels": [4, 3],
        "epochs": 20, "n_random_orders": 1, "fractions": [0.5], "retrain_fractions": [0.5],
        "second_run": "",
    }  # fmt: skip
    notebook = paths.NOTEBOOKS / "09-convolution.ipynb"
    written = [str(notebook), str(tmp_path / "out.ipynb"), "-y", yaml.safe_dump(given)]
    done = subprocess.run(
        [sys.executable, "-m", "papermill", "--kernel", "python3", "--no-progress-bar", *written],
        cwd=paths.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    run = Path(given["run"])
    if name == "wine":
        assert done.returncode != 0
        assert "a sample of wine has the shape (13,): give samples of height" in done.stderr
        assert not (run / "channels.csv").exists()
        return
    assert done.returncode == 0, done.stderr
    training = pd.read_csv(run / "conv_training.csv").query("split == 'test' and kept == 1")
    assert (training["n_correct"] / training["n_samples"]).min() > 0.5
    assert pd.read_csv(run / "channels.csv").groupby("layer").size().tolist() == [2 * 4, 2 * 3]
    assert set(pd.read_csv(run / "convolution.csv")["claim"]) > {"C1", "C2", "C7", "C9", "C10"}


@pytest.mark.parametrize("name", ["convolutions", "normalised", "keras-2"])
def test_models_of_ones_own_go_through_every_notebook(of_models, name):
    folder, models, file = of_models
    data, run = datasets.load(file), _run(folder, models[name])
    assert {f"{stage}.ipynb" for stage in CHAIN} <= {path.name for path in run.iterdir()}
    training = pd.read_csv(run / "training.csv").query("split == 'test'")
    networks = Network.load_all(run / "networks")
    assert len(networks) == len(models[name])
    for k, (path, network) in enumerate(zip(models[name], networks, strict=True)):
        model = keras.models.load_model(path, compile=False)
        shape = model.input_shape[1:]
        images = data.test.images.reshape(-1, *shape)
        model.compile(
            loss="sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"]
        )
        _, accuracy = model.evaluate(images, data.test.labels, verbose=0)
        row = training[training["replicate"] == k].iloc[0]
        assert row["n_correct"] / row["n_samples"] == pytest.approx(accuracy, abs=1e-6)
        assert accuracy > 0.85
        _checked_measures(run, k, network, inputs.given(run / "networks", k, data))
        dense = [layer for layer in model.layers if isinstance(layer, layers.Dense)]
        kernel = dense[1].kernel
        whole, hits = kernel.numpy(), []
        for gone in range(len(whole) + 1):
            masked = whole.copy()
            masked[_order(run, k)[:gone]] = 0
            kernel.assign(masked)
            hits.append(
                int((model.predict(images, verbose=0).argmax(1) == data.test.labels).sum())
            )
        assert _curve(run, k)["n_correct"].tolist() == hits


def test_the_front_is_applied_once_and_what_follows_is_retrained_without_it(of_models):
    folder, models, _ = of_models
    run = _run(folder, models["convolutions"])
    kept = sorted(path.name for path in (run / "networks").glob("inputs-*"))
    assert len(kept) == 6
    assert not [*_run(folder, models["normalised"]).glob("networks/inputs-*")]
    pruning = pd.read_csv(run / "pruning.csv")
    assert {0, 1} == set(pruning["retrain_epochs"])

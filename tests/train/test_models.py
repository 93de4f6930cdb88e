"""Trained models as the networks of a run."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from utils.networks.backend import keras
from utils.networks.network import NetworkError
from utils.study import stages
from utils.study.parameters import ParameterError, validate
from utils.study.provenance import MODELS
from utils.train import experiment, figures, findings, tables

layers = keras.layers


def save(path, *widths, seed=0, activation="tanh", front=(), classes=10):
    """A model of random weights of the data of 49 values."""
    keras.utils.set_random_seed(seed)
    hidden = [layers.Dense(width, activation) for width in widths]
    stack = [keras.Input((49,)), *front, *hidden, layers.Dense(classes, "softmax")]
    keras.Sequential(stack).save(path)
    return str(path)


@pytest.fixture
def stage(small_digits, tmp_path):
    """A function that gives notebook 01 at work on models."""

    def make(*models):
        parameters = SimpleNamespace(models=list(models))
        folder = tmp_path / "run"
        return SimpleNamespace(
            folder=folder, dataset=small_digits, parameters=parameters, read_from={}
        )

    return make


def test_models_are_networks_with_an_accuracy_and_an_information_of_epoch_0(
    stage, tmp_path, small_digits
):
    front = [layers.Reshape((7, 7, 1)), layers.Conv2D(2, 3), layers.Flatten()]
    files = [save(tmp_path / f"{k}.keras", 5, 4, seed=k, front=front) for k in range(2)]
    at_work = stage(*files)
    networks, curves, looks = experiment.replicates(at_work)
    assert [network.sizes for network in networks] == [(50, 5, 4, 10)] * 2
    test = small_digits.test
    for k, file in enumerate(files):
        model = keras.models.load_model(file)
        model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        loss, accuracy = model.evaluate(test.images, test.labels, verbose=0)
        row = curves[(curves["replicate"] == k) & (curves["split"] == "test")].iloc[0]
        assert row["n_correct"] / row["n_samples"] == pytest.approx(accuracy)
        assert row["loss"] == pytest.approx(loss, abs=1e-5)
    assert set(curves["epoch"]) == {0}
    assert set(curves["kept"]) == {1}
    assert len(looks) == 2 * 9
    assert set(looks["epoch"]) == {0}
    assert set(at_work.read_from) == {MODELS}
    kept = {path.name for path in (at_work.folder / stages.NETWORKS).iterdir()}
    assert kept == {
        f"inputs-{k:02d}-{split}.npy"
        for k in range(2)
        for split in ("train", "validation", "test")
    }
    shown = tables.sizes(at_work, networks)
    assert shown.index.tolist() == ["0.keras", "1.keras"]
    assert set(shown["front"]) == {"Conv2D"}
    assert findings.rule(curves, 1) == (
        "Nothing was trained here: the networks are as their files have them."
    )
    assert findings.confidence(curves)
    axes = figures.learning_curves(curves).axes
    assert len(axes[0].lines[0].get_xdata()) == 4


def test_inputs_of_models_are_gone_when_networks_are_trained_in_their_place(
    stage, tmp_path, small_digits
):
    front = [layers.GaussianNoise(0.1), layers.Rescaling(2.0)]
    at_work = stage(save(tmp_path / "a.keras", 5, front=front))
    experiment.replicates(at_work)
    assert [*(at_work.folder / stages.NETWORKS).glob("inputs-*")]
    at_work.parameters = validate("01-train", _given(epochs=1, n_replicates=1))
    experiment.replicates(at_work)
    assert not [*(at_work.folder / stages.NETWORKS).glob("inputs-*")]


def _given(**given):
    from utils.study import parameter_files

    return {"run": "x", **parameter_files.defaults("01-train"), "hidden": [4]} | given


WRONG = {
    "the same file twice": (lambda f: [save(f / "a.keras", 5)] * 2, "twice"),
    "the same model twice": (
        lambda f: [save(f / "a.keras", 5), save(f / "b.h5", 5)], "one and the same model",
    ),
    "other widths": (
        lambda f: [save(f / "a.keras", 5), save(f / "b.keras", 6, seed=1)],
        r"hidden layers are 5 tanh in .*a\.keras and 6 tanh in .*b\.keras",
    ),
    "other activations": (
        lambda f: [save(f / "a.keras", 5), save(f / "b.keras", 5, activation="relu")], "5 relu",
    ),
    "other classes": (
        lambda f: [save(f / "a.keras", 5, classes=3)], r"a\.keras: .*3 classes, the data set 10",
    ),
    "no hidden layer": (lambda f: [save(f / "a.keras")], r"a\.keras: .*docs/own-models\.md"),
    "no file": (lambda f: [str(f / "none.h5")], "looked for"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_models_that_are_no_replicates_are_refused_and_nothing_is_written(what, stage, tmp_path):
    make, said = WRONG[what]
    models = make(tmp_path)
    at_work = stage(*models)
    with pytest.raises(NetworkError, match=said):
        experiment.replicates(at_work)
    assert not at_work.folder.exists()


@pytest.mark.parametrize(
    "models", ["a.keras", ["a.pt"], [1], [""], None, ["a.keras", "b.onnx"], {"a": "b.h5"}, ["h5"]]
)
def test_wrong_parameters_are_named(models):
    with pytest.raises(ParameterError, match=r"`models` is .*\.keras or \.h5"):
        validate("01-train", _given(models=models))


def test_there_are_as_many_networks_as_models():
    assert validate("01-train", _given(models=["a.h5", "b.keras"])).n_replicates == 2
    assert validate("01-train", _given(n_replicates=7)).n_replicates == 7


def test_sizes_of_trained_networks_are_one_row(random_network):
    at_work = SimpleNamespace(parameters=SimpleNamespace(models=[]))
    networks = [random_network((49, 6, 10), seed=seed) for seed in range(3)]
    expected = {"front": "none", "studied": "49-6-10", "activations": "sigmoid"}
    expected["weights and biases"] = 49 * 6 + 6 + 60 + 10
    pd.testing.assert_frame_equal(
        tables.sizes(at_work, networks), pd.DataFrame([expected], ["each network"])
    )
    assert np.isclose(expected["weights and biases"], 370)

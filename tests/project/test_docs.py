"""What pages in docs tell a reader to type works as it stands."""

import re

import numpy as np
import pandas as pd
import pytest

from utils import paths
from utils.networks import datasets


def _code(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (paths.ROOT / "docs" / page).read_text(), re.S)


CODE = _code("own-data.md")


@pytest.mark.parametrize(("number", "n_classes"), enumerate([3, 2, 10]))
def test_each_example_writes_a_file_that_is_taken(number, n_classes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    table.assign(kind=["x", "y"] * 20).to_csv("mine.csv", index=False)
    exec(CODE[number], {})
    (file,) = tmp_path.glob("*.npz")
    data = datasets.load(file.name)
    assert data.n_classes == n_classes
    assert len(CODE) == 3


def test_the_one_from_a_table_keeps_names_and_scales(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"a": np.arange(40.0), "kind": ["yes", "no"] * 20})
    table.to_csv("mine.csv", index=False)
    exec(CODE[1], {})
    data = datasets.load("mine.npz")
    assert data.class_names == ("no", "yes")
    train = np.concatenate([data.train.images, data.validation.images])
    assert train.mean() == pytest.approx(0, abs=1e-6)
    assert train.std() == pytest.approx(1, abs=1e-6)


def test_surgery_on_a_model_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(next(code for code in _code("own-models.md") if "remove_neurons" in code), names)
    assert names["smaller"].get_layer("hidden").units == 18
    assert names["model"].get_layer("hidden").units == 20
    assert (tmp_path / "smaller.keras").is_file()


def test_a_pruned_network_behind_its_front(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(next(code for code in _code("own-models.md") if "rejoined" in code), names)
    assert names["parts"].network.sizes == (144, 20, 3)
    assert names["smaller"].output_shape == (None, 3)
    assert names["smaller"].count_params() < names["model"].count_params()
    assert (tmp_path / "smaller.keras").is_file()


def test_channels_of_a_convolutional_network():
    names = {}
    exec(next(code for code in _code("own-models.md") if "utils.convolution" in code), names)
    assert len(names["channels"]) == 6 + 8
    assert names["n_correct"].shape == (1, 15)
    model, images = names["model"], names["images"].reshape(-1, 8, 8, 1)
    guessed = np.asarray(model(images)).argmax(axis=1)
    assert names["n_correct"][0, 0] == (guessed == names["labels"]).sum()

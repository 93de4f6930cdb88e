"""What a run gives to notebook 09, and what data it refuses."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from utils.convolution import of_run
from utils.networks.datasets import Dataset
from utils.networks.image_files import DataError
from utils.study import parameter_files
from utils.study.parallel import Replicate
from utils.study.parameter_models import Convolution
from utils.study.parameters import ParameterError, validate

SECTION = parameter_files.defaults("09-convolution")


def given(**other) -> Convolution:
    return validate("09-convolution", {"run": "x", **SECTION, **other})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pools": [2]}, r"`pools` is \[2\].*`channels` has 2 blocks and `pools` 1: one a block"),
        ({"channels": [8, 8, 8]}, r"`channels` has 3 blocks and `pools` 2"),
        ({"channels": []}, r"`channels` is \[\].*one or more positive integers"),
        ({"channels": [16, 0]}, r"`channels` is \[16, 0\].*one or more positive integers"),
        ({"channels": "16, 32"}, r"`channels` is '16, 32' \(str\)"),
        ({"pools": [2, 2.0]}, r"`pools` is \[2, 2.0\].*one or more positive integers"),
        ({"statistic": "sum"}, r"`statistic` is 'sum'.*one of mean, max"),
        ({"threshold": "half"}, r"`threshold` is 'half'.*one of median, mean"),
        ({"batch_normalization": 1}, r"`batch_normalization` is 1 \(int\).*True or False"),
        ({"epochs": 0}, r"`epochs` is 0 \(int\).*an integer of at least 1"),
        ({"n_replicates": True}, r"`n_replicates` is True \(bool\)"),
        ({"n_random_orders": None}, r"`n_random_orders` is None"),
        ({"fractions": [0.4, 1.0]}, r"`fractions` is .*between 0 and 1"),
        ({"retrain_fractions": [0.5]}, r"each must be one of `fractions`"),
        ({"second_run": 3}, r"`second_run` is 3 \(int\); it must be the name of a run"),
        ({"hidden": [16]}, r"09-convolution has no parameter `hidden`"),
    ],
)
def test_wrong_parameters_are_refused(change, message):
    with pytest.raises(ParameterError, match=message):
        given(**change)


def test_the_recipe_has_the_shape_of_the_images(digits: Dataset):
    by = of_run.recipe(digits, given(channels=[4, 6, 8], pools=[2, 1, 3]))
    assert by.image_shape == (28, 28, 1)
    assert (by.channels, by.strides, by.pools) == ((4, 6, 8), (1, 1, 1), (2, 1, 3))
    colours = replace(digits, image_shape=(16, 7, 7))
    assert of_run.recipe(colours, given()).image_shape == (16, 7, 7)


@pytest.mark.parametrize("shape", [(784,), (2, 2, 14, 14)])
def test_samples_that_are_no_images_are_refused(shape, digits: Dataset):
    with pytest.raises(DataError, match=r"a sample of mnist-5k has the shape .*leave its section"):
        of_run.recipe(replace(digits, image_shape=shape), given())


@pytest.mark.parametrize(
    ("pools", "block"), [([29, 1], 1), ([4, 8], 2), ([28, 2], 2), ([1, 30], 2)]
)
def test_pools_that_leave_nothing_are_refused(pools, block, digits: Dataset):
    message = rf"`pools` is \[.*\]: nothing is left of images of 28 × 28 after block {block}; take"
    with pytest.raises(ParameterError, match=message):
        of_run.recipe(digits, given(pools=pools))
    assert of_run.recipe(digits, given(pools=[4, 7])).pools == (4, 7)


def test_networks_have_the_runs_seed_and_numbers_and_few_test_images(monkeypatch, digits: Dataset):
    asked = []

    def trained(*arguments):
        asked.append(arguments)
        return ["network"] * len(arguments[-1]), "training.csv"

    monkeypatch.setattr(of_run, "replicates", trained)
    stage = SimpleNamespace(
        parameters=given(n_replicates=2, epochs=4, n_images=70), dataset=digits,
        seed=lambda k: 70 + k, recipe=SimpleNamespace(first_replicate=10, seed=3),
    )  # fmt: skip
    networks, training = of_run.trained(stage, "recipe")
    assert asked == [(digits, "recipe", 4, 3, range(10, 12))]
    assert training == "training.csv"
    assert [(one.number, one.seed) for one in networks] == [(0, 70), (1, 71)]
    for one in networks:
        assert one.data.test.images.shape == (70, 784)
        assert one.data.validation is digits.validation


def test_networks_with_few_validation_images_are_the_same_otherwise(digits: Dataset):
    networks = [Replicate(k, f"network {k}", k, digits) for k in range(2)]
    few = of_run.with_few(networks, 30)
    assert [(one.number, one.network, one.seed) for one in few] == [
        (0, "network 0", 0), (1, "network 1", 1)
    ]  # fmt: skip
    for one in few:
        assert one.data.validation.labels.shape == (30,)
        assert one.data.test is digits.test
    assert few[0].data.validation is few[1].data.validation


def test_each_gives_every_network_its_rows_and_settings(of_channels):
    networks = [SimpleNamespace(number=k) for k in range(2)]

    def first(one, rows, share):
        return rows[: int(len(rows) * share)].assign(seen=one.number)

    table = of_run.each(networks, first, "", of_channels, share=0.5)
    assert table["replicate"].tolist() == table["seen"].tolist() == [0] * 3 + [1] * 3
    assert np.array_equal(table["layer"], [1] * 6)

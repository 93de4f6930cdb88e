"""Smaller convolutional networks: the logits of silent channels, and the counts of Keras."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from utils.convolution import experiment
from utils.convolution.keras_models import CONVOLUTIONAL, ConvRecipe, build, from_keras, recipe_of
from utils.convolution.network import ConvNetwork
from utils.convolution.pruning import EVERY_REPAIR, METHODS, balanced, pruned
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import judge
from utils.evidence.tables import Tables
from utils.names import REPAIRS
from utils.networks.backend import keras
from utils.networks.building import keras_weights
from utils.networks.datasets import Dataset, Split
from utils.networks.network import NetworkError
from utils.networks.training import retrain
from utils.removal import costs, surgery
from utils.removal.keras_surgery import remove_neurons
from utils.removal.noise_out import noise_out
from utils.removal.surgery import Moments
from utils.study import parallel, schemas

GONE = [0, 3]


def _without(network: ConvNetwork, block: int, images: np.ndarray, repair: str) -> ConvNetwork:
    moments = Moments.of(network.forward(images)[block])
    return surgery.remove(network, block, GONE, repair, moments)


def _beyond_border(network: ConvNetwork, block: int, maps: np.ndarray, means: np.ndarray) -> Any:
    """Logits from maps of `block` whose borders are the means of the channels GONE."""
    after, layer = network.after(block), network.layers[block]
    bordered = np.pad(maps, ((0, 0), *layer.pads, (0, 0)))
    inside = np.pad(np.ones(maps.shape[1:3]), layer.pads).astype(bool)
    for channel in GONE:
        bordered[:, ~inside, channel] = means[channel]
    paddings = ("valid", *after.paddings[1:])[: len(after.paddings)]
    return replace(after, paddings=paddings, image_shape=bordered.shape[1:]).forward(bordered)[-1]


def test_a_smaller_network_has_the_logits_of_silent_channels(
    model: Any, masked: Any, sample: Split
) -> None:
    network = from_keras(model)
    for block in range(1, len(network.hidden) + 1):
        smaller = _without(network, block, sample.images, "zero")
        assert smaller.hidden[block - 1] == network.hidden[block - 1] - 2
        given = [sample.images]
        for other, maps in enumerate(network.map_shapes[1:], 1):
            mask = np.ones((120, 1, 1, maps[-1]))
            mask[..., GONE] = other != block
            given += [mask, np.zeros((120, *maps))]
        logits = smaller.forward(sample.images)[-1]
        expected = masked(model).predict(given, verbose=0)
        np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5)
        assert np.abs(logits - network.forward(sample.images)[-1]).max() > 1e-3


def test_a_mean_is_there_beyond_the_border(model: Any, sample: Split) -> None:
    """Without a border, as before logits and with padding `valid`, it is there on the map."""
    network = from_keras(model)
    for block in range(1, len(network.hidden) + 1):
        maps = network.forward(sample.images)[block].copy()
        means = maps.mean(axis=(0, 1, 2))
        maps[..., GONE] = means[GONE]
        found = _without(network, block, sample.images, "mean").forward(sample.images)[-1]
        expected = _beyond_border(network, block, maps, means)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
        if not np.any(network.layers[block].pads):
            same = network.after(block).forward(maps)[-1]
            np.testing.assert_allclose(found, same, rtol=0, atol=1e-9)


@pytest.mark.parametrize("repair", REPAIRS)
def test_repairs_are_those_of_the_keras_model(model: Any, sample: Split, repair: str) -> None:
    """Before a convolution: before others the model knows every place of a map by itself."""
    network = from_keras(model)
    convolutions = [one.name for one in model.layers if isinstance(one, keras.layers.Conv2D)]
    for block, name in enumerate(convolutions[:-1], 1):
        smaller = _without(network, block, sample.images, repair)
        theirs = from_keras(remove_neurons(model, name, GONE, sample.images, repair))
        assert smaller.map_shapes == theirs.map_shapes
        ours, expected = (one.forward(sample.images)[-1] for one in (smaller, theirs))
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-3)


@pytest.fixture(scope="module")
def replicates(data: Dataset, trained: tuple) -> list[parallel.Replicate]:
    return [parallel.Replicate(k, network, k, data) for k, network in enumerate(trained[0])]


@pytest.fixture(scope="module")
def run(replicates: list, recipe: ConvRecipe) -> dict[str, pd.DataFrame]:
    measures = parallel.each(experiment.channels, replicates, "").assign(entropy=1.0)
    given = {"recipe": recipe, "fractions": [0.25, 0.5], "retrain_epochs": [1, 2]}
    small = partial(pruned, retrain_fractions=[0.5], **given)
    return {
        "measures": measures,
        "ablation": parallel.each(
            partial(experiment.curves, n_random_orders=2), replicates, "", measures
        ),
        "pruning": parallel.each(small, replicates, "", measures),
        "balancing": parallel.each(partial(balanced, **given), replicates, "", measures),
    }


def _outgoing(network: ConvNetwork, block: int) -> np.ndarray:
    """Weights out of each channel of blocks 1 and 2, before windows and before 3 x 3 maps."""
    if block == 1:
        return np.array([one.ravel() for one in network.kernels[1].transpose(2, 0, 1, 3)])
    channels = network.hidden[1]
    return np.array([network.kernels[2][one::channels].ravel() for one in range(channels)])


def _by_hand(
    replicate: parallel.Replicate, measured: pd.DataFrame, method: str, repair: str
) -> ConvNetwork:
    """Half of the 5 and 4 channels removed by `method`, block after block."""
    network = smaller = replicate.network
    for block in (1, 2):
        moments = Moments.of(smaller.forward(replicate.data.validation.images)[block])
        if method == "noise_out":
            gone = noise_out(moments, _outgoing(smaller, block), 2).gone
        else:
            values = {
                "incoming_norm": np.abs(network.kernels[block - 1]).sum(axis=(0, 1, 2)),
                "outgoing_norm": np.abs(_outgoing(network, block)).sum(axis=1),
            }
            measure = measured.loc[measured["layer"] == block]
            gone = np.argsort(values.get(method, measure.get(method)), kind="stable")[:2]
        smaller = surgery.remove(smaller, block, np.asarray(gone), repair, moments)
    return smaller


def _of_keras(network: ConvNetwork, recipe: ConvRecipe) -> Any:
    model = build(196, 10, replace(recipe, channels=network.hidden))
    model.set_weights(keras_weights(network))
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), cross_entropy, metrics=["accuracy"])
    return model


@pytest.mark.parametrize(("method", "repair"), [
    ("mutual_information", "zero"), ("mutual_information", "least_squares"),
    ("kl_selectivity", "mean"), ("outgoing_norm", "mean"), ("incoming_norm", "zero"),
    ("noise_out", "mean"),
])  # fmt: skip
def test_counts_are_those_of_keras(
    run: dict, replicates: list, recipe: ConvRecipe, method: str, repair: str
) -> None:
    replicate = replicates[1]
    measured = parallel.rows_of(run["measures"], 1)
    smaller = _by_hand(replicate, measured, method, repair)
    row = run["pruning"].query(
        "replicate == 1 and method == @method and repair == @repair and fraction == 0.5 "
        "and retrain_epochs == 0"
    ).iloc[0]  # fmt: skip
    model, test = _of_keras(smaller, recipe), replicate.data.test
    _, accuracy = model.evaluate(
        test.images.reshape(-1, 14, 14, 1), test.labels, verbose=0, batch_size=250
    )
    assert (row["n_correct"], row["n_samples"]) == (round(250 * accuracy), 250)
    assert row["n_parameters"] == model.count_params() == 3 * 10 + 2 * 28 + 10 * 19
    assert row["n_bytes"] == 4 * row["n_parameters"]
    assert row["n_macs"] == 14 * 14 * 9 * 3 + 7 * 7 * 9 * 3 * 2 + 18 * 10


def test_multiply_accumulates_of_strides_valid_windows_and_means(models: dict) -> None:
    """Maps of 6 x 6 after a stride of 2 without padding, and of 4 x 4; then 8 means."""
    network = from_keras(models["valid, stride 2, means"])
    expected = 6 * 6 * 9 * 1 * 6 + 4 * 4 * 9 * 6 * 8 + 8 * 10
    assert costs.sizes(network)["n_macs"] == expected


def test_retraining_is_that_of_keras(
    run: dict, replicates: list, recipe: ConvRecipe, data: Dataset
) -> None:
    measured = parallel.rows_of(run["measures"], 0)
    smaller = _by_hand(replicates[0], measured, "mutual_information", "zero")
    model, rng = _of_keras(smaller, recipe), np.random.default_rng(replicates[0].seed)
    for _ in range(2):
        order = rng.permutation(2000)
        images = data.train.images[order].reshape(-1, 14, 14, 1)
        model.fit(images, data.train.labels[order], recipe.batch_size, shuffle=False, verbose=0)
    last = retrain(smaller, data.train, recipe, 2, replicates[0].seed, CONVOLUTIONAL)[-1]
    for ours, theirs in zip(keras_weights(last), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-2)
    row = run["balancing"].query(
        "replicate == 0 and repair == 'zero' and fraction == 0.5 and retrain_epochs == 2"
    ).iloc[0]  # fmt: skip
    hits = from_keras(model).n_correct(data.test.images, data.test.labels)
    assert row["n_correct"] == pytest.approx(hits, abs=3)


def test_the_papers_claims_of_pruning_are_judged(run: dict) -> None:
    tables = {name: schemas.checked(name, run[name][list(schemas.TABLES[name].columns)])
              for name in ("ablation", "pruning", "balancing")}  # fmt: skip
    judged = judge(Tables(tables), {name: CLAIMS[name] for name in ("C9", "C9b", "C10")})
    assert judged["claim"].value_counts().to_dict() == {"C10": 10 - 2, "C9": 2, "C9b": 2}
    assert judged.loc[judged["claim"] != "C9", "estimate"].notna().all()
    assert not judged["quantity"].str.contains("entropy").any()


def test_every_case_is_there_once(run: dict) -> None:
    table = run["pruning"]
    case = ["replicate", "method", "repair", "fraction", "retrain_epochs"]
    assert not table.duplicated(case).any()
    rows = table[table["replicate"] == 0]
    assert set(rows["method"]) == set(METHODS) - {"entropy"}
    again = rows[rows["retrain_epochs"] > 0]
    assert again[["fraction", "retrain_epochs"]].drop_duplicates().to_numpy().tolist() == [
        [0.5, 1], [0.5, 2],
    ]  # fmt: skip
    assert set(again["method"]) == set(EVERY_REPAIR)
    assert len(rows) == 2 * (2 * 4 + 4 * 2) + 4
    assert len(run["balancing"]) == 2 * 2 * 2 * 3


def test_entropy_is_a_method_where_channels_differ(
    run: dict, replicates: list, recipe: ConvRecipe
) -> None:
    measured = parallel.rows_of(run["measures"], 0)
    rows = len(pruned(replicates[0], measured, recipe, [0.5], [], []))
    measured.loc[3, "entropy"] = 0.5
    table = pruned(replicates[0], measured, recipe, [0.5], [], [])
    assert len(table[table["method"] == "entropy"]) == len(table) - rows == 2


@pytest.mark.parametrize(("change", "message"), [
    ({"fractions": [1.0]}, "fraction 1.0; it must be from 0 to below 1"),
    ({"fractions": []}, "no fraction to prune"),
    ({"retrain_epochs": [0]}, r"retrain_epochs \[0\]; allowed are whole numbers from 1"),
])  # fmt: skip
def test_what_is_not_possible_is_refused(
    run: dict, replicates: list, recipe: ConvRecipe, change: dict, message: str
) -> None:
    measured = parallel.rows_of(run["measures"], 0)
    given = {"fractions": [0.5], "retrain_epochs": [1], "recipe": recipe} | change
    with pytest.raises(ValueError, match=message):
        balanced(replicates[0], measured, **given)


def test_other_measures_fractions_and_recipes_are_refused(
    run: dict, replicates: list, recipe: ConvRecipe
) -> None:
    measured = parallel.rows_of(run["measures"], 0)
    with pytest.raises(ValueError, match=r"measures of channels \{1: 5, 2: 3\}; .* \(5, 4\)"):
        balanced(replicates[0], measured[:-1], recipe, [0.5], [])
    with pytest.raises(ValueError, match=r"retrain_fractions \[0.4\] are not among \[0.5\]"):
        pruned(replicates[0], measured, recipe, [0.5], [0.4], [1])
    network = replicates[0].network
    for change in ({"activation": "tanh"}, {"padding": "valid"}, {"window": 5}):
        with pytest.raises(NetworkError, match=f"the recipe has {next(iter(change))}"):
            recipe_of(network, replace(recipe, **change))
    with pytest.raises(NetworkError, match="all 4 neurons of layer 2"):
        surgery.remove(network, 2, range(4))

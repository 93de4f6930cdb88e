"""Training: the arithmetic of Keras, and the same network for the same seed."""

import logging
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss

from utils.networks import programs, training
from utils.networks.backend import keras, tf
from utils.networks.building import build, keras_weights
from utils.networks.datasets import Dataset, Split
from utils.networks.keras_models import from_keras
from utils.networks.network import Network
from utils.networks.recipes import INITIALIZATIONS, Recipe
from utils.networks.training import best_of_last, retrain, train, train_replicate
from utils.study import parallel

layers = keras.layers
PLAIN = Recipe((8, 6), "sigmoid", learning_rate=0.01, batch_size=40)
NORMALIZED = replace(PLAIN, hidden=(8,), batch_normalization=True)
DROPOUT = replace(PLAIN, hidden=(8, 8), activation="relu", dropout=0.5)


def raw(network: Network) -> list[bytes]:
    return [array.tobytes() for array in network.kernels + network.biases]


def assert_close(first: Network, second: Network, of_biases: float = 1e-4) -> None:
    assert first.activations == second.activations
    for a, b in zip(first.kernels, second.kernels, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-4)
    for a, b in zip(first.biases, second.biases, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=of_biases)


def compiled(model: Any, learning_rate: float) -> Any:
    cross_entropy = keras.losses.SparseCategoricalCrossentropy
    model.compile(
        keras.optimizers.Adam(learning_rate),
        cross_entropy(from_logits=True),
        metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy(from_logits=True)],
    )
    return model


def fit_in_order(model: Any, split: Split, recipe: Recipe, epochs: int, seed: int) -> dict:
    """Keras' own training, on the samples in the order that the seed stands for."""
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(split.labels))
        history = model.fit(
            split.images[order],
            split.labels[order],
            batch_size=recipe.batch_size,
            shuffle=False,
            verbose=0,
        )
    return {name: values[-1] for name, values in history.history.items()}


@pytest.mark.parametrize(
    "recipe",
    [
        replace(PLAIN, activation="tanh", batch_size=48),
        replace(PLAIN, activation="relu", l2=0.01),
        NORMALIZED,
    ],
    ids=["partial last batch", "L2", "batch normalisation"],
)
def test_same_weights_as_keras_fit(recipe: Recipe, small_digits: Dataset) -> None:
    weights = build(49, 10, recipe, seed=3).get_weights()
    penalty = keras.regularizers.L2(recipe.l2) if recipe.l2 else None
    model = keras.Sequential([keras.Input((49,))])
    for width in recipe.hidden:
        model.add(layers.Dense(width, kernel_regularizer=penalty))
        if recipe.batch_normalization:
            model.add(layers.BatchNormalization())
        model.add(layers.Activation(recipe.activation))
    model.add(layers.Dense(10, kernel_regularizer=penalty))
    model.set_weights(weights)
    compiled(model, recipe.learning_rate)
    history = fit_in_order(model, small_digits.train, recipe, epochs=2, seed=7)

    course = list(train(weights, small_digits.train, 10, recipe, epochs=2, seed=7))
    network, loss, hits = course[-1]
    assert len(course) == 3
    # the gradient of a bias before batch normalisation is 0 but for rounding, which Adam enlarges
    assert_close(network, from_keras(model), 2e-3 if recipe.batch_normalization else 1e-4)
    assert loss == pytest.approx(history["sparse_categorical_crossentropy"], abs=1e-4)
    assert hits == round(history["accuracy"] * 200)
    largest_change = np.abs(network.kernels[0] - course[0][0].kernels[0]).max()
    assert largest_change > 0.02, "the agreement is of trained networks"
    if recipe.batch_normalization:
        assert np.abs(model.layers[1].moving_mean).max() > 0.01


def test_fewer_samples_than_a_batch_are_used(small_digits: Dataset) -> None:
    split = Split(small_digits.train.images[:30], small_digits.train.labels[:30])
    recipe = replace(PLAIN, hidden=(5,))
    model = build(49, 10, recipe)
    weights = model.get_weights()
    fit_in_order(compiled(model, recipe.learning_rate), split, recipe, epochs=1, seed=0)
    *_, (network, _, hits) = train(weights, split, 10, recipe, epochs=1, seed=0)
    assert_close(network, from_keras(model))
    assert 0 <= hits <= 30


def test_learning_curve(small_digits: Dataset) -> None:
    network, curve = train_replicate(small_digits, PLAIN, epochs=2, seed=1, replicate=0)
    assert list(curve.columns) == ["epoch", "split", "loss", "n_correct", "n_samples", "kept"]
    assert list(zip(curve["epoch"], curve["split"], curve["n_samples"], strict=True)) == [
        (0, "validation", 120),
        (0, "test", 100),
        (1, "train", 200),
        (1, "validation", 120),
        (1, "test", 100),
        (2, "train", 200),
        (2, "validation", 120),
        (2, "test", 100),
    ]
    assert curve["n_correct"].dtype == np.int64
    for split in ("validation", "test"):
        images, labels = getattr(small_digits, split).images, getattr(small_digits, split).labels
        last = curve[curve["split"] == split].iloc[-1]
        assert last["n_correct"] == network.n_correct(images, labels)
        logits = network.forward(images)[-1].astype(np.float64)
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        assert last["loss"] == pytest.approx(log_loss(labels, probabilities), abs=2e-6)


@pytest.mark.parametrize(
    ("n_epochs", "kept"),
    [(1, [1, 2, 3, 4, 5]), (2, [1, 1, 3, 3, 4]), (3, [1, 1, 1, 3, 3]), (9, [1, 1, 1, 1, 1])],
)
def test_the_best_of_the_last_epochs_is_kept_of_equal_ones_the_earliest(n_epochs, kept):
    course = [(epoch, f"network {epoch}", hits) for epoch, hits in enumerate((9, 7, 9, 8, 8), 1)]
    expected = [(epoch, f"network {epoch}") for epoch in kept]
    assert list(best_of_last(course, n_epochs)) == expected


def test_the_network_of_the_epoch_marked_is_the_one_kept(small_digits: Dataset) -> None:
    of_epoch = [train_replicate(small_digits, PLAIN, k, 1, 0)[0] for k in range(7)]
    network, curve = train_replicate(small_digits, PLAIN, 6, 1, 0, kept_of_last=4)
    validation = curve[(curve["split"] == "validation") & (curve["epoch"] > 2)]
    best = validation.loc[validation["n_correct"].idxmax(), "epoch"]
    assert curve.loc[curve["kept"] == 1, "epoch"].unique().tolist() == [best]
    assert raw(network) == raw(of_epoch[best])


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_weights_start_as_their_name_says(name: str) -> None:
    first, first_bias, *_, last_bias = build(
        400, 10, replace(PLAIN, hidden=(100, 50), initialization=name), seed=3
    ).get_weights()
    other = build(400, 10, replace(PLAIN, hidden=(100, 50), initialization=name), seed=4)
    limit, deviation = {
        "glorot_uniform": ((6 / 500) ** 0.5, (2 / 500) ** 0.5),
        "truncated_normal": (0.2, 0.088),
        "pytorch_uniform": (0.05, 0.05 / 3**0.5),
    }[name]
    assert np.abs(first).max() == pytest.approx(limit, rel=0.02)
    assert first.std() == pytest.approx(deviation, rel=0.01)
    assert not np.array_equal(first, other.get_weights()[0])
    if name == "pytorch_uniform":
        assert first_bias.std() == pytest.approx(deviation, rel=0.2)
        assert np.abs(last_bias).max() <= 50**-0.5
    else:
        assert not first_bias.any()
        assert not last_bias.any()


def test_learning_lowers_the_loss(small_digits: Dataset) -> None:
    network, curve = train_replicate(small_digits, PLAIN, epochs=30, seed=1, replicate=0)
    validation = curve[curve["split"] == "validation"].set_index("epoch")
    assert validation["loss"][30] < 0.8 * validation["loss"][0]
    assert network.n_correct(small_digits.test.images, small_digits.test.labels) > 40


def test_score_of_logits() -> None:
    logits = np.array([[2.0, 0.0, -1.0], [0.0, 0.0, 3.0], [1e4, 0.0, 0.0]])
    hits, loss = training.score(logits, np.array([0, 1, 0]))
    losses = [
        np.log(1 + np.exp(-2) + np.exp(-3)),
        np.log(2 + np.exp(3)),
        0,
    ]
    assert hits == 2
    assert loss == pytest.approx(np.mean(losses), abs=1e-12)


def test_recipe_of_the_parameters() -> None:
    settings = {"l2": 1e-5, "dropout": 0.1, "batch_normalization": True, "batch_size": 10}
    settings["initialization"] = "truncated_normal"
    parameters = SimpleNamespace(
        hidden=[8, 6], activation="relu", learning_rate=0.1, seed=3, **settings
    )
    recipe = Recipe.from_parameters(parameters)
    assert recipe == Recipe((8, 6), "relu", learning_rate=0.1, **settings)


def test_start_of_a_network() -> None:
    recipe = Recipe((8, 6), "tanh", dropout=0.2, batch_normalization=True)
    model = build(49, 10, recipe, seed=5)
    kinds = ["Dense", "BatchNormalization", "Activation", "Dropout"]
    assert [type(layer).__name__ for layer in model.layers] == [*kinds, *kinds, "Dense"]
    for layer in (model.layers[0], model.layers[4], model.layers[8]):
        kernel, bias = layer.get_weights()
        limit = np.sqrt(6 / sum(kernel.shape))
        assert 0.8 * limit < np.abs(kernel).max() <= limit
        assert not bias.any()
    again, other = build(49, 10, recipe, seed=5), build(49, 10, recipe, seed=6)
    for mine, same, another in zip(
        model.get_weights(), again.get_weights(), other.get_weights(), strict=True
    ):
        assert np.array_equal(mine, same)
        assert mine.ndim == 1 or not np.array_equal(mine, another)


@pytest.mark.parametrize("recipe", [PLAIN, DROPOUT], ids=["plain", "dropout"])
def test_replicate_is_the_same_alone_and_among_others(
    recipe: Recipe, small_digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(replicate: int) -> list[bytes]:
        return raw(train_replicate(small_digits, recipe, 2, 0, replicate)[0])

    alone = trained(2)
    one_by_one = [trained(replicate) for replicate in (0, 1, 2, 3)]
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    side_by_side = parallel.run(trained, [3, 2, 1, 0], "replicates")
    assert one_by_one[2] == alone
    assert side_by_side[::-1] == one_by_one
    assert len({weights[0] for weights in one_by_one}) == 4


def test_base_seed_and_order_of_samples_matter(small_digits: Dataset) -> None:
    first, second = (train_replicate(small_digits, PLAIN, 1, seed, 0)[0] for seed in (0, 1))
    assert raw(first) != raw(second)
    weights = build(49, 10, PLAIN).get_weights()
    (*_, (one, _, _)), (*_, (two, _, _)) = (
        train(weights, small_digits.train, 10, PLAIN, 1, seed) for seed in (0, 1)
    )
    assert raw(one) != raw(two)


def test_dropout_acts_in_training_and_not_in_evaluation(small_digits: Dataset) -> None:
    network, curve = train_replicate(small_digits, DROPOUT, 2, 0, 0)
    without = train_replicate(small_digits, replace(DROPOUT, dropout=0), 2, 0, 0)[0]
    assert raw(network) != raw(without)
    test = curve[curve["split"] == "test"].iloc[-1]
    images, labels = small_digits.test.images, small_digits.test.labels
    assert test["n_correct"] == network.n_correct(images, labels)
    loss = training.score(network.forward(images)[-1], labels)[1]
    assert test["loss"] == pytest.approx(loss, abs=1e-6)


def test_every_dropout_layer_and_every_seed_drop_differently() -> None:
    starts = []
    with programs.program(200, 49, 10, DROPOUT) as program:
        for seed in (0, 1):
            program.restart(program.model.get_weights(), seed)
            starts += [
                layer.seed_generator.state.numpy().tolist()
                for layer in program.model.layers
                if isinstance(layer, layers.Dropout)
            ]
    assert len({start for start, _ in starts}) == 4
    assert {calls for _, calls in starts} == {0}


def test_retraining_is_that_of_keras_with_a_fresh_optimizer(small_digits: Dataset) -> None:
    network, _ = train_replicate(small_digits, PLAIN, 2, 0, 0)
    model = compiled(build(network.sizes[0], 10, PLAIN), PLAIN.learning_rate)
    model.set_weights(keras_weights(network))
    fit_in_order(model, small_digits.train, PLAIN, epochs=2, seed=9)
    *_, retrained = retrain(network, small_digits.train, PLAIN, 2, seed=9)
    assert_close(retrained, from_keras(model))


def without_neurons(network: Network, n_left: int) -> Network:
    """Only the first neurons of the first hidden layer."""
    first, second, *others = network.kernels
    return Network(
        (first[:, :n_left].copy(), second[:n_left].copy(), *others),
        (network.biases[0][:n_left].copy(), *network.biases[1:]),
        network.activations,
    )


def test_retraining_a_pruned_network(small_digits: Dataset) -> None:
    network, _ = train_replicate(small_digits, PLAIN, 2, 0, 0)
    before = raw(network)
    pruned = without_neurons(network, 4)
    pruned_before = raw(pruned)

    course = retrain(pruned, small_digits.train, PLAIN, 2, seed=5)
    again = retrain(pruned, small_digits.train, PLAIN, 2, seed=5)
    assert [raw(step) for step in course] == [raw(step) for step in again]
    assert len(course) == 3
    assert len({raw(step)[0] for step in course}) == 3
    assert raw(course[0]) == raw(pruned) == pruned_before
    assert raw(network) == before
    assert {step.sizes for step in course} == {(49, 4, 6, 10)}
    assert raw(retrain(pruned, small_digits.train, PLAIN, 2, seed=6)[-1]) != raw(course[-1])


def test_no_epochs_change_nothing(small_digits: Dataset) -> None:
    network, curve = train_replicate(small_digits, PLAIN, 0, 0, 0)
    assert curve["split"].tolist() == ["validation", "test"]
    (unchanged,) = retrain(network, small_digits.train, PLAIN, 0, seed=5)
    assert raw(unchanged) == raw(network)


def test_retraining_after_batch_normalization_was_folded(small_digits: Dataset) -> None:
    network, _ = train_replicate(small_digits, NORMALIZED, 1, 0, 0)
    course = retrain(network, small_digits.train, NORMALIZED, 1, seed=5)
    plain = retrain(network, small_digits.train, PLAIN, 1, seed=5)
    assert raw(course[0]) == raw(network)
    assert raw(course[1]) == raw(plain[1]) != raw(network)


def test_many_sizes_are_retrained_without_tracing_warnings(
    small_digits: Dataset, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture
) -> None:
    network, _ = train_replicate(small_digits, NORMALIZED, 1, 0, 0)
    smaller = [without_neurons(network, n_left) for n_left in (7, 6, 5, 3, 2, 1)]
    logger = tf.get_logger()
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.WARNING, logger=logger.name):
            for pruned in smaller:
                assert retrain(pruned, small_digits.train, PLAIN, 1, 0)[1].hidden == pruned.hidden
            captured = capfd.readouterr()
            assert "retracing" not in captured.out + captured.err + caplog.text

            for width in range(1, 8):  # what would be caught
                tf.function(lambda x: x + 1)(tf.ones(width))
            assert "retracing" in caplog.text
    finally:
        logger.removeHandler(caplog.handler)

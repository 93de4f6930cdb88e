"""Surgery on Keras models: equal to masking, still trainable, refused by the name of the layer."""

from functools import reduce

import numpy as np
import pytest

from utils.networks.backend import keras
from utils.networks.network import NetworkError
from utils.removal import surgery
from utils.removal.keras_surgery import remove_neurons

layers = keras.layers
IMAGES = np.random.default_rng(0).random((200, 6, 5)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 4, 200)


def _model(activation: str, functional: bool = False, use_bias: bool = True):
    """Batch normalisation before one activation and after the other, dropout after each."""
    parts = [
        layers.Flatten(name="flat"),
        layers.Dense(12, use_bias=use_bias, name="first"),
        layers.BatchNormalization(name="norm_1"),
        layers.Activation(activation, name="act"),
        layers.Dropout(0.3, name="drop"),
        layers.Dense(9, activation=activation, use_bias=use_bias, name="second"),
        layers.BatchNormalization(name="norm_2"),
        layers.Dropout(0.2, name="drop_2"),
        layers.Dense(4, use_bias=use_bias, kernel_regularizer="l2", name="classes"),
    ]
    if functional:
        start = keras.Input((6, 5))
        model = keras.Model(start, reduce(lambda tensor, part: part(tensor), parts, start))
    else:
        model = keras.Sequential([keras.Input((6, 5)), *parts])
    rng = np.random.default_rng(2)
    for layer in model.layers:
        layer.set_weights([rng.uniform(0.2, 1, w.shape) - 0.4 * (w.ndim == 2)
                           for w in layer.get_weights()])  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    return model


def _masked(model, layer: str, gone: list[int], constant: bool) -> np.ndarray:
    """The full model's predictions with the outputs of `gone` overwritten."""
    names = [one.name for one in model.layers]
    receiver = {"first": "second", "second": "classes"}[layer]
    place = names.index(receiver)
    before = keras.Model(model.inputs, model.get_layer(names[place - 1]).output)
    outputs = before.predict(IMAGES, verbose=0)
    outputs[:, gone] = outputs[:, gone].mean(axis=0) if constant else 0
    after = keras.Sequential([keras.Input(outputs.shape[1:]), *model.layers[place:]])
    return after.predict(outputs, verbose=0)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("layer", ["first", "second"])
@pytest.mark.parametrize("repair", ["zero", "mean"])
def test_the_smaller_model_predicts_what_the_masked_one_does(activation, layer, repair):
    model = _model(activation, functional=layer == "second")
    before = [w.copy() for w in model.get_weights()]
    smaller = remove_neurons(model, layer, [0, 5, 7], IMAGES, repair)
    expected = _masked(model, layer, [0, 5, 7], repair == "mean")
    np.testing.assert_allclose(smaller.predict(IMAGES, verbose=0), expected, atol=1e-5)
    assert type(smaller) is type(model)
    assert [one.name for one in smaller.layers][-9:] == [one.name for one in model.layers][-9:]
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_parameters_as_counted_by_hand():
    smaller = remove_neurons(_model("relu"), "first", [1, 2, 3, 4], IMAGES)
    # 30 inputs, 8 of 12 neurons, 9 neurons, 4 classes; batch normalisation has 4 a neuron
    assert smaller.count_params() == (30 * 8 + 8) + 4 * 8 + (8 * 9 + 9) + 4 * 9 + (9 * 4 + 4)


@pytest.mark.parametrize("repair", surgery.REPAIRS)
def test_it_trains_and_survives_saving_and_loading(repair, tmp_path):
    smaller = remove_neurons(_model("sigmoid"), "second", [8], IMAGES, repair)
    assert smaller.get_layer("classes").kernel_regularizer is not None
    assert smaller.get_layer("drop").rate == 0.3
    before = smaller.evaluate(IMAGES, LABELS, verbose=0)[0]
    smaller.fit(IMAGES, LABELS, epochs=5, verbose=0)
    assert smaller.evaluate(IMAGES, LABELS, verbose=0)[0] < before
    smaller.save(tmp_path / "smaller.keras")
    loaded = keras.models.load_model(tmp_path / "smaller.keras")
    np.testing.assert_allclose(
        loaded.predict(IMAGES, verbose=0), smaller.predict(IMAGES, verbose=0), atol=1e-6
    )


def test_layers_without_bias_get_one_where_the_repair_needs_it():
    model = _model("relu", use_bias=False)
    mean = remove_neurons(model, "first", [0, 1], IMAGES, "mean")
    np.testing.assert_allclose(
        mean.predict(IMAGES, verbose=0), _masked(model, "first", [0, 1], True), atol=1e-5
    )
    assert mean.get_layer("second").use_bias
    assert not remove_neurons(model, "first", [0], repair="zero").get_layer("second").use_bias


def test_one_activation_at_two_places_and_dense_layers_on_the_last_of_three_axes():
    shared, start = layers.Activation("tanh"), keras.Input((6, 5))
    first, second = layers.Dense(12, name="first"), layers.Dense(9, name="second")
    inner = layers.Flatten()(shared(second(shared(first(start)))))
    model = keras.Model(start, layers.Dense(4)(inner))
    smaller = remove_neurons(model, "first", [0, 5, 7], IMAGES, "mean")
    outputs = np.tanh(IMAGES @ np.array(first.kernel))
    outputs[..., [0, 5, 7]] = outputs[..., [0, 5, 7]].mean(axis=(0, 1))
    hidden = np.tanh(outputs @ np.array(second.kernel)).reshape(len(IMAGES), -1)
    expected = hidden @ np.array(model.layers[-1].kernel)
    np.testing.assert_allclose(smaller.predict(IMAGES, verbose=0), expected, atol=1e-5)
    with pytest.raises(NetworkError, match="flattens outputs between two Dense layers"):
        remove_neurons(model, "second", [0], IMAGES)


def test_least_squares_is_nearest_in_what_the_next_layer_receives():
    model = _model("tanh")

    def received(one) -> np.ndarray:
        inner = keras.Sequential([keras.Input((6, 5)), *one.layers[:5]])
        second = one.get_layer("second")
        return inner.predict(IMAGES, verbose=0) @ np.array(second.kernel) + np.array(second.bias)

    full = received(model)
    errors = [
        ((received(remove_neurons(model, "first", [0, 3, 4], IMAGES, r)) - full) ** 2).mean()
        for r in surgery.REPAIRS
    ]
    assert errors[3] == min(errors)
    assert errors[3] < 0.9 * errors[1]


def _two_branches():
    start = keras.Input((6,))
    one, two = layers.Dense(3, name="left")(start), layers.Dense(3, name="right")(start)
    return keras.Model(start, layers.Dense(2)(layers.Add(name="sum")([one, two])))


def _shared():
    start, shared = keras.Input((4,)), layers.Dense(4, name="again")
    return keras.Model(start, layers.Dense(2)(shared(shared(start))))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(3, 2, name="filters"),
                                   layers.Flatten(), layers.Dense(2)]),
         "'filters' is a Conv2D"),
        (lambda: keras.Sequential([keras.Input((6,)), layers.Dense(4, name="left"),
                                   layers.LayerNormalization(name="ln"), layers.Dense(2)]),
         "'ln' is a LayerNormalization"),
        (lambda: keras.Sequential([keras.Input((6,)), layers.Dense(4, "softmax", name="left"),
                                   layers.Dense(2)]),
         "'left' has the activation 'softmax'"),
        (_two_branches, "'sum' joins 2 branches"),
        (_shared, "'again' is used twice"),
    ],
)  # fmt: skip
def test_layers_it_does_not_know_are_named(model, message):
    with pytest.raises(NetworkError, match=message):
        remove_neurons(model(), "left", [0], repair="zero")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("third", [0], IMAGES), "'third' is not a hidden Dense layer.*it has first, second"),
        (("classes", [0], IMAGES), "'classes' is not a hidden Dense layer"),
        (("first", [12], IMAGES), "neuron 12 is not in layer 'first', which has neurons 0 to 11"),
        (("first", [3, 3], IMAGES), "neuron 3 of layer 'first' is named twice"),
        (("second", range(9), IMAGES), "all 9 neurons of layer 'second' named"),
        (("first", [0], IMAGES[:, :5]), r"shape \(200, 5, 5\), expected \(n, 6, 5\)"),
        (("first", [0], IMAGES[:0]), "with n of at least 1"),
        (("first", [0]), "images are needed for every repair but 'zero'"),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(NetworkError, match=message):
        remove_neurons(_model("relu"), *arguments)

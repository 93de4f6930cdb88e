"""Surgery on Keras models: equal to masking, still trainable, refused by the name of the layer."""

import functools
import re
from functools import reduce
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from utils.models import keras_copies
from utils.networks.backend import keras, tf
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


def _outputs(model, images) -> np.ndarray:
    """Called, not `predict`, which would trace a function for every model."""
    return np.array(model(images, training=False))


def _inputs(model):
    """The only input, or a list: a model warns if it is called with the other of the two."""
    return model.inputs if len(model.inputs) > 1 else model.inputs[0]


def _masked(model, layer: str, gone: list[int], constant: bool) -> np.ndarray:
    """The full model's predictions with the outputs of `gone` overwritten."""
    names = [one.name for one in model.layers]
    receiver = {"first": "second", "second": "classes"}[layer]
    place = names.index(receiver)
    before = keras.Model(_inputs(model), model.get_layer(names[place - 1]).output)
    outputs = _outputs(before, IMAGES)
    outputs[:, gone] = outputs[:, gone].mean(axis=0) if constant else 0
    after = keras.Sequential([keras.Input(outputs.shape[1:]), *model.layers[place:]])
    return _outputs(after, outputs)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("layer", ["first", "second"])
@pytest.mark.parametrize("repair", ["zero", "mean"])
def test_the_smaller_model_predicts_what_the_masked_one_does(activation, layer, repair):
    model = _model(activation, functional=layer == "second")
    before = [w.copy() for w in model.get_weights()]
    smaller = remove_neurons(model, layer, [0, 5, 7], IMAGES, repair)
    expected = _masked(model, layer, [0, 5, 7], repair == "mean")
    np.testing.assert_allclose(_outputs(smaller, IMAGES), expected, atol=1e-5)
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
        _outputs(mean, IMAGES), _masked(model, "first", [0, 1], True), atol=1e-5
    )
    assert mean.get_layer("second").use_bias
    assert not remove_neurons(model, "first", [0], repair="zero").get_layer("second").use_bias


def test_one_activation_at_two_places():
    shared, start = layers.Activation("tanh"), keras.Input((8,))
    first, second = layers.Dense(12, name="first"), layers.Dense(9, name="second")
    model = keras.Model(start, layers.Dense(4)(shared(second(shared(first(start))))))
    smaller = remove_neurons(_stirred(model), "first", [0, 5, 7], ROWS, "mean")
    expected = _with_mask(model, "second", np.arange(12), [0, 5, 7], True, ROWS)
    np.testing.assert_allclose(_outputs(smaller, ROWS), expected, atol=1e-5)


def test_least_squares_is_nearest_in_what_the_next_layer_receives():
    model = _model("tanh")

    def received(one) -> np.ndarray:
        inner = keras.Sequential([keras.Input((6, 5)), *one.layers[:5]])
        second = one.get_layer("second")
        return _outputs(inner, IMAGES) @ np.array(second.kernel) + np.array(second.bias)

    full = received(model)
    errors = [
        ((received(remove_neurons(model, "first", [0, 3, 4], IMAGES, r)) - full) ** 2).mean()
        for r in surgery.REPAIRS
    ]
    assert errors[3] == min(errors)
    assert errors[3] < 0.9 * errors[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("third", [0], IMAGES),
            "'third' is not a Dense, Conv1D or Conv2D layer of this model; it has first, second",
        ),
        (("classes", [0], IMAGES), "'classes' is not a hidden layer"),
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


def _stirred(model):
    """Random weights and moving statistics everywhere."""
    rng = np.random.default_rng(2)
    for variable in model.weights:
        variable.assign(rng.uniform(0.2, 1, variable.shape) - 0.6 * (len(variable.shape) > 1))
    return model


def _chain(shape, *parts):
    return _stirred(keras.Sequential([keras.Input(shape), *parts]))


def _with_mask(model, receiver: str, entries: np.ndarray, gone: list[int], means: bool, images):
    """The predictions of a Keras model with a multiplication and an addition before `receiver`.

    `entries`: the neuron of each number on the last axis there.
    """
    lost = np.isin(entries, gone)
    before = keras.Model(_inputs(model), model.get_layer(receiver).input)
    received = _outputs(before, images)
    mean = received.reshape(-1, len(entries)).mean(axis=0) if means else np.zeros(len(entries))
    masking = layers.Rescaling(scale=(~lost).astype("f"), offset=(lost * mean).astype("f"))
    masked = keras.models.clone_model(
        keras.Model(_inputs(model), model.outputs[0]),
        clone_function=lambda layer: layer,
        call_function=lambda layer, *tensors, **more: layer(
            *(map(masking, tensors) if layer.name == receiver else tensors), **more
        ),
    )
    return _outputs(masked, images)


ROWS = np.random.default_rng(3).random((60, 8)).astype(np.float32)
PLACES = np.random.default_rng(4).random((60, 4, 6)).astype(np.float32)
PASSED = {
    "relu with a ceiling": [layers.ReLU(max_value=0.8)],
    "leaky": [layers.LeakyReLU(0.2)],
    "elu": [layers.ELU()],
    "prelu": [layers.PReLU()],
    "one slope for all": [layers.PReLU(shared_axes=[1])],
    "lambda layer": [layers.Lambda(lambda x: x * keras.ops.sigmoid(x))],
    "own function": [layers.Activation(lambda x: keras.ops.sin(x) + x)],
    "activation object": [layers.Activation(functools.partial(keras.activations.elu, alpha=0.5))],
    "normalisation without scale": [layers.BatchNormalization(scale=False), layers.ReLU()],
    "noise": [layers.GaussianNoise(0.1), layers.GaussianDropout(0.1), layers.AlphaDropout(0.1)],
    "nothing": [layers.Identity(), layers.ActivityRegularization(0.1)],
    "rescaled": [layers.Rescaling(2.0, 0.5)],
    "shapes": [layers.Reshape((1, 6)), layers.Flatten(), layers.Reshape((6,))],
}


@pytest.mark.parametrize("repair", ["zero", "mean"])
@pytest.mark.parametrize("between", PASSED.values(), ids=PASSED)
def test_layers_between_are_passed(between, repair):
    between = [keras_copies.copied_layer(part) for part in between]
    first = layers.Dense(6, lambda x: keras.ops.tanh(x), name="first")
    model = _chain((8,), first, *between, layers.Dense(3, name="next"), layers.Softmax())
    smaller = remove_neurons(model, "first", [1, 4], ROWS, repair)
    expected = _with_mask(model, "next", np.arange(6), [1, 4], repair == "mean", ROWS)
    np.testing.assert_allclose(_outputs(smaller, ROWS), expected, atol=1e-5)
    assert smaller.get_layer("next").kernel.shape == (4, 3)


@pytest.mark.parametrize("repair", surgery.REPAIRS)
@pytest.mark.parametrize(
    ("between", "entries"),
    [
        ([], np.arange(5)),
        ([layers.BatchNormalization(), layers.SpatialDropout1D(0.2)], np.arange(5)),
        ([layers.GlobalAveragePooling1D()], np.arange(5)),
        ([layers.Flatten()], np.tile(np.arange(5), 4)),
        ([layers.Flatten(data_format="channels_first")], np.repeat(np.arange(5), 4)),
        ([layers.Reshape((2, 10)), layers.PReLU()], np.tile(np.arange(5), 2)),
        ([layers.Flatten(), layers.BatchNormalization()], np.tile(np.arange(5), 4)),
    ],
)
def test_dense_layers_on_the_last_of_three_axes(between, entries, repair):
    between = [keras_copies.copied_layer(part) for part in between]
    first = layers.Dense(5, "tanh", name="first")
    model = _chain((4, 6), first, *between, layers.Dense(3, name="next"))
    smaller = remove_neurons(model, "first", [0, 3], PLACES, repair)
    found = _outputs(smaller, PLACES)
    if repair in ("zero", "mean"):
        expected = _with_mask(model, "next", entries, [0, 3], repair == "mean", PLACES)
        np.testing.assert_allclose(found, expected, atol=1e-5)
    else:  # each nearer than the one before it
        errors = [
            ((_outputs(remove_neurons(model, "first", [0], PLACES, one), PLACES)
              - _outputs(model, PLACES)) ** 2).mean()
            for one in ("mean", repair)
        ]  # fmt: skip
        assert errors[1] < errors[0]


def _branches():
    """Convolutions joined, a side output before, a model as a layer, and two inputs."""
    start, other = keras.Input((8, 8, 1), name="picture"), keras.Input((3,), name="facts")
    joined = layers.Add()([layers.Conv2D(4, 3, activation=own_activation)(start) for _ in "ab"])
    block = keras.Sequential([keras.Input((6, 6, 4)), layers.Conv2D(5, 2), layers.Flatten()])
    both = layers.Concatenate()([block(joined), keras.ops.relu(other) * 2.0])
    hidden = layers.Dropout(0.2)(layers.Dense(7, "relu", name="hidden")(both))
    outputs = layers.Dense(2, name="out")(hidden)
    split = layers.Concatenate()([layers.Dense(2)(outputs), outputs])
    return _stirred(keras.Model([start, other], split))


def own_activation(x):
    return x * keras.ops.sigmoid(2.0 * x)


def test_before_beside_and_after_may_stand_anything():
    model, rng = _branches(), np.random.default_rng(5)
    images = [rng.random((20, 8, 8, 1)).astype("f"), rng.random((20, 3)).astype("f")]
    smaller = remove_neurons(model, "hidden", [2, 3, 6], images, "mean")
    expected = _with_mask(model, "out", np.arange(7), [2, 3, 6], True, images)
    np.testing.assert_allclose(_outputs(smaller, images), expected, rtol=1e-5, atol=1e-5)
    by_name = {"facts": images[1], "picture": images[0]}
    same = remove_neurons(model, "hidden", [2, 3, 6], by_name, "mean")
    for one, other in zip(smaller.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(NetworkError, match=r"images have no 'picture'.*\['picture', 'facts'\]"):
        remove_neurons(model, "hidden", [2], {"facts": images[1]})
    with pytest.raises(NetworkError, match="a list of 2, one for each input"):
        remove_neurons(model, "hidden", [2], images[0])


def _given(form: str):
    dataset = tf.data.Dataset.from_tensor_slices((ROWS, np.zeros(len(ROWS))))
    return {
        "list": list(ROWS),
        "tuple of lists": tuple(row.tolist() for row in ROWS),
        "tensor": tf.constant(ROWS),
        "as for predict": [ROWS],
        "table": pd.DataFrame(ROWS),
        "dict": {"rows": ROWS},
        "dataset with labels": dataset.batch(7),
        "dataset": dataset.map(lambda x, y: x).batch(7),
        "dataset by name": dataset.map(lambda x, y: ({"rows": x}, y)).batch(7),
        "dataset without batches": dataset,
    }[form]


@pytest.mark.parametrize(
    "form",
    ["list", "tuple of lists", "tensor", "as for predict", "table", "dict", "dataset with labels",
     "dataset", "dataset by name", "dataset without batches"],
)  # fmt: skip
def test_images_may_be_given_in_many_ways(form):
    parts = [layers.Dense(6, "relu", name="first"), layers.Dense(3)]
    model = _stirred(keras.Sequential([keras.Input((8,), name="rows"), *parts]))
    expected = remove_neurons(model, "first", [1], ROWS, "least_squares").get_weights()
    found = remove_neurons(model, "first", [1], _given(form), "least_squares").get_weights()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (lambda: (row for row in ROWS), "images are a generator; an array"),
        (lambda: [ROWS[0], ROWS[0, :5]], r"images of different shapes: \[\(5,\), \(8,\)\]"),
        (lambda: ROWS[0], r"images of shape \(8,\), expected \(n, 8\)"),
        (lambda: np.where(ROWS > 0.5, np.nan, ROWS), "'first' are not all finite"),
        (lambda: ROWS.astype(str), "images of <U32, numbers are needed"),
        (lambda: tf.data.Dataset.from_tensor_slices(ROWS).repeat(), "without an end"),
        (lambda: tf.data.Dataset.from_tensor_slices(ROWS).take(0), "images are empty"),
        (lambda: tf.data.Dataset.from_tensor_slices(PLACES), r"shape \(4, 6\), expected \(n, 8\)"),
        (lambda: {"other": ROWS}, "images have no"),
    ],
)
def test_wrong_images_are_named_and_never_printed(images, message):
    model = _chain((8,), layers.Dense(6, "relu", name="first"), layers.Dense(3))
    with pytest.raises(NetworkError, match=message) as caught:
        remove_neurons(model, "first", [1], images())
    assert not re.search(r"0\.\d{3}", str(caught.value))


def _own_loss(true, predicted):
    return keras.ops.mean(keras.ops.square(predicted), axis=-1)


class _Loss(keras.losses.Loss):
    def call(self, true, predicted):
        return _own_loss(true, predicted)


@pytest.mark.parametrize("loss", [_own_loss, lambda true, guess: _own_loss(true, guess), _Loss()])
def test_own_losses_and_metrics_are_carried_over(loss):
    model = _chain((8,), layers.Dense(6, "relu", name="first"), layers.Dense(1))
    metrics = [_own_loss, keras.metrics.MeanAbsoluteError(name="distance")]
    model.compile(keras.optimizers.SGD(0.05, momentum=0.5), loss, metrics=metrics)
    model.fit(ROWS, ROWS[:, 0], verbose=0)
    smaller = remove_neurons(model, "first", [1], ROWS)
    assert smaller.loss is loss
    assert float(smaller.optimizer.learning_rate) == pytest.approx(0.05)
    assert smaller.optimizer is not model.optimizer
    before = smaller.evaluate(ROWS, ROWS[:, 0], verbose=0, return_dict=True)
    assert set(before) == {"loss", "_own_loss", "distance"}
    weights = [w.copy() for w in model.get_weights()]
    smaller.fit(ROWS, ROWS[:, 0], epochs=3, verbose=0)
    assert smaller.evaluate(ROWS, ROWS[:, 0], verbose=0)[0] < before["loss"]
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@keras.saving.register_keras_serializable("tests")
def registered(x):
    return keras.ops.sin(x) + x


def test_with_a_registered_activation_it_is_saved_and_loaded(tmp_path):
    model = _chain((8,), layers.Dense(6, registered, name="first"), layers.Dense(3))
    smaller = remove_neurons(model, "first", [1], ROWS)
    assert smaller.get_layer("first").activation is registered
    smaller.save(tmp_path / "smaller.keras")
    loaded = keras.models.load_model(tmp_path / "smaller.keras")
    np.testing.assert_array_equal(_outputs(loaded, ROWS), _outputs(smaller, ROWS))


def test_initializers_of_the_old_shape_go_and_what_acts_in_training_stays():
    model = _chain(
        (8,),
        layers.Dense(6, "relu", name="first", kernel_regularizer=lambda w: keras.ops.sum(w * w),
                     kernel_initializer=keras.initializers.Constant(np.ones((8, 6))),
                     kernel_constraint="max_norm", bias_regularizer="l2"),
        layers.Dense(3, name="next", trainable=False,
                     kernel_initializer=keras.initializers.Constant(np.ones((6, 3)))),
    )  # fmt: skip
    smaller = remove_neurons(model, "first", [1], ROWS)
    first = smaller.get_layer("first")
    assert first.kernel_regularizer is model.get_layer("first").kernel_regularizer
    assert first.bias_regularizer is not None
    assert type(first.kernel_constraint) is keras.constraints.MaxNorm
    assert not smaller.get_layer("next").trainable
    assert smaller.losses


def test_mixed_precision():
    policy = "mixed_float16"
    first = layers.Dense(6, "relu", name="first", dtype=policy)
    model = _chain((8,), first, layers.BatchNormalization(dtype=policy), layers.Dense(3))
    for repair in surgery.REPAIRS:
        smaller = remove_neurons(model, "first", [2], ROWS, repair)
        assert smaller.get_layer("first").dtype_policy.name == policy
        assert np.isfinite(_outputs(smaller, ROWS)).all()
    expected = _with_mask(model, model.layers[-1].name, np.arange(6), [2], False, ROWS)
    found = _outputs(remove_neurons(model, "first", [2], repair="zero"), ROWS)
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_a_kept_neuron_that_hardly_changes_stands_in_for_none():
    """In float32 it is 1 or the number before 1; what it says about others is rounding."""
    first = layers.Dense(4, "sigmoid", name="first")
    model = _chain((8,), first, layers.Dense(3, name="next"))
    kernel, bias = first.get_weights()
    kernel[:, 0], bias[0] = 0, 16.2
    kernel[0, 0] = 1.5
    first.set_weights([kernel, bias])
    outputs = np.asarray(first(ROWS))
    assert 1 <= len(set(outputs[:, 0].tolist())) <= 3
    assert np.ptp(outputs[:, 0]) < 3e-7
    smaller = remove_neurons(model, "first", [3], ROWS, "least_squares")
    assert np.abs(smaller.get_layer("next").kernel).max() < 10
    error = _outputs(smaller, ROWS) - _outputs(model, ROWS)
    assert np.abs(error).max() < 0.1


PICTURES = np.random.default_rng(6).random((12, 12, 12, 3)).astype(np.float32)


def _vgg(padding: str, *end):
    """Two convolutions and a pooling, twice, and Dense layers."""

    def convolution(name, filters, **more):
        return layers.Conv2D(filters, 3, padding=padding, name=name, **more)

    return _chain(
        (12, 12, 3),
        convolution("one", 4, activation="relu"), convolution("two", 5, strides=2),
        layers.BatchNormalization(), layers.Activation("relu"), layers.MaxPooling2D(2, 1),
        convolution("three", 6, activation="tanh", use_bias=False),
        layers.AveragePooling2D(2, 1, "same"), layers.SpatialDropout2D(0.1), *end,
        layers.Dense(7, "relu", name="dense"), layers.Dense(3, name="last"),
    )  # fmt: skip


@pytest.mark.parametrize("repair", ["zero", "mean"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    ("layer", "receiver", "entries", "end"),
    [
        ("one", "two", np.arange(4), layers.Flatten()),
        ("two", "three", np.arange(5), layers.Flatten()),
        ("three", "dense", None, layers.Flatten()),
        ("three", "dense", np.arange(6), layers.GlobalAveragePooling2D()),
        ("three", "dense", np.arange(6), layers.GlobalMaxPooling2D()),
    ],
)
def test_channels_of_convolutions(layer, receiver, entries, end, padding, repair):
    model = _vgg(padding, keras_copies.copied_layer(end))
    if entries is None:  # channels vary fastest
        entries = np.tile(np.arange(6), model.get_layer("dense").kernel.shape[0] // 6)
    smaller = remove_neurons(model, layer, [0, 2], PICTURES, repair)
    if padding == "same" and repair == "mean" and receiver != "dense":
        # what stands in for a channel is there beyond the border too, where the channel is not
        cut, model = (keras.Model(_inputs(one), one.get_layer(receiver).output)
                      for one in (smaller, model))  # fmt: skip
        expected = _with_mask(model, receiver, entries, [0, 2], True, PICTURES)
        difference = np.abs(_outputs(cut, PICTURES) - expected)
        assert difference[:, 1:-1, 1:-1].max() < 1e-5 < difference.max()
    else:
        expected = _with_mask(model, receiver, entries, [0, 2], repair == "mean", PICTURES)
        found = _outputs(smaller, PICTURES)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert smaller.get_layer(layer).filters == {"one": 2, "two": 3, "three": 4}[layer]


@pytest.mark.parametrize("padding", ["valid", "causal"])
def test_convolutions_along_one_axis(padding):
    model = _chain(
        (4, 6),
        layers.Conv1D(5, 2, activation="relu", padding=padding, name="first"),
        layers.MaxPooling1D(2, 1),
        layers.Conv1D(4, 2, name="next"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(3),
    )
    for repair in ("zero", "mean"):
        smaller = remove_neurons(model, "first", [1, 4], PLACES, repair)
        expected = _with_mask(model, "next", np.arange(5), [1, 4], repair == "mean", PLACES)
        np.testing.assert_allclose(_outputs(smaller, PLACES), expected, atol=1e-5)


@pytest.mark.parametrize("repair", ["zero", "mean"])
def test_zeros_around_an_image_belong_to_each_channel(repair):
    first = layers.Conv2D(4, 3, activation="relu", name="first")
    after = [layers.ZeroPadding2D(2), layers.ReLU(), layers.Conv2D(3, 3, 2, name="next")]
    model = _chain((12, 12, 3), first, *after, layers.Flatten(), layers.Dense(2))
    smaller = remove_neurons(model, "first", [1], PICTURES, repair)
    expected = _with_mask(model, "next", np.arange(4), [1], repair == "mean", PICTURES)
    np.testing.assert_allclose(_outputs(smaller, PICTURES), expected, atol=1e-5)


def test_least_squares_of_a_channel_that_others_add_up_to_loses_nothing():
    model = _vgg("valid", layers.Flatten())
    two = model.get_layer("two")
    kernel, bias = two.get_weights()
    kernel[..., 4], bias[4] = kernel[..., 1], bias[1]  # then normalised by other numbers
    two.set_weights([kernel, np.abs(bias) + 9])
    norm = next(one for one in model.layers if isinstance(one, layers.BatchNormalization))
    norm.set_weights([np.abs(weight) + 0.1 for weight in norm.get_weights()])
    smaller = remove_neurons(model, "two", [4], PICTURES, "least_squares")
    np.testing.assert_allclose(_outputs(smaller, PICTURES), _outputs(model, PICTURES), atol=1e-3)


@pytest.mark.chain
def test_a_third_of_the_channels_of_vgg16(digits, tmp_path):
    """Somebody else's model: pruned layer by layer, trained on for an epoch, saved and loaded."""
    model = keras.applications.VGG16(weights=None, input_shape=(32, 32, 3), classes=10)
    pixels = np.pad(digits.train.images[:96].reshape(-1, 28, 28), ((0, 0), (2, 2), (2, 2)))
    pictures, labels = np.repeat(pixels[..., None], 3, axis=-1), digits.train.labels[:96]
    convolutions = [one.name for one in model.layers if isinstance(one, layers.Conv2D)]
    masked = keras.models.clone_model(model)
    masked.set_weights(model.get_weights())
    smaller, rng = model, np.random.default_rng(0)
    for name in convolutions:
        kernel, bias = masked.get_layer(name).get_weights()
        gone = rng.choice(len(bias), len(bias) // 3, replace=False)
        kernel[..., gone], bias[gone] = 0, 0  # so that ReLU gives 0
        masked.get_layer(name).set_weights([kernel, bias])
        smaller = remove_neurons(smaller, name, gone, repair="zero")
    np.testing.assert_allclose(_outputs(smaller, pictures), _outputs(masked, pictures), atol=1e-5)
    widths = [n - n // 3 for n in (64, 64, 128, 128, 256, 256, 256, *[512] * 6)]
    ends = [(9 * a + 1) * b for a, b in pairwise([3, *widths])]
    ends += [(a + 1) * b for a, b in pairwise([widths[-1], 4096, 4096, 10])]
    assert smaller.count_params() == sum(ends)
    balanced = remove_neurons(model, convolutions[0], [0, 5], pictures, "least_squares")
    assert np.isfinite(_outputs(balanced, pictures)).all()
    smaller.compile("sgd", "sparse_categorical_crossentropy")
    before = smaller.get_layer(convolutions[3]).get_weights()[0]
    smaller.fit(pictures, labels, verbose=0)
    after = smaller.get_layer(convolutions[3]).get_weights()[0]
    assert np.isfinite(after).all()
    assert not np.array_equal(before, after)
    smaller.save(tmp_path / "smaller.keras")
    loaded = keras.models.load_model(tmp_path / "smaller.keras")
    np.testing.assert_allclose(_outputs(loaded, pictures), _outputs(smaller, pictures), atol=1e-6)

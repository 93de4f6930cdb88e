"""Copies of Keras models compute the same, share no weights, and are compiled alike."""

import functools

import numpy as np
import pytest

from utils.models.keras_copies import compile_as, copied, copied_layer
from utils.networks.backend import keras
from utils.networks.network import NetworkError

layers = keras.layers
ROWS = np.random.default_rng(0).random((30, 8)).astype(np.float32)


class OwnTraining(keras.Model):
    def train_step(self, data):
        return {"steps": 1.0}


class OwnStart(keras.Model):
    def __init__(self, width):
        start = keras.Input((8,))
        super().__init__(start, layers.Dense(width)(start))


class OwnCompile(keras.Model):
    def compile(self, pace, **settings):
        super().compile(keras.optimizers.SGD(pace), "mse", **settings)


class Unsaved(layers.Layer):
    def __init__(self, function, **settings):
        super().__init__(**settings)
        self.function = function

    def call(self, inputs):
        return self.function(inputs)


def _of_class(model):
    start = keras.Input((8,))
    return model(start, layers.Dense(3, name="last")(layers.Dense(4, "relu")(start)))


def _normalised():
    scaling = layers.Normalization()
    scaling.adapt(ROWS * 5 + 2)
    return keras.Sequential([keras.Input((8,)), scaling, layers.Dense(3)])


def _odd():
    """Functions without a name, a shared layer, a compiled model within a model."""
    partial = functools.partial(keras.activations.elu, alpha=0.3)
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(6, partial), layers.Dense(5)])
    inner.compile("adam", lambda true, guess: guess)
    inner.trainable = False
    last = layers.Dense(4, layers.LeakyReLU(), kernel_regularizer=lambda w: keras.ops.sum(w))
    twice, start = layers.Dense(4), keras.Input((8,), name="rows")
    return keras.Model(start, twice(twice(last(inner(start)))), name="odd")


def _sequence():
    parts = [layers.Embedding(9, 5, mask_zero=True), layers.LSTM(4, lambda x: keras.ops.tanh(x)),
             layers.Lambda(lambda x, by: x * by, arguments={"by": 2.0})]  # fmt: skip
    return keras.Sequential([keras.Input((8,), dtype="int32"), *parts])


MODELS = [
    _normalised,
    _odd,
    _sequence,
    lambda: _of_class(OwnTraining),
    lambda: _of_class(keras.Model),
]


@pytest.mark.parametrize("make", MODELS)
def test_a_copy_computes_the_same_and_shares_no_weights(make):
    model = make()
    model.predict(ROWS, verbose=0)
    new, copies = copied(model, {})
    expected = model.predict(ROWS, verbose=0)
    np.testing.assert_array_equal(new.predict(ROWS, verbose=0), expected)
    assert type(new) is type(model)
    assert new.name == model.name
    assert [one.name for one in new.layers] == [one.name for one in model.layers]
    assert len(new.trainable_weights) == len(model.trainable_weights)
    assert not {id(one) for one in new.weights} & {id(one) for one in model.weights}
    assert all(type(one) is type(other) for one, other in copies.items())
    for weight in new.weights:
        weight.assign(weight * 0)
    np.testing.assert_array_equal(model.predict(ROWS, verbose=0), expected)


def test_settings_replace_those_of_a_layer_and_its_weights_start_anew():
    model = _of_class(keras.Model)
    last = model.get_layer("last")
    new, copies = copied(model, {last: {"units": 7, "use_bias": False}})
    assert new.output_shape == (None, 7)
    assert [w.shape for w in copies[last].get_weights()] == [(4, 7)]


def test_a_layer_that_cannot_be_made_from_its_settings_is_named():
    with pytest.raises(
        NetworkError, match="layer 'odd' is a Unsaved that cannot be copied: Object"
    ):
        copied_layer(Unsaved(np.sin, name="odd"))


def test_weights_that_came_with_the_first_call_are_named():
    last = layers.Dense(3, layers.PReLU(), name="last")  # Keras makes its slopes at the first call
    model = keras.Sequential([keras.Input((8,)), last])
    model.predict(ROWS, verbose=0)
    with pytest.raises(NetworkError, match="layer 'last' cannot be copied: You called"):
        copied(model, {})


def test_a_class_of_models_with_a_start_of_its_own_is_named():
    with pytest.raises(NetworkError, match="is a OwnStart, which cannot be made of inputs and"):
        copied(OwnStart(3), {})


def test_a_learning_rate_schedule_is_kept_and_the_optimizer_is_new():
    model = _of_class(keras.Model)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.compile(keras.optimizers.Adam(schedule, clipnorm=1.0), "mse", weighted_metrics=["mae"])
    new, _ = copied(model, {})
    compile_as(new, model)
    assert new.optimizer is not model.optimizer
    assert new.optimizer.clipnorm == 1
    assert new.optimizer._learning_rate is schedule
    new.fit(ROWS, ROWS[:, :3], verbose=0)
    assert model.optimizer.iterations == 0


def test_a_model_stays_as_compiled_where_it_was_saved_before(tmp_path):
    model = _of_class(keras.Model)
    model.compile(keras.optimizers.Adam(0.02), keras.losses.MeanSquaredError())
    model.save(tmp_path / "model.h5")
    new, _ = copied(model, {})
    compile_as(new, model)
    assert new.loss is model.loss
    assert float(new.optimizer.learning_rate) == pytest.approx(0.02)


def test_a_model_that_was_not_compiled_is_none(recwarn):
    new, _ = copied(_of_class(keras.Model), {})
    compile_as(new, _of_class(keras.Model))
    assert not new.compiled
    assert not recwarn


def test_what_cannot_be_compiled_as_before_is_left_so_with_a_warning():
    model = _of_class(OwnCompile)
    model.compile(pace=0.1)
    new, _ = copied(model, {})
    with pytest.warns(UserWarning, match="is not compiled, call its compile: OwnCompile has"):
        compile_as(new, model)
    assert not new.compiled

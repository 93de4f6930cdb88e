"""The way from Keras."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from utils.networks.backend import keras
from utils.networks.keras_models import from_keras
from utils.networks.network import Network, NetworkError

layers = keras.layers
N_INPUTS, N_CLASSES = 12, 5
WIDTHS = (7, 6)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(1).random((40, N_INPUTS), dtype=np.float32)


def stir(model: Any) -> Any:
    """Random weights everywhere: biases and moving statistics are not what they start as."""
    rng = np.random.default_rng(2)
    for variable in model.weights:
        low = 0.3 if "variance" in variable.path else -1
        variable.assign(rng.uniform(low, 1.2, variable.shape))
    return model


def hidden_layers(
    activation: str, normalization: str, dropout: bool = False, use_bias: bool = True
) -> list[Any]:
    """Two hidden layers, with batch normalisation before or after the activation, or none."""
    stack: list[Any] = []
    for width in WIDTHS:
        stack.append(layers.Dense(width, use_bias=use_bias))
        if normalization == "before":
            stack.append(layers.BatchNormalization())
        stack.append(layers.Activation(activation))
        if normalization == "after":
            stack.append(layers.BatchNormalization(scale=use_bias, center=use_bias))
        if dropout:
            stack.append(layers.Dropout(0.5))
    return stack


def sequential(stack: list[Any], shape: tuple[int, ...] = (N_INPUTS,)) -> Any:
    return keras.Sequential([keras.Input(shape), *stack])


def functional(stack: list[Any], shape: tuple[int, ...] = (N_INPUTS,)) -> Any:
    signal = start = keras.Input(shape)
    for layer in stack:
        signal = layer(signal)
    return keras.Model(start, signal)


def assert_same_logits(model: Any, images: np.ndarray) -> Network:
    network = from_keras(stir(model))
    expected = model.predict(images, verbose=0)
    logits = network.forward(images.reshape(len(images), -1))[-1]
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5)
    return network


@pytest.mark.parametrize("build", [sequential, functional])
@pytest.mark.parametrize("normalization", ["none", "before", "after"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_logits_are_those_of_keras(
    build: Callable[[list[Any]], Any], normalization: str, activation: str, images: np.ndarray
) -> None:
    stack = hidden_layers(activation, normalization)
    network = assert_same_logits(build([*stack, layers.Dense(N_CLASSES)]), images)
    assert network.sizes == (N_INPUTS, *WIDTHS, N_CLASSES)
    assert network.hidden == WIDTHS
    assert network.activations == (activation, activation)


@pytest.mark.parametrize("normalization", ["none", "before", "after"])
def test_dropout_is_the_identity_and_biases_may_be_missing(
    normalization: str, images: np.ndarray
) -> None:
    stack = hidden_layers("relu", normalization, dropout=True, use_bias=False)
    model = sequential([*stack, layers.Dense(N_CLASSES, use_bias=False)])
    network = assert_same_logits(model, images)
    assert np.array_equal(network.forward(images)[-1], from_keras(model).forward(images)[-1])


@pytest.mark.filterwarnings("error")
def test_reading_a_model_warns_of_nothing() -> None:
    """As with PYTHONWARNINGS=error, which would stop at a warning of NumPy's about Keras."""
    stack = [layers.Dense(3, "relu"), layers.BatchNormalization(), layers.Dense(N_CLASSES)]
    from_keras(keras.Sequential([keras.Input((N_INPUTS,)), *stack]))


def test_hidden_outputs_are_those_of_keras(images: np.ndarray) -> None:
    stack = [layers.Dense(7, "tanh"), layers.Dense(6, "relu"), layers.Dense(N_CLASSES)]
    model = stir(functional(stack))
    reader = keras.Model(model.inputs, [layer.output for layer in stack])
    for ours, theirs in zip(
        from_keras(model).forward(images)[1:], reader.predict(images, verbose=0), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


def test_one_activation_object_at_two_places(images: np.ndarray) -> None:
    shared = layers.Activation("relu")
    stack = [layers.Dense(7), shared, layers.Dense(6), shared, layers.Dense(N_CLASSES)]
    assert assert_same_logits(functional(stack), images).activations == ("relu", "relu")


def test_a_quantised_layer_is_refused_and_an_adapted_one_is_read(images: np.ndarray) -> None:
    model = stir(sequential([layers.Dense(7, "relu", name="hidden"), layers.Dense(N_CLASSES)]))
    model.get_layer("hidden").enable_lora(3)
    assert_same_logits(model, images)
    with pytest.warns(UserWarning, match="quantize"):  # about the input, which has nothing to
        model.quantize("int8")
    with pytest.raises(NetworkError, match=r"layer 'hidden' is quantised \(int8\)"):
        from_keras(model)


@pytest.mark.parametrize("build", [sequential, functional])
def test_flatten_first(build: Callable, images: np.ndarray) -> None:
    stack = [layers.Flatten(), layers.Dense(7, "sigmoid"), layers.Dense(N_CLASSES)]
    assert_same_logits(build(stack, (3, 2, 2)), images.reshape(-1, 3, 2, 2))


def test_relu_layer_and_two_normalizations_in_a_row(images: np.ndarray) -> None:
    norm = layers.BatchNormalization
    stack = [layers.Dense(7), norm(), norm(), layers.ReLU(), norm(), norm()]
    assert_same_logits(sequential([*stack, layers.Dense(N_CLASSES), norm()]), images)


@pytest.mark.parametrize(
    "end",
    [
        lambda: [layers.Dense(N_CLASSES, "softmax")],
        lambda: [layers.Dense(N_CLASSES), layers.Activation("softmax")],
    ],
)
def test_softmax_at_the_end_is_left_out(end: Callable[[], list], images: np.ndarray) -> None:
    model = stir(sequential([layers.Dense(7, "tanh"), *end()]))
    logits = from_keras(model).forward(images)[-1].astype(np.float64)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, model.predict(images, verbose=0), atol=1e-6)


def chain_with(*suspects: Any) -> Any:
    return functional([layers.Dense(6, name="first"), *suspects, layers.Dense(5, name="last")])


def skip_model() -> Any:
    start = keras.Input((6,))
    inner = layers.Dense(6, "relu")(start)
    return keras.Model(start, layers.Dense(5)(layers.Add(name="suspect")([start, inner])))


def reused_dense_model() -> Any:
    start, twice = keras.Input((6,)), layers.Dense(6, "relu", name="suspect")
    return keras.Model(start, layers.Dense(5)(twice(twice(start))))


def reused_normalization_model() -> Any:
    norm = layers.BatchNormalization(name="suspect")
    return functional([layers.Dense(6), norm, layers.ReLU(), layers.Dense(6), norm])


def convolutional_model() -> Any:
    stack = [layers.Conv2D(3, 2, activation="relu", name="suspect"), layers.Flatten()]
    return sequential([*stack, layers.Dense(5)], (4, 4, 1))


def channels_first_model() -> Any:
    stack = [layers.Flatten("channels_first", name="suspect"), layers.Dense(4, "relu")]
    return sequential([*stack, layers.Dense(5)], (2, 2, 3))


@pytest.mark.parametrize(
    "make",
    [
        lambda: chain_with(layers.PReLU(name="suspect")),
        lambda: chain_with(layers.LeakyReLU(name="suspect")),
        lambda: chain_with(layers.ReLU(max_value=6, name="suspect")),
        lambda: chain_with(layers.ReLU(negative_slope=0.1, name="suspect")),
        lambda: chain_with(layers.ReLU(threshold=1, name="suspect")),
        lambda: chain_with(layers.Activation("elu", name="suspect")),
        lambda: chain_with(layers.Dense(6, layers.LeakyReLU(), name="suspect")),
        lambda: chain_with(layers.ReLU(), layers.Activation("tanh", name="suspect")),
        lambda: chain_with(layers.ReLU(), layers.LayerNormalization(name="suspect")),
        lambda: chain_with(layers.ReLU(), layers.Lambda(lambda x: 2 * x, name="suspect")),
        lambda: chain_with(layers.ReLU(), sequential([layers.ReLU()], (6,)), layers.ReLU()),
        lambda: sequential([layers.BatchNormalization(name="suspect"), layers.Dense(5)], (6,)),
        skip_model,
        reused_dense_model,
        reused_normalization_model,
        convolutional_model,
        channels_first_model,
    ],
)
def test_refused_by_the_name_of_the_layer(make: Callable[[], Any]) -> None:
    with pytest.raises(NetworkError, match=r"layer '(suspect|sequential.*)' "):
        from_keras(make())


def test_two_dense_layers_without_an_activation_between() -> None:
    with pytest.raises(NetworkError, match="layer 'last' follows a Dense without an activation"):
        from_keras(chain_with())


def test_other_models_are_refused() -> None:
    start = keras.Input((6,))
    inner = layers.Dense(6, "relu")(start)
    two_outputs = keras.Model(start, [layers.Dense(5)(inner), layers.Dense(2)(inner)])
    with pytest.raises(NetworkError, match="one input and one output"):
        from_keras(two_outputs)
    with pytest.raises(NetworkError, match="must end in a Dense layer"):
        from_keras(sequential([layers.Dense(5), layers.Activation("relu")]))
    with pytest.raises(NetworkError, match="softmax is understood at the end only"):
        from_keras(sequential([layers.Dense(5, "softmax"), layers.Dense(5)]))
    with pytest.raises(NetworkError, match="no weights yet"):
        from_keras(keras.Sequential([layers.Dense(5)]))
    with pytest.raises(NetworkError, match="Keras model is needed"):
        from_keras("a model")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_model_built_without_input_and_saved_elsewhere(
    assert_same_networks, suffix: str, tmp_path: Path, images: np.ndarray
) -> None:
    stack = [layers.Dense(7, "relu"), layers.Dropout(0.5), layers.Dense(6, "tanh")]
    model = keras.Sequential([*stack, layers.Dense(N_CLASSES)])
    model(images)
    stir(model)
    model.save(tmp_path / f"model.{suffix}")
    loaded = from_keras(keras.models.load_model(tmp_path / f"model.{suffix}"))
    assert loaded.hidden == (7, 6)
    assert_same_networks(loaded, from_keras(model))
    np.testing.assert_allclose(
        loaded.forward(images)[-1], model.predict(images, verbose=0), rtol=0, atol=1e-5
    )


def test_model_with_normalization_through_a_file(
    assert_same_networks, tmp_path: Path, images: np.ndarray
) -> None:
    model = stir(sequential([*hidden_layers("tanh", "before", dropout=True), layers.Dense(5)]))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_same_networks(from_keras(loaded), from_keras(model))


def test_keras_file_with_code_in_it_is_refused(tmp_path: Path) -> None:
    model = chain_with(layers.ReLU(), layers.Lambda(lambda x: 2 * x))
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r"unsafe|arbitrary code"):
        keras.models.load_model(tmp_path / "model.keras")

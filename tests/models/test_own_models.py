"""Keras models of one's own: divided, loaded, put together again, and refused."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from utils import paths
from utils.models import inputs, model_files, own_models
from utils.networks.backend import keras
from utils.networks.datasets import Dataset
from utils.networks.network import NetworkError
from utils.networks.recipes import Recipe
from utils.networks.training import retrain
from utils.removal import surgery

layers = keras.layers
KERAS_2 = Path(__file__).parent / "keras-2.h5"


def chain(*stack: Any, shape: tuple[int, ...] = (12,)) -> Any:
    """A model with random weights everywhere: biases and statistics are not as they start."""
    model, rng = keras.Sequential([keras.Input(shape), *stack]), np.random.default_rng(0)
    for variable in model.weights:
        low = 0.3 if "variance" in variable.path else -1
        width = variable.shape[0] if len(variable.shape) > 1 else 1
        if "count" not in variable.path:
            variable.assign(rng.uniform(low, 1.2, variable.shape) / np.sqrt(width))
    return model


def convolutions() -> Any:
    """In the manner of the Keras documentation's MNIST network, with a hidden Dense layer."""
    return chain(
        layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
        layers.Dropout(0.5), layers.Dense(9, "relu"), layers.Dense(5, "softmax"),
        shape=(8, 8, 1),
    )  # fmt: skip


def normalized() -> Any:
    """Three hidden layers, scaled before and after activations, two classes."""
    return chain(
        layers.Dense(8), layers.BatchNormalization(), layers.Activation("tanh"),
        layers.Dense(7, "sigmoid"), layers.BatchNormalization(), layers.Rescaling(2.0, 1.0),
        layers.GaussianNoise(0.1), layers.Dense(6), layers.Normalization(), layers.ReLU(),
        layers.AlphaDropout(0.1), layers.Dense(1, "sigmoid"),
    )  # fmt: skip


def residual() -> Any:
    """A front with branches."""
    start = keras.Input((12,))
    inner = layers.Dense(12, "gelu")(start)
    joined = layers.LayerNormalization()(layers.Add()([start, inner]))
    hidden = layers.Dense(9, "tanh")(joined)
    return keras.Model(start, layers.Dense(5)(hidden))


def embedded() -> Any:
    """Words, each a number below 20."""
    stack = [layers.Embedding(20, 3), layers.GlobalAveragePooling1D(), layers.Dense(9, "relu")]
    return chain(*stack, layers.Dense(5), layers.Softmax())


CASES: dict[str, tuple[Callable[[], Any], tuple, list[str]]] = {
    "plain": (
        lambda: chain(layers.Flatten(), layers.Dense(9, "relu"), layers.Dense(5), shape=(3, 4)),
        (12, 9, 5), [],
    ),
    "convolutions": (convolutions, (36, 9, 5), ["Conv2D", "MaxPooling2D"]),
    "normalised": (normalized, (12, 8, 7, 6, 2), []),
    "rescaled first": (
        lambda: chain(layers.Rescaling(3.0), layers.Dense(9, "relu"), layers.Dense(5)),
        (12, 9, 5), ["Rescaling"],
    ),
    "another activation first": (
        lambda: chain(layers.Dense(7, "gelu"), layers.Dense(9, "relu"), layers.Dense(5)),
        (7, 9, 5), ["Dense"],
    ),
    "residual": (residual, (12, 9, 5), ["Dense", "Add", "LayerNormalization"]),
    "words": (embedded, (3, 9, 5), ["Embedding", "GlobalAveragePooling1D"]),
    "channels first": (
        lambda: chain(
            layers.Flatten("channels_first"), layers.Dense(9, "relu"), layers.Dense(5),
            shape=(2, 2, 3),
        ),
        (12, 9, 5), ["Flatten"],
    ),
}  # fmt: skip


def samples(model: Any, n: int = 60) -> np.ndarray:
    """[n, values]; whole numbers, as words are."""
    width = int(np.prod(model.input_shape[1:]))
    return np.random.default_rng(1).integers(0, 20, (n, width)).astype(np.float32) / 4 // 0.5


def predicted(model: Any, x: np.ndarray) -> np.ndarray:
    return model.predict(x.reshape(-1, *model.input_shape[1:]), verbose=0)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[own_models.Divided, tuple, list[str]]:
    make, sizes, front = CASES[request.param]
    return own_models.divided(make()), sizes, front


def test_a_model_is_a_front_and_a_network_with_the_outputs_of_keras(case):
    parts, sizes, front = case
    assert parts.network.sizes == sizes
    assert parts.front_layers == front
    x = samples(parts.model)
    own_models.check_agreement(parts, x)
    given = parts.front(x) if front else x
    assert (parts.front is None) == (not front)
    end = keras.Model(parts.given, parts.model.outputs[0])
    expected = end.predict(given, verbose=0)
    np.testing.assert_allclose(predicted(parts.model, x), expected, atol=1e-6)
    guessed = expected[:, 0] > 0.5 if sizes[-1] == 2 else expected.argmax(axis=1)
    np.testing.assert_array_equal(parts.network.predict(given), guessed)


def test_a_pruned_network_goes_back_behind_its_front(case, tmp_path):
    parts, _, front = case
    x = samples(parts.model)
    given = parts.front(x) if front else x
    np.testing.assert_allclose(
        predicted(own_models.rejoined(parts, parts.network), x), predicted(parts.model, x),
        atol=1e-5,
    )  # fmt: skip
    before = parts.model.get_weights()
    moments = surgery.Moments(parts.network.forward(given)[1])
    pruned = surgery.remove(parts.network, 1, [0, 3], "mean", moments)
    model = own_models.rejoined(parts, pruned)
    logits = pruned.forward(given)[-1]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    shown = logits if own_models.ends_in_probabilities(parts.end) is False else probabilities
    np.testing.assert_allclose(predicted(model, x), shown[:, -model.output_shape[-1] :], atol=1e-5)
    model.compile("sgd", "mse")
    model.fit(x.reshape(-1, *model.input_shape[1:]), predicted(model, x) * 0, verbose=0)
    for old, new in zip(before, parts.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)  # nothing is shared
    for suffix in ("keras", "h5"):
        file = tmp_path / f"pruned.{suffix}"
        model.save(file)
        again = model_files.load(file)
        np.testing.assert_array_equal(predicted(again, x), predicted(model, x))
        assert own_models.divided(again).network.hidden == pruned.hidden


def test_a_network_that_does_not_fit_is_not_put_back():
    parts = own_models.divided(CASES["plain"][0]())
    with pytest.raises(NetworkError, match=r"\(9, 5\) does not fit .* \(12, 9, 5\)"):
        own_models.rejoined(parts, parts.network.after(1))


def test_each_layer_keeps_its_activation_when_it_is_trained_on(small_digits):
    model = chain(layers.Dense(6, "tanh"), layers.Dense(5, "relu"), layers.Dense(10), shape=(49,))
    network = own_models.divided(model).network
    start, after = retrain(network, small_digits.train, Recipe((6, 5), "sigmoid"), 1, seed=0)
    assert start is network
    assert after.activations == ("tanh", "relu")
    assert np.abs(after.kernels[0] - network.kernels[0]).max() > 0


def test_what_a_front_gives_is_kept_and_read_as_it_is_needed(tmp_path, small_digits):
    model = chain(layers.Dense(7, "gelu"), layers.Dense(9, "relu"), layers.Dense(10), shape=(49,))
    parts = own_models.divided(model)
    inputs.save(tmp_path, [None, parts.front], small_digits)
    assert inputs.given(tmp_path, 0, small_digits) is small_digits
    given = inputs.given(tmp_path, 1, small_digits)
    assert isinstance(given.train.images, np.memmap)
    assert (given.image_shape, given.has_images) == ((7,), False)
    assert given.test.labels is small_digits.test.labels
    gelu = keras.activations.gelu(
        small_digits.test.images @ model.layers[0].kernel + model.layers[0].bias
    )
    np.testing.assert_allclose(given.test.images, gelu, atol=1e-6)
    inputs.save(tmp_path, [None], small_digits)
    assert not [*tmp_path.iterdir()]


def test_a_damaged_file_of_inputs_is_named(tmp_path, small_digits):
    inputs.save(tmp_path, [lambda images: images[:, :3]], small_digits)
    (tmp_path / "inputs-00-validation.npy").write_bytes(b"x")
    with pytest.raises(
        NetworkError, match=r"inputs-00-validation\.npy cannot be read .* 01-train"
    ):
        inputs.given(tmp_path, 0, small_digits)


def test_a_file_of_keras_2_gives_the_network_it_holds():
    model = model_files.load(KERAS_2)
    parts = own_models.divided(model)
    assert parts.network.sizes == (64, 16, 12, 10)
    assert parts.network.activations == ("relu", "tanh")
    own_models.check_agreement(parts, samples(model))


def saved(model: Any, name: str) -> Callable[[Path], Path]:
    def save(folder: Path) -> Path:
        model().save(folder / name)
        return folder / name

    return save


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def truncated(folder: Path) -> Path:
    whole = saved(convolutions, "whole.keras")(folder).read_bytes()
    return written("half.keras", whole[: len(whole) // 2])(folder)


def without_configuration(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "empty.keras", "w") as file:
        file.writestr("metadata.json", "{}")
    return folder / "empty.keras"


def weights_only(folder: Path) -> Path:
    convolutions().save_weights(folder / "only.weights.h5")
    return folder / "only.weights.h5"


@keras.saving.register_keras_serializable("tests")
class Doubled(layers.Layer):
    def call(self, x: Any) -> Any:
        return 2 * x


def forgotten_class(folder: Path) -> Path:
    file = saved(lambda: chain(Doubled(), layers.Dense(4, "relu"), layers.Dense(3)), "a.keras")
    path = file(folder)
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(folder / "b.keras", "w") as changed:
        for name in given.namelist():
            content = given.read(name)
            if name == "config.json":
                content = content.replace(b"tests>Doubled", b"nobody>Knows").replace(
                    b'"Doubled"', b'"Knows"'
                )
            changed.writestr(name, content)
    return folder / "b.keras"


def lambda_layer() -> Any:
    return chain(layers.Lambda(lambda x: 2 * x), layers.Dense(4, "relu"), layers.Dense(3))


WRONG_FILES = {
    "no model": (lambda folder: folder / "none.keras", ["no model", "none.keras", "looked for"]),
    "a folder": (lambda folder: folder, ["no model", "looked for"]),
    "empty": (written("a.keras", b""), ["a.keras", "BadZipFile", "model.save"]),
    "empty h5": (written("a.h5", b""), ["a.h5", "OSError", "model.save"]),
    "text": (written("a.keras", b"<html>403</html>"), ["a.keras", "BadZipFile"]),
    "an image": (written("a.h5", b"\x89PNG"), ["a.h5", "model.save"]),
    "half a file": (truncated, ["half.keras", "model.save"]),
    "no configuration": (without_configuration, ["empty.keras", "KeyError", "model.save"]),
    "weights only": (weights_only, ["only.weights.h5", "holds no model", "model.save"]),
    "a Lambda": (saved(lambda_layer, "a.keras"), ["a.keras", "Lambda layer", "code"]),
    "a Lambda in h5": (saved(lambda_layer, "a.h5"), ["a.h5", "Lambda layer", "code"]),
    "a class of somebody's": (forgotten_class, ["b.keras", "'Knows'", "not one of Keras' own"]),
}


@pytest.mark.parametrize("what", WRONG_FILES)
def test_a_wrong_file_is_refused_and_left_as_it_is(what, tmp_path):
    make, said = WRONG_FILES[what]
    path = make(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    with pytest.raises(NetworkError) as refused:
        model_files.load(model_files.find(str(path)))
    for words in said:
        assert words in str(refused.value)
    assert {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before


def test_a_file_is_found_beside_the_images(tmp_path, monkeypatch):
    saved(convolutions, "mine.keras")(tmp_path)
    monkeypatch.setenv("NEURON_STUDY_DATA", str(tmp_path))
    assert model_files.find("mine.keras") == tmp_path / "mine.keras"
    assert paths.find_file("other.keras")[0] is None


def two_outputs() -> Any:
    start = keras.Input((12,))
    hidden = layers.Dense(4, "relu")(start)
    return keras.Model(start, [layers.Dense(3)(hidden), layers.Dense(3)(hidden)])


def two_inputs() -> Any:
    starts = [keras.Input((6,)), keras.Input((6,))]
    hidden = layers.Dense(4, "relu")(layers.Concatenate()(starts))
    return keras.Model(starts, layers.Dense(3)(hidden))


def joined_at_the_end() -> Any:
    start = keras.Input((12,))
    branches = [layers.Dense(3)(layers.Dense(4, "relu")(start)) for _ in range(2)]
    return keras.Model(start, layers.Add(name="suspect")(branches))


def after(*suspects: Any) -> Callable[[], Any]:
    return lambda: chain(layers.Dense(6, "relu"), *suspects, layers.Dense(5, name="last"))


WRONG_MODELS = {
    "no hidden layer": (
        lambda: chain(layers.Flatten(), layers.Dense(3), shape=(3, 4)), "no hidden Dense layer",
    ),
    "a convolution at the end": (
        lambda: chain(layers.Conv2D(3, 3), layers.Flatten(), shape=(8, 8, 1)), "must|studied",
    ),
    "another activation": (after(layers.Activation("elu", name="suspect")), "suspect.*elu"),
    "normalised by sample": (after(layers.LayerNormalization(name="suspect")), "suspect"),
    "one linear output": (lambda: chain(layers.Dense(4, "relu"), layers.Dense(1)), "sigmoid"),
    "many sigmoids": (
        lambda: chain(layers.Dense(4, "relu"), layers.Dense(3, "sigmoid")), "one neuron",
    ),
    "rows of rows": (
        lambda: chain(layers.Dense(4, "relu"), layers.Dense(3, name="suspect"), shape=(3, 4)),
        "suspect.*rows of numbers",
    ),
    "two outputs": (two_outputs, "1 inputs and 2 outputs"),
    "two inputs": (two_inputs, "2 inputs and 1 outputs"),
    "branches at the end": (joined_at_the_end, "suspect.*joins 2 branches"),
    "no weights yet": (lambda: keras.Sequential([layers.Dense(3)]), "built"),
    "no model": (lambda: layers.Dense(3), "not Dense"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG_MODELS)
def test_a_model_that_cannot_be_studied_is_refused_by_what_is_in_the_way(what):
    make, said = WRONG_MODELS[what]
    with pytest.raises(NetworkError, match=said):
        own_models.divided(make())


def test_a_model_in_half_precision_is_refused_by_the_layer_it_parts_with():
    policy = keras.dtype_policies.DTypePolicy("mixed_float16")
    model = chain(
        layers.Dense(6, "relu"), layers.Dense(50, "relu", dtype=policy, name="suspect"),
        layers.Dense(5),
    )  # fmt: skip
    with pytest.raises(NetworkError, match=r"layer 'suspect' on, .* half precision"):
        own_models.check_agreement(own_models.divided(model), samples(model))


@pytest.mark.parametrize(("shape", "n_classes", "said"), [
    ((8, 8), 10, "has 5 classes, the data set 10"),
    ((28, 28), 5, r"\(8, 8, 1\), those of the data set have \(28, 28\)"),
])  # fmt: skip
def test_a_model_for_other_data_is_refused(shape, n_classes, said):
    parts = own_models.divided(convolutions())
    own_models.check_takes(parts, (8, 8), 5)
    with pytest.raises(NetworkError, match=said):
        own_models.check_takes(parts, shape, n_classes)


def test_images_of_the_front_are_those_of_the_data_set(tmp_path, small_digits: Dataset):
    """Every split goes through the front, in its own order."""
    seen = []

    def front(images: np.ndarray) -> np.ndarray:
        seen.append(len(images))
        return images[:, ::-1]

    inputs.save(tmp_path, [front], small_digits)
    given = inputs.given(tmp_path, 0, small_digits)
    for name in inputs.SPLITS:
        split = getattr(small_digits, name)
        np.testing.assert_array_equal(getattr(given, name).images, split.images[:, ::-1])
    assert seen == [len(getattr(small_digits, name).labels) for name in inputs.SPLITS]

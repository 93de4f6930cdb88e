"""Copies of Keras models, some of whose layers have other settings, with what users wrote in them.

Keras copies by name: a function of one's own that is not registered ends a copy. Here functions,
losses and metrics are carried over as the objects they are.
"""

import warnings
from collections.abc import Mapping
from typing import Any

from utils.networks.backend import keras
from utils.networks.keras_models import kind, refused
from utils.networks.network import NetworkError

Settings = Mapping[Any, dict[str, Any]]
_OBJECTS = ("activation", "regularizer", "constraint", "initializer")


def copied(model: Any, settings: Settings) -> tuple[Any, dict[Any, Any]]:
    """A copy of a Sequential or functional model, and the copy of every layer in it, by layer.

    `settings`: for layers that change, what replaces their settings. These start with Keras' usual
    initializers, the others with the weights of `model`. Models used as layers are copied with
    what is in them. Not compiled. Raises NetworkError for layers and classes of models that cannot
    be made anew.
    """
    copies: dict[Any, Any] = {}

    def of_layer(old: Any) -> Any:
        if isinstance(old, keras.Model) and getattr(old, "outputs", None):
            return of_model(old)
        copies[old] = copied_layer(old, settings.get(old))
        return copies[old]

    def of_model(old: Any) -> Any:
        if isinstance(old, keras.Sequential):
            starts = [_input(tensor) for tensor in old.inputs]
            new = keras.Sequential([*starts, *map(of_layer, old.layers)], name=old.name)
        else:
            # a view, since Keras would compile the copy of a compiled model, by name
            view = keras.Model(old.input, old.output)
            starts = keras.tree.map_structure(_input, view.input)
            new = keras.models.clone_model(view, starts, of_layer)
            new = _as(type(old), new, old)
        if not old.trainable:
            new.trainable = False
        return new

    new = of_model(model)
    for old, copy in copies.items():
        if old not in settings and getattr(old, "weights", None):
            try:
                copy.set_weights(old.get_weights())
            except ValueError as error:
                raise refused(old, f"cannot be copied: {first_line(error)}") from error
            if hasattr(copy, "finalize_state"):  # as Normalization, which computes from weights
                copy.finalize_state()
    return new, copies


def copied_layer(old: Any, settings: dict[str, Any] | None = None) -> Any:
    """A new layer like `old`, without its weights; with `settings`, of another shape.

    Raises NetworkError, with the layer's name, if it cannot be made from its settings.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*lambda")  # the object is passed on, not code
        try:
            config = _config(old)
            for key in list(config):
                if settings is not None and key.endswith("initializer"):
                    del config[key]  # may hold an array of the old shape
                elif key.endswith(_OBJECTS):
                    value = getattr(old, key, config[key])
                    config[key] = copied_layer(value) if isinstance(value, keras.Layer) else value
            if type(old) is keras.layers.Lambda:
                shape = old._output_shape
                own = {"function": old.function, "mask": old.mask, "output_shape": shape}
                return keras.layers.Lambda(**{**config, **own, "arguments": old.arguments})
            return type(old).from_config({**config, **(settings or {})})
        except NetworkError:
            raise
        except Exception as error:
            raise refused(
                old, f"is a {kind(old)} that cannot be copied: {first_line(error)}"
            ) from error


def _config(layer: Any) -> dict[str, Any]:
    """The layer's settings, also where it holds what has no name, as a partial function."""
    try:
        return layer.get_config()
    except TypeError:
        if not type(layer).__module__.startswith("keras."):
            raise  # what such a layer writes into its settings, and by which key, is not known
    twin = object.__new__(type(layer))  # the layer itself is left alone
    held = {key for key, one in vars(layer).items() if key.endswith(_OBJECTS) and callable(one)}
    twin.__dict__.update(vars(layer) | dict.fromkeys(held, keras.activations.linear))
    return twin.get_config()


def compile_as(new: Any, old: Any) -> None:
    """Compile `new` as `old` is: its loss and metrics, the same objects, and a new optimizer.

    Where that does not work, `new` stays as it is, and a warning says so.
    """
    if not old.compiled:
        return
    try:
        if type(old).compile is not keras.Model.compile:
            raise TypeError(f"{type(old).__name__} has a compile of its own")
        settings = dict(old._compile_config.config)  # the objects; get_compile_config has names
        optimizer = settings.get("optimizer") or old.optimizer  # saved as .h5, it is out of them
        config = optimizer.get_config()
        schedule = getattr(optimizer, "_learning_rate", None)
        if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
            config["learning_rate"] = schedule
        new.compile(**{**settings, "optimizer": type(optimizer).from_config(config)})
    except Exception as error:
        warnings.warn(
            f"the smaller model is not compiled, call its compile: {first_line(error)}",
            stacklevel=3,
        )


def _input(tensor: Any) -> Any:
    return keras.Input(
        batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor._keras_history[0].name
    )


def _as(kind_of_model: type, new: Any, old: Any) -> Any:
    """`new` as a model of that class, which may train in a way of its own."""
    try:
        return kind_of_model(new.input, new.output, name=old.name)
    except Exception as error:
        raise NetworkError(
            f"model {old.name!r} is a {kind_of_model.__name__}, which cannot be made of inputs "
            f"and outputs: {first_line(error)}"
        ) from error


def first_line(error: Exception) -> str:
    """What an error says, in one line that is not too long."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]

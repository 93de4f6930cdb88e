"""The Keras models that are trained."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from utils.networks.backend import keras
from utils.networks.keras_models import from_keras
from utils.networks.network import Network
from utils.networks.recipes import Recipe


def build(n_inputs: int, n_classes: int, recipe: Recipe, seed: int = 0) -> Any:
    """A Keras model: Dense (L2 on the kernel), batch normalisation, activation, dropout; logits.

    Weights start as `Recipe.initialization` says, drawn from `seed`.
    """
    layers = keras.layers
    widths = iter([n_inputs, *recipe.hidden])
    seeds = iter(np.random.SeedSequence(seed).generate_state(2 * len(recipe.hidden) + 1).tolist())
    regularizer = keras.regularizers.L2(recipe.l2) if recipe.l2 else None

    def dense(width: int) -> Any:
        kernel, bias = _starts(recipe.initialization, next(widths), next(seeds))
        return layers.Dense(
            width, kernel_initializer=kernel, bias_initializer=bias, kernel_regularizer=regularizer
        )

    same = isinstance(recipe.activation, str)
    activations = [recipe.activation] * len(recipe.hidden) if same else recipe.activation
    model = keras.Sequential([keras.Input((n_inputs,))])
    for width, activation in zip(recipe.hidden, activations, strict=True):
        model.add(dense(width))
        if recipe.batch_normalization:
            model.add(layers.BatchNormalization())
        model.add(layers.Activation(activation))
        if recipe.dropout:
            model.add(layers.Dropout(recipe.dropout, seed=next(seeds)))
    model.add(dense(n_classes))
    return model


def _starts(initialization: str, n_inputs: int, seed: int) -> tuple[Any, Any]:
    """Keras initializers of a layer's kernel and bias."""
    draw = keras.initializers
    if initialization == "truncated_normal":
        return draw.TruncatedNormal(stddev=0.1, seed=seed), "zeros"
    if initialization == "pytorch_uniform":
        limit = n_inputs**-0.5
        return tuple(draw.RandomUniform(-limit, limit, seed=seed + one) for one in range(2))
    return draw.GlorotUniform(seed), "zeros"


def keras_weights(network: Network) -> list[np.ndarray]:
    """In the order in which a Keras model has them that is built without batch normalisation."""
    return [a for pair in zip(network.kernels, network.biases, strict=True) for a in pair]


def recipe_of(network: Network, recipe: Recipe) -> Recipe:
    """`recipe` with the sizes that the network has."""
    return replace(
        recipe, hidden=network.hidden, activation=network.activations, batch_normalization=False
    )


class Kind(NamedTuple):
    """How networks of a kind are made from a recipe, and what reads them.

    build : a Keras model, from numbers of inputs and classes, a recipe and a seed
    read : the network in it
    recipe_of : by which a network is trained on, from it and the recipe of a larger one
    compiled : by XLA, which takes 20 times as long as TensorFlow for gradients of convolutions
    """

    build: Callable[..., Any]
    read: Callable[[Any], Network]
    recipe_of: Callable[[Any, Any], Any]
    compiled: bool = True


DENSE = Kind(build, from_keras, recipe_of)

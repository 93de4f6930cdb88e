"""Training by compiled epochs: Keras layers and Keras' Adam, one XLA program an epoch.

`model.fit` spends most of its time between steps. Here `train_epoch` takes a [steps, batch] array
of sample numbers and runs the whole epoch inside one `tf.function(jit_compile=True)`: the same
forward pass, loss, gradient and optimizer update, nothing in between. A program is compiled once
for an architecture and serves one network after another; several run side by side.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from utils.backend import keras, tf
from utils.conversion import from_keras
from utils.datasets import Dataset, Split
from utils.networks import Network


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a network is trained, except data, seed and duration."""

    hidden: tuple[int, ...]
    activation: str
    l2: float = 0.0
    dropout: float = 0.0
    batch_normalization: bool = False
    learning_rate: float = 1e-3
    batch_size: int = 32

    @classmethod
    def of(cls, parameters: Any) -> "Recipe":
        """The recipe in the parameters of notebook 01."""
        given = {field.name: getattr(parameters, field.name) for field in fields(cls)}
        return cls(**given | {"hidden": tuple(given["hidden"])})


def build(n_inputs: int, n_classes: int, recipe: Recipe, seed: int = 0) -> Any:
    """A Keras model: Dense (L2 on the kernel), batch normalisation, activation, dropout; logits.

    Kernels start Glorot uniform, drawn from `seed`; biases start at 0.
    """
    layers = keras.layers
    seeds = iter(np.random.SeedSequence(seed).generate_state(2 * len(recipe.hidden) + 1).tolist())
    regularizer = keras.regularizers.L2(recipe.l2) if recipe.l2 else None

    def dense(width: int) -> Any:
        start = keras.initializers.GlorotUniform(next(seeds))
        return layers.Dense(width, kernel_initializer=start, kernel_regularizer=regularizer)

    model = keras.Sequential([keras.Input((n_inputs,))])
    for width in recipe.hidden:
        model.add(dense(width))
        if recipe.batch_normalization:
            model.add(layers.BatchNormalization())
        model.add(layers.Activation(recipe.activation))
        if recipe.dropout:
            model.add(layers.Dropout(recipe.dropout, seed=next(seeds)))
    model.add(dense(n_classes))
    return model


class _Program:
    """One architecture's model, optimizer and compiled functions."""

    def __init__(self, n_samples: int, n_inputs: int, n_classes: int, recipe: Recipe) -> None:
        self.model = model = build(n_inputs, n_classes, recipe)
        self.optimizer = optimizer = keras.optimizers.Adam(recipe.learning_rate)
        optimizer.build(model.trainable_variables)
        self._fresh = [variable.numpy() for variable in optimizer.variables]
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        def step(images: Any, labels: Any, batch: Any) -> tuple[Any, Any]:
            x, y = tf.gather(images, batch), tf.gather(labels, batch)
            with tf.GradientTape() as tape:
                logits = model(x, training=True)
                loss = cross_entropy(y, logits)
                penalized = tf.add_n([loss, *model.losses])
            gradients = tape.gradient(penalized, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            hits = tf.reduce_sum(tf.cast(tf.argmax(logits, 1) == y, tf.int64))
            return loss * tf.cast(tf.size(batch), tf.float32), hits

        @tf.function(jit_compile=True)
        def train_epoch(images: Any, labels: Any, batches: Any, rest: Any) -> tuple[Any, Any]:
            loss, hits = tf.constant(0.0), tf.constant(0, tf.int64)
            if batches.shape[0]:  # XLA does not compile a loop over nothing
                for batch in batches:
                    step_loss, step_hits = step(images, labels, batch)
                    loss, hits = loss + step_loss, hits + step_hits
            if rest.shape[0]:
                step_loss, step_hits = step(images, labels, rest)
                loss, hits = loss + step_loss, hits + step_hits
            return loss, hits

        signature = [
            tf.TensorSpec(shape, dtype)
            for shape, dtype in (
                ((n_samples, n_inputs), tf.float32),
                ((n_samples,), tf.int64),
                ((n_samples // recipe.batch_size, recipe.batch_size), tf.int32),
                ((n_samples % recipe.batch_size,), tf.int32),
            )
        ]
        self.train_epoch = train_epoch.get_concrete_function(*signature)

    def restart(self, weights: list[np.ndarray], seed: int) -> None:
        """Weights as given, the optimizer as new, dropout drawn from `seed`."""
        self.model.set_weights(weights)
        of_layers = {id(variable) for variable in self.model.weights}
        generators = [v for v in self.model.variables if id(v) not in of_layers]
        starts = np.random.SeedSequence(seed).generate_state(len(generators))
        for state, start in zip(generators, starts, strict=True):  # [start, calls so far]
            state.assign(np.array([start, 0], np.uint32))
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)


_idle: dict[tuple, list[_Program]] = defaultdict(list)
_building = threading.Lock()


@contextmanager
def _program(*architecture: Any) -> Iterator[_Program]:
    """A compiled program nobody else is using; made when there is none, kept afterwards."""
    with _building:
        free = _idle[architecture]
        program = free.pop() if free else _Program(*architecture)
    try:
        yield program
    finally:
        free.append(program)


def train(
    weights: list[np.ndarray], split: Split, n_classes: int, recipe: Recipe, epochs: int, seed: int
) -> Iterator[tuple[Network, float, int]]:
    """Train from `weights` (in the order of `build`'s `get_weights`); yield after every epoch.

    Yields the network, and over the epoch that led to it the mean cross-entropy in nats (without
    the L2 penalty) and the number of correct predictions; NaN and 0 before the first. `seed`
    decides the order of the samples, new in every epoch. Adam starts with fresh moments.
    """
    rng = np.random.default_rng(seed)
    images, labels = tf.constant(split.images), tf.constant(split.labels)
    n_samples, n_inputs = split.images.shape
    with _program(n_samples, n_inputs, n_classes, recipe) as program:
        program.restart(weights, seed)
        yield from_keras(program.model), np.nan, 0
        for _ in range(epochs):
            batches = _batches(rng.permutation(n_samples), recipe.batch_size)
            loss, hits = program.train_epoch(images, labels, *batches)
            yield from_keras(program.model), float(loss) / n_samples, int(hits)


def _batches(order: np.ndarray, size: int) -> tuple[Any, Any]:
    """Sample numbers as [steps, size] and the rest, which is a smaller last step."""
    steps = len(order) // size
    order = tf.constant(order.astype(np.int32))
    return tf.reshape(order[: steps * size], (steps, size)), order[steps * size :]


def replicate_course(
    dataset: Dataset, recipe: Recipe, epochs: int, seed: int, replicate: int
) -> Iterator[tuple[Network, float, int]]:
    """The course (see `train`) of replicate `replicate` of base seed `seed`.

    It is the same however many replicates there are, and whichever are trained beside it.
    """
    initial, order = np.random.SeedSequence([seed, replicate]).generate_state(2).tolist()
    model = build(dataset.train.images.shape[1], dataset.n_classes, recipe, initial)
    return train(model.get_weights(), dataset.train, dataset.n_classes, recipe, epochs, order)


def train_replicate(
    dataset: Dataset, recipe: Recipe, epochs: int, seed: int, replicate: int
) -> tuple[Network, pd.DataFrame]:
    """Replicate `replicate` after `epochs`, and its learning curve.

    The curve has the columns epoch, split, loss (nats), n_correct, n_samples. The row of the
    training split is the running mean over the epoch, as Keras reports it; epoch 0 has none.
    """
    rows: list[tuple] = []
    course = replicate_course(dataset, recipe, epochs, seed, replicate)
    for epoch, (network, train_loss, train_hits) in enumerate(course):
        if epoch:
            rows.append((epoch, "train", train_loss, train_hits, len(dataset.train.labels)))
        for name, split in (("validation", dataset.validation), ("test", dataset.test)):
            hits, loss = score(network.forward(split.images)[-1], split.labels)
            rows.append((epoch, name, loss, hits, len(split.labels)))
    columns = ["epoch", "split", "loss", "n_correct", "n_samples"]
    return network, pd.DataFrame(rows, columns=columns).round({"loss": 6})


def score(logits: np.ndarray, labels: np.ndarray) -> tuple[int, float]:
    """Correct predictions and mean cross-entropy in nats of logits [n, classes], labels [n]."""
    log_likelihood = log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
    return int((logits.argmax(axis=1) == labels).sum()), -float(log_likelihood.mean())


def retrain(
    network: Network, split: Split, recipe: Recipe, epochs: int, seed: int
) -> list[Network]:
    """`network` as it is, then after each of `epochs` further epochs; itself unchanged.

    The recipe's L2, dropout and optimizer settings stay; the sizes are the network's own, and
    batch normalisation, folded into its weights, is no layer any more.
    """
    smaller = replace(recipe, hidden=network.hidden, batch_normalization=False)
    weights = [a for pair in zip(network.kernels, network.biases, strict=True) for a in pair]
    course = train(weights, split, network.sizes[-1], smaller, epochs, seed)
    return [network, *[trained for trained, _, _ in course][1:]]

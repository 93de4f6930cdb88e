"""Compiled epochs: Keras layers and Keras' Adam, one XLA program an epoch.

`model.fit` spends most of its time between steps. Here `train_epoch` takes a [steps, batch] array
of sample numbers and runs the whole epoch inside one `tf.function(jit_compile=True)`: the same
forward pass, loss, gradient and optimizer update, nothing in between. A program is compiled once
for an architecture and serves one network after another; several run side by side.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

import numpy as np

from utils.networks.backend import keras, tf, traced
from utils.networks.building import DENSE, Kind
from utils.networks.datasets import Split


class _Program:
    """One architecture's model, optimizer and compiled functions."""

    def __init__(
        self, n_samples: int, n_inputs: int, n_classes: int, recipe: Any, kind: Kind = DENSE
    ) -> None:
        self.model = model = kind.build(n_inputs, n_classes, recipe)
        self.optimizer = optimizer = keras.optimizers.Adam(recipe.learning_rate)
        optimizer.build(model.trainable_variables)
        self._fresh = [variable.numpy() for variable in optimizer.variables]
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        size, n_full = recipe.batch_size, n_samples - n_samples % recipe.batch_size

        def step(images: Any, labels: Any, batch: Any, totals: tuple) -> tuple[Any, Any]:
            x = tf.reshape(tf.gather(images, batch), (-1, *model.input_shape[1:]))
            y = tf.gather(labels, batch)
            with tf.GradientTape() as tape:
                logits = model(x, training=True)
                loss = cross_entropy(y, logits)
                penalized = tf.add_n([loss, *model.losses])
            gradients = tape.gradient(penalized, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            hits = tf.reduce_sum(tf.cast(tf.argmax(logits, 1) == y, tf.int64))
            return totals[0] + loss * tf.cast(tf.size(batch), tf.float32), totals[1] + hits

        @tf.function(jit_compile=kind.compiled)
        def train_epoch(images: Any, labels: Any, order: Any) -> tuple[Any, Any]:
            """Summed cross-entropy and hits over the samples in `order`, each before its step."""
            totals = tf.constant(0.0), tf.constant(0, tf.int64)
            if n_full:  # XLA does not compile a loop over nothing
                for batch in tf.reshape(order[:n_full], (-1, size)):
                    totals = step(images, labels, batch, totals)
            rest = order[n_full:]
            return step(images, labels, rest, totals) if n_full < n_samples else totals

        self.train_epoch = partial(traced, train_epoch)

    def restart(self, weights: list[np.ndarray], seed: int) -> None:
        """Weights as given, the optimizer as new, dropout drawn from `seed`."""
        self.model.set_weights(weights)
        dropouts = [one for one in self.model.layers if isinstance(one, keras.layers.Dropout)]
        starts = np.random.SeedSequence(seed).generate_state(len(dropouts))
        for layer, start in zip(dropouts, starts, strict=True):  # [start, calls so far]
            layer.seed_generator.state.assign(np.array([start, 0], np.uint32))
        for variable, value in zip(self.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)


_idle: dict[tuple, list[_Program]] = defaultdict(list)
_building = threading.Lock()


@contextmanager
def program(*architecture: Any) -> Iterator[_Program]:
    """A compiled program nobody else is using; made when there is none, kept afterwards."""
    with _building:
        free = _idle[architecture]
        one = free.pop() if free else _Program(*architecture)
    try:
        yield one
    finally:
        free.append(one)


def tensors(split: Split) -> tuple[Any, Any]:
    """Images and labels as TensorFlow has them: copied once, not for every network."""
    with _building:
        return _copied(split)


@lru_cache(maxsize=1)
def _copied(split: Split) -> tuple[Any, Any]:
    return tf.constant(split.images), tf.constant(split.labels)

"""Training by compiled epochs: Keras layers and Keras' Adam, one XLA program an epoch.

`model.fit` spends most of its time between steps. Here `train_epoch` takes a [steps, batch] array
of sample numbers and runs the whole epoch inside one `tf.function(jit_compile=True)`: the same
forward pass, loss, gradient and optimizer update, nothing in between. A program is compiled once
for an architecture and serves one network after another; several run side by side.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from utils.networks.backend import keras, tf, traced
from utils.networks.datasets import Dataset, Split
from utils.networks.keras_models import DENSE, Kind, keras_weights
from utils.networks.network import Network
from utils.networks.recipes import Recipe

Look = Callable[[int, Network], None]


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
    weights: list[np.ndarray],
    split: Split,
    n_classes: int,
    recipe: Any,
    epochs: int,
    seed: int,
    kind: Kind = DENSE,
) -> Iterator[tuple[Network, float, int]]:
    """Train from `weights` (in the order of `build`'s `get_weights`); yield after every epoch.

    Yields the network, and over the epoch that led to it the mean cross-entropy in nats (without
    the L2 penalty) and the number of correct predictions; NaN and 0 before the first. `seed`
    decides the order of the samples, new in every epoch. Adam starts with fresh moments.
    """
    rng = np.random.default_rng(seed)
    images, labels = tf.constant(split.images), tf.constant(split.labels)
    with _program(*split.images.shape, n_classes, recipe, kind) as program:
        program.restart(weights, seed)
        yield kind.read(program.model), np.nan, 0
        for _ in range(epochs):
            order = tf.constant(rng.permutation(len(split.labels)).astype(np.int32))
            loss, hits = program.train_epoch(images, labels, order)
            yield kind.read(program.model), float(loss) / len(split.labels), int(hits)


def replicate_course(
    dataset: Dataset, recipe: Any, epochs: int, seed: int, replicate: int, kind: Kind = DENSE
) -> Iterator[tuple[Network, float, int]]:
    """The course (see `train`) of a replicate, the same whichever others are trained."""
    initial, order = np.random.SeedSequence([seed, replicate]).generate_state(2).tolist()
    model = kind.build(dataset.train.images.shape[1], dataset.n_classes, recipe, initial)
    given = model.get_weights(), dataset.train, dataset.n_classes
    return train(*given, recipe, epochs, order, kind)


def best_of_last(
    course: Iterable[tuple[int, Network, int]], n_epochs: int
) -> Iterator[tuple[int, Network]]:
    """After every epoch the one to keep so far, and its network: a rule against bad last epochs.

    course : epoch, network, correct predictions of validation images. Of the last `n_epochs`
        epochs (all, if fewer) the one with most of these is kept, of equal ones the earliest
    """
    last = deque(maxlen=n_epochs)
    for one in course:
        last.append(one)
        epoch, network, _ = max(last, key=itemgetter(2))
        yield epoch, network


def train_replicate(
    dataset: Dataset,
    recipe: Any,
    epochs: int,
    seed: int,
    replicate: int,
    kept_of_last: int = 1,
    look: Look = lambda epoch, network: None,
    kind: Kind = DENSE,
) -> tuple[Network, pd.DataFrame]:
    """Replicate `replicate` as it is kept, and its learning curve; see `followed`.

    Networks are looked at, and kept, with weights and biases in half precision; training goes on
    from the unrounded ones.
    """
    course = replicate_course(dataset, recipe, epochs, seed, replicate, kind)
    rounded = ((network.rounded(), loss, hits) for network, loss, hits in course)
    return followed(rounded, dataset, kept_of_last, look)


def followed(
    course: Iterable[tuple[Network, float, int]], dataset: Dataset, kept_of_last: int, look: Look
) -> tuple[Network, pd.DataFrame]:
    """The network that `best_of_last` keeps of a course (see `train`), and its learning curve.

    `look` is called with every epoch, 0 before training, and its network. The curve has the
    columns epoch, split, loss (nats), n_correct, n_samples, kept (1: the epoch whose network it
    is). The row of the training split is the running mean over the epoch, as Keras reports it;
    epoch 0 has none, and is kept only if there is no other.
    """
    rows = []

    def scored() -> Iterator[tuple[int, Network, int]]:
        for epoch, (network, train_loss, train_hits) in enumerate(course):
            look(epoch, network)
            if epoch:
                rows.append((epoch, "train", train_loss, train_hits, len(dataset.train.labels)))
            hits = {}
            for name, split in (("validation", dataset.validation), ("test", dataset.test)):
                hits[name], loss = score(network.forward(split.images)[-1], split.labels)
                rows.append((epoch, name, loss, hits[name], len(split.labels)))
            yield epoch, network, hits["validation"]

    every = scored()
    untrained = next(every)[:2]
    *_, (kept, network) = chain([untrained], best_of_last(every, kept_of_last))
    curve = pd.DataFrame(rows, columns=["epoch", "split", "loss", "n_correct", "n_samples"])
    return network, curve.round({"loss": 6}).assign(kept=(curve["epoch"] == kept).astype(int))


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
    smaller = replace(
        recipe, hidden=network.hidden, activation=network.activations, batch_normalization=False
    )
    course = train(keras_weights(network), split, network.sizes[-1], smaller, epochs, seed)
    return [network, *[trained for trained, _, _ in course][1:]]

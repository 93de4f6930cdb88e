"""Training: courses of replicates, which epoch of them is kept, learning curves, retraining."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from utils.networks.backend import tf
from utils.networks.building import DENSE, Kind, keras_weights
from utils.networks.datasets import Dataset, Split
from utils.networks.network import Network
from utils.networks.programs import program, tensors

Look = Callable[[int, Network], None]


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
    images, labels = tensors(split)
    with program(*split.images.shape, n_classes, recipe, kind) as one:
        one.restart(weights, seed)
        yield kind.read(one.model), np.nan, 0
        for _ in range(epochs):
            order = tf.constant(rng.permutation(len(split.labels)).astype(np.int32))
            loss, hits = one.train_epoch(images, labels, order)
            yield kind.read(one.model), float(loss) / len(split.labels), int(hits)


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
    network: Network, split: Split, recipe: Any, epochs: int, seed: int, kind: Kind = DENSE
) -> list[Network]:
    """`network` as it is, then after each of `epochs` further epochs; itself unchanged.

    The recipe's L2, dropout and optimizer settings stay; the sizes are the network's own, and
    batch normalisation, folded into its weights, is no layer any more.
    """
    smaller = kind.recipe_of(network, recipe)
    course = train(keras_weights(network), split, network.sizes[-1], smaller, epochs, seed, kind)
    return [network, *[trained for trained, _, _ in course][1:]]

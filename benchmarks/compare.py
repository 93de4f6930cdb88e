"""Our code and the plain way side by side: seconds, their ratio, and equal results."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import numpy as np
from scipy import stats

from benchmarks import bits, naive
from benchmarks.common import Call, Row, Setting, timed
from utils.networks import training
from utils.networks.network import layer_scopes
from utils.networks.recipes import Recipe
from utils.removal import ablation, orders
from utils.study import parallel

RECIPE = Recipe((100, 100), "sigmoid")
TOLERATED = 2  # of 10,000 predictions: logits of near ties differ in the last digit


@contextmanager
def plain_process(setting: Setting) -> Iterator[Call]:
    """A function that runs another one in a fresh process, where TensorFlow has all cores."""
    objects = {"dataset": setting.data, "network": setting.network, "means": setting.means}
    with ProcessPoolExecutor(1, get_context("spawn"), naive.use_all_cores) as pool:

        def call(function: Call, *arguments: Any, **options: Any) -> Any:
            return pool.submit(function, *arguments, **options).result()

        call(naive.start, **objects, recipe=RECIPE)
        yield call


def epoch(setting: Setting, call: Call, epochs: int = 20, every: int = 6) -> tuple[Row, float]:
    """Our epochs, compilation included, with one of `fit` after each `every` of ours.

    Also returns the test accuracy after the first epoch of `fit`.
    """
    _, fitted = call(naive.fit_epoch)  # traces
    course = training.replicate_course(setting.data, RECIPE, epochs, 0, 0)
    ours, _ = timed(next, course)
    plain = []
    for number in range(epochs):
        ours += timed(next, course)[0]
        if number % every == every - 1:
            plain.append(call(naive.fit_epoch)[0])
    what = f"one epoch of training (compilation counted over {epochs} epochs)"
    against = "`model.fit` with its defaults, after its first epoch"
    return Row(what, against, plain, [ours / epochs], 8, f"{epochs}, {len(plain)} of fit"), fitted


def replicates(
    setting: Setting, call: Call, fitted: float, number: int = 10, repetitions: int = 2
) -> Row:
    """Networks for an epoch; their accuracies are checked against `fitted`, that of `fit`."""

    def correct(replicate: int) -> int:
        _, curve = training.train_replicate(setting.data, RECIPE, 1, 0, replicate)
        return curve.query("epoch == 1 and split == 'test'")["n_correct"].item()

    def side_by_side(number: int) -> list[int]:
        return parallel.run(correct, range(number), "")

    side_by_side(parallel.n_workers())  # compiles
    ours, plain = [], []
    for _ in range(repetitions):
        seconds, hits = timed(side_by_side, number)
        ours.append(seconds)
        plain.append(call(naive.train_in_a_row, number, 1))
    accuracy = np.array(hits) / len(setting.data.test.labels)
    margin = stats.t.ppf(0.9995, number - 1) * accuracy.std(ddof=1) * np.sqrt(1 + 1 / number)
    if not abs(fitted - accuracy.mean()) <= margin:
        raise AssertionError(f"fit reaches {fitted:.4f}, ours {accuracy.round(4).tolist()}")
    against = f"{number} in a row by our own code, TensorFlow on all cores"
    return Row(f"{number} networks, one epoch", against, plain, ours, 1.3, f"{repetitions}")


def curve(
    setting: Setting, call: Call, what: str, chosen: np.ndarray, target: float, n_orders: int,
    repetitions: int = 4, ablate: Call = ablation.cumulative_ablation,
) -> Row:  # fmt: skip
    """A curve of cumulative ablation, bias-balanced; counts are compared at every step."""
    test, n_steps = setting.data.test, len(chosen)
    drawn = chosen[orders.random_orders(n_steps, n_orders, (0,))]
    removed = [drawn[0, :step] for step in range(n_steps + 1)]

    def correct(part: np.ndarray) -> np.ndarray:
        return ablate(setting.network, test.images, test.labels, part, setting.means)[0]

    correct(drawn[:1])  # compiles
    parts = np.array_split(drawn, parallel.n_workers())
    ours, plain, counts = [], [], []
    for steps in np.array_split(np.arange(n_steps + 1), repetitions):
        hits, seconds = call(naive.ablate, [removed[step] for step in steps])
        counts += hits
        plain += [n_steps * step for step in seconds]
        seconds, hits = timed(parallel.run, correct, parts, "")
        ours.append(seconds / n_orders)
    _check(np.array(counts), hits[0][0], what)
    against = "masked Keras model, `evaluate(batch_size=1000)` a step"
    done = f"{repetitions} of {n_orders} orders, {len(plain)} steps of evaluate"
    return Row(what, against, plain, ours, target, done)


def one_by_one(setting: Setting, call: Call, repetitions: int = 4) -> Row:
    """Each first-layer neuron removed alone; every thread has its share of the images."""
    test, first = setting.data.test, np.arange(setting.network.hidden[0])

    def correct(part: slice) -> np.ndarray:
        images, labels = test.images[part], test.labels[part]
        return ablation.cumulative_ablation(
            setting.network, images, labels, first, setting.means, cumulative=False
        )[0][0, 1:]

    ends = np.linspace(0, len(test.labels), parallel.n_workers() + 1).astype(int)
    shares = [slice(start, end) for start, end in pairwise(ends)]
    parallel.run(correct, shares, "")  # compiles
    ours, plain, counts = [], [], []
    for part in np.array_split(first[:, None], repetitions):
        hits, seconds = call(naive.ablate, list(part))
        counts += hits
        plain += [len(first) * single for single in seconds]
        seconds, hits = timed(parallel.run, correct, shares, "")
        ours.append(seconds)
    _check(np.array(counts), np.sum(hits, axis=0), "one by one")
    what = f"each of {len(first)} first-layer neurons removed alone"
    done = f"{repetitions}, {len(plain)} of evaluate"
    return Row(what, f"{len(first)} evaluates", plain, ours, 100, done)


def _check(plain: np.ndarray, ours: np.ndarray, what: str) -> None:
    worst = int(np.abs(plain - ours).max())
    if worst > TOLERATED:
        raise AssertionError(f"{what}: counts differ by {worst} of 10,000 predictions")


def all_rows(setting: Setting) -> Iterator[Row]:
    first, last = layer_scopes(setting.network.hidden).values()
    every = np.concatenate([first, last])
    with plain_process(setting) as call:
        row, fitted = epoch(setting, call)
        yield row
        yield replicates(setting, call, fitted)
        for what, chosen, target, n_orders in (
            ("curve of the first hidden layer, 100 steps, 10,000 images", first, 100, 20),
            ("curve of the last hidden layer", last, 300, 20),
            ("curve of the whole network, 200 steps", every, 80, 10),
        ):
            yield curve(setting, call, what, chosen, target, n_orders)
        yield one_by_one(setting, call)
    yield bits.quantities(setting)
    yield bits.pairs_of_a_layer(setting)

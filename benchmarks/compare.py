"""Our code and the plain way side by side: seconds, their ratio, and equal results."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from benchmarks import naive
from utils import ablation, datasets, measures, orders, pairs, parallel, training
from utils.datasets import Dataset, Split
from utils.networks import Network
from utils.paths import PUBLISHED_RUN

RECIPE = training.Recipe((100, 100), "sigmoid")
Call = Callable[..., Any]
TOLERATED = 2  # of 10,000 predictions: logits of near ties differ in the last digit


class Row(NamedTuple):
    """One comparison: seconds of the plain way and of ours, and the ratio to reach."""

    what: str
    against: str
    plain: float
    ours: float
    target: float
    repetitions: str

    @property
    def ratio(self) -> float:
        return self.plain / self.ours


@dataclass(frozen=True)
class Setting:
    """Real digits in the shapes of full MNIST, and the first network of the published run."""

    data: Dataset
    network: Network
    values: np.ndarray  # mean outputs [hidden neurons]

    @classmethod
    def make(cls) -> "Setting":
        small = datasets.load("mnist-5k")
        data = replace(
            small,
            train=_repeated(small.train, 50_000),
            validation=_repeated(small.validation, 10_000),
            test=_repeated(small.test, 10_000),
        )
        network = Network.load_all(PUBLISHED_RUN / "networks")[0]
        outputs = network.forward(data.validation.images)[:-1]
        return cls(data, network, np.concatenate([o.mean(axis=0) for o in outputs]))


def _repeated(split: Split, n_samples: int) -> Split:
    """The samples again and again, each time with noise of its own, so that no two are equal."""
    rng = np.random.default_rng(0)
    images = np.resize(split.images, (n_samples, split.images.shape[1]))
    noise = rng.random(images.shape, np.float32) - 0.5
    images = np.clip(images + 0.2 * noise, 0, 1)
    return Split(images, np.resize(split.labels, n_samples))


@contextmanager
def plain_process(setting: Setting) -> Iterator[Call]:
    """A function that runs another one in a fresh process, with TensorFlow's own settings."""
    things = {"dataset": setting.data, "network": setting.network, "values": setting.values}
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:

        def call(function: Call, *arguments: Any, **named: Any) -> Any:
            return pool.submit(function, *arguments, **named).result()

        call(naive.start, **things, recipe=RECIPE)
        yield call


def timed(function: Call, *arguments: Any) -> tuple[float, Any]:
    begin = time.perf_counter()
    found = function(*arguments)
    return time.perf_counter() - begin, found


def epoch(setting: Setting, call: Call, epochs: int = 20, every: int = 6) -> tuple[Row, float]:
    """Our epochs, compilation included, with one of `fit` after each `every` of ours.

    Also returns the test accuracy after the first epoch of `fit`.
    """
    plain = []
    _, fitted = call(naive.fit_epoch)  # traces
    course = training.replicate_course(setting.data, RECIPE, epochs, 0, 0)
    ours, _ = timed(next, course)
    for number in range(epochs):
        ours += timed(next, course)[0]
        if number % every == every - 1:
            plain.append(call(naive.fit_epoch)[0])
    row = Row(
        "one epoch of training (compilation counted over 20 epochs)",
        "`model.fit` with its defaults, after its first epoch", float(np.median(plain)),
        ours / epochs, 8, f"{epochs}, {len(plain)} of fit",
    )  # fmt: skip
    return row, fitted


def replicates(
    setting: Setting, call: Call, fitted: float, number: int = 10, repetitions: int = 2
) -> Row:
    """Ten networks for an epoch; their accuracies are checked against `fitted`, that of `fit`."""

    def ours(number: int) -> list[int]:
        courses = parallel.run(
            lambda k: training.train_replicate(setting.data, RECIPE, 1, 0, k)[1], range(number), ""
        )
        return [
            table.query("epoch == 1 and split == 'test'").n_correct.item() for table in courses
        ]

    ours(parallel.n_workers())  # compiles
    seconds, in_a_row = [], []
    for _ in range(repetitions):
        taken, hits = timed(ours, number)
        seconds.append(taken)
        in_a_row.append(call(naive.train_in_a_row, number, 1))
    accuracy = np.array(hits) / len(setting.data.test.labels)
    margin = stats.t.ppf(0.9995, number - 1) * accuracy.std(ddof=1) * np.sqrt(1 + 1 / number)
    if not abs(fitted - accuracy.mean()) <= margin:
        raise AssertionError(f"fit reaches {fitted:.4f}, ours {accuracy.round(4).tolist()}")
    return Row(
        "ten networks, one epoch", "ten in a row by our own code, TensorFlow's own threads",
        float(np.median(in_a_row)), float(np.median(seconds)), 1.3, f"{repetitions}",
    )  # fmt: skip


def curve(
    setting: Setting, call: Call, what: str, neurons: np.ndarray, target: float, n_orders: int,
    repetitions: int = 4,
) -> Row:  # fmt: skip
    """A curve of cumulative ablation, bias-balanced; counts are compared at every step."""
    test = setting.data.test
    drawn = neurons[orders.random_orders(len(neurons), n_orders, (0,))]
    removed = [drawn[0, :step] for step in range(len(neurons) + 1)]

    def ours(half: np.ndarray) -> np.ndarray:
        return ablation.cumulative_ablation(
            setting.network, test.images, test.labels, half, setting.values
        )[0]

    ours(drawn[:1])  # compiles
    seconds, plain, counts = [], [], []
    halves = np.array_split(drawn, parallel.n_workers())
    for part in np.array_split(np.arange(len(removed)), repetitions):
        found, each = call(naive.ablate, [removed[step] for step in part])
        counts += found
        plain += each
        taken, hits = timed(lambda: parallel.run(ours, halves, ""))
        seconds.append(taken / n_orders)
    _check(np.array(counts), hits[0][0], what)
    return Row(
        what, "masked Keras model, `evaluate(batch_size=1000)` a step",
        float(np.median(plain) * len(neurons)), float(np.median(seconds)), target,
        f"{repetitions} of {n_orders} orders, {len(plain)} steps of evaluate",
    )  # fmt: skip


def one_by_one(setting: Setting, call: Call, repetitions: int = 4) -> Row:
    """Each first-layer neuron removed alone; every thread has its share of the images."""
    test = setting.data.test
    neurons = np.arange(setting.network.hidden[0])
    shares = np.array_split(np.arange(len(test.labels)), parallel.n_workers())
    splits = [slice(share[0], share[-1] + 1) for share in shares]

    def removed(part: slice) -> np.ndarray:
        return ablation.cumulative_ablation(
            setting.network, test.images[part], test.labels[part], neurons, setting.values,
            cumulative=False,
        )[0][0, 1:]  # fmt: skip

    def ours() -> np.ndarray:
        return np.sum(parallel.run(removed, splits, ""), axis=0)

    ours()  # compiles
    seconds, plain, counts = [], [], []
    for part in np.array_split(neurons[:, None], repetitions):
        found, each = call(naive.ablate, list(part))
        counts += found
        plain += each
        taken, hits = timed(ours)
        seconds.append(taken)
    _check(np.array(counts), hits, "one by one")
    return Row(
        "each of 100 first-layer neurons removed alone", "100 evaluates",
        float(np.median(plain) * len(neurons)), float(np.median(seconds)), 100,
        f"{repetitions}, {len(plain)} of evaluate",
    )  # fmt: skip


def _check(plain: np.ndarray, ours: np.ndarray, what: str) -> None:
    worst = int(np.abs(plain - ours).max())
    if worst > TOLERATED:
        raise AssertionError(f"{what}: counts differ by {worst} of 10,000 predictions")


def quantities(setting: Setting, repetitions: int = 15) -> Row:
    """All three quantities of 200 neurons; scikit-learn computes mutual information alone."""
    validation = setting.data.validation
    outputs = np.concatenate(setting.network.forward(validation.images)[:-1], axis=1)
    levels = measures.quantize(outputs, 2, "sigmoid")

    def ours() -> np.ndarray:
        counts = measures.joint_counts(levels, validation.labels, 2, 10)
        measures.entropy(counts)
        measures.kl_selectivity(counts)
        return measures.mutual_information(counts)

    seconds, plain = [], []
    for _ in range(repetitions):
        information, taken = naive.information(levels, validation.labels)
        plain.append(taken)
        taken, found = timed(ours)
        seconds.append(taken)
    np.testing.assert_allclose(found, information, atol=1e-10)
    return Row(
        "three quantities of 200 neurons, 10,000 samples",
        "scikit-learn's mutual_info_score in a loop", float(np.median(plain)),
        float(np.median(seconds)), 100, f"{repetitions}",
    )  # fmt: skip


def pairs_of_a_layer(setting: Setting, repetitions: int = 5, some: int = 50) -> Row:
    """Joint information of all 4,950 pairs; the loop is timed on `some` of them at a time."""
    validation = setting.data.validation
    outputs = setting.network.forward(validation.images)[0]
    levels = measures.quantize(outputs, 2, "sigmoid")
    every = np.column_stack(np.triu_indices(levels.shape[1], 1))
    drawn = np.random.default_rng(0).permutation(every)
    seconds, plain = [], []
    for k in range(repetitions):
        chosen = drawn[k * some : (k + 1) * some]
        information, taken = naive.pair_information(levels, validation.labels, chosen)
        plain.append(taken / some * len(every))
        taken, found = timed(lambda: pairs.measure_pairs(levels, validation.labels, 2, 10))
        seconds.append(taken)
        np.testing.assert_allclose(found.joint[tuple(chosen.T)], information, atol=1e-10)
    return Row(
        f"joint information of {len(every):,} pairs of neurons, 10,000 samples",
        "scikit-learn's mutual_info_score in a loop over pairs", float(np.median(plain)),
        float(np.median(seconds)), 200, f"{repetitions}, {repetitions * some} pairs of the loop",
    )  # fmt: skip


def all_rows(setting: Setting) -> Iterator[Row]:
    first, last = np.arange(100), np.arange(100, 200)
    with plain_process(setting) as call:
        row, fitted = epoch(setting, call)
        yield row
        yield replicates(setting, call, fitted)
        for what, neurons, target, n_orders in (
            ("curve of the first hidden layer, 100 steps, 10,000 images", first, 100, 20),
            ("curve of the last hidden layer", last, 300, 20),
            ("curve of the whole network, 200 steps", np.arange(200), 80, 10),
        ):
            yield curve(setting, call, what, neurons, target, n_orders)
        yield one_by_one(setting, call)
    yield quantities(setting)
    yield pairs_of_a_layer(setting)

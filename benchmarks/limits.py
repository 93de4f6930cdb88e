"""How cost grows, how near ablation is to the machine's limit, and how much memory it takes."""

import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator
from threadpoolctl import threadpool_limits

from benchmarks.compare import RECIPE
from utils import ablation, greedy, measures, orders, parallel, training
from utils.ablation import CHUNK
from utils.backend import keras, tf
from utils.datasets import Split
from utils.networks import Network

# what is varied: its values; everything else stays as in STANDARD
STANDARD = {"samples": 4_000, "neurons": 100, "orders": 2, "replicates": 2, "depth": 2}
VARIED = {
    "samples": (1_000, 2_000, 4_000, 8_000),
    "neurons": (25, 50, 100, 200),
    "orders": (1, 2, 4),
    "replicates": (1, 2, 4),
    "depth": (1, 2, 3, 4),
}
PIXELS = 64


def random_network(hidden: tuple[int, ...], n_inputs: int, seed: int = 0) -> Network:
    rng = np.random.default_rng(seed)
    sizes = (n_inputs, *hidden, 10)
    kernels = [rng.normal(0, a**-0.5, (a, b)).astype(np.float32) for a, b in pairwise(sizes)]
    biases = [np.zeros(width, np.float32) for width in sizes[1:]]
    return Network(tuple(kernels), tuple(biases), ("sigmoid",) * len(hidden))


def random_samples(n_samples: int, n_inputs: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    images = rng.random((n_samples, n_inputs), np.float32)
    return images, rng.integers(0, 10, n_samples)


def median_seconds(function: Callable[[], Any], repetitions: int) -> float:
    seconds = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds))


def _seconds(setting: dict[str, int], repetitions: int = 2) -> float:
    """First-layer curves of every order and replicate, all neurons removed, compiled before."""
    hidden = (setting["neurons"],) * setting["depth"]
    networks = [random_network(hidden, PIXELS, seed) for seed in range(setting["replicates"])]
    samples = random_samples(setting["samples"], PIXELS)
    drawn = orders.random_orders(setting["neurons"], setting["orders"], (0,))

    def curves(network: Network) -> None:
        ablation.cumulative_ablation(network, *samples, drawn, np.full(sum(hidden), 0.5))

    curves(networks[0])
    return median_seconds(lambda: parallel.run(curves, networks, ""), repetitions)


def growth() -> pd.DataFrame:
    """varied, value, seconds; with the power by which cost grows between the last two values."""
    rows = []
    for name, values in VARIED.items():
        for value in values:
            rows.append((name, value, _seconds(STANDARD | {name: value})))
    return pd.DataFrame(rows, columns=["varied", "value", "seconds"])


def powers(table: pd.DataFrame) -> pd.Series:
    """Slope of log seconds over log value, through the upper half of the values."""
    found = {}
    for name, part in table.groupby("varied", sort=False):
        upper = np.log(part.iloc[-3:][["value", "seconds"]])
        found[name] = np.polyfit(upper["value"], upper["seconds"], 1)[0]
    return pd.Series(found)


def draw(table: pd.DataFrame, path: Path) -> None:
    _, axes = plt.subplots(1, len(VARIED), figsize=(9, 2.4), sharey=True, layout="constrained")
    for ax, (name, part) in zip(axes, table.groupby("varied", sort=False), strict=True):
        ax.plot(part["value"], part["seconds"], marker="o", color="black")
        first = part.iloc[0]
        ax.plot(
            part["value"], first["seconds"] * part["value"] / first["value"], color="0.4",
            linestyle="--", label="in proportion",
        )  # fmt: skip
        ax.set(xscale="log", yscale="log", xlabel=name)
        ax.set_xticks(part["value"], [f"{value:g}" for value in part["value"]], fontsize=6)
        ax.minorticks_off()
    axes[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes[0].yaxis.set_major_formatter("{x:g}")
    axes[0].set_ylabel("seconds")
    axes[0].legend(fontsize=7)
    axes[0].figure.savefig(path, dpi=150)


class Limit(NamedTuple):
    """A first-layer curve of 100 steps over 10,000 images on one thread, and its bare parts."""

    seconds: float
    sigmoid: float
    product: float

    @property
    def factor(self) -> float:
        return self.seconds / (self.sigmoid + self.product)


def limit(width: int = 100, n_samples: int = 10_000, repetitions: int = 3) -> Limit:
    """The same numbers of sigmoids and of multiply-accumulates, in the same shapes, by XLA."""
    network = random_network((width, width), PIXELS)
    samples = random_samples(n_samples, PIXELS)
    drawn = orders.random_orders(width, 1, (0,))
    rounds = width * n_samples // CHUNK

    @tf.function(jit_compile=True)
    def sigmoids(x: Any) -> Any:
        for _ in tf.range(rounds):
            x = tf.sigmoid(x)
        return x

    @tf.function(jit_compile=True)
    def products(kernel: Any, x: Any) -> Any:
        total = tf.zeros((10, CHUNK))
        for step in tf.range(rounds):
            total += (kernel + tf.cast(step, tf.float32)) @ x  # another product every time
        return total

    x = tf.random.stateless_uniform((width, CHUNK), (0, 0))
    kernel = tf.random.stateless_uniform((10, width), (0, 1))

    def curve() -> None:
        ablation.cumulative_ablation(network, *samples, drawn, np.full(2 * width, 0.5))

    bare = (curve, lambda: sigmoids(x).numpy(), lambda: products(kernel, x).numpy())
    for function in bare:
        function()  # compiles
    return Limit(*(median_seconds(function, repetitions) for function in bare))


class Epoch(NamedTuple):
    """Bare parts of an epoch of training on one thread, in seconds."""

    products: float
    adam: float


def epoch_parts(
    n_samples: int = 50_000, batch: int = 32, sizes: tuple[int, ...] = (784, 100, 100, 10)
) -> Epoch:
    """The matrix products of an epoch alone, by BLAS in the same shapes, and Adam's updates alone.

    The products are those of the forward pass and of the gradients of kernels and of hidden
    outputs; the updates are those of Keras' optimizer in one XLA program.
    """
    rng = np.random.default_rng(0)
    steps = n_samples // batch
    outputs = [rng.random((batch, width), np.float32) for width in sizes]
    kernels = [rng.random(shape, np.float32) for shape in pairwise(sizes)]

    def products() -> None:
        for _ in range(steps):
            for k, kernel in enumerate(kernels):
                outputs[k] @ kernel
                outputs[k].T @ outputs[k + 1]
                if k:
                    outputs[k + 1] @ kernel.T

    variables = [tf.Variable(part) for k in kernels for part in (k, np.zeros(k.shape[1], "f"))]
    optimizer = keras.optimizers.Adam()
    optimizer.build(variables)

    @tf.function(jit_compile=True)
    def updates() -> Any:
        for step in tf.range(steps):
            scale = tf.cast(step, tf.float32)  # another gradient every time
            optimizer.apply([variable * scale for variable in variables], variables)
        return variables[-1].read_value()

    updates()  # compiles
    with threadpool_limits(1):
        return Epoch(median_seconds(products, 3), median_seconds(lambda: updates().numpy(), 3))


# what XLA and oneDNN can be told, each a try at a faster epoch
SETTINGS = {
    "the settings as they are": {},
    "products by oneDNN's kernels for AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "products by Eigen on one thread": {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"},
    "vectors of 512 bits": {"XLA_FLAGS": "--xla_cpu_prefer_vector_width=512"},
    "arithmetic that may be reordered": {"XLA_FLAGS": "--xla_cpu_enable_fast_math=true"},
    "XLA's older emitters": {"XLA_FLAGS": "--xla_cpu_use_fusion_emitters=false"},
}


def _epoch(n_epochs: int) -> float:
    images, labels = random_samples(50_000, 784)
    weights = training.build(784, 10, RECIPE).get_weights()
    course = training.train(weights, Split(images, labels), 10, RECIPE, n_epochs + 1, 0)
    next(course), next(course)  # compiles
    return median_seconds(lambda: next(course), n_epochs)


def epoch_settings(n_epochs: int = 5) -> pd.DataFrame:
    """with, seconds: an epoch with each of SETTINGS, in a fresh process."""
    rows = []
    for name, variables in SETTINGS.items():
        with (
            mock.patch.dict(os.environ, variables),
            ProcessPoolExecutor(1, get_context("spawn")) as pool,
        ):
            rows.append((name, pool.submit(_epoch, n_epochs).result()))
    return pd.DataFrame(rows, columns=["with", "seconds"])


def greedy_seconds(width: int = 100, n_samples: int = 10_000) -> float:
    """Seconds of the greedy order of a first layer on one thread, compilation included."""
    network = random_network((width, width), PIXELS)
    samples = random_samples(n_samples, PIXELS)
    values = np.full(2 * width, 0.5)
    return median_seconds(
        lambda: greedy.greedy_order(network, *samples, np.arange(width), values), 1
    )


def _large(n_samples: int, width: int, n_steps: int) -> tuple[int, bool]:
    """Peak memory in MB of measures and ablation, and whether halves of the samples add up."""
    network = random_network((width, width), 784)
    images, labels = random_samples(n_samples, 784)
    measures.measure(network, images, labels, 2, 10)
    drawn = orders.random_orders(width, 1, (0,))[:, :n_steps]
    values = np.full(2 * width, 0.5)
    whole, _ = ablation.cumulative_ablation(network, images, labels, drawn, values)
    halves = [
        ablation.cumulative_ablation(network, images[half], labels[half], drawn, values)[0]
        for half in (slice(n_samples // 2), slice(n_samples // 2, None))
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return peak, bool((whole == halves[0] + halves[1]).all())


def memory(n_samples: int = 60_000, width: int = 1_000, n_steps: int = 2) -> int:
    """Peak memory in MB with many samples and wide layers, in a fresh process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        peak, equal = pool.submit(_large, n_samples, width, n_steps).result()
    if not equal:
        raise AssertionError("ablation over all samples is not the sum of that over two halves")
    return peak

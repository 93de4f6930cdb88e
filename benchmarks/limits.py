"""How near ablation and training are to the machine's limit, and how much memory they take."""

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.common import PIXELS, median_seconds, random_network, random_samples, timed
from utils.information.neurons import measure
from utils.networks.backend import keras, tf
from utils.removal import ablation, greedy, orders
from utils.removal.ablation import CHUNK


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

    def seconds(function: Callable[[], Any]) -> float:
        function()  # compiles
        return median_seconds(function, repetitions)

    with threadpool_limits(1):
        return Limit(
            seconds=seconds(curve),
            sigmoid=seconds(lambda: sigmoids(x).numpy()),
            product=seconds(lambda: products(kernel, x).numpy()),
        )


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
        return Epoch(
            products=median_seconds(products, 3),
            adam=median_seconds(lambda: updates().numpy(), 3),
        )


def greedy_seconds(width: int = 100, n_samples: int = 10_000) -> float:
    """Seconds of the greedy order of a first layer on one thread, compilation included."""
    network = random_network((width, width), PIXELS)
    samples = random_samples(n_samples, PIXELS)
    neurons, constants = np.arange(width), np.full(2 * width, 0.5)
    with threadpool_limits(1):
        return timed(greedy.greedy_order, network, *samples, neurons, constants)[0]


def _large(n_samples: int, width: int, n_steps: int) -> tuple[int, bool]:
    """Peak memory in MB of measures and ablation, and whether halves of the samples add up."""
    network = random_network((width, width), 784)
    images, labels = random_samples(n_samples, 784)
    measure(network, images, labels, 2, 10)
    drawn = orders.random_orders(width, 1, (0,))[:, :n_steps]
    constants = np.full(2 * width, 0.5)
    whole, _ = ablation.cumulative_ablation(network, images, labels, drawn, constants)
    halves = [
        ablation.cumulative_ablation(network, images[half], labels[half], drawn, constants)[0]
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

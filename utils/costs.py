"""What a network costs: parameters, multiply-accumulates, bytes and time."""

import time

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from utils.networks import Network


def n_parameters(network: Network) -> int:
    """Weights and biases."""
    return sum(array.size for array in (*network.kernels, *network.biases))


def n_macs(network: Network) -> int:
    """Multiply-accumulates for one image."""
    return sum(kernel.size for kernel in network.kernels)


def n_bytes(network: Network) -> int:
    """Memory of the weights and biases."""
    return sum(array.nbytes for array in (*network.kernels, *network.biases))


def latency(
    networks: dict[str, Network], images: np.ndarray, batches: dict[int, int]
) -> pd.DataFrame:
    """Median milliseconds of a forward pass on one thread, side by side.

    `batches`: number of images in a pass: number of repetitions. In each repetition every network
    runs once, so that all of them meet the same disturbances. Columns: network, batch, latency_ms.
    """
    rows = []
    with threadpool_limits(1):
        for batch, repetitions in batches.items():
            some = np.ascontiguousarray(images[:batch])
            seconds = {name: [] for name in networks}
            for _ in range(repetitions):
                for name, network in networks.items():
                    start = time.perf_counter()
                    network.forward(some)
                    seconds[name].append(time.perf_counter() - start)
            rows += [(name, batch, 1000 * np.median(found)) for name, found in seconds.items()]
    return pd.DataFrame(rows, columns=["network", "batch", "latency_ms"])

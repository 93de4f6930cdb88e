"""What a network costs: parameters, multiply-accumulates, bytes and time."""

import time

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from utils.networks.network import Network


def sizes(network: Network) -> dict[str, int]:
    """Weights and biases, multiply-accumulates for one image, bytes of the weights and biases."""
    arrays = (*network.kernels, *network.biases)
    return {
        "n_parameters": sum(array.size for array in arrays),
        "n_macs": network.n_macs,
        "n_bytes": sum(array.nbytes for array in arrays),
    }


def latency(
    networks: dict[str, Network], images: np.ndarray, repetitions: dict[int, int]
) -> pd.DataFrame:
    """Median milliseconds of a forward pass on one thread, side by side.

    `repetitions`: by batch, the number of images in a pass. In each repetition every network runs
    once, so that all of them meet the same disturbances. Columns: network, batch, latency_ms.
    """
    rows = []
    with threadpool_limits(1):
        for batch, n_repetitions in repetitions.items():
            some = np.ascontiguousarray(images[:batch])
            seconds = {name: [] for name in networks}
            for _ in range(n_repetitions):
                for name, network in networks.items():
                    start = time.perf_counter()
                    network.forward(some)
                    seconds[name].append(time.perf_counter() - start)
            rows += [(name, batch, 1000 * np.median(times)) for name, times in seconds.items()]
    return pd.DataFrame(rows, columns=["network", "batch", "latency_ms"])

"""What a network costs, and with fewer neurons."""

from types import SimpleNamespace

import numpy as np
from threadpoolctl import threadpool_info

from utils.networks.network import Network
from utils.removal import costs, surgery


def test_cost_as_counted_by_hand():
    sizes = [(784, 100), (100, 100), (100, 10)]
    full = Network(
        tuple(np.zeros(size, np.float32) for size in sizes),
        tuple(np.zeros(size[1], np.float32) for size in sizes),
        ("sigmoid", "sigmoid"),
    )
    assert costs.sizes(full) == {"n_parameters": 89_610, "n_macs": 89_400, "n_bytes": 4 * 89_610}
    half = surgery.remove(surgery.remove(full, 1, range(50)), 2, range(50))
    assert costs.sizes(half) == {"n_parameters": 42_310, "n_macs": 42_200, "n_bytes": 4 * 42_310}


def test_latency_has_a_row_a_network_and_batch(random_network):
    networks = {"full": random_network((49, 12, 10)), "small": random_network((49, 3, 10))}
    table = costs.latency(networks, np.zeros((20, 49)), {1: 3, 20: 3})
    assert table["network"].tolist() == ["full", "small"] * 2
    assert table["batch"].tolist() == [1, 1, 20, 20]
    assert (table["latency_ms"] > 0).all()


def test_latency_is_the_median_of_passes_that_take_turns(monkeypatch):
    """A clock that passes stand by: 2 and 5 ms for an image, the first pass a thousandfold."""
    now, passes = [0.0], []

    def network(name: str, seconds: float) -> SimpleNamespace:
        def forward(images: np.ndarray) -> None:
            warm = any(before[0] == name for before in passes)
            now[0] += len(images) * seconds * (1 if warm else 1000)
            passes.append((name, len(images)))
            assert {pool["num_threads"] for pool in threadpool_info()} == {1}

        return SimpleNamespace(forward=forward)

    monkeypatch.setattr(costs, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    networks = {"fast": network("fast", 0.002), "slow": network("slow", 0.005)}
    table = costs.latency(networks, np.zeros((20, 49)), {1: 3, 10: 5})
    assert table["latency_ms"].round(9).tolist() == [2, 5, 20, 50]
    assert passes == [("fast", 1), ("slow", 1)] * 3 + [("fast", 10), ("slow", 10)] * 5

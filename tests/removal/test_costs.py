"""What a network costs, and with fewer neurons."""

import numpy as np

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

"""Which neurons are pruned, and what the smaller network costs."""

import numpy as np
import pandas as pd
import pytest

from utils import costs, pruning, surgery
from utils.networks import Network


def test_cost_as_counted_by_hand():
    sizes = [(784, 100), (100, 100), (100, 10)]
    full = Network(
        tuple(np.zeros(size, np.float32) for size in sizes),
        tuple(np.zeros(size[1], np.float32) for size in sizes),
        ("sigmoid", "sigmoid"),
    )
    assert (costs.n_parameters(full), costs.n_macs(full)) == (89_610, 89_400)
    assert costs.n_bytes(full) == 4 * 89_610
    half = surgery.remove(surgery.remove(full, 1, range(50)), 2, range(50))
    assert (costs.n_parameters(half), costs.n_macs(half)) == (42_310, 42_200)
    assert costs.n_bytes(half) == 4 * 42_310


def test_latency_has_a_row_a_network_and_batch(random_network):
    networks = {"full": random_network((49, 12, 10)), "small": random_network((49, 3, 10))}
    table = costs.latency(networks, np.zeros((20, 49)), {1: 3, 20: 3})
    assert table["network"].tolist() == ["full", "small"] * 2
    assert table["batch"].tolist() == [1, 1, 20, 20]
    assert (table["latency_ms"] > 0).all()


def test_weight_norms_and_mean_outputs():
    network = Network(
        (np.array([[1.0, -2.0], [3.0, 0.0]]), np.array([[1.0, -1.0], [0.0, 4.0]])),
        (np.zeros(2), np.zeros(2)),
        ("relu",),
    )
    rng = np.random.default_rng(0)
    measured = pd.DataFrame({"layer": [1, 1, 2], "mean_output": [0.1, -0.4, 9]})
    assert pruning.importance(network, measured, 1, "incoming_norm", rng).tolist() == [2, 1]
    assert pruning.importance(network, measured, 1, "outgoing_norm", rng).tolist() == [1, 2]
    assert pruning.importance(network, measured, 1, "mean_output", rng).tolist() == [0.1, 0.4]
    with pytest.raises(ValueError, match="'magnitude'; allowed are entropy"):
        pruning.importance(network, measured, 1, "magnitude", rng)


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5])
def test_impossible_fractions_are_refused(fraction):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        pruning.least_important(np.arange(4.0), fraction)

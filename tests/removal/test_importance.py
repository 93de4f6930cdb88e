"""Which neurons are pruned."""

import re

import numpy as np
import pandas as pd
import pytest

from utils.names import QUANTITIES
from utils.networks.network import Network
from utils.removal.importance import METHODS, importance, importances, least_important
from utils.study.schemas import COLUMNS


def test_weight_norms_and_mean_outputs():
    network = Network(
        (np.array([[1.0, -2.0], [3.0, 0.0]]), np.array([[1.0, -1.0], [0.0, 4.0]])),
        (np.zeros(2), np.zeros(2)),
        ("relu",),
    )
    rng = np.random.default_rng(0)
    measured = pd.DataFrame({"layer": [1, 1, 2], "mean_output": [0.1, -0.4, 9]})
    assert importance(network, measured, 1, "incoming_norm", rng).tolist() == [2, 1]
    assert importance(network, measured, 1, "outgoing_norm", rng).tolist() == [1, 2]
    assert importance(network, measured, 1, "mean_output", rng).tolist() == [0.1, 0.4]
    with pytest.raises(ValueError, match="'magnitude'; allowed are entropy"):
        importance(network, measured, 1, "magnitude", rng)


def test_every_layer_has_its_own_importances_in_the_order_of_its_neurons(random_network):
    network, rng = random_network((5, 3, 4, 2)), np.random.default_rng(0)
    measured = pd.DataFrame({"layer": [1] * 3 + [2] * 4, "neuron": [0, 1, 2, 0, 1, 2, 3]})
    columns = (*QUANTITIES, "mean_output")
    measured = measured.assign(**{name: rng.normal(size=7) for name in columns})
    found = importances(network, measured, METHODS, seed=3)
    assert tuple(found) == METHODS
    for name in columns:
        assert found[name].tolist() == measured[name].abs().tolist()
    first, second, last = (np.abs(kernel) for kernel in network.kernels)
    outgoing = np.concatenate([second.mean(axis=1), last.mean(axis=1)])
    incoming = np.concatenate([first.mean(axis=0), second.mean(axis=0)])
    np.testing.assert_array_equal(found["outgoing_norm"], outgoing)
    np.testing.assert_array_equal(found["incoming_norm"], incoming)
    assert found["random"].tolist() == np.random.default_rng(3).random(7).tolist()


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5])
def test_impossible_fractions_are_refused(fraction):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        least_important(np.arange(4.0), fraction)


def test_every_method_has_a_name_that_tables_take():
    assert all(re.fullmatch(COLUMNS["method"].pattern, method) for method in METHODS)

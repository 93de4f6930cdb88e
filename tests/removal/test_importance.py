"""Which neurons are pruned."""

import re

import numpy as np
import pandas as pd
import pytest

from utils.networks.network import Network
from utils.removal.importance import METHODS, importance, least_important
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


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5])
def test_impossible_fractions_are_refused(fraction):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        least_important(np.arange(4.0), fraction)


def test_every_method_has_a_name_that_tables_take():
    assert all(re.fullmatch(COLUMNS["method"].pattern, method) for method in METHODS)

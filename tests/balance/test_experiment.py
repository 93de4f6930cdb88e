"""Repairs and retraining of one network."""

from types import SimpleNamespace

import numpy as np

from utils.balance.experiment import repairs
from utils.information.neurons import measure
from utils.networks.recipes import Recipe
from utils.removal import surgery
from utils.study.parallel import Replicate


def test_retraining_goes_on_from_the_pruned_weights(small_digits, random_network):
    """One layer, nothing but the pruned network and its first step: no new start."""
    network = random_network((49, 9, 7, 10), dtype=np.float32)
    validation = small_digits.validation
    measured = measure(network, validation.images, validation.labels, 2, 10)
    stage = SimpleNamespace(
        dataset=small_digits,
        recipe=Recipe((9, 7), "sigmoid", learning_rate=1e-7),
        parameters=SimpleNamespace(fractions=[0.5], retrain_epochs=[1]),
    )
    table = repairs(stage, Replicate(0, network, seed=5), measured)
    retrained = table[table["retrain_epochs"] > 0]
    assert set(zip(retrained["scope"], retrained["method"], strict=True)) == {
        ("network", "mutual_information")
    }
    informed = table[table["method"] == "mutual_information"]
    wide = informed[informed["scope"] == "network"].pivot(
        index="repair", columns="retrain_epochs", values="n_correct"
    )
    assert (wide[0] - wide[1]).abs().max() == 0
    assert set(table["repair"]) == set(surgery.REPAIRS)
    as_pruned = table[table["retrain_epochs"] == 0]
    assert as_pruned.groupby(["scope", "method", "repair"]).size().tolist() == [1] * 3 * 3 * 4

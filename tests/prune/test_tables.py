"""Tables of notebook 04: the headline, the costs, the comparison with random choice."""

import numpy as np
import pandas as pd

from utils.prune.tables import (
    against_random,
    cost,
    pruned_accuracy,
    repaired_accuracy,
    within,
)


def _pruning(rows: list[tuple]) -> pd.DataFrame:
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def test_the_headline_is_the_largest_fraction_up_to_which_all_is_well():
    accuracy = {0.2: 0.95, 0.4: 0.947, 0.6: 0.93, 0.8: 0.945}  # 0.8 does not count after 0.6
    table = _pruning([
        (replicate, "network", "random", repair, fraction, epochs, 1000 * (value - loss), 1000)
        for repair, epochs, loss in (("mean", 0, 0), ("zero", 0, 0.1), ("mean", 1, -0.05))
        for fraction, value in accuracy.items()
        for replicate in range(4)
    ])  # fmt: skip
    full = np.array([0.952, 0.955, 0.955, 0.958])  # the interval of a mean loss is ±0.004
    shares = within(table, full)
    assert shares.loc["random"].to_dict() == {
        "zero": "0% (0%)", "mean": "40% (20%)", "affine": "", "least_squares": "",
        "retrained": "80% (80%)",
    }  # fmt: skip


def test_methods_are_compared_with_the_mean_and_noise_out_as_published_is_not():
    table = _pruning([
        (replicate, scope, method, repair, 0.5, epochs, hits + 100 * epochs, 1000)
        for replicate in (0, 1)
        for scope, method, repair, hits in (
            ("network", "entropy", "zero", 100), ("network", "entropy", "mean", 500),
            ("network", "random", "mean", 400 + 10 * replicate),
            ("network", "noise_out", "mean", 550), ("network", "noise_out_merged", "affine", 600),
            ("layer-1", "entropy", "mean", 900),
        )
        for epochs in (0, 1)
    ])  # fmt: skip
    assert pruned_accuracy(table, 0)[0.5].round(3).to_dict() == {
        "entropy": 0.5, "random": 0.405, "noise_out": 0.55,
    }  # fmt: skip
    assert pruned_accuracy(table, 1).loc["noise_out", 0.5] == 0.65
    gains = against_random(table, 0.5, 0)
    assert gains["mean"].round(3).to_dict() == {"entropy": 0.095, "noise_out": 0.145}
    assert gains["n_replicates"].tolist() == [2, 2]
    repaired = repaired_accuracy(table, 0.5)
    assert repaired.loc["entropy"].dropna().to_dict() == {"zero": 0.1, "mean": 0.5}
    assert repaired.loc["noise_out_merged"].dropna().to_dict() == {"affine": 0.6}


def test_costs_are_counted_by_hand(random_network):
    table = cost({"small": random_network((3, 2, 4))})
    assert table.loc["small"].to_dict() == {
        "parameters": 3 * 2 + 2 + 2 * 4 + 4,
        "multiply-accumulates": 3 * 2 + 2 * 4,
        "bytes": 8 * 20,
    }

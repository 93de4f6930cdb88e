"""Pruning experiments: the counts are those of the networks that surgery makes by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from utils import costs, experiments, measures, pruning, pruning_tables, surgery, training
from utils.surgery import Moments

RECIPE = training.Recipe((9, 7), "sigmoid")


@pytest.fixture(scope="module")
def patient(small_digits, random_network):
    """A network on small digits, and its measures."""
    network = random_network((49, 9, 7, 10), dtype=np.float32)
    validation = small_digits.validation
    measured = measures.measure(network, validation.images, validation.labels, 2, 10)
    return network, measured


@pytest.fixture(scope="module")
def pruned(patient, small_digits):
    return experiments.prune(*patient, small_digits, RECIPE, [0.3, 0.6], [0.6], [1, 2], seed=5)


def test_every_method_repair_and_fraction_has_one_row(pruned):
    case = ["scope", "method", "repair", "fraction", "retrain_epochs"]
    assert not pruned.duplicated(case).any()
    of_network = pruned[(pruned["scope"] == "network") & (pruned["retrain_epochs"] == 0)]
    assert len(of_network) == 2 * (4 * len(pruning.METHODS) + 1)
    again = pruned[pruned["retrain_epochs"] > 0]
    assert set(again["scope"]) == {"network"}
    assert set(again["fraction"]) == {0.6}
    assert again.groupby("method")["repair"].unique().map(list).to_dict() == {
        **{method: ["mean"] for method in pruning.METHODS}, "noise_out": ["affine"],
    }  # fmt: skip


@pytest.mark.parametrize("repair", surgery.REPAIRS)
def test_counts_and_costs_are_those_of_surgery_layer_after_layer(
    patient, pruned, small_digits, repair
):
    network, measured = patient
    images = small_digits.validation.images
    smaller = network
    for layer in (1, 2):
        values = measured.loc[measured["layer"] == layer, "kl_selectivity"].to_numpy()
        moments = Moments(smaller.forward(images)[layer - 1])
        gone = pruning.least_important(values, 0.6)
        smaller = surgery.remove(smaller, layer, gone, repair, moments)
    row = pruned.query(
        "scope == 'network' and method == 'kl_selectivity' and repair == @repair "
        "and fraction == 0.6 and retrain_epochs == 0"
    ).iloc[0]
    test = small_digits.test
    assert row["n_correct"] == smaller.n_correct(test.images, test.labels)
    assert row["n_samples"] == len(test.labels)
    assert row["n_macs"] == costs.n_macs(smaller) == 49 * 4 + 4 * 3 + 3 * 10


def test_retraining_goes_on_from_the_pruned_weights(patient, small_digits):
    """One layer, nothing but the pruned network and its first step: no new start."""
    network, measured = patient
    slow = replace(RECIPE, learning_rate=1e-7)
    table = experiments.bias_balance(network, measured, small_digits, slow, [0.5], [1], seed=5)
    wide = table[table["scope"] == "network"].pivot(
        index="repair", columns="retrain_epochs", values="n_correct"
    )
    assert (wide[0] - wide[1]).abs().max() == 0
    assert set(table["repair"]) == set(surgery.REPAIRS)
    assert set(table.loc[table["scope"] != "network", "retrain_epochs"]) == {0}


def test_latency_is_measured_beside_the_full_network(patient, small_digits):
    table = experiments.latency(patient[0], small_digits.test.images, [0.5])
    assert table["fraction"].tolist() == [0.0, 0.5] * 2
    assert table["batch"].tolist() == [1, 1, 1000, 1000]
    shares = pruning_tables.slowness(table)
    assert shares.loc[0.0, "share, batch of 1"] == 1


def test_the_headline_is_the_largest_fraction_up_to_which_all_is_well():
    accuracy = {0.2: 0.95, 0.4: 0.947, 0.6: 0.93, 0.8: 0.945}  # 0.8 does not count after 0.6
    rows = [
        (replicate, "network", "random", repair, fraction, epochs, 1000 * (value - loss), 1000)
        for repair, epochs, loss in (("mean", 0, 0), ("zero", 0, 0.1), ("mean", 1, -0.05))
        for fraction, value in accuracy.items()
        for replicate in range(4)
    ]
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    table = pd.DataFrame(rows, columns=columns.split())
    full = np.array([0.95, 0.955, 0.955, 0.96])  # the interval of a mean loss is some 0.004 wide
    found = pruning_tables.within(table, full)
    assert found.loc["random"].to_dict() == {
        "zero": "0% (0%)", "mean": "40% (20%)", "affine": "", "least_squares": "",
        "retrained": "80% (80%)",
    }  # fmt: skip

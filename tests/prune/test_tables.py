"""Tables of notebook 04: what was run, how far one can go, the comparison with random choice."""

import numpy as np
import pandas as pd
import pytest

from utils.evidence.curves import with_accuracy
from utils.prune.tables import (
    RETRAINED,
    against_random,
    cost,
    differences,
    pruned_accuracy,
    reach,
    repaired_accuracy,
    tried,
    within,
)

OUTGOING, RANDOM = "outgoing weights (onorm)", "random"


def _accuracy(replicate, scope, method, repair, fraction, epochs):
    """Retraining gains 0.1, least squares 0.2; entropy is 0.05 above the others."""
    gain = 0.1 * (epochs > 0) + 0.2 * (repair == "least_squares") + 0.05 * (method == "entropy")
    return 0.5 + gain - 0.1 * fraction + 0.01 * replicate * (method != "random")


def test_what_was_run_is_counted_by_repair_and_place(pruning_of):
    table = tried(pruning_of(_accuracy, fractions=(0.1, 0.2, 0.4)))
    assert list(table) == ["each layer alone", "all layers", "all layers, then retrained"]
    assert table.loc["zeroed"].tolist() == ["–", "8 choices, 3 shares (10–40 %)", "–"]
    assert table.loc["bias-balanced"].tolist() == ["8 choices, 3 shares (10–40 %)"] * 3
    assert table.loc["NoiseOut as published"].tolist() == ["1 choice, 3 shares (10–40 %)"] * 3
    once = tried(pruning_of(_accuracy, fractions=(0.4,), retrained=0))
    assert "all layers, then retrained" not in once
    assert once.loc["zeroed", "all layers"] == "8 choices, 1 share (40 %)"


def test_the_share_within_a_loss_is_the_largest_up_to_which_all_is_well():
    accuracy = {0.2: 0.95, 0.4: 0.947, 0.6: 0.93, 0.8: 0.945}  # 0.8 does not count after 0.6
    rows = [
        (replicate, "network", "random", repair, fraction, epochs, 1000 * (value - loss), 1000)
        for repair, epochs, loss in (("mean", 0, 0), ("zero", 0, 0.1), ("mean", 1, -0.05))
        for fraction, value in accuracy.items()
        for replicate in range(4)
    ]
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    table = pd.DataFrame(rows, columns=columns.split())
    full = np.array([0.952, 0.955, 0.955, 0.958])  # the interval of a mean loss is ±0.004
    assert within(table, full).loc["random"].to_dict() == {
        "zeroed": "0% (0%)", "bias-balanced": "40% (20%)", "affine": "", "least squares": "",
        "retrained": "80% (80%)",
    }  # fmt: skip
    shares = reach(table, full, "mean").loc["random"]
    assert shares.dropna().to_dict() == {"zero": 0, "mean": 0.4, RETRAINED: 0.8}


def test_differences_are_within_a_network_and_without_noise_out_as_published(pruning_of):
    values = differences(pruning_of(_accuracy), "least_squares")
    entropy = values[(values["quantity"] == "entropy") & (values["scope"] == 0.3)]
    assert entropy.sort_values("replicate")["value"].tolist() == pytest.approx(
        [0.05, 0.06, 0.07, 0.08]
    )
    assert not set(values["quantity"]) & {"random", "noise_out_merged"}
    other = differences(pruning_of(_accuracy), RETRAINED, "entropy")
    assert other.loc[other["quantity"] == "random", "value"].max() == pytest.approx(-0.05)


def test_methods_stand_in_words_beside_random_choice(pruning_of):
    table = against_random(pruning_of(_accuracy), 0.6)
    assert list(table) == ["zeroed", "bias-balanced", "affine", "least squares", "retrained"]
    assert table.index[0] == "entropy"
    assert table.loc["entropy", "retrained"] == "+0.065 [+0.044, +0.086]"
    alone = against_random(pruning_of(_accuracy, n_replicates=1, retrained=0), 0.6)
    assert alone.loc[OUTGOING].tolist() == ["0.000"] * 4


def test_accuracies_are_those_of_a_state(pruning_of):
    pruned = pruning_of(_accuracy, n_replicates=1)
    assert pruned_accuracy(pruned, "mean").loc[OUTGOING].tolist() == [0.47, 0.44]
    assert pruned_accuracy(pruned, RETRAINED).loc[RANDOM].to_dict() == {"30%": 0.57, "60%": 0.54}
    repaired = repaired_accuracy(pruned, 0.6)
    assert repaired.loc[RANDOM].tolist() == ["0.440", "0.440", "0.440", "0.640"]
    assert repaired.loc["NoiseOut as published"].tolist() == ["–", "–", "0.440", "–"]
    assert len(with_accuracy(pruned)) == len(pruned)


def test_costs_are_counted_by_hand(random_network):
    table = cost({"small": random_network((3, 2, 4))})
    assert table.loc["small"].to_dict() == {
        "parameters": 3 * 2 + 2 + 2 * 4 + 4,
        "multiply-accumulates": 3 * 2 + 2 * 4,
        "bytes": 8 * 20,
    }

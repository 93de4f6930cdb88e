"""Sentences of notebook 04: other tables, other words."""

import numpy as np
import pandas as pd
import pytest

from utils.prune import findings


def _steady(**offsets):
    """Accuracy 0.5, a little scattered, with offsets by method."""

    def accuracy(replicate, scope, method, repair, fraction, epochs):
        offset = offsets.get(method, 0) * (-1 if repair == "least_squares" else 1)
        scatter = 0.001 * ((replicate * 7 + len(method)) % 3)
        return 0.5 + 0.2 * (repair == "least_squares") + 0.1 * (epochs > 0) + offset + scatter

    return accuracy


def test_a_choice_turns_from_better_to_worse_with_the_repair(pruning_of):
    pruned = pruning_of(_steady(mutual_information=0.05), n_replicates=6)
    text = findings.interplay(pruned, 0.6)
    assert "**mutual information** is better than at random at every share" in text
    assert "With least squares it is worse than at random at every share" in text
    assert "**outgoing weights** is at no share surely better or worse" in text
    other = findings.interplay(pruning_of(_steady(mutual_information=-0.05)), 0.6)
    assert "**mutual information** is worse than at random at every share" in other


def test_choices_are_sorted_by_what_is_sure(pruning_of):
    pruned = pruning_of(_steady(entropy=0.1, mean_output=-0.1), n_replicates=6)
    text = findings.choice(pruned, 0.3)
    assert "*better*: entropy (+0.1" in text
    assert "*worse*: size of mean output (−0.1" in text
    assert "*not decided*: " in text
    assert "60%" in findings.choice(pruned, 0.6)


def test_rivals_are_named_with_the_shares_at_which_they_win(pruning_of):
    def accuracy(replicate, scope, method, repair, fraction, epochs):
        wins = 0.05 * (method == "noise_out") * (fraction > 0.5) * (repair == "mean")
        return 0.5 + wins + 0.001 * ((replicate + len(method)) % 3)

    text = findings.rivals(pruning_of(accuracy, n_replicates=6))
    assert "mutual information is beaten by NoiseOut (60%)" in text
    assert text.endswith("KL selectivity is beaten by none.")


def test_a_repair_is_compared_with_the_best_choice(pruning_of):
    pruned = pruning_of(_steady(entropy=0.1), n_replicates=3)
    text = findings.repaired(pruned, 0.6)
    assert "more than the best choice with bias balancing (entropy, 0.6" in text
    less = findings.repaired(pruning_of(_steady(entropy=0.3), n_replicates=3), 0.6)
    assert "less than the best choice" in less


def test_retraining_brings_choices_together_or_was_not_tried(pruning_of):
    pruned = pruning_of(_steady(outgoing_norm=0.05), n_replicates=6)
    text = findings.retrained(pruned, 0.6)
    assert "after 2 epochs of retraining" in text
    assert "outgoing weights is better than at random at every share" in text
    assert findings.retrained(pruning_of(_steady(), retrained=0), 0.6) == "Nothing was retrained."


def test_how_far_and_what_it_costs(pruning_of):
    pruned = pruning_of(_steady(outgoing_norm=0.05), n_replicates=2)
    text = findings.far(pruned, np.full(2, 0.55))
    assert "bias-balanced 60% (outgoing weights)" in text
    assert "zeroed 60% (outgoing weights)" in text
    assert "affine 60% (outgoing weights)" in text
    assert "least squares 60% (9 choices)" not in text
    latency = pd.DataFrame({"fraction": [0.0, 0.6], "batch": [1, 1], "latency_ms": [4, 3]})
    words = findings.cost(pruned, latency, 7000, 0.6)
    assert "40% of the multiply-accumulates" in words
    assert "75% for a batch of 1" in words


@pytest.mark.parametrize("n_layers", [1, 3])
def test_one_network_has_numbers_and_no_verdict(pruning_of, n_layers):
    pruned = pruning_of(_steady(entropy=0.1), 1, n_layers)
    assert findings.choice(pruned, 0.6).endswith("One network gives no interval.")
    assert "[" not in findings.interplay(pruned, 0.6)
    assert "beaten by none" in findings.rivals(pruned)
    assert "beside the best choice" in findings.repaired(pruned, 0.6)
    assert findings.layers(pruned, 0.3).count("alone from") == n_layers

"""Sentences of notebook 04: other tables, other words."""

import numpy as np
import pandas as pd
import pytest

from utils.prune import findings
from utils.prune.tables import RETRAINED


def _steady(repair_gains=0.2, **offsets):
    """Accuracy 0.5, a little scattered, with offsets by method that least squares turns round."""

    def accuracy(replicate, scope, method, repair, fraction, epochs):
        offset = offsets.get(method, 0) * (-1 if repair == "least_squares" else 1)
        scatter = 0.001 * ((replicate * 7 + len(method)) % 3)
        gain = repair_gains * (repair == "least_squares") + 0.1 * (epochs > 0)
        return 0.5 + gain + offset + scatter

    return accuracy


def test_a_choice_turns_from_better_to_worse_with_the_repair(pruning_of):
    pruned = pruning_of(_steady(mutual_information=0.05), n_replicates=6)
    text = findings.beside_random(pruned, "mean", 0.6)
    assert text.startswith(
        "**Bias-balanced**, choosing by mutual information is better than random choice at every "
        "share. With 60 % pruned it keeps 0.05"
    )
    assert text.endswith("] more accuracy; no other choice keeps more.")
    text = findings.beside_random(pruned, "least_squares", 0.6)
    assert "is worse than random choice at every share. With 60 % pruned it keeps 0.05" in text
    assert "] less accuracy; random choice is best." in text
    after = findings.beside_random(pruned, RETRAINED, 0.3)
    assert "**After retraining**" in after
    assert "With 30 % pruned" in after
    assert findings.beside_random(pruning_of(_steady(), retrained=0), RETRAINED, 0.6) == (
        "Nothing was retrained."
    )


def test_the_best_choice_is_named_or_is_random(pruning_of):
    pruned = pruning_of(_steady(outgoing_norm=0.05), n_replicates=6)
    text = findings.beside_random(pruned, "mean", 0.6)
    assert "is at no share significantly better or worse than random choice" in text
    assert "the best choice, outgoing weights, keeps 0.05" in text
    assert text.endswith("] more.")

    def only_random(replicate, scope, method, repair, fraction, epochs):
        return 0.5 + 0.1 * (method == "random") * (fraction > 0.5) + 0.001 * (replicate % 3)

    text = findings.beside_random(pruning_of(only_random, n_replicates=6), "mean", 0.6)
    assert "is worse than random choice at 60 %. With" in text
    assert text.endswith("random choice is best.")


@pytest.mark.parametrize(
    ("early", "late", "words"),
    [
        (-0.004, -0.004, " at every share (negligible, below 0.01)."),
        (-0.004, -0.05, " at every share (negligible, below 0.01, at 30 %)."),
        (-0.05, -0.05, " at every share."),
    ],
)
def test_what_is_significant_and_negligible_is_called_both(pruning_of, early, late, words):
    def accuracy(replicate, scope, method, repair, fraction, epochs):
        loss = (late if fraction > 0.5 else early) * (method == "mutual_information")
        return 0.5 + loss + 0.001 * ((replicate * 7 + len(method)) % 3)

    text = findings.beside_random(pruning_of(accuracy, n_replicates=6), RETRAINED, 0.6)
    assert f"worse than random choice{words}" in text


def test_choices_are_sorted_by_what_is_significant_in_each_layer(pruning_of):
    def accuracy(replicate, scope, method, repair, fraction, epochs):
        gains = {"entropy": 0.1, "kl_selectivity": 0.2, "mean_output": -0.1}
        gain = gains.get(method, 0) * (scope != "layer-2")
        return 0.5 + gain + 0.001 * ((replicate * 7 + len(method)) % 3)

    found = findings.choice(pruning_of(accuracy, n_replicates=6), 0.3)
    assert found == (
        "Bias-balanced, with 30 % pruned, some choices are better than random in layer 1 alone "
        "and all layers; no choice is better than random in layer 2 alone."
    )
    better = "better: KL selectivity and entropy; worse: size of mean output."
    nothing = "In layer 2 alone, better: none; worse: none."
    assert found.details == (f"In layer 1 alone, {better}", nothing, f"In all layers, {better}")
    same = findings.choice(pruning_of(_steady(), n_replicates=6, n_layers=1), 0.6)
    assert same.endswith("no choice is better than random in layer 1 alone and all layers.")


def test_rivals_are_named_with_the_shares_at_which_they_win(pruning_of):
    def accuracy(replicate, scope, method, repair, fraction, epochs):
        wins = 0.05 * (method == "noise_out") * (fraction > 0.5) * (repair == "mean")
        return 0.5 + wins + 0.001 * ((replicate + len(method)) % 3)

    found = findings.rivals(pruning_of(accuracy, n_replicates=6))
    assert found == (
        "Bias-balanced, mutual information is worse than NoiseOut (at 60 %). With least squares, "
        "mutual information is worse than no other choice."
    )
    assert found.details[0].startswith("Bias-balanced, KL selectivity is worse than NoiseOut")


def test_shares_that_are_many_are_counted(pruning_of):
    def accuracy(replicate, scope, method, repair, fraction, epochs):
        wins = 0.05 * (method == "mutual_information") * (fraction > 0.15)
        return 0.5 + wins + 0.001 * ((replicate + len(method)) % 3)

    fractions = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    pruned = pruning_of(accuracy, n_replicates=6, fractions=fractions, n_layers=1)
    text = findings.beside_random(pruned, "mean", 0.6)
    assert "better than random choice at 5 of 6 shares." in text


def test_a_repair_is_compared_with_the_best_choice(pruning_of):
    pruned = pruning_of(_steady(entropy=0.1), n_replicates=3)
    text = findings.repaired(pruned, 0.6)
    assert text.startswith(
        "**Random choice with least squares** beats every choice with bias balancing at every "
        "share pruned. With 60 % of all layers pruned it leaves an accuracy of 0.70"
    )
    assert "the best choice with bias balancing, entropy, leaves 0.60" in text
    worst_to_best = "0.100 zeroed, 0.100 bias-balanced, 0.100 affine and 0.100 least squares."
    assert text.details == (f"Best and worst choice are apart by {worst_to_best}",)
    less = findings.repaired(pruning_of(_steady(entropy=0.3), n_replicates=3), 0.6)
    assert "is worse than some choice with bias balancing at every share pruned. With" in less
    same = findings.repaired(pruning_of(_steady(0), n_replicates=3), 0.6)
    assert "does not clearly beat every choice with bias balancing. With" in same


def test_retraining_brings_choices_together_or_was_not_tried(pruning_of):
    def accuracy(replicate, scope, method, repair, fraction, epochs):
        apart = 0.1 if not epochs else 0.03 if fraction > 0.5 else 0.005
        return 0.5 + apart * (method == "outgoing_norm")

    text = findings.retrained(pruning_of(accuracy, n_replicates=2), 0.6)
    assert text == (
        "After 2 epochs of retraining, best and worst choice are 0.030 apart with 60 % of all "
        "layers pruned; before, 0.100. They stay more than 0.01 apart at 60 %."
    )
    near = findings.retrained(pruning_of(lambda *case: 0.5, retrained=1), 0.6)
    assert "After 1 epoch of" in near
    assert near.endswith("apart at no share.")
    assert findings.retrained(pruning_of(_steady(), retrained=0), 0.6) == "Nothing was retrained."


def test_how_far_and_what_it_costs(pruning_of):
    pruned = pruning_of(_steady(outgoing_norm=0.05), n_replicates=2)
    text = findings.far(pruned, np.full(2, 0.55))
    assert "bias-balanced 60 % (outgoing weights)" in text
    assert "zeroed 60 % (outgoing weights)" in text
    assert "least squares 60 % and retrained" in text
    latency = pd.DataFrame({"fraction": [0.0, 0.6], "batch": [1, 1], "latency_ms": [4, 3]})
    words = findings.cost(pruned, latency, 7000, 0.6)
    assert "40 % of the multiply-accumulates" in words
    assert "takes more than half for a batch of 1;" in words
    assert findings.cost(pruned, latency.replace(3, 2.9), 7000, 0.6) == words  # measured again
    assert "less than half" in findings.cost(pruned, latency.replace(3, 1), 7000, 0.6)


@pytest.mark.parametrize("n_layers", [1, 3])
def test_one_network_has_numbers_and_no_verdict(pruning_of, n_layers):
    pruned = pruning_of(_steady(entropy=0.1), 1, n_layers)
    assert findings.choice(pruned, 0.6).endswith("One network gives no interval.")
    assert "[" not in findings.beside_random(pruned, "mean", 0.6)
    assert "worse than no other choice" in findings.rivals(pruned)
    assert "does not clearly beat every" in findings.repaired(pruned, 0.6)
    assert len(findings.choice(pruned, 0.3).details) == n_layers + 1

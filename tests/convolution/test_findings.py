"""The sentences of notebook 09: other tables, other words."""

import numpy as np
import pandas as pd
import pytest

from utils.convolution import findings


def test_how_good_the_networks_are():
    rows = [(k, 2, "test", hits, 100, 1) for k, hits in enumerate((97, 99))]
    columns = ["replicate", "epoch", "split", "n_correct", "n_samples", "kept"]
    training = pd.DataFrame(rows, columns=columns)
    said = findings.trained(training)
    assert said == "The 2 networks have a test accuracy of 0.9700 to 0.9900, 0.9800 on average."
    assert findings.trained(training[1:]) == "The network has a test accuracy of 0.9900."


def test_what_one_bit_says(of_channels):
    said = findings.measured(of_channels)
    assert said.startswith("Entropy is 1 bit for 10 of 12 channels, and says nothing of them; KL")
    assert "at most 1 bit for 11; 1 fire for no image. The medians" in said
    assert said.endswith("are 0.20 and 1.00 bits in layer 1 and 0.30 and 1.00 bits in layer 2.")
    various = findings.measured(of_channels.assign(entropy=0.7, firing_rate=0.2))
    assert various.startswith("Entropy is 1 bit for 0 of 12 channels; KL")
    assert "fire for no image" not in various


C2 = [("C2", "layer-1", "mutual_information"), ("C2", "layer-2", "kl_selectivity")]
ALONE = ("C2, one by one", "layer-1", "mutual_information, errors")


def test_within_layers(judged_of):
    cases = judged_of(
        (*C2[0], 0.2, "agrees"), (*C2[1], 0.1, "agrees"), (*ALONE, 0.0, "negligible"),
        ("C5", "layer-2 - layer-1", "random", 0.1, "agrees"),
    )  # fmt: skip
    said = findings.within_layers(cases)
    assert (
        "than highest first in 2 of 2 cases: mutual information +0.200 [+0.190, +0.210] in la"
        in said
    )
    assert said.details[0].endswith("with them in none of 1 case (1 negligible).")
    assert said.details[1].endswith("in the deeper layer in 1 of 1 case.")
    assert len(said.details) == 2
    against = judged_of(
        (*C2[0], -0.2, "disagrees"), (*C2[1], 0.0, "open"), (*ALONE, 0.3, "agrees"),
        ("C6", "layer-1", "mutual_information - entropy", 0.1, "agrees"), n=1,
    )  # fmt: skip
    said = findings.within_layers(against)
    assert "in none of 2 cases (1 the other way and 1 open): mutual information −0.200 in" in said
    assert said.endswith("One network gives no interval.")
    assert said.details[1] == "They separate channels more clearly than entropy in 1 of 1 case."


def _across(verdict: str, size: float, ranked: str) -> list[tuple]:
    to = "network to 80%"
    return [
        ("C1", to, "mutual_information, low-first", size, verdict),
        ("C1", to, "mutual_information, high-first", 0.0, "agrees"),
        ("C11", to, "kl_selectivity, high-first", -0.1, "agrees"),
        ("C1b", to, "mutual_information", -size, ranked),
    ]


def test_across_the_network(judged_of):
    said = findings.across_network(judged_of(*_across("agrees", -0.2, "agrees")))
    assert "Of 3 orders by value none clearly do so and 3 clearly do not. Lowest fi" in said
    assert "orders by −0.200 [−0.210, −0.190] by mutual information. By ranks wi" in said
    assert "in 1 of 1 case: R differs by +0.200 [+0.190, +0.210] by mutual information" in said
    said = findings.across_network(judged_of(*_across("disagrees", 0.2, "disagrees")))
    assert "Of 3 orders by value 1 clearly do so and 2 clearly do not." in said
    assert "in none of 1 case (1 the other way): R differs by −0.200" in said


def test_selectivity_of_a_class_and_of_all(rhos):
    said = findings.selective(rhos(0.5, 0.2))
    assert (
        "costs in all in 4 of 4 cases, a scope and a selectivity each, and clearly less in no"
        in said
    )
    assert said.details[0] == (
        "Spearman's ρ across the network, KL selectivity: +0.50 [+0.50, +0.50] with the errors of "
        "its class, +0.21 [+0.19, +0.24] with all."
    )
    assert len(said.details) == 2
    turned = findings.selective(rhos(0.1, 0.4))
    assert "costs in all in none of 4 cases" in turned
    assert turned.endswith("clearly less in 4.")
    assert findings.selective(rhos(0.1, 0.4, n=1)).endswith("One network gives no interval.")


REPAIRED = [
    ("C7", "layer-1", "random", 0.05, "agrees"),
    ("C7", "layer-1", "kl_selectivity, low-first", 0.02, "open"),
    ("C9", "network", "40% pruned", 0.6, "agrees"),
    ("C9b", "network", "40% pruned", -0.2, "disagrees"),
    ("C10", "network", "mutual_information - random", 0.01, "agrees"),
]


def test_repairs(judged_of):
    said = findings.repaired(judged_of(*REPAIRED))
    assert said.startswith("A channel's mean in its place keeps more accuracy than 0 in 1 of 2 c")
    assert said.endswith("(1 open): R differs by +0.020 to +0.050 in layer 1.")
    assert said.details[0].startswith("As a share of what retraining gains, it alone changes acc")
    assert said.details[0].endswith("accuracy by 60 % [59, 61] at 40% pruned.")
    assert "no more than 0.01 in none of 1 case (1 the other way)." in said.details[1]
    assert said.details[2].endswith("worse than another method in 1 of 1 case.")
    undefined = [(*row[:3], np.nan if row[0] == "C9" else row[3], row[4]) for row in REPAIRED]
    assert "is not defined" in findings.repaired(judged_of(*undefined)).details[0]


@pytest.mark.parametrize(("cost", "told"), [(0.004, "+0.0040"), (-0.002, "−0.0020")])
def test_what_a_border_costs(cost, told):
    rows = [
        (scope, quantity, k, size + 1e-4 * (k - 1))
        for scope in ("layer-1", "layer-2", "network")
        for quantity, size in (("a constant map − a bias", cost), ("a map − its mean", 0.1))
        for k in range(3)
    ]
    costs = pd.DataFrame(rows, columns=["scope", "quantity", "replicate", "value"])
    said = findings.borders(costs)
    assert f"(map less bias) {told} [" in said
    assert "in layer 1 and" in said
    assert "network" not in said


def test_what_carries_over_and_what_does_not_comes_first():
    table = pd.DataFrame(
        {
            "statement": "Orders matter.",
            "neurons": ["holds", "holds", "mixed", "–"],
            "channels": ["holds", "does not hold", "open", "holds mostly"],
            "channels, other images": ["holds", "holds", "–", "open"],
        },
        index=["C1", "C2", "C7", "C9"],
    )
    said = findings.carried(table)
    assert said.startswith(
        "Of channels it is not true: “Orders matter” (C2: does not hold). Mixed"
    )
    assert (
        "negligible: C7 (open). What holds of channels: C1 (holds) and C9 (holds mostly). For 1 of"
        in said
    )
    assert said.endswith("On other images it is the same for 1 of 3.")
    good = table.assign(channels="holds").drop(columns="channels, other images")
    said = findings.carried(good)
    every = "C1 (holds), C2 (holds), C7 (holds) and C9 (holds)"
    assert said.startswith(f"What holds of channels: {every}.")
    assert said.endswith("For 2 of 3 claims the word is that of this run's dense networks.")

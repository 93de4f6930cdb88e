"""Sentences of notebook 05: other tables, other words."""

from itertools import product

import pandas as pd
import pytest

from utils.balance import findings
from utils.names import REPAIRS

CHOICES = ("mutual_information", "outgoing_norm", "random")


def _balancing(accuracy, n_replicates=6, scopes=("layer-1", "network"), epochs=(0, 1, 5)):
    """balancing.csv from accuracy(repair, fraction, epochs, replicate), of 10,000 images."""
    rows = [
        (k, scope, method, repair, share, n, round(10_000 * accuracy(repair, share, n, k)), 10_000)
        for k, scope, method, repair, share, n in product(
            range(n_replicates), scopes, CHOICES, REPAIRS, (0.4, 0.8), epochs
        )
        if not n or (scope, method) == ("network", CHOICES[0])
    ]
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def _climbing(repair, fraction, epochs, replicate):
    """Each repair 0.1 above the one before, unless retrained: then 0.01 below it after 5."""
    rung, scatter = REPAIRS.index(repair), 0.001 * (replicate % 3) * (1 + (repair == "mean"))
    step = {0: 0.1, 1: 0.005, 5: -0.01}[epochs]
    return 0.4 + 0.4 * (epochs > 0) + step * rung + scatter - 0.1 * fraction


@pytest.fixture
def ablation(ablation_of):
    """Balancing gains 0.05 in layer 1, and as much as is asked for in layer 2."""

    def table(second: float, n_replicates: int = 6) -> pd.DataFrame:
        gain = {"layer-1": 0.05, "layer-2": second, "network": 0}
        return ablation_of(
            lambda replicate, scope, ordering, direction, replacement, n: round(
                60_000
                + 100_000 * gain[scope] * (replacement == "mean")
                + 100 * (replicate % 3) * (replacement == "mean")
            ),
            n_replicates=n_replicates,
        )

    return table


@pytest.fixture
def measured() -> pd.DataFrame:
    """Balancing removes half of the squared error in layer 1, and 0.8 in layer 2."""
    columns = ["layer", "mean_output", "output_variance"]
    return pd.DataFrame([(1, 0.5, 0.25), (2, 0.4, 0.04)], columns=columns)


def test_gains_are_said_with_the_verdict_of_the_claim(ablation):
    assert "(agrees); layer 2 +0.0" in findings.gains(ablation(0.03))
    assert "14 agree" in findings.gains(ablation(0.03))
    text = findings.gains(ablation(-0.03))
    assert "(disagrees)" in text
    assert "7 disagree" in text
    assert "7 are negligible" in findings.gains(ablation(0.001))
    alone = findings.gains(ablation(0.03, n_replicates=1))
    assert alone.endswith("14 are open. One network gives no interval.")


def test_a_share_predicts_the_gain_or_does_not(measured, ablation):
    text = findings.share_and_gain(measured, ablation(0.01))
    assert "0.50 in layer 1, 0.80 in layer 2" in text
    assert "does not predict the gain: layer 2 has the largest share" in text
    assert "predict" not in findings.share_and_gain(measured, ablation(0.1))
    alone = findings.share_and_gain(measured, ablation(0.01, n_replicates=1))
    assert "may not predict" in alone
    one_layer = ablation(0.01).query("scope != 'layer-2'")
    assert "predict" not in findings.share_and_gain(measured[:1], one_layer)


def test_single_networks_that_decide_are_named(ablation):
    steady = _balancing(_climbing)
    text = findings.single_networks(ablation(0.03), steady)
    assert text.startswith("Leaving out one of the 6 networks turns none of 16 verdicts")

    def spoilt(repair, fraction, epochs, replicate):
        loss = 0.3 * (replicate == 5 and repair == "mean" and fraction == 0.8 and not epochs)
        return _climbing(repair, fraction, epochs, replicate) - loss

    text = findings.single_networks(ablation(0.03), _balancing(spoilt))
    assert "C9, all layers, 80% pruned (open; agrees without network 5)" in text
    few = findings.single_networks(ablation(0.03, 2), _balancing(_climbing, 2))
    assert few == "Of fewer than three networks none can be left out."


def test_repairs_are_better_worse_or_not_decided():
    text = findings.repairs(_balancing(_climbing), 0.8)
    assert "layer 1 +0.19" in text
    assert text.count("(better)") == 2
    assert text.endswith("surely better than zeroing throughout.")
    worse = findings.repairs(_balancing(lambda *case: 1 - _climbing(*case)), 0.8)
    assert worse.count("(worse)") == 2
    assert "is not surely better than zeroing in: layer 1, 40% pruned (−0.10" in worse
    alone = findings.repairs(_balancing(_climbing, 1, ("network",)), 0.4)
    assert "(not decided)" in alone
    assert alone.endswith("One network gives no interval.")


def test_choices_are_as_far_apart_as_best_and_worst():
    table = _balancing(_climbing)
    best = (table["method"] == "random") & (table["repair"] == "affine")
    table.loc[best, "n_correct"] += 500
    text = findings.choices(table, 0.8)
    assert "zeroed 0.000" in text
    assert "affine 0.050 (best: random)" in text


def test_a_share_of_retraining_has_the_verdict_of_the_claim():
    text = findings.obviated(_balancing(_climbing))
    assert "Of what 5 epochs of retraining gain over zeroing" in text
    assert "bias-balanced +0.25" in text
    assert text.count("(agrees)") == 2
    assert "least squares +0.75" in text


def test_a_head_start_is_said_share_by_share():
    text = findings.starts(_balancing(_climbing))
    first, last = text.split("After 5 epochs")
    assert "after 1 epoch, bias-balanced better at 40% (+0.00" in first
    assert "least squares worse at 40% (−0.03" in last
    alone = findings.starts(_balancing(_climbing, 1))
    assert "least squares nowhere surely different" in alone
    assert alone.endswith("One network gives no interval.")

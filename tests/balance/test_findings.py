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
    found = findings.gains(ablation(0.03))
    assert "keeps more accuracy than zeroing in layer 1 (+0.05" in found
    assert ") and layer 2 (+0.03" in found
    assert found.details == ("The claim's 14 cases, 7 orders in each layer: 14 × agrees.",)
    worse = findings.gains(ablation(-0.03))
    assert "and keeps less accuracy than zeroing in layer 2 (−0.029 [" in worse
    assert "7 × agrees and 7 × disagrees" in worse.details[0]
    assert "and differs from zeroing by less than 0.01 in layer 2" in findings.gains(
        ablation(0.001)
    )
    alone = findings.gains(ablation(0.03, n_replicates=1))
    assert "is not told apart from zeroing in layer 1" in alone
    assert alone.endswith("One network gives no interval.")


def test_few_layers_are_no_basis_for_a_rule(measured, ablation):
    text = findings.share_and_gain(measured, ablation(0.01))
    assert text.startswith("Layer 2 has the largest share of squared error removed (0.80), and")
    assert "gains less than layer 1 (−0.04" in text
    assert text.endswith("These 2 layers are no basis for a rule.")
    assert "(0.80), and gains most." in findings.share_and_gain(measured, ablation(0.1))
    alone = findings.share_and_gain(measured, ablation(0.01, n_replicates=1))
    assert "not significantly less" in alone
    one_layer = ablation(0.01).query("scope != 'layer-2'")
    assert findings.share_and_gain(measured[:1], one_layer).startswith("One layer cannot")


def _spoilt(repair, fraction, epochs, replicate):
    """Balancing, with most pruned, loses so much in network 5 that it decides."""
    loss = 0.3 * (replicate == 5 and repair == "mean" and fraction == 0.8 and not epochs)
    return _climbing(repair, fraction, epochs, replicate) - loss


def test_single_networks_that_decide_are_named(ablation):
    found = findings.single_networks(ablation(0.03), _balancing(_climbing))
    assert found.startswith("Leaving out one of the 6 networks turns none of 16 verdicts")
    assert not found.details
    found = findings.single_networks(ablation(0.03), _balancing(_spoilt))
    assert found.startswith("Leaving out one of the 6 networks turns 1 of 16")
    assert found.details == ("C9, all layers, 80 % pruned: open; agrees without network 5.",)
    few = findings.single_networks(ablation(0.03, 2), _balancing(_climbing, 2))
    assert few == "Of fewer than three networks none can be left out."


def test_repairs_are_better_worse_or_borderline():
    found = findings.repairs(_balancing(_climbing), 0.8)
    assert found.startswith(
        "**Least squares** is better than bias balancing in 4 of 4 cases. With"
    )
    assert "With 80 % of all layers pruned the difference is +0.19" in found
    assert found.details == (
        "Bias balancing against zeroing: better in layer 1 (40 % and 80 %) and all layers "
        "(40 % and 80 %).",
    )
    worse = findings.repairs(_balancing(lambda *case: 1 - _climbing(*case)), 0.8)
    assert "worse than bias balancing in 4 of 4" in worse
    assert "zeroing: worse in layer 1 (40 % and 80 %)" in worse.details[0]
    unsure = findings.repairs(_balancing(_spoilt), 0.8)
    assert "better in layer 1 (40 %) and all layers (40 %)" in unsure.details[0]
    doubt = "not decided, but borderline, in layer 1 (80 %) and all layers (80 %)"
    assert doubt in unsure.details[0]
    alone = findings.repairs(_balancing(_climbing, 1, ("network",)), 0.4)
    assert "in no case better or worse" in alone
    assert alone.endswith("One network gives no interval.")


def test_a_share_of_retraining_is_said_with_what_speaks_against_it():
    text = findings.obviated(_balancing(_climbing))
    assert text.startswith("Of what 5 epochs of **retraining** gain over zeroing, bias balancing")
    assert "brings 25 % [25, 25] with 40 % pruned and 25 % [25, 25] with 80 % pruned." in text
    assert "Least squares brings 75 %" in text
    unsure = findings.obviated(_balancing(_spoilt))
    doubt = "(not significant, but borderline: single networks decide) with 80 % pruned."
    assert doubt in unsure
    nothing = findings.obviated(
        _balancing(lambda repair, share, epochs, k: 0.5 + 0.01 * (-1) ** k * (epochs > 0))
    )
    assert nothing == (
        "Of what 5 epochs of **retraining** gain over zeroing, no share is defined with 40 % "
        "pruned and 80 % pruned: there it may gain nothing."
    )
    late = findings.obviated(_balancing(lambda *case: _climbing(*case) if case[1] == 0.4 else 0.5))
    assert "bias balancing alone brings 25 % [25, 25] with 40 % pruned. Least" in late
    assert late.endswith(" No share is defined with 80 % pruned: there it may gain nothing.")
    alone = findings.obviated(_balancing(_climbing, 1))
    assert "brings 25 % with 40 % pruned" in alone
    assert alone.endswith("One network gives no interval.")


def test_the_ends_of_the_starts_are_named():
    found = findings.starts(_balancing(_climbing))
    assert found.startswith(
        "After 5 epochs of retraining, a **repaired start** may still matter: its accuracy minus "
        "that from a zeroed start lies between −0.030 ["
    )
    assert "(least squares, 40 % pruned) and −0.00" in found
    assert found.endswith("(bias-balanced, 40 % pruned).")
    near = findings.starts(_balancing(_climbing, epochs=(0, 5)).assign(n_samples=100_000))
    assert "hardly matters" in near
    alone = findings.starts(_balancing(_climbing, 1))
    assert "may still matter" in alone
    assert alone.endswith("One network gives no interval.")


@pytest.mark.parametrize(("gain", "word"), [(0.3, "more"), (-0.3, "less")])
def test_gains_are_compared_with_the_papers(ablation_of, gain, word):
    table = ablation_of(
        lambda replicate, *curve: 60_000 + 100_000 * gain * (curve[3] == "mean"),
        n_replicates=2, n_neurons=79,
    )  # fmt: skip
    text = findings.beside_paper(table)
    sign = "+" if gain > 0 else "−"
    assert f"balancing gains {word} in layer 1 ({sign}0.300, paper +0." in text
    assert f"and {word} in layer 2" in text
    assert text.endswith("outside the range of our single networks in layer 1 and layer 2.")
    assert "zeroed, at most 0.3" in text.details[0]
    assert "single networks" not in findings.beside_paper(table[table["replicate"] == 0])


def test_the_papers_gains_can_lie_within_ours(ablation_of):
    table = ablation_of(
        lambda replicate, *curve: 60_000 + 20_000 * replicate * (curve[3] == "mean"),
        n_replicates=2, n_neurons=79,
    )  # fmt: skip
    assert "The paper's gain lies within the range of our single networks." in (
        findings.beside_paper(table)
    )

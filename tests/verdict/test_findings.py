"""Sentences of notebook 06: another table, another sentence."""

import numpy as np
import pandas as pd
import pytest

from utils.evidence.claims import CLAIMS, SOURCES
from utils.evidence.judging import COLUMNS
from utils.evidence.tables import Tables
from utils.verdict import findings, meaning, robustness, tables, trust


def judged(*cases: tuple) -> pd.DataFrame:
    """Rows of claims.csv from claim, scope, quantity, estimate, verdict; intervals of ±0.01."""
    rows = [
        (*key, number, number - 0.01, number + 0.01, 9, 0, 0.01, 0.01, verdict, 3, None)
        for *key, number, verdict in cases
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def across(low: float, high_verdict: str) -> pd.DataFrame:
    return judged(
        ("C1", "network to 40%", "entropy, low-first", low, "agrees"),
        ("C1", "network to 40%", "entropy, high-first", 0.03, high_verdict),
        ("C1b", "network to 80%", "mutual_information", 0.05, "agrees"),
    )


def test_an_order_across_the_network_keeps_more_less_or_as_much():
    text = findings.across_network(across(-0.06, "disagrees"))
    assert "up to 40 % of the neurons" in text
    assert "keeps less accuracy than random orders, by entropy (−0.060 [−0.070, −0.050])" in text
    assert "by more than 0.01: entropy, high first (+0.030 [+0.020, +0.040], up to 40 %)" in text
    assert "mutual information, ranked within the layers (+0.050" in text
    assert text.startswith("**Across the network, the quantities mislead.**")
    better = findings.across_network(across(0.06, "open"))
    assert "keeps more accuracy than" in better
    assert better.startswith("**Across the network, the quantities work.**")
    same = findings.across_network(across(0.0, "open"))
    assert "about as much accuracy as" in same
    assert same.startswith("**Across the network, the quantities make no clear difference.**")
    other = judged(("C1", "network to 40%", "kl_selectivity, low-first", -0.06, "agrees"))
    both = findings.across_network(pd.concat([across(0.06, "open"), other]))
    assert both.startswith("**Across the network, it depends on the quantity.**")
    neither = across(0.0, "open").query("claim != 'C1b'")
    assert "No order clearly beats" in findings.across_network(neither)
    assert "No order" in findings.across_network(judged(("C7", "layer-1", "random", 0, "open")))


def test_within_layers_by_verdict():
    table = judged(
        ("C2", "layer-1", "mutual_information", 0.1, "agrees"),
        ("C2", "layer-1", "kl_selectivity", 0.2, "agrees"),
        ("C2", "layer-2", "mutual_information", -0.1, "disagrees"),
        ("C2", "layer-2", "kl_selectivity", 0.3, "agrees"),
        ("C2, one by one", "layer-1", "kl_selectivity, errors", 0.3, "agrees"),
        ("C2, one by one", "layer-2", "kl_selectivity, errors", 0.0, "negligible"),
        ("C4", "layer-2", "kl_selectivity - entropy", 0.0, "open"),
    )
    found = findings.within_layers(table)
    assert (
        "keeps more accuracy than highest first for mutual information in layer 1 and KL "
        "selectivity (mutual information: layer 1 +0.100 [+0.090, +0.110]); less accuracy than "
        "highest first for mutual information in layer 2 (mutual information: layer 2 −0.100"
    ) in found
    assert "clearly rises with them in 1 of 2 cases" in found
    both = "**Within a layer, mutual information and KL selectivity work"
    assert found.startswith(f"{both} in some cases only.**")
    assert findings.within_layers(table.iloc[:2]).startswith(f"{both}.**")
    assert found.details[0].startswith("In the deepest layer, KL selectivity is not told apart")
    assert findings.within_layers(table[table["claim"] != "C4"]).details == ()


def test_bias_balancing_here_elsewhere_and_against_retraining():
    table = judged(
        ("C7", "layer-1", "random", 0.08, "agrees"),
        ("C7", "layer-1", "entropy, low-first", 0.02, "open"),
        ("C8", "layer-1", "this run − tanh", 0.1, "agrees"),
        ("C9", "network", "40% pruned", 0.7, "agrees"),
        ("C9b", "network", "40% pruned", -0.06, "disagrees"),
    )
    found = findings.bias_balancing(table)
    assert found.startswith("**Bias balancing mostly helps, but gains nothing with tanh.**")
    assert "by +0.020 to +0.080 in layer 1 (clearly more in 1 of 2 cases); in random " in found
    assert "orders by −0.020 with tanh." in found
    assert "alone brings 70 % [69, 71] with 40 % pruned." in found
    assert "intact networks' at no share pruned. What is lost: 40 % pruned −0.060" in found.whole
    safe = judged(
        ("C9b", "network", "10% pruned", 0.0, "agrees"),
        ("C9b", "network", "20% pruned", -0.1, "disagrees"),
        ("C9b", "network", "30% pruned", -0.2, "disagrees"),
    )
    whole = findings.bias_balancing(pd.concat([table, safe]).iloc[[0, 1, 5, 6, 7]]).whole
    assert "within 0.01 of the intact networks' up to 10 % pruned. What is lost: 20 %" in whole
    assert "−0.100 [−0.110, −0.090], 30 % pruned −0.200" in whole
    alone = findings.bias_balancing(table[table["claim"] == "C7"])
    assert alone.startswith("**Bias balancing mostly helps.** Compared")
    assert "retraining" not in alone
    undefined = table.assign(estimate=table["estimate"].mask(table["claim"] == "C9"))
    assert "it alone brings no defined share." in findings.bias_balancing(undefined)
    harm = table[table["claim"] == "C7"].assign(verdict="disagrees")
    assert findings.bias_balancing(harm).startswith("**Bias balancing does harm.**")


def repairs(low: float, high: float) -> pd.DataFrame:
    case = ((low + high) / 2, low, high, "open")
    rows = [("mutual information", "random", "least squares", *case)]
    rows.insert(0, ("mutual information", "random", "bias-balanced", 0.5, 0.4, 0.6, "agrees"))
    columns = ["quantity", "rival", "column", "mean", "low", "high", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def test_pruning_by_rival_and_against_chance():
    table = judged(
        ("C10", "network", "mutual_information - noise_out", -0.1, "disagrees"),
        ("C10", "network", "mutual_information - random", 0.1, "agrees"),
        ("C10", "network", "kl_selectivity - random", 0.2, "agrees"),
    )
    repair = {"mean": 0.25, "low": 0.15, "high": 0.35}
    found = findings.pruning(
        table, repairs(-0.03, -0.01), pd.Series(repair | {"verdict": "agrees"})
    )
    assert found.startswith("**In pruning, least squares counts more than the choice.**")
    assert "with least squares keeps 0.250 [0.150, 0.350] more accuracy than" in found
    for verdict, said in (
        ("disagrees", "the choice counts more than least"),
        ("open", "may count as much"),
    ):
        other = pd.Series(repair | {"verdict": verdict})
        assert said in findings.pruning(table, repairs(-0.03, -0.01), other)
    assert "mutual information keeps 0.500 [0.400, 0.600] more than random choice, and is" in found
    assert "and is worse than NoiseOut; with least squares" in found
    assert "it keeps 0.020 [0.010, 0.030] less than random choice." in found
    assert "worse than random +0.100 [+0.090, +0.110]; worse than NoiseOut" in found.whole
    assert "0.200" not in found.whole


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(-0.03, -0.01, "no better than"), (0.01, 0.03, "better than"),
     (-0.01, 0.01, "no better than"), (np.nan, np.nan, "no better than")],
)  # fmt: skip
def test_advice_follows_the_verdicts(low, high, said):
    some = trust.advice(across(-0.06, "disagrees"), repairs(low, high)).whole
    assert f"choice by mutual information is {said}" in some
    assert "Do not put neurons of several layers in one order" in some
    assert "Rank them within the layers" in some
    assert "bias balancing" not in some
    none = trust.advice(
        judged(("C1", "network", "entropy, low-first", 0.2, "disagrees")), repairs(low, high)
    )
    assert "Do not put" not in none.whole


def test_one_network_has_numbers_without_intervals():
    table = across(-0.06, "open").assign(low=np.nan, high=np.nan, verdict="open")
    text = findings.across_network(table)
    assert "about as much accuracy as random orders, by entropy (−0.060)" in text
    assert "[" not in text


def test_every_claim_has_a_source_and_a_meaning_for_every_word():
    assert set(SOURCES) == set(CLAIMS) == set(meaning.MEANS)
    table = pd.concat([across(-0.06, "disagrees"), across(-0.06, "agrees")])
    mixed = meaning.heading(table, "C1")
    assert mixed.endswith("which of all neurons can go; except entropy, high first, up to 40 %")
    table = judged(("C9b", "network", "40% pruned", -0.1, "disagrees"))
    assert meaning.heading(table, "C9b").startswith(
        "C9b: does not hold (1 disagrees)\nit does not"
    )
    for verdict in ("agrees", "negligible", "open"):
        assert meaning.heading(table.assign(verdict=verdict), "C9b")


def test_the_papers_claims_at_a_glance_are_without_ours():
    table = tables.at_a_glance(across(-0.06, "disagrees"))
    assert table.index.tolist() == ["C1"]
    assert table.loc["C1", "verdict"] == "mixed: all but entropy, high first"
    assert table.loc["C1", "agrees if"] == "below 0.01"
    assert table.loc["C1", "typical (range)"] == "−0.015 (−0.060 … +0.030)"
    alone = tables.at_a_glance(judged(("C5", "layer-2", "random", 0.1, "agrees")))
    assert alone.loc["C5", "typical (range)"] == "+0.100"


def test_words_side_by_side_and_which_of_them_change():
    table = judged(("C1", "network", "entropy", -0.1, "agrees"), ("C5", "l", "random", 0, "open"))
    halves = pd.DataFrame({"first 4": ["holds", "open"], "other 4": ["open", "open"],
                           "differ": [1, 0]}, index=["C1", "C5"])  # fmt: skip
    single = pd.DataFrame({"otherwise": ["open (without 7)", ""]}, index=["C1", "C5"])
    last = pd.DataFrame({"last epoch": ["mixed"]}, index=["C1"])
    words = robustness.side_by_side(table, halves, single, last)
    assert words.columns.tolist() == [
        "all networks", "first 4 networks", "other 4 networks", "without one network",
        "after the last epoch",
    ]  # fmt: skip
    assert words.loc["C5"].tolist() == ["open", "open", "open", "open", ""]
    found = trust.robustness(words)
    assert found == "The verdict of C1 changes in at least one of these."
    assert "First 4 networks: 0 of 2 verdicts change." in found.details
    assert "Other 4 networks: 1 of 2 verdicts change (C1: holds, then open)." in found.details
    assert "After the last epoch: 1 of 1 verdicts change (C1: holds, then mixed)." in found.details
    empty = pd.DataFrame()
    alone = robustness.side_by_side(table, empty, empty, empty)
    assert trust.robustness(alone) == "There are too few networks to tell."


def test_the_last_epoch_is_judged_on_the_networks_that_both_have(ablation_of):
    """After the last epoch, low first is no better than high first."""

    def gap(size):
        return ablation_of(
            lambda k, s, o, d, r, n: 70_000 + size * (d == "low-first") + 10 * k * (n + len(o)),
            n_replicates=6,
        )

    neurons = [(k, layer, n, 0.1 * layer + 0.01 * k) for k in range(6) for layer in (1, 2)
               for n in range(3)]  # fmt: skip
    measures = pd.DataFrame(neurons, columns=["replicate", "layer", "neuron", "entropy"])
    for quantity in ("mutual_information", "kl_selectivity"):
        measures[quantity] = measures["entropy"]
    kept, ended = (Tables({"ablation": gap(size), "measures": measures}) for size in (20_000, 0))
    table = robustness.last_epoch(kept, ended.only([0, 1, 2, 3]))
    assert table.loc["C2", "as kept, 4 networks"] == "holds"
    assert table.loc["C2", "last epoch"] != "holds"
    assert table.loc["C2", "cases that move"] == "4 of 4"
    assert robustness.last_epoch(kept, None).empty


def test_what_the_verdicts_rest_on():
    measures = pd.DataFrame({"replicate": [0, 1, 2], "layer": [1, 2, 1]})
    here = Tables({"measures": measures})
    assert trust.basis(here, "x", []) == (
        "The verdicts rest on 3 networks of run `x`. C8 is left out."
    )
    text = trust.basis(Tables({"measures": measures}, {"tanh": here}), "x", ["y"])
    assert "3 networks, of run `x` and of `y`; notebooks 1 to 5" in text
    assert "C8 compares them with 3 tanh networks." in text
    shallow = Tables({"measures": measures.assign(layer=1)})
    assert "C3 and C5 compare layers: of one layer" in trust.basis(shallow, "x", [])


def test_claims_are_counted_by_their_words():
    table = judged(
        ("C2", "layer-1", "mutual_information", 0.1, "agrees"),
        ("C5", "layer-2", "random", 0.1, "agrees"),
        ("C9b", "network", "40% pruned", -0.1, "disagrees"),
        ("C3", "layer-2", "entropy", 0.0, "negligible"),
    )
    assert trust.outcome(table) == (
        "Of 4 claims, ours among them, 2 hold (C2, C5), 1 does not hold (C9b) and 1 is "
        "negligible (C3)."
    )

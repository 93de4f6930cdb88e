"""Sentences of notebook 03 change with the tables, and never say what was not decided."""

import numpy as np
import pandas as pd
import pytest

from utils.ablate import findings, findings_of_neurons, tables

pytestmark = pytest.mark.filterwarnings("error")  # as with PYTHONWARNINGS=error
WORSE = {"low-first": 60_000, "high-first": 72_000, "none": 70_000}


@pytest.fixture
def ablation(ablation_of, with_ranks):
    """A function that makes tables in which orders leave as much as `levels` says, everywhere."""

    def make(levels, n_replicates=3, scopes=("layer-1", "layer-2", "network")):
        def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
            return levels[direction] + 10 * replicate * (direction != "none")

        return with_ranks(ablation_of(n_correct, scopes, n_replicates=n_replicates))

    return make


def test_across_the_network_directions_are_said_as_they_are(ablation):
    worse = findings.across_network(ablation(WORSE))
    assert (
        "lowest values first keeps less accuracy than random orders with entropy, mutual "
        "information and KL selectivity (mutual information −0.100 ["
    ) in worse
    assert "Highest values first keeps more accuracy than random orders with entropy, m" in worse
    assert worse.details[0].startswith("Entropy, high first is a good indicator up to 40 %")
    same = findings.across_network(ablation({"low-first": 0, "high-first": 0, "none": 0}))
    assert "lowest values first keeps as much accuracy as random orders (within 0.01)" in same
    assert same.details[0] == "No order passes our bound of 0.01 for a good indicator."


def test_one_network_decides_nothing(ablation):
    table = ablation(WORSE, n_replicates=1)
    for sentence in (findings.across_network, findings.by_ranks, findings.within_layers):
        text = sentence(table).whole
        assert "keeps not clearly more or less accuracy than" in text
        assert "keeps more" not in text
        assert "keeps less" not in text
        assert "nan" not in text


def test_within_layers_and_by_ranks_have_words_of_their_own(ablation):
    better = ablation({"low-first": 72_000, "high-first": 60_000, "none": 70_000})
    found = findings.within_layers(better)
    assert (
        "first keeps more accuracy than highest first with mutual information and KL selectivity "
        "(mutual information layer 1 +0.120 ["
    ) in found
    assert findings.within_layers(ablation(WORSE)).whole.count("keeps less accuracy") == 3
    assert "keeps more accuracy than random orders with entropy, " in findings.by_ranks(better)


def test_of_two_layers_that_differ_each_is_named(ablation_of, with_ranks):
    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        better = 10_000 * (ordering == "mutual_information" and scope == "layer-2")
        return 60_000 + 10 * replicate + better * (direction == "low-first")

    found = findings.within_layers(with_ranks(ablation_of(n_correct, n_replicates=3)))
    assert "more accuracy than highest first with mutual information in layer 2 (+0.1" in found
    assert "with mutual information in layer 1 and KL selectivity (mutual information 0.0" in found


def test_high_entropy_loses_its_advantage_only_where_it_had_one(ablation):
    table = ablation(WORSE)
    ranks = (table["ordering"] == "entropy_ranks") & (table["direction"] == "high-first")
    lost = table.assign(n_correct=table["n_correct"].mask(ranks, 70_000))
    assert "advantage: up to 40 % it differs from random orders by 0.000 [" in findings.by_ranks(
        lost
    )
    assert "loses its advantage" not in findings.by_ranks(table)


def test_what_depends_on_the_share_is_counted(ablation_of):
    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        turns = 5000 if n_ablated <= 2 else -20_000
        of_entropy = scope == "network" and (ordering, direction) == ("entropy", "high-first")
        return 70_000 + (turns + replicate) * of_entropy

    text = findings.by_share(ablation_of(n_correct))
    assert text.details == ("1 of 18 effects change their verdict between the two shares.",)
    assert "Entropy, high first (network) changes its side: +0.050 up to 40 %, −0.0" in text
    assert "In layer 1 and layer 2 every effect is negligible" in text


def test_emptied_layers_are_named_and_one_layer_has_none(ablation):
    keys = [(k, layer, n) for k in (0, 1) for layer in (1, 2) for n in range(4)]
    measured = pd.DataFrame(keys, columns=["replicate", "layer", "neuron"])
    values = measured["neuron"] + 10.0 * measured["layer"]
    measured = measured.assign(entropy=values, mutual_information=-values, kl_selectivity=values)
    text = findings.emptied(measured, ablation(WORSE))
    assert "takes 100 % from layer 1 by entropy, 100 % from layer 2 by mutual" in text
    assert text.endswith("High entropy first takes 100 % of its first 3 neurons from layer 2.")
    alike = findings.emptied(measured.assign(mutual_information=values), ablation(WORSE))
    assert "first takes from layer 1 100 % by entropy, 100 % by mutual information and" in alike
    one = measured[measured["layer"] == 1]
    only = ablation(WORSE, scopes=("layer-1", "network"))
    assert "With one hidden layer" in findings.emptied(one, only)
    assert "layer 2" not in findings.within_layers(only)


def test_confidence_is_that_of_the_temperatures():
    alone = pd.DataFrame({"replicate": [0, 1], "layer": 1, "replacement": "mean"})
    alone = alone.assign(cross_entropy_rise=-1.0, scaled_cross_entropy_rise=1.0)
    for temperatures, words in (
        ([3.0, 2.5], "over-confident: their temperatures lie between 2.50 and 3.00"),
        ([0.5, 0.9], "too modest"), ([0.5, 2.0], "of both kinds"),
    ):  # fmt: skip
        text = findings_of_neurons.over_confident(tables.lowered(alone, temperatures))
        assert words in text
        assert "for 100 % of the neurons, and the temperature-scaled one for 0 %" in text


def test_predictors_are_said_as_they_are_decided():
    index = pd.MultiIndex.from_product(
        [["scaled cross-entropy"], ["layer-1", "layer-2"], tables.PREDICTORS],
        names=["rise", "scope", "quantity"],
    )
    table = pd.DataFrame({"mean": 0.5, "low": 0.4, "high": 0.6, "verdict": "agrees"}, index=index)
    table.loc[(slice(None), "layer-2"), ["mean", "low", "high"]] = np.nan, np.nan, np.nan
    table.loc[(slice(None), "layer-2"), "verdict"] = "open"
    text = findings_of_neurons.one_by_one(table)
    assert "clearly rises with mutual information or KL selectivity in 2 of 4 cases" in text
    assert "predicts the harm in layer 1 (ρ = +0.50 [+0.40, +0.60]) and shows no clear" in text


def test_most_and_least_lost_classes_are_named():
    signs = {"mutual_information": -1, "random-00": 1}
    rows = [
        (k, name, c, 0.1 * c * sign + 0.01 * k)
        for k in (0, 1) for name, sign in signs.items() for c in (1, 2)
    ]  # fmt: skip
    losses = pd.DataFrame(rows, columns=["replicate", "ordering", "class", "lost"])
    text = findings_of_neurons.lost_classes(losses, list("abc"))
    assert "does best by class c, which loses −20 [" in text
    assert "percentage points instead of 20 [" in text
    assert "and worst by class b, which loses −10 [" in text
    assert "[" not in findings_of_neurons.lost_classes(
        losses[losses["replicate"] == 0], list("abc")
    )


def test_the_paper_is_named_with_its_distance(ablation):
    text = findings_of_neurons.beside_paper(ablation(WORSE))
    assert "curves of the paper's Fig. 3 and 4" in text
    other = ablation(WORSE, scopes=("layer-3",))
    assert findings_of_neurons.beside_paper(other) == "No curve of this run is one of the paper's."

"""The sentences of notebook 08: other tables, other words."""

import numpy as np
import pandas as pd
import pytest

from utils.beyond import findings, findings_of_sets
from utils.beyond.claims import BEYOND
from utils.beyond.tables import pruned
from utils.evidence import halves, judging
from utils.evidence.tables import Tables


def _curves(levels: dict[str, float], scopes=("layer-1", "layer-2", "network"), n=3) -> Tables:
    """Flat curves of n networks that differ little: accuracy by ordering, 0.7 elsewhere."""
    names = ["mrmr", "jmi", "cmim", "joint_information", "greedy", "mutual_information"]
    ranks = ["mutual_information_ranks", "random_ranks-00"]
    rows = []
    for scope in scopes:
        for name in [*names, "random-00", *(ranks if scope == "network" else [])]:
            direction = "none" if name.startswith("random") else "low-first"
            for k in range(n):
                hits = 10_000 * levels.get(name, 0.7) + (k * len(name)) % 7
                rows += [(k, scope, name, direction, "mean", m, hits, 10_000) for m in range(6)]
    columns = "replicate scope ordering direction replacement n_ablated n_correct n_samples"
    return Tables({"ablation": pd.DataFrame(rows, columns=columns.split())})


@pytest.fixture
def orders() -> pd.DataFrame:
    """Across two layers of four neurons; the greedy order alternates between them."""
    by_layer, mixed = list(range(8)), [0, 4, 1, 5, 2, 6, 3, 7]
    rows = [(0, "network", "jmi", k, n) for k, n in enumerate(by_layer)]
    rows += [(0, "network", "greedy", k, n) for k, n in enumerate(mixed)]
    rows += [(0, "layer-1", "jmi", k, k) for k in range(4)]
    return pd.DataFrame(rows, columns=["replicate", "scope", "ordering", "place", "neuron"])


def test_within_layers(orders):
    said = findings.within_layers(_curves({"cmim": 0.8, "greedy": 0.9}))
    assert "in 2 of 8 cases, worse in 0 and negligibly different in 6" in said
    assert "+0.100" in said
    assert "(CMIM, layer 1)" in said
    assert "greedy order's difference is layer 1 +0.200" in said
    said = findings.within_layers(_curves({"mutual_information": 0.8}))
    assert "in 0 of 8 cases, worse in 8" in said


def test_across_the_network(orders):
    joint = dict.fromkeys(["mrmr", "jmi", "cmim", "joint_information"], 0.5)
    levels = joint | {"mutual_information_ranks": 0.8, "greedy": 0.9}
    said = findings.across_network(_curves(levels), orders)
    assert "does not mend the order: 0 of 4 orders" in said
    assert "In their first half, 100 % to 100 %" in said
    assert "in the greedy order 50 %" in said
    assert "by ranks within layers, mutual information +0.100" in said
    said = findings.across_network(_curves(dict.fromkeys(joint, 0.9)), orders)
    assert "mends the order: 4 of 4" in said
    assert "none of the single quantities" in said
    alone = findings.across_network(_curves(levels, n=1), orders)
    assert "settles nothing: 0 of 4" in alone
    assert "[" not in alone


def _classes(own: int, n: int = 3) -> pd.DataFrame:
    rows = [
        (k, "layer-1", selected, label, 90 - own * (selected == label) - k * (k < label), 95, 100)
        for k in range(n)
        for selected in range(4)
        for label in range(4)
    ]
    columns = "replicate scope selected_class class n_correct n_intact n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def test_classes_and_their_neurons():
    said = findings.own_class(_classes(30), 10)
    assert said.startswith("Selective neurons carry their class: without the 10 neurons")
    assert "100 % in layer 1" in said
    assert "do not carry their class" in findings.own_class(_classes(-30), 10)
    assert "settled" in findings.own_class(_classes(30, n=1), 10)


def test_redundancy(small):
    pairs = small.pairs.assign(surplus=small.pairs["co_information"])
    assert "do make up for each other's loss" in findings_of_sets.redundant_pairs(pairs, 0.1)
    turned = small.pairs.assign(surplus=-small.pairs["co_information"])
    assert "do not make up for" in findings_of_sets.redundant_pairs(turned, 0.1)
    nearly_the_same = 30 + small.sets["replicate"] / 10_000  # of two networks
    more = small.sets.assign(error_surplus=nearly_the_same, independent_surplus=0)
    said = findings_of_sets.redundant_sets(more, 100)
    assert "in 18 of 18 orders and layers, and clearly less in 0" in said
    assert "pairs" in findings_of_sets.read_off_curves(small.ablation, small.pairs)


def test_prices_and_paths(small, information, tables):
    said = findings.price(small.bottleneck, tables)
    assert "of 20 cases" in said
    assert "of 10 cases" in said
    one = information.assign(entropy=0.5, mutual_information=1 / (1 + information["epoch"]))
    assert "H goes from 0.50 to 0.50 bits and I from 1.00 to 0.33, after 1.00 at epoch 0" in (
        findings.training(one)
    )
    rising = one.assign(mutual_information=one["epoch"] / 10)
    assert "after" not in findings.training(rising)


def test_what_is_steady(tables):
    judged = judging.judge(tables, BEYOND)
    none = halves.halves(tables, judged, BEYOND)  # of two networks
    assert none.empty
    alone = findings.steady(judged, None, none)
    assert alone.startswith("Here *")
    assert "images" not in alone
    other = judged.assign(verdict="disagrees")
    assert "there does not hold)" in findings.steady(judged, other, none)
    assert "none of 9 statements" in findings.steady(judged, judged, none)
    parts = pd.DataFrame(
        {"cases": [4, 4], "differ": [3, 3], "by chance": 1.0, "least": 0, "most": 2},
        index=["B2", "all"],
    )
    assert "3 of 4 verdicts differ; between random halves 1 (0 to 2). Most of them are of B2" in (
        findings.steady(judged, None, parts)
    )


def test_pruning_and_estimates(small):
    table = pruned(small.pruning, small.joint_pruning)
    assert findings.pruning(table).startswith("With 25 % of all layers pruned")
    sizes = pd.DataFrame({
        "size": [1, 2, 12], "joint_information": [1.0, 1.5, 3.0],
        "shuffled_joint_information": [0.0, 0.01, 0.5],
        "shuffled_miller_madow": [0.0, -0.001, np.float64(0.3)],
    })  # fmt: skip
    said = findings_of_sets.estimates(sizes)
    assert "with 2 neurons, 0.010 of 1.500 bits" in said
    assert "with 12 neurons, 0.500 of 3.000 bits" in said

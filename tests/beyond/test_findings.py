"""The sentences of notebook 08: other tables, other words."""

import pandas as pd
import pytest

from utils.beyond import findings, findings_of_sets
from utils.beyond.claims import BEYOND
from utils.evidence import halves, judging
from utils.evidence.tables import Tables

NAMES = [f"kind {number}" for number in range(10)]


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


@pytest.fixture
def measures() -> pd.DataFrame:
    """Of the neurons in `orders`: three of the four that know least are in layer 1."""
    return pd.DataFrame(
        {
            "replicate": 0,
            "layer": [1] * 4 + [2] * 4,
            "mutual_information": [1, 2, 3, 5, 4, 6, 7, 8],
        }
    )


JOINT = dict.fromkeys(["mrmr", "jmi", "cmim", "joint_information"], 0.5)


def test_within_layers():
    said = findings.within_layers(_curves({"cmim": 0.8, "greedy": 0.9}))
    assert "better than mutual information alone in 2 of 8 cases, worse in none and neg" in said
    assert "different in 6. At best they gain +0.100" in said
    assert "in layer 1. Greedy removal gains +0.200" in said
    said = findings.within_layers(_curves({"mutual_information": 0.8}))
    assert "in none of 8 cases, worse in 8 and negligibly different in none" in said


def test_whether_sharing_is_why_orders_across_the_network_fail(orders, measures):
    levels = JOINT | {"mutual_information": 0.5}
    said = findings.across_network(_curves(levels), orders, measures)
    start = "Across the network, counting what is shared "
    assert said.startswith(f"{start}does not mend the order: none of 4 orders that count what is")
    assert "These orders too empty layer 1 first: of the first half that they rem" in said
    assert "remove, 100 % is of layer 1; with mutual information alone it is 75 %." in said
    levels = dict.fromkeys(JOINT, 0.9) | {"mutual_information": 0.5}
    said = findings.across_network(_curves(levels), orders, measures)
    assert said.startswith(f"{start}mends the order: 4 of 4 orders")
    some = levels | {"mrmr": 0.5, "jmi": 0.5}
    assert "by some methods only: 2 of 4" in findings.across_network(
        _curves(some), orders, measures
    )
    spread = measures.assign(mutual_information=[1, 8, 3, 6, 4, 5, 2, 7])
    assert ". Of the first half" in findings.across_network(_curves(levels), orders, spread)
    alone = findings.across_network(_curves(levels, n=1), orders, measures)
    assert alone.startswith("Across the network none of 4 orders")
    assert "[" not in alone
    levels = JOINT | {"mutual_information": 0.9}
    said = findings.across_network(_curves(levels), orders, measures)
    assert said.startswith("Across the network mutual information alone beats random orders, and")


def test_what_beats_random_orders_across_the_network():
    said = findings.what_helps(_curves({"mutual_information_ranks": 0.8, "greedy": 0.9}))
    assert "is mutual information compared by ranks within the layers (+0.100 [" in said
    assert "and greedy removal (+0.200 [" in said
    assert findings.what_helps(_curves({"greedy": 0.9})).startswith(
        "What does beat random orders is greedy removal ("
    )
    assert findings.what_helps(_curves({})).startswith("Nothing that we tried")


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
    said = findings.own_class(_classes(30), 10, NAMES)
    start = "Removing the 10 neurons of a layer that are most selective for a class "
    assert said.startswith(f"{start}hits that class more than the others. In accuracy it loses 0.")
    assert "hit hardest in 4 of 4 cases, a layer and a class each. As" in said
    spared = _classes(30)
    here = (spared["selected_class"] == 2) & (spared["class"] == 1)
    spared.loc[here, "n_correct"] = 0
    said = findings.own_class(spared, 10, NAMES)
    assert "in 3 of 4 cases, a layer and a class each; not so class kind 2 in layer 1." in said
    assert "does not clearly hit" in findings.own_class(_classes(-30), 10, NAMES)
    assert "settled" in findings.own_class(_classes(30, n=1), 10, NAMES)


def test_redundancy(small):
    pairs = small.pairs.assign(surplus=small.pairs["co_information"])
    found = findings_of_sets.redundant_pairs(pairs, 0.1)
    assert found.startswith("The more two neurons share, the more their removal costs")
    assert found.details[0].startswith("Of the pairs, ")
    turned = small.pairs.assign(surplus=-small.pairs["co_information"])
    assert "does not clearly make" in findings_of_sets.redundant_pairs(turned, 0.1)
    nearly_the_same = 30 + small.sets["replicate"] / 10_000  # of two networks
    more = small.sets.assign(error_surplus=nearly_the_same, independent_surplus=0)
    said = findings_of_sets.redundant_sets(more, 100)
    assert "in 18 of 18 orders and layers, less in none. Redundancy looks" in said
    less = more.assign(error_surplus=-nearly_the_same)
    assert findings_of_sets.redundant_sets(less, 100).endswith("orders and layers, less in 18.")
    same = more.assign(error_surplus=more["replicate"] / 10_000)
    said = findings_of_sets.redundant_sets(same, 100)
    assert said.endswith("less in none, and differs negligibly (by less than 0.01) in 18.")
    assert findings_of_sets.read_off_curves(small.ablation, small.pairs).startswith("Too few")


def test_the_price_of_entropy(small, tables):
    said = findings_of_sets.price(small.bottleneck, tables)
    assert "of 20 cases" in said
    assert "of 10 cases" in said


def test_what_is_steady(tables):
    judged = judging.judge(tables, BEYOND)
    none = halves.halves(tables, judged, BEYOND)  # of two networks
    assert none.empty
    assert findings.steady(judged, None, none).startswith("Nothing to compare with")
    same = findings.steady(judged, judged, none)
    assert same.startswith("On other images 0 of 9 statements come to another word, and 0 of ")
    assert "halves" not in same
    other = findings.steady(judged, judged.assign(verdict="negligible"), none)
    assert not other.startswith("On other images 0")
    parts = pd.DataFrame(
        {"cases": [4, 4], "differ": [3, 3], "by chance": 1.0, "least": 0, "most": 2},
        index=["B2", "all"],
    )
    said = findings.steady(judged, None, parts)
    assert said.endswith("3 of 4 verdicts differ, between random halves 1 (0 to 2).")


def test_what_shuffled_labels_give():
    sizes = pd.DataFrame({
        "size": [1, 2, 12], "joint_information": [1.0, 1.5, 3.0],
        "shuffled_joint_information": [0.0, 0.01, 0.5],
    })  # fmt: skip
    said = findings_of_sets.estimates(sizes)
    assert "0.010 of 1.500 bits at size 2 and 0.500 of 3.000 bits at size 12, as" in said
    one = findings_of_sets.estimates(sizes[:1])
    assert "a set: 0.000 of 1.000 bits at size 1, as" in one

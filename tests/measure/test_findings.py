"""The sentences of notebook 02 say what the tables say, whatever that is."""

import numpy as np
import pandas as pd
import pytest

from utils.information.neurons import entropy
from utils.measure import findings, tables
from utils.names import QUANTITIES


def measures(n_replicates: int = 3, n_layers: int = 2, step: float = 0.5) -> pd.DataFrame:
    """Networks of 11 neurons a layer: entropy rises by neuron and layer, selectivity falls."""
    index = pd.MultiIndex.from_product(
        [range(n_replicates), range(1, n_layers + 1), range(11)],
        names=["replicate", "layer", "neuron"],
    )
    table = pd.DataFrame(index=index, columns=list(QUANTITIES), dtype=float).reset_index()
    rank = table["neuron"] / 10 + table["replicate"] / 1000
    table["entropy"] = rank + step * table["layer"]
    table["mutual_information"] = rank + 2 * table["layer"]
    table["kl_selectivity"] = -rank + 3
    return table


def test_the_entropy_of_counts_by_hand():
    counts = np.array([[1, 1], [2, 4]])
    (text,) = (findings.entropy_by_hand(counts).data,)
    assert r"\tfrac{2}{8} \log_2 \tfrac{2}{8} - \tfrac{6}{8}" in text
    assert f"= 0.500 + 0.311 = {entropy(counts):.3f}" in text
    assert "= 0.000 = 0.000" in findings.entropy_by_hand(np.array([[3, 1], [0, 0]])).data


def test_layers_are_compared_by_information_and_by_what_goes_first():
    found = findings.layers(measures())
    assert found.startswith("Neurons of layer 2 say more about the class than those of layer 1: ")
    assert "differs by +2.000 [+2.000, +2.000] bits. Of the lower" in found
    assert "73 % by entropy, 100 % by mutual information and 55 % by KL selectivity are" in found
    assert found.details[0].endswith("layer to layer.* Verdict: holds mostly.")
    less = measures()
    less["mutual_information"] *= -1
    assert "layer 2 say less about the class than" in findings.layers(less)
    less["mutual_information"] = less["neuron"] / 10
    assert "layer 2 say about as much about the class as those" in findings.layers(less)
    assert "layer 3 say more about the class than those of layer 2" in findings.layers(
        measures(n_layers=3)
    )


def test_one_network_has_no_interval_and_one_layer_nothing_to_compare():
    found = findings.layers(measures(n_replicates=1))
    assert "layer 2 do not clearly say more or less about the class than those of layer 1" in found
    assert "differs by +2.000 bits" in found
    assert found.details[0].endswith("Verdict: open.")
    assert "nothing to compare" in findings.layers(measures(n_layers=1))


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_selectivity_that_falls_with_entropy_is_explained(n_replicates):
    table = measures(n_replicates)
    sentence = findings.ranks(table)
    assert "In layer 1, KL selectivity mostly says how unevenly the bit is split." in sentence
    assert "In layer 2, KL" in sentence
    assert sentence.count("rank correlation is −1.00") == 2
    risen = table.assign(kl_selectivity=-table["kl_selectivity"])
    assert findings.ranks(risen).startswith("In no layer does KL selectivity mostly say")


def test_what_chance_leaves_is_a_share_of_the_mean():
    index = pd.MultiIndex.from_product([["right", "shuffled"], [1, 2]], names=["labels", "layer"])
    baseline = pd.DataFrame({"mutual_information": [0.2, 0.5, 0.001, 0.002]}, index)
    sentence = findings.bias(baseline, 0.00123)
    assert "layer 1: 0.0010 (unshuffled 0.200); layer 2: 0.0020 (unshuffled 0.500)" in sentence
    assert "; 0.0012 is expected" in sentence
    assert "at most 0.5 %" in sentence


def test_extreme_images_are_counted_over_all_neurons():
    table = pd.DataFrame(
        {
            "neuron": [0, 1, 2],
            "kl_selectivity": [1.0, 2.0, 3.0],
            "turned": ["on", "off", "off"],
            "of_class": [6, 3, 0],
            "by_chance": [0.5, 0.6, 1.0],
        }
    )
    found = findings.extreme_images(table)
    assert "Of 3 neurons, 2 are turned off" in found
    assert found.endswith("3.0 show that class on average (by chance: 0.7).")
    assert found.details == ("How many do has a rank correlation of −1.00 with KL selectivity.",)
    assert not findings.extreme_images(table.assign(of_class=6)).details
    assert "No neuron" in findings.extreme_images(table.iloc[:0])


def test_extremes_of_the_paper_are_beside_our_range_and_our_means():
    table = pd.DataFrame(
        {
            "in the paper": [0.5, 0.1, 0.9],
            "ours, mean": [0.5, 0.2, 0.6],
            "within ours": ["yes", "no", "no"],
        },
        pd.MultiIndex.from_tuples(
            [
                ("entropy", 1, "largest"),
                ("entropy", 1, "smallest"),
                ("KL selectivity", 2, "largest"),
            ]
        ),
    )
    sentence = findings.extremes(table)
    assert sentence.startswith("1 of the 3 smallest and largest values in the paper's")
    assert "0.18 bits off (root mean square), mostly by one value: the largest KL" in sentence
    assert sentence.endswith("selectivity of layer 2, 0.90 in the paper and 0.60 in ours.")
    even = findings.extremes(table.assign(**{"ours, mean": [0.4, 0.2, 0.8]}))
    assert even.endswith("0.10 bits off (root mean square).")


def test_extreme_neurons_have_their_class_and_rate_beside_them():
    table = measures(1).assign(selective_class=3, firing_rate=0.25)
    chosen = tables.extreme_neurons(table, "entropy", 1)
    assert chosen["label"].tolist() == [
        "neuron 10\n1.50 bits\nclass 3\nfires: 25%",
        "neuron 0\n0.50 bits\nclass 3\nfires: 25%",
    ]

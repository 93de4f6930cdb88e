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


def test_layers_are_compared_by_medians_and_by_the_middling_neuron():
    sentence = findings.layers(measures())
    assert "layer to layer*: holds mostly." in sentence
    assert "entropy +0.500 [+0.500, +0.500]; mutual information +2.000" in sentence
    assert "KL selectivity 0.000 [0.000, 0.000] (negligible)" in sentence
    assert "above 91 % of them by entropy, 100 % of them by mutual information, 45 %" in sentence
    sentence = findings.layers(measures(step=-0.5))
    assert "entropy −0.500" in sentence
    assert "above 0 % of them by entropy" in sentence
    assert "From layer 2 to layer 3" in findings.layers(measures(n_layers=3))


def test_one_network_has_no_interval_and_one_layer_nothing_to_compare():
    sentence = findings.layers(measures(n_replicates=1))
    assert "layer to layer*: open." in sentence
    assert "entropy +0.500 (open)" in sentence
    assert "nothing to compare" in findings.layers(measures(n_layers=1))


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_selectivity_that_falls_with_entropy_is_explained(n_replicates):
    table = measures(n_replicates)
    sentence = findings.ranks(table)
    assert "with entropy: layer 1 −1.00" in sentence
    assert "In layer 1 and 2 the selective neurons are mostly" in sentence
    risen = table.assign(kl_selectivity=-table["kl_selectivity"])
    sentence = findings.ranks(risen)
    assert "with mutual information: layer 1 +1.00" in sentence
    assert "mostly" not in sentence


def test_what_chance_leaves_is_a_share_of_the_mean():
    index = pd.MultiIndex.from_product([["right", "shuffled"], [1, 2]], names=["labels", "layer"])
    baseline = pd.DataFrame({"mutual_information": [0.2, 0.5, 0.001, 0.002]}, index)
    sentence = findings.bias(baseline, 0.00123)
    assert "layer 1: 0.0010 of 0.200; layer 2: 0.0020 of 0.500; 0.0012 is expected" in sentence
    assert "at most 0.5 %" in sentence


def test_extreme_images_are_counted_over_all_neurons():
    table = pd.DataFrame(
        {
            "neuron": [0, 1, 2],
            "kl_selectivity": [1.0, 2.0, 3.0],
            "turned": ["on", "off", "off"],
            "of_class": [6, 3, 0],
        }
    )
    sentence = findings.extreme_images(table)
    assert "Of 3 neurons, 2 are turned off" in sentence
    assert "3.0 are of that class on average; their number has a rank correlation of −1.00" in (
        sentence
    )
    assert "correlation" not in findings.extreme_images(table.assign(of_class=6))
    assert "No neuron" in findings.extreme_images(table.iloc[:0])


def test_extremes_of_the_paper_outside_ours_are_named():
    table = pd.DataFrame(
        {
            "published": [0.5, 0.1, 0.9],
            "lowest": [0.4, 0.2, 0.5],
            "mean": [0.5, 0.3, 0.6],
            "highest": [0.6, 0.4, 0.7],
            "inside": ["yes", "no", "no"],
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
    assert sentence.startswith("1 of the paper's 3 smallest and largest values")
    assert "the smallest entropy of layer 1, 0.100 in the paper and so below ours (0.200 to" in (
        sentence
    )
    assert "the largest KL selectivity of layer 2, 0.900 in the paper and so above" in sentence
    assert findings.extremes(table.iloc[:1]).endswith("in the range of our networks.")


def test_extreme_neurons_have_their_class_and_rate_beside_them():
    table = measures(1).assign(selective_class=3, firing_rate=0.25)
    chosen = tables.extreme_neurons(table, "entropy", 1)
    assert chosen["label"].tolist() == [
        "neuron 10\n1.50 bits\nclass 3\nfires: 25%",
        "neuron 0\n0.50 bits\nclass 3\nfires: 25%",
    ]

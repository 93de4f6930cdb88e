"""Tables of notebook 02 on small data with known answers."""

import numpy as np
import pandas as pd
import pytest

from utils.information.neurons import measure
from utils.measure import tables
from utils.names import QUANTITIES


@pytest.fixture(scope="module")
def measures() -> pd.DataFrame:
    """Of three networks with three layers of 9 neurons; entropy 1 bit higher in each layer."""
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product(
        [range(3), (1, 2, 3), range(9)], names=["replicate", "layer", "neuron"]
    )
    table = pd.DataFrame(rng.random((len(index), 3)), index, list(QUANTITIES)).reset_index()
    table["entropy"] = table["layer"] + table["neuron"] / 10
    table["mutual_information"] -= 0.5 * (table["layer"] == 2)
    return table


def test_medians_differ_where_the_interval_leaves_out_0(measures):
    table = tables.median_differences(measures)
    assert table.columns.tolist() == ["mean", "low", "high", "n_replicates", "verdict"]
    assert table.index.names == ["layer", "quantity"]
    assert table.index.tolist() == [(layer, q) for layer in (2, 3) for q in QUANTITIES]
    assert table.loc[(2, "entropy")].tolist() == [1, 1, 1, 3, "agrees"]
    medians = measures.groupby(["replicate", "layer"])["kl_selectivity"].median().unstack()
    steps = medians[3] - medians[2]
    row = table.loc[(3, "kl_selectivity")]
    assert row["mean"] == pytest.approx(steps.mean())
    assert row["low"] <= row["mean"] <= row["high"]
    sure = row["low"] > 0 or row["high"] < 0
    assert row["verdict"] in (("agrees", "negligible") if sure else ("open", "negligible"))


def test_a_single_network_tells_nothing_of_differences(measures):
    table = tables.median_differences(measures[measures["replicate"] == 0])
    assert set(table["verdict"]) == {"open"}


def test_no_quantity_of_a_network_exceeds_its_bounds(small_digits, random_network):
    split = small_digits.validation
    measured = measure(random_network((49, 20, 10)), split.images, split.labels, 2, 10)
    assert (tables.bounds(measured, split.labels) == 0).all()
    wrong = measured.assign(mutual_information=4.0)
    excess = tables.bounds(wrong, split.labels)
    shares = np.bincount(split.labels) / len(split.labels)
    assert excess["I - H(Y)"] == pytest.approx(4 + (shares * np.log2(shares)).sum())
    assert excess["0 - I"] == 0


def test_shuffled_labels_leave_less(small_digits, random_network):
    table = tables.shuffled_baseline(random_network((49, 20, 10)), small_digits.train, 2, 10)
    assert table.index.tolist() == [("right", 1), ("shuffled", 1)]
    assert (table.loc[("shuffled", 1)] < table.loc[("right", 1)]).all()


def test_extreme_neurons_are_the_first_and_the_last(measures):
    chosen = tables.extreme_neurons(measures, "entropy", 2)
    assert chosen["neuron"].tolist() == [8, 7, 1, 0]
    assert chosen["label"].tolist() == ["8: 1.8", "7: 1.7", "1: 1.1", "0: 1.0"]


def test_top_images_raise_the_neuron_most(small_digits, random_network):
    network, split = random_network((49, 6, 10)), small_digits.test
    images, labels = tables.top_images(network, [4, 1], split, 3)
    outputs = network.forward(split.images)[1]
    assert images.shape == (2, 3, 49)
    assert network.forward(images[0])[1][:, 4].tolist() == pytest.approx(
        sorted(outputs[:, 4], reverse=True)[:3]
    )
    assert labels[1, 0] == split.labels[outputs[:, 1].argmax()]


def test_rank_correlations_do_not_depend_on_the_scale(measures):
    table = tables.rank_correlations(measures)
    scaled = tables.rank_correlations(measures.assign(entropy=np.exp(measures["entropy"])))
    assert np.allclose(table, scaled)
    assert np.allclose(np.diag(table.loc[1]), 1)


def test_joint_counts_are_shown_with_their_sums():
    table = tables.joint_counts(np.array([[3, 1], [0, 2]]))
    assert table["all"].tolist() == [4, 2]

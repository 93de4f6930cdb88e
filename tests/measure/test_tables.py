"""Tables of notebook 02 on small data with known answers."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from utils.information.neurons import measure
from utils.measure import tables
from utils.names import NAMES, QUANTITIES


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
    assert table.columns.tolist() == ["mean", "low", "high", "networks", "verdict"]
    assert table.index.names == ["layer", "quantity"]
    assert table.index.tolist() == [(layer, NAMES[q]) for layer in (2, 3) for q in QUANTITIES]
    assert table.loc[(2, "entropy")].tolist() == [1, 1, 1, 3, "agrees"]
    medians = measures.groupby(["replicate", "layer"])["kl_selectivity"].median().unstack()
    steps = medians[3] - medians[2]
    row = table.loc[(3, "KL selectivity")]
    assert row["mean"] == pytest.approx(steps.mean())
    assert row["low"] <= row["mean"] <= row["high"]
    sure = row["low"] > 0 or row["high"] < 0
    assert row["verdict"] in (("agrees", "negligible") if sure else ("open", "negligible"))


def test_the_ends_of_an_interval_are_shown_as_text(measures):
    table = tables.shown(tables.median_differences(measures), 2)
    assert table.columns.tolist() == ["mean", "95 % interval", "networks", "verdict"]
    assert table.loc[(2, "entropy"), "95 % interval"] == "[+1.00, +1.00]"
    single = tables.rank_correlations(measures[measures["replicate"] == 0])
    assert set(tables.shown(single, 2)["95 % interval"]) == {""}


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
    table = measures.assign(selective_class=0, firing_rate=0.5)
    chosen = tables.extreme_neurons(table, "entropy", 2)
    assert chosen["neuron"].tolist() == [8, 7, 1, 0]


def test_firing_rates_are_those_of_each_class(small_digits, random_network):
    network, split = random_network((49, 6, 10)), small_digits.validation
    rates = tables.firing_rates(network, split, 10)
    fires = network.forward(split.images[split.labels == 3])[1] > 0.5
    assert rates.shape == (6, 10)
    assert rates[:, 3].tolist() == pytest.approx(fires.mean(axis=0))


def test_extreme_images_are_on_the_side_of_the_class(small_digits, random_network):
    network, split = random_network((49, 20, 10)), small_digits.validation
    measured = measure(network, split.images, split.labels, 2, 10)
    measured.loc[0, "selective_class"] = -1
    table = tables.extreme_images(network, measured, split, 10).set_index("neuron")
    assert table.index.tolist() == measured.index[measured["selective_class"] >= 0].tolist()
    assert set(table["turned"]) == {"on", "off"}
    outputs, rates = network.forward(split.images)[1], tables.firing_rates(network, split, 10)
    for neuron, row in table.iterrows():
        chosen = measured.loc[neuron, "selective_class"]
        on = rates[neuron, chosen] > measured.loc[neuron, "firing_rate"]
        order = outputs[:, neuron].argsort()
        extreme = order[-tables.N_IMAGES :] if on else order[: tables.N_IMAGES]
        assert (row["turned"] == "on") == on
        assert row["of_class"] == (split.labels[extreme] == chosen).sum()
        assert row["by_chance"] == pytest.approx(6 * (split.labels == chosen).mean())


def test_rank_correlations_do_not_depend_on_the_scale(measures):
    table = tables.rank_correlations(measures)
    scaled = tables.rank_correlations(measures.assign(entropy=np.exp(measures["entropy"])))
    assert table.equals(scaled)
    assert table.index.get_level_values("layer").tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    grouped = measures[measures["layer"] == 2].groupby("replicate")
    each = [spearmanr(part["entropy"], part["kl_selectivity"])[0] for _, part in grouped]
    row = table.loc[(2, "entropy, KL selectivity")]
    assert row["mean"] == pytest.approx(np.mean(each), abs=0.005)


def test_the_lowest_half_is_what_an_order_across_the_network_removes_first(measures):
    two = measures[measures["layer"] < 3].copy()
    two.loc[two["layer"] == 1, "mutual_information"] = two["neuron"]
    two.loc[two["layer"] == 2, "mutual_information"] = 5.5
    shares = tables.lowest_half(two)
    assert shares["entropy"].tolist() == [1, 0]
    assert shares["mutual_information"].tolist() == pytest.approx([6 / 9, 3 / 9])
    assert tables.lowest_half(measures).sum().tolist() == pytest.approx([1, 1, 1])


def test_joint_counts_are_shown_with_their_sums():
    table = tables.joint_counts(np.array([[3, 1], [0, 2]]))
    assert table["all"].tolist() == [4, 2]

"""Pairs, sets, orders and classes on small networks; statements on tables made by hand."""

import warnings
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from utils import (
    ablation,
    beyond,
    beyond_claims,
    beyond_tables,
    decomposition,
    experiments,
    greedy,
    joint_figures,
    measures,
    neuron_sets,
    surgery,
    verdicts,
)
from utils.beyond import of
from utils.datasets import Dataset
from utils.networks import Network
from utils.orders import order_by

N_RANDOM = 2


def _fitted(network: Network, data: Dataset) -> Network:
    """The network with logits fitted by least squares, so that it gets some digits right."""
    outputs = network.forward(data.train.images)[-2]
    outputs = np.column_stack([outputs, np.ones(len(outputs))])
    fitted = np.linalg.lstsq(outputs, 5 * np.eye(10)[data.train.labels])[0]
    kernels, biases = (*network.kernels[:-1], fitted[:-1]), (*network.biases[:-1], fitted[-1])
    return Network(kernels, biases, network.activations)


@pytest.fixture(scope="module")
def small(small_digits, random_network):
    """Two networks 49-8-6-10 and all tables of notebook 08, as the notebook makes them."""
    data = small_digits
    networks = [_fitted(random_network((49, 8, 6, 10), seed=seed), data) for seed in (1, 2)]
    found = SimpleNamespace(data=data, networks=networks)

    def each(function) -> pd.DataFrame:
        tables = [function(k, network) for k, network in enumerate(networks)]
        table = pd.concat(tables, keys=range(2), names=["replicate", None])
        return table.reset_index(level=0).reset_index(drop=True)

    validation, test = data.validation, data.test
    found.measured = each(
        lambda _, n: measures.measure(n, validation.images, validation.labels, 2, 10)
    )
    rows = lambda table, k: of(table, k)  # noqa: E731
    found.ablation = each(
        lambda k, n: experiments.ablate(n, rows(found.measured, k), test, N_RANDOM, k)
    )
    found.single = each(lambda k, n: experiments.ablate_single(n, rows(found.measured, k), test))
    found.pairs = each(lambda k, n: beyond.pair_table(n, rows(found.measured, k), data, 2, 60))
    found.orders = each(lambda k, n: beyond.order_table(n, rows(found.measured, k), data, 2, 60))
    found.curves = each(
        lambda k, n: beyond.joint_curves(n, rows(found.measured, k), rows(found.orders, k), test)
    )
    found.joint_pruning = each(
        lambda k, n: beyond.joint_pruning(n, rows(found.orders, k), data, [0.25, 0.5])
    )
    balanced = neuron_sets.balanced(found.ablation, found.curves)
    tables = (balanced, found.single, found.pairs, found.measured, found.orders)
    found.sets = each(lambda k, _: neuron_sets.set_table(*(rows(t, k) for t in tables), k))
    found.classes = each(lambda k, n: beyond.class_table(n, rows(found.measured, k), data, 2, 3))
    pruned = found.joint_pruning.query("method in ('jmi', 'cmim') and repair == 'mean'")
    found.pruning = pruned.assign(scope="network", retrain_epochs=0).replace(
        {"method": {"jmi": "mutual_information", "cmim": "random"}}
    )
    return found


@pytest.fixture
def tables(small) -> beyond_claims.Tables:
    return beyond_claims.Tables(
        small.ablation, small.pruning, small.pairs, small.curves, small.sets,
        small.joint_pruning, small.classes,
    )  # fmt: skip


def test_a_subset_is_the_same_for_every_network(digits):
    few = beyond.subset(digits.validation, 100)
    again = beyond.subset(digits.validation, 100)
    np.testing.assert_array_equal(few.images, again.images)
    assert len(np.unique(few.labels)) == 10
    assert beyond.subset(digits.validation, 10**6) is digits.validation


def test_orders_hold_every_neuron_once_and_use_the_layer_alone(small):
    for (_, scope, _), part in small.orders.groupby(["replicate", "scope", "ordering"]):
        width = {"layer-1": 8, "layer-2": 6, "network": 14}[scope]
        assert sorted(part["neuron"]) == sorted(part["place"]) == list(range(width))
    few, constants = beyond.subset(small.data.validation, 60), of(small.measured, 1)["mean_output"]
    order = greedy.greedy_order(
        small.networks[1], few.images, few.labels, np.arange(8, 14), constants.to_numpy()
    )
    found = beyond.joint_order_arrays(of(small.orders, 1), "layer-2")["greedy", "low-first"]
    np.testing.assert_array_equal(found, order - 8)


def test_curves_start_intact_and_end_at_the_same_place_whatever_the_order(small):
    test = small.data.test
    assert all(n.n_correct(test.images, test.labels) > 25 for n in small.networks)
    for (k, scope), part in small.curves.groupby(["replicate", "scope"]):
        first = part.loc[part["n_ablated"] == 0, "n_correct"]
        assert set(first) == {small.networks[k].n_correct(test.images, test.labels)}
        last = part.loc[part["n_ablated"] == part["n_ablated"].max(), "n_correct"]
        assert last.nunique() == 1, scope
    assert set(small.curves["direction"]) == {"low-first", "high-first"}


def test_pruning_removes_what_comes_first_in_the_order(small):
    network, data = small.networks[0], small.data
    pruned, signal = network, data.validation.images
    for layer in (1, 2):
        order = beyond.joint_order_arrays(of(small.orders, 0), f"layer-{layer}")
        gone = order["cmim", "low-first"][: 4 if layer == 1 else 3]
        moments = surgery.Moments(pruned.forward(signal)[layer - 1])
        pruned = surgery.remove(pruned, layer, gone, "mean", moments)
    row = of(small.joint_pruning, 0).query(
        "method == 'cmim' and repair == 'mean' and fraction == 0.5"
    )
    assert row["n_correct"].item() == pruned.n_correct(data.test.images, data.test.labels)


def test_surplus_of_sets_and_their_mean_co_information(small):
    network, measured, test = small.networks[0], of(small.measured, 0), small.data.test
    constants = measured["mean_output"].to_numpy()
    rises = of(small.single, 0).query("replacement == 'mean' and layer == 1")["error_rise"]
    orders = neuron_sets.layer_orders(measured, of(small.orders, 0), N_RANDOM, 0)["layer-1"]
    pairs = of(small.pairs, 0).query("layer == 1").set_index(["neuron_1", "neuron_2"])
    for name in (("random-01", "none"), ("jmi", "high-first"), ("entropy", "low-first")):
        order = orders[name]
        hits, _ = ablation.cumulative_ablation(network, test.images, test.labels, order, constants)
        rows = of(small.sets, 0).query("scope == 'layer-1'").set_index(["ordering", "direction"])
        assert len(rows.loc[[name]]) == 7
        for row in rows.loc[[name]].itertuples():
            gone = order[: row.n_ablated]
            together = hits[0, 0] - hits[0, row.n_ablated]
            assert row.error_surplus == together - rises.to_numpy()[gone].sum()
            inside = [pairs.loc[(i, j), "co_information"] for i in gone for j in gone if i < j]
            assert row.co_information == pytest.approx(np.mean(inside), abs=1e-5)


def test_nothing_is_said_of_sets_that_all_lose_the_same(small):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        equal = SimpleNamespace(sets=small.sets.assign(error_surplus=3))
        assert beyond_claims.BEYOND["B4, sets"].values(equal).empty


def test_the_largest_divergence_is_kl_selectivity(small):
    network, split = small.networks[0], small.data.validation
    levels = measures.quantize(network.forward(split.images)[0], 3, "sigmoid")
    counts = measures.joint_counts(levels, split.labels, 3, 10)
    selectivity, of_class = measures.kl_selectivity(counts)
    divergence = measures.class_divergence(counts)
    np.testing.assert_allclose(divergence.max(axis=1), selectivity, atol=1e-12)
    assert (divergence[np.arange(8), of_class] >= selectivity - 1e-12).all()
    counts[:, :, 4] = 0
    assert (measures.class_divergence(counts)[:, 4] == -1).all()


def test_classes_add_up_to_what_ablation_counts(small):
    network, test = small.networks[0], small.data.test
    constants = of(small.measured, 0)["mean_output"].to_numpy()
    split = small.data.validation
    counts = measures.joint_counts(
        measures.quantize(network.forward(split.images)[1], 2, "sigmoid"), split.labels, 2, 10
    )
    classes = of(small.classes, 0).query("scope == 'layer-2'")
    assert classes.groupby("selected_class")["n_samples"].sum().unique().tolist() == [100]
    for label in range(10):
        divergence = measures.class_divergence(counts)[:, label]
        order = 8 + order_by(divergence, high_first=True)[:3]
        hits, _ = ablation.cumulative_ablation(network, test.images, test.labels, order, constants)
        rows = classes[classes["selected_class"] == label]
        assert [rows["n_intact"].sum(), rows["n_correct"].sum()] == [hits[0, 0], hits[0, -1]]


def test_differences_of_statements(tables):
    found = verdicts.judge(tables, beyond_claims.BEYOND)
    assert list(found.columns) == verdicts.COLUMNS
    assert list(dict.fromkeys(found["claim"])) == list(beyond_claims.BEYOND)
    pruning = found[found["claim"] == "B1, pruning"].set_index(["scope", "quantity"])["estimate"]
    assert pruning["50% pruned", "jmi - mutual_information"] == 0  # the stand-in is jmi itself
    retained = tables.retained.loc["network"]
    b2 = found[found["claim"] == "B2"].set_index("quantity")["estimate"]
    expected = (retained["cmim"] - retained["random"]).mean()
    assert b2["cmim - random"] == pytest.approx(expected, abs=1e-5)
    curve = tables.curves.query(
        "scope == 'network' and ordering == 'cmim' and direction == 'low-first' and replicate == 0"
    )
    kept = curve.loc[curve["n_ablated"] <= 0.8 * 14, "n_correct"].mean() / 100
    assert retained.loc[0, "cmim"] == pytest.approx(kept)
    beside = beyond_tables.overview(found, found.assign(verdict="disagrees"))
    assert list(beside.index) == list(beyond_claims.BEYOND)
    assert (beside["holds in the second run"] == "no").all()
    alone = beyond_tables.overview(found, None)
    assert alone.equals(beside.drop(columns="holds in the second run"))


def test_a_class_that_alone_is_hurt_is_named():
    rows = [
        (k, "layer-1", selected, label, 90 - 30 * (selected == label) + k, 95, 100)
        for k in range(3)
        for selected in range(4)
        for label in range(4)
    ]
    columns = "replicate scope selected_class class n_correct n_intact n_samples"
    classes = pd.DataFrame(rows, columns=columns.split())
    value = beyond_claims.BEYOND["B6"].values(SimpleNamespace(classes=classes))["value"]
    np.testing.assert_allclose(value, 0.3)
    table = beyond_tables.own_class(classes)
    assert (table["loses most"] == 1).all()
    np.testing.assert_allclose(table["own"], 0.34)
    np.testing.assert_allclose(table["others"], 0.04)


def test_correlation_of_pairs_by_layer_and_network():
    pairs = pd.DataFrame(
        {
            "replicate": [0] * 4 + [1] * 4,
            "layer": 1,
            "co_information": [1, 2, 3, 4] * 2,
            "surplus": [1, 2, 3, 4, 4, 3, 2, 1],
        }
    )
    found = beyond_claims.BEYOND["B4"].values(SimpleNamespace(pairs=pairs))
    assert found["value"].tolist() == [1, -1]
    assert found["scope"].unique().tolist() == ["layer-1"]


@pytest.mark.parametrize(
    ("levels", "labels", "parts"),
    [
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], (0, 0, 0, 1)),
        ([[0, 0], [0, 0], [1, 1], [1, 1]], [0, 0, 1, 1], (1, 0, 0, 0)),
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 1, 1], (0, 1, 0, 0)),
    ],
)
def test_parts_of_known_pairs(levels, labels, parts):
    found = decomposition.decompose(np.array(levels), np.array(labels))
    assert list(found.values()) == pytest.approx(list(parts), abs=1e-9)


def test_parts_add_up_to_joint_information_and_to_co_information(small):
    table = beyond_tables.extreme_pairs(
        small.networks[0], of(small.pairs, 0), small.data.validation, 2
    )
    assert table.loc[1].shape == (6, 5)
    difference = table["redundant"] - table["synergistic"]
    np.testing.assert_allclose(difference, table["co_information"], atol=1e-5)
    layer = table.loc[1]["co_information"].to_numpy()
    everything = of(small.pairs, 0).query("layer == 1")["co_information"]
    assert layer[0] == everything.max()
    assert layer[3] == everything.min()


def test_every_figure_and_table_without_a_warning(small, tables):
    network, data = small.networks[0], small.data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shuffled = beyond_tables.shuffled_pairs(network, data.validation, 2, 10)
        sizes = beyond_tables.sizes_of(network, data.validation, 2, 10).assign(replicate=0)
        extremes = beyond_tables.extreme_pairs(network, of(small.pairs, 0), data.validation, 2)
        joint_figures.pair_maps(of(small.pairs, 0), of(small.measured, 0))
        joint_figures.pair_weights(network, extremes.loc[1], data.image_shape)
        joint_figures.pair_scatter(small.pairs)
        panels = joint_figures.set_information(sizes)
        axes = joint_figures.joint_curves(
            small.ablation, small.curves, ["layer-1", "layer-2", "network"]
        )
        joint_figures.set_surplus(small.sets, 100)
        joint_figures.class_matrix(small.classes)
        for number in plt.get_fignums():
            plt.figure(number).canvas.draw()
    plt.close("all")
    assert all(ax.get_ylim()[1] > sizes["joint_information"].max() for ax in panels)
    assert [len(ax.get_lines()) for ax in axes.flat] == [len(joint_figures.LOOKS)] * 6
    assert (
        (shuffled.loc[("layer-1", "right"), "plug-in"])
        > shuffled.loc[("layer-1", "shuffled"), "plug-in"]
    )
    assert beyond_tables.pruned(small.pruning, small.joint_pruning).loc["jmi"].notna().all()
    assert len(beyond_tables.statements()) == len(beyond_claims.BEYOND)
    assert (beyond_tables.information_of_pairs(small.pairs)["share above 0"] <= 1).all()


def test_orderings_are_told_apart_by_colour_or_line():
    looks = [(str(colour), str(line)) for colour, line, _ in joint_figures.LOOKS.values()]
    assert len(set(looks)) == len(looks)
    assert set(beyond.ORDERINGS) < set(joint_figures.LOOKS)
    with pytest.raises(ValueError, match="no rows"):
        joint_figures.class_matrix(pd.DataFrame(columns=["n_correct"]))

"""Pairs, orders, sets and classes on small networks."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from utils.beyond import experiment
from utils.beyond.claims import BEYOND, ORDERINGS
from utils.evidence.judging import Tables
from utils.information.neurons import class_divergence, joint_counts, kl_selectivity, quantize
from utils.names import DIRECTIONS, QUANTITIES
from utils.networks.network import layer_scopes, positions
from utils.removal import ablation, greedy, surgery
from utils.removal.orders import order_by, quantity_orders
from utils.study.parallel import Replicate, rows_of


def test_a_subset_is_the_same_for_every_network(digits):
    few = experiment.subset(digits.validation, 100)
    again = experiment.subset(digits.validation, 100)
    np.testing.assert_array_equal(few.images, again.images)
    assert len(np.unique(few.labels)) == 10
    assert experiment.subset(digits.validation, 10**6) is digits.validation


def test_orders_hold_every_neuron_once_and_use_the_layer_alone(stage, small):
    for (_, scope, _), part in small.orders.groupby(["replicate", "scope", "ordering"]):
        width = {"layer-1": 8, "layer-2": 6, "network": 14}[scope]
        assert sorted(part["neuron"]) == sorted(part["place"]) == list(range(width))
    assert tuple(small.orders["ordering"].unique()) == ORDERINGS
    few = experiment.subset(stage.dataset.validation, 60)
    constants = rows_of(small.measures, 1)["mean_output"].to_numpy()
    order = greedy.greedy_order(
        stage.networks[1], few.images, few.labels, np.arange(8, 14), constants
    )
    found = experiment.joint_orders(rows_of(small.orders, 1))["layer-2"]
    np.testing.assert_array_equal(found["greedy", "low-first"], order - 8)
    np.testing.assert_array_equal(found["greedy", "high-first"], order[::-1] - 8)


def test_curves_start_intact_and_end_at_the_same_place_whatever_the_order(stage, small):
    networks, test = stage.networks, stage.dataset.test
    assert all(n.n_correct(test.images, test.labels) > 25 for n in networks)
    for (k, scope), part in small.joint.groupby(["replicate", "scope"]):
        first = part.loc[part["n_ablated"] == 0, "n_correct"]
        assert set(first) == {networks[k].n_correct(test.images, test.labels)}
        last = part.loc[part["n_ablated"] == part["n_ablated"].max(), "n_correct"]
        assert last.nunique() == 1, scope
    assert set(small.joint["direction"]) == {"low-first", "high-first"}
    assert set(small.joint["replacement"]) == {"mean"}


def test_pruning_removes_what_comes_first_in_the_order(stage, small):
    data = stage.dataset
    pruned, signal = stage.networks[0], data.validation.images
    orders = experiment.joint_orders(rows_of(small.orders, 0))
    for layer in (1, 2):
        gone = orders[f"layer-{layer}"]["cmim", "low-first"][: 4 if layer == 1 else 3]
        moments = surgery.Moments(pruned.forward(signal)[layer])
        pruned = surgery.remove(pruned, layer, gone, "mean", moments)
    row = rows_of(small.joint_pruning, 0).query(
        "method == 'cmim' and repair == 'mean' and fraction == 0.5"
    )
    assert row["n_correct"].item() == pruned.n_correct(data.test.images, data.test.labels)


def test_surplus_of_sets_and_their_mean_co_information(stage, small):
    network, measures, test = stage.networks[0], rows_of(small.measures, 0), stage.dataset.test
    constants = measures["mean_output"].to_numpy()
    rises = rows_of(small.single, 0).query("replacement == 'mean' and layer == 1")["error_rise"]
    orders = experiment.joint_orders(rows_of(small.orders, 0))["layer-1"]
    orders |= quantity_orders(measures, network.hidden, 2, stage.seed(0, "03-ablate"))["layer-1"]
    pairs = rows_of(small.pairs, 0).query("layer == 1").set_index(["neuron_1", "neuron_2"])
    rows = rows_of(small.sets, 0).query("scope == 'layer-1'").set_index(["ordering", "direction"])
    for name in (("random-01", "none"), ("jmi", "high-first"), ("entropy", "low-first")):
        order = orders[name]
        hits, _ = ablation.cumulative_ablation(network, test.images, test.labels, order, constants)
        assert len(rows.loc[[name]]) == 7
        for row in rows.loc[[name]].itertuples():
            gone = order[: row.n_ablated]
            together = hits[0, 0] - hits[0, row.n_ablated]
            assert row.error_surplus == together - rises.to_numpy()[gone].sum()
            inside = [pairs.loc[(i, j), "co_information"] for i in gone for j in gone if i < j]
            assert row.co_information == pytest.approx(np.mean(inside), abs=1e-5)


def test_a_layer_of_any_width_has_its_halves(stage):
    hidden, rng = (11, 15, 35, 75, 100), np.random.default_rng(0)
    layer, neuron = positions(hidden)
    measures = pd.DataFrame({"layer": layer, "neuron": neuron})
    measures[list(QUANTITIES)] = rng.random((len(layer), 3))
    single = measures.assign(replacement="mean", error_rise=rng.integers(0, 9, len(layer)))
    keys = [(name, d) for name in (*QUANTITIES, "jmi") for d in DIRECTIONS]
    orders, pairs, curves = [], [], []
    for number, (scope, neurons) in enumerate(layer_scopes(hidden).items(), 1):
        order, (first, second) = rng.permutation(len(neurons)), np.triu_indices(len(neurons), 1)
        orders.append(pd.DataFrame({"scope": scope, "ordering": "jmi", "neuron": order}))
        pair = {"layer": number, "neuron_1": first, "neuron_2": second}
        pairs.append(pd.DataFrame(pair | {"co_information": rng.normal(size=len(first))}))
        for ordering, direction in [*keys, ("random-00", "none"), ("random-01", "none")]:
            curve = {"scope": scope, "ordering": ordering, "direction": direction}
            hits = rng.integers(0, 100, len(neurons) + 1)
            curves.append(pd.DataFrame(curve | {"n_correct": hits}))
    replicate = Replicate(0, SimpleNamespace(hidden=hidden), seed=0)
    curves, pairs, orders = (pd.concat(parts) for parts in (curves, pairs, orders))
    sets = experiment.set_table(stage, replicate, curves, single, pairs, measures, orders)
    halves = BEYOND["B4, sets"].values(Tables({"sets": sets.assign(replicate=0)}))
    assert halves["scope"].tolist() == list(layer_scopes(hidden))
    sizes = sets[sets["scope"] == "layer-5"]["n_ablated"].unique()
    assert sizes.tolist() == list(range(10, 101, 10))


def test_the_largest_divergence_is_kl_selectivity(stage):
    network, split = stage.networks[0], stage.dataset.validation
    levels = quantize(network.forward(split.images)[1], 3, "sigmoid")
    counts = joint_counts(levels, split.labels, 3, 10)
    selectivity, of_class = kl_selectivity(counts)
    divergence = class_divergence(counts)
    np.testing.assert_allclose(divergence.max(axis=1), selectivity, atol=1e-12)
    assert (divergence[np.arange(8), of_class] >= selectivity - 1e-12).all()
    counts[:, :, 4] = 0
    assert (class_divergence(counts)[:, 4] == -1).all()


def test_classes_add_up_to_what_ablation_counts(stage, small):
    network, test = stage.networks[0], stage.dataset.test
    constants = rows_of(small.measures, 0)["mean_output"].to_numpy()
    split = stage.dataset.validation
    counts = joint_counts(
        quantize(network.forward(split.images)[2], 2, "sigmoid"), split.labels, 2, 10
    )
    classes = rows_of(small.classes, 0).query("scope == 'layer-2'")
    assert classes.groupby("selected_class")["n_samples"].sum().unique().tolist() == [100]
    for label in range(10):
        divergence = class_divergence(counts)[:, label]
        order = 8 + order_by(divergence, high_first=True)[:3]
        hits, _ = ablation.cumulative_ablation(network, test.images, test.labels, order, constants)
        rows = classes[classes["selected_class"] == label]
        assert [rows["n_intact"].sum(), rows["n_correct"].sum()] == [hits[0, 0], hits[0, -1]]

"""Sets of neurons that go together, and what independent changes would do."""

import numpy as np
import pandas as pd
import pytest

from utils.beyond import experiment
from utils.beyond.claims import BEYOND
from utils.beyond.sets import independent_surplus, set_table
from utils.evidence.tables import Tables
from utils.names import DIRECTIONS, QUANTITIES
from utils.networks.network import layer_scopes, positions
from utils.removal import ablation
from utils.removal.orders import quantity_orders
from utils.study.parallel import Replicate, rows_of


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
        sizes = rows.loc[[name], "n_ablated"].to_numpy()
        apart = independent_surplus(network, 1, test, constants[:8], {name: order}, sizes, (0, 1))
        assert rows.loc[[name], "independent_surplus"].tolist() == apart[name].tolist()
        for row in rows.loc[[name]].itertuples():
            gone = order[: row.n_ablated]
            together = hits[0, 0] - hits[0, row.n_ablated]
            assert row.error_surplus == together - rises.to_numpy()[gone].sum()
            inside = [pairs.loc[(i, j), "co_information"] for i in gone for j in gone if i < j]
            assert row.co_information == pytest.approx(np.mean(inside), abs=1e-5)
            informed = measures.query("layer == 1")["mutual_information"].to_numpy()[gone]
            assert row.mean_information == pytest.approx(informed.mean(), abs=1e-5)


def test_a_layer_of_any_width_has_its_halves(stage, random_network):
    hidden, rng = (11, 15, 35, 75, 100), np.random.default_rng(0)
    layer, neuron = positions(hidden)
    measures = pd.DataFrame({"layer": layer, "neuron": neuron})
    measures[[*QUANTITIES, "mean_output"]] = rng.random((len(layer), 4))
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
    replicate = Replicate(0, random_network((49, *hidden, 10), seed=1), 0, stage.dataset)
    curves, pairs, orders = (pd.concat(parts) for parts in (curves, pairs, orders))
    sets = set_table(stage, replicate, curves, single, pairs, measures, orders)
    halves = BEYOND["B4, sets"].values(Tables({"sets": sets.assign(replicate=0)}))
    assert halves["scope"].tolist() == list(layer_scopes(hidden))
    sizes = sets[sets["scope"] == "layer-5"]["n_ablated"].unique()
    assert sizes.tolist() == list(range(10, 101, 10))


def _independent(stage, layer, sizes):
    """Two orders of a layer of the first network, its outputs, and their independent surplus."""
    network, test = stage.networks[0], stage.dataset.test
    outputs = network.forward(test.images)[layer]
    width = outputs.shape[1]
    constants = outputs.mean(axis=0)
    orders = {("up", "none"): np.arange(width), ("down", "none"): np.arange(width)[::-1]}
    found = independent_surplus(network, layer, test, constants, orders, sizes, (7, layer))
    return network, test, outputs, constants, orders, found


@pytest.mark.parametrize("layer", [1, 2])
def test_independent_changes_are_those_of_other_images_one_permutation_a_neuron(stage, layer):
    sizes = np.array([1, 3, 5])
    network, test, outputs, constants, orders, found = _independent(stage, layer, sizes)
    rng = np.random.default_rng([7, layer])
    images = rng.permuted(np.tile(np.arange(100)[:, None], outputs.shape[1]), axis=0)

    def lost(gone) -> int:
        signal = outputs.astype(float).copy()
        for neuron in gone:
            there = outputs[images[:, neuron], neuron]
            signal[:, neuron] += constants[neuron] - there
        for later in range(layer, len(network.kernels) - 1):
            signal = signal @ network.kernels[later] + network.biases[later]
            signal = 1 / (1 + np.exp(-signal))
        logits = signal @ network.kernels[-1] + network.biases[-1]
        intact = network.n_correct(test.images, test.labels)
        return intact - int((logits.argmax(axis=1) == test.labels).sum())

    for key, order in orders.items():
        expected = [lost(order[:n]) - sum(lost([j]) for j in order[:n]) for n in sizes]
        assert found[key].tolist() == expected
        assert found[key][0] == 0


def test_nothing_changes_where_neurons_say_nothing(stage):
    network, test = stage.networks[0], stage.dataset.test
    silent = np.zeros_like(test.images)
    orders, sizes = {("up", "none"): np.arange(8)}, np.array([2, 8])
    split = type(test)(silent, test.labels)
    constants = network.forward(silent)[1][0]
    found = independent_surplus(network, 1, split, constants, orders, sizes, (0,))
    assert found["up", "none"].tolist() == [0, 0]

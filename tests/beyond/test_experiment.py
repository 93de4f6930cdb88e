"""Pairs, orders and classes on small networks."""

import numpy as np

from utils.beyond import experiment
from utils.beyond.claims import ORDERINGS
from utils.information.neurons import class_divergence, joint_counts, kl_selectivity, quantize
from utils.information.pairs import measure_pairs
from utils.networks.datasets import subset
from utils.networks.temperature import at_temperature, best_temperature
from utils.networks.training import score
from utils.removal import ablation, greedy, surgery
from utils.removal.orders import order_by
from utils.study.parallel import rows_of


def test_a_subset_is_the_same_for_every_network(digits):
    few = subset(digits.validation, 100)
    again = subset(digits.validation, 100)
    np.testing.assert_array_equal(few.images, again.images)
    assert len(np.unique(few.labels)) == 10
    assert subset(digits.validation, 10**6) is digits.validation


def test_orders_hold_every_neuron_once_and_use_the_layer_alone(stage, small):
    for (_, scope, _), part in small.orders.groupby(["replicate", "scope", "ordering"]):
        width = {"layer-1": 8, "layer-2": 6, "network": 14}[scope]
        assert sorted(part["neuron"]) == sorted(part["place"]) == list(range(width))
    assert tuple(small.orders["ordering"].unique()) == ORDERINGS
    few = subset(stage.dataset.validation, 60)
    constants = rows_of(small.measures, 1)["mean_output"].to_numpy()
    order = greedy.greedy_order(
        stage.networks[1], few.images, few.labels, np.arange(8, 14), constants
    )
    found = experiment.joint_orders(rows_of(small.orders, 1))["layer-2"]
    np.testing.assert_array_equal(found["greedy", "low-first"], order - 8)
    np.testing.assert_array_equal(found["greedy", "high-first"], order[::-1] - 8)


def test_pairs_know_what_validation_images_say_and_cost_what_test_images_do(stage, small):
    network, data = stage.networks[1], stage.dataset
    rows = rows_of(small.pairs, 1)
    assert rows["layer"].tolist() == [1] * 28 + [2] * 15
    few, constants = subset(data.test, 60), rows_of(small.measures, 1)["mean_output"]
    scaled = at_temperature(network, best_temperature(network, data.validation))
    for layer, neurons in ((1, np.arange(8)), (2, np.arange(8, 14))):
        part, upper = rows[rows["layer"] == layer], np.triu_indices(len(neurons), 1)
        assert part[["neuron_1", "neuron_2"]].to_numpy().T.tolist() == np.array(upper).tolist()
        levels = quantize(network.forward(data.validation.images)[layer], 2, "sigmoid")
        known = measure_pairs(levels, data.validation.labels, 2, 10)
        assert part["co_information"].tolist() == known.co_information[upper].round(5).tolist()
        assert part["joint_information"].tolist() == known.joint[upper].round(5).tolist()
        losses = greedy.pair_losses(scaled, few.images, few.labels, neurons, constants.to_numpy())
        assert part["surplus"].tolist() == greedy.surplus(*losses)[upper].round(5).tolist()


def test_the_loss_of_intact_networks_is_that_of_test_images(stage):
    data, losses = stage.dataset, []
    for network in stage.networks:
        scale = best_temperature(network, data.validation)
        losses.append(score(network.forward(data.test.images)[-1] / scale, data.test.labels)[1])
    np.testing.assert_allclose(experiment.intact_loss(stage), np.mean(losses))


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

"""The experiments of notebook 08 on one network: neurons in pairs, orders, sets and by class.

Removed neurons are replaced by their mean output throughout (bias balancing). Orders are made from
validation images and judged on test images. Arguments called as tables of the run are the
network's rows of these; results are tables but for the column `replicate`.
"""

import copy
from itertools import product

import numpy as np
import pandas as pd

from utils.information import pairs, selection
from utils.information.neurons import class_divergence, joint_counts, network_levels
from utils.names import NETWORK
from utils.networks.datasets import subset
from utils.networks.network import layer_scopes, scopes
from utils.networks.temperature import at_temperature, best_temperature
from utils.networks.training import score
from utils.removal import greedy
from utils.removal.curves import ablation_table
from utils.removal.orders import Orders, order_by
from utils.removal.pruner import Case, Pruner
from utils.study.parallel import Replicate
from utils.study.runs import Stage


def samples(
    stage: Stage, replicate: Replicate
) -> dict[str, tuple[np.ndarray, np.ndarray, int, int]]:
    """By scope, what information is counted from: levels, labels, numbers of levels and classes.

    Of the validation images: levels [n, neurons] as notebook 02 quantised outputs, labels [n].
    """
    split = replicate.data.validation
    n_levels = stage.parameters_of("02-measure").n_levels
    levels = network_levels(replicate.network, split.images, n_levels)
    return {
        scope: (levels[:, neurons], split.labels, n_levels, replicate.data.n_classes)
        for scope, neurons in scopes(replicate.network.hidden).items()
    }


def pair_table(stage: Stage, replicate: Replicate, measures: pd.DataFrame) -> pd.DataFrame:
    """Every pair of neurons of a layer: pairs.csv.xz.

    Informations are of all validation images; `surplus` (`greedy.surplus`) is of `n_images` test
    images, and of the temperature-scaled cross-entropy: that of an over-confident network falls
    with whatever makes its logits smaller, and hides what a pair is good for.
    """
    network, data = replicate.network, replicate.data
    few = subset(data.test, stage.parameters.n_images)
    counted, constants = samples(stage, replicate), measures["mean_output"].to_numpy()
    scaled = at_temperature(network, best_temperature(network, data.validation))
    tables = []
    for layer, (scope, neurons) in enumerate(layer_scopes(network.hidden).items(), 1):
        information = pairs.measure_pairs(*counted[scope])
        losses = greedy.pair_losses(scaled, few.images, few.labels, neurons, constants)
        upper = first, second = np.triu_indices(len(neurons), 1)
        tables.append(pd.DataFrame({
            "layer": layer, "neuron_1": first, "neuron_2": second,
            "joint_information": information.joint[upper],
            "co_information": information.co_information[upper],
            "surplus": greedy.surplus(*losses)[upper],
        }))  # fmt: skip
    return pd.concat(tables, ignore_index=True).round(5)


def intact_loss(stage: Stage) -> float:
    """Temperature-scaled test cross-entropy of the intact networks, their mean, in nats."""
    losses = []
    for network, data in ((one.network, one.data) for one in stage.replicates):
        scaled = at_temperature(network, best_temperature(network, data.validation))
        losses.append(score(scaled.forward(data.test.images)[-1], data.test.labels)[1])
    return float(np.mean(losses))


def order_table(stage: Stage, replicate: Replicate, measures: pd.DataFrame) -> pd.DataFrame:
    """Every joint order of a layer and of the network: orders.csv.xz.

    `greedy` sees `n_images` validation images, the others all of them.
    """
    network, data = replicate.network, replicate.data
    few = subset(data.validation, stage.parameters.n_images)
    counted, constants = samples(stage, replicate), measures["mean_output"].to_numpy()
    tables = {}
    for scope, neurons in scopes(network.hidden).items():
        orders = selection.joint_orders(*counted[scope])
        removed = greedy.greedy_order(network, few.images, few.labels, neurons, constants)
        orders["greedy"] = np.searchsorted(neurons, removed)
        for ordering, order in orders.items():
            places = np.arange(len(order))
            tables[scope, ordering] = pd.DataFrame({"place": places, "neuron": order})
    return pd.concat(tables, names=["scope", "ordering"]).reset_index([0, 1])


def joint_orders(orders: pd.DataFrame) -> dict[str, Orders]:
    """By scope, each order of orders.csv.xz and its reverse."""
    by_scope: dict[str, Orders] = {}
    for (scope, ordering), rows in orders.groupby(["scope", "ordering"], sort=False):
        low = rows["neuron"].to_numpy()
        both = {(ordering, "low-first"): low, (ordering, "high-first"): low[::-1]}
        by_scope[scope] = by_scope.get(scope, {}) | both
    return by_scope


def joint_curves(
    stage: Stage, replicate: Replicate, measures: pd.DataFrame, orders: pd.DataFrame
) -> pd.DataFrame:
    """Ablation along the joint orders and their reverses: joint.csv.xz."""
    network, mean_outputs = replicate.network, measures["mean_output"].to_numpy()
    test, by_scope = replicate.data.test, joint_orders(orders)
    return ablation_table(network, test, by_scope, mean_outputs, replacements=("mean",))


def joint_pruning(
    stage: Stage, replicate: Replicate, orders: pd.DataFrame, pruning: pd.DataFrame
) -> pd.DataFrame:
    """All layers pruned by the layers' joint orders: joint_pruning.csv, and what it costs.

    At equal fractions, those of notebook 04; not retrained.
    """
    network, by_scope = replicate.network, joint_orders(orders)
    places = {}  # of each neuron in the order of removal, layer by layer
    for name in orders["ordering"].unique():
        removed = [by_scope[scope][name, "low-first"] for scope in layer_scopes(network.hidden)]
        places[name] = np.concatenate([np.argsort(order) for order in removed])
    fractions = sorted(pruning["fraction"].unique())
    cases = [
        Case(scope=NETWORK, method=name, repair=repair, fraction=fraction)
        for name, fraction, repair in product(places, fractions, ("mean", "least_squares"))
    ]
    return Pruner(network, replicate.data, places).table(cases)


def class_table(stage: Stage, replicate: Replicate, measures: pd.DataFrame) -> pd.DataFrame:
    """The neurons most selective for each class removed: classes.csv.

    selected_class: whose `n_selective` most selective neurons of a layer are gone, by the
    divergence that KL selectivity is the largest of; class: of the test images counted.
    """
    network, test, n_classes = replicate.network, replicate.data.test, replicate.data.n_classes
    counted, constants = samples(stage, replicate), measures["mean_output"].to_numpy()
    truth = np.eye(n_classes, dtype=int)[test.labels]  # [n, classes]
    intact = (network.predict(test.images) == test.labels) @ truth
    whole = greedy.Trials(network, test.images, test.labels, constants)
    tables = {}
    for scope, neurons in layer_scopes(network.hidden).items():
        divergence = class_divergence(joint_counts(*counted[scope]))
        for label in range(n_classes):
            chosen = order_by(divergence[:, label], high_first=True)
            trials = copy.deepcopy(whole)
            for neuron in neurons[chosen[: stage.parameters.n_selective]]:
                trials.remove(int(neuron))
            left = (trials.logits.argmax(axis=0) == test.labels) @ truth
            counts = {"n_correct": left, "n_intact": intact, "n_samples": truth.sum(axis=0)}
            tables[scope, label] = pd.DataFrame({"class": range(n_classes)} | counts)
    return pd.concat(tables, names=["scope", "selected_class"]).reset_index([0, 1])

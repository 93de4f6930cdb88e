"""The experiments of notebook 08 on one network: neurons in pairs, orders, sets and by class.

Removed neurons are replaced by their mean output throughout (bias balancing). Orders are made from
validation images and judged on test images. Arguments called as tables of the run are the
network's rows of these; results are tables but for the column `replicate`.
"""

import copy
from itertools import product

import numpy as np
import pandas as pd

from utils.beyond.claims import set_size
from utils.information import pairs, selection
from utils.information.neurons import class_divergence, joint_counts, network_levels
from utils.names import NETWORK
from utils.networks.datasets import Split
from utils.networks.network import Network, layer_scopes, scopes
from utils.removal import greedy
from utils.removal.curves import ablation_table
from utils.removal.orders import Orders, order_by, quantity_orders
from utils.removal.pruner import Case, Pruner
from utils.study.parallel import Replicate
from utils.study.runs import Stage


def subset(split: Split, n: int) -> Split:
    """`n` images drawn with a fixed seed, the same for every network; all if there are fewer."""
    if n >= len(split.labels):
        return split
    chosen = np.random.default_rng(0).choice(len(split.labels), n, replace=False)
    return Split(split.images[chosen], split.labels[chosen])


def samples(stage: Stage, network: Network) -> dict[str, tuple[np.ndarray, np.ndarray, int, int]]:
    """By scope, what information is counted from: levels, labels, numbers of levels and classes.

    Of the validation images: levels [n, neurons] as notebook 02 quantised outputs, labels [n].
    """
    split = stage.dataset.validation
    n_levels = stage.parameters_of("02-measure").n_levels
    levels = network_levels(network, split.images, n_levels)
    return {
        scope: (levels[:, neurons], split.labels, n_levels, stage.dataset.n_classes)
        for scope, neurons in scopes(network.hidden).items()
    }


def pair_table(stage: Stage, replicate: Replicate, measures: pd.DataFrame) -> pd.DataFrame:
    """Every pair of neurons of a layer: pairs.csv.gz.

    Informations are of all validation images; `surplus` (`greedy.surplus`) is of `n_images` test
    images.
    """
    network, few = replicate.network, subset(stage.dataset.test, stage.parameters.n_images)
    counted, constants = samples(stage, network), measures["mean_output"].to_numpy()
    tables = []
    for layer, (scope, neurons) in enumerate(layer_scopes(network.hidden).items(), 1):
        information = pairs.measure_pairs(*counted[scope])
        losses = greedy.pair_losses(network, few.images, few.labels, neurons, constants)
        upper = first, second = np.triu_indices(len(neurons), 1)
        tables.append(pd.DataFrame({
            "layer": layer, "neuron_1": first, "neuron_2": second,
            "joint_information": information.joint[upper],
            "co_information": information.co_information[upper],
            "surplus": greedy.surplus(*losses)[upper],
        }))  # fmt: skip
    return pd.concat(tables, ignore_index=True).round(5)


def order_table(stage: Stage, replicate: Replicate, measures: pd.DataFrame) -> pd.DataFrame:
    """Every joint order of a layer and of the network: orders.csv.gz.

    `greedy` sees `n_images` validation images, the others all of them.
    """
    network, few = replicate.network, subset(stage.dataset.validation, stage.parameters.n_images)
    counted, constants = samples(stage, network), measures["mean_output"].to_numpy()
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
    """By scope, each order of orders.csv.gz and its reverse."""
    by_scope: dict[str, Orders] = {}
    for (scope, ordering), rows in orders.groupby(["scope", "ordering"], sort=False):
        low = rows["neuron"].to_numpy()
        both = {(ordering, "low-first"): low, (ordering, "high-first"): low[::-1]}
        by_scope[scope] = by_scope.get(scope, {}) | both
    return by_scope


def set_information(stage: Stage, replicate: Replicate) -> pd.DataFrame:
    """`selection.set_information` of each layer, with the column `scope`."""
    counted, hidden = samples(stage, replicate.network), replicate.network.hidden
    tables = {s: selection.set_information(*counted[s], seed=0) for s in layer_scopes(hidden)}
    return pd.concat(tables, names=["scope"]).reset_index("scope")


def joint_curves(
    stage: Stage, replicate: Replicate, measures: pd.DataFrame, orders: pd.DataFrame
) -> pd.DataFrame:
    """Ablation along the joint orders and their reverses: joint.csv.gz."""
    network, mean_outputs = replicate.network, measures["mean_output"].to_numpy()
    test, by_scope = stage.dataset.test, joint_orders(orders)
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
    return Pruner(network, stage.dataset, places).table(cases)


def set_table(
    stage: Stage,
    replicate: Replicate,
    curves: pd.DataFrame,
    single: pd.DataFrame,
    pair_rows: pd.DataFrame,
    measures: pd.DataFrame,
    orders: pd.DataFrame,
) -> pd.DataFrame:
    """Sets that go together along an order, against one by one: sets.csv.

    If a set costs more when it is removed at once than its neurons one by one, they made up for
    each other: redundancy. If it costs less, the first loss had already taken what the others were
    for: synergy (as the later version of the paper reads its curves, doi
    10.1109/TNNLS.2021.3088685). At each tenth of a layer: error_surplus, test images that are lost
    beyond the sum over the set of those lost one by one, and the mean co-information of its pairs.

    curves : rows of ablation.csv.gz and joint.csv.gz, bias-balanced; pair_rows : of pairs.csv.gz
    """
    hidden, seed = replicate.network.hidden, stage.seed(replicate.number, "03-ablate")
    n_random_orders = stage.parameters_of("03-ablate").n_random_orders
    quantities = quantity_orders(measures, hidden, n_random_orders, seed)
    joint, keys, tables = joint_orders(orders), ["scope", "ordering", "direction"], {}
    by_order = curves.groupby(keys)["n_correct"]
    for layer, scope in enumerate(layer_scopes(hidden), 1):
        alone = single[(single["layer"] == layer) & (single["replacement"] == "mean")]
        rises = alone["error_rise"].to_numpy()
        shared = pairs.pair_matrix(pair_rows[pair_rows["layer"] == layer], len(rises))
        sizes = np.unique(set_size(np.arange(1, 11) / 10, len(rises)))
        sizes = sizes[sizes > 1]
        for key, order in (joint[scope] | quantities[scope]).items():
            hits = by_order.get_group((scope, *key)).to_numpy()
            inside = shared[np.ix_(order, order)].cumsum(0).cumsum(1).diagonal()[sizes - 1]
            tables[scope, *key] = pd.DataFrame({
                "n_ablated": sizes,
                "error_surplus": hits[0] - hits[sizes] - rises[order].cumsum()[sizes - 1],
                "co_information": (inside / (sizes * (sizes - 1))).round(5),
            })  # fmt: skip
    return pd.concat(tables, names=keys).reset_index(keys)


def class_table(stage: Stage, replicate: Replicate, measures: pd.DataFrame) -> pd.DataFrame:
    """The neurons most selective for each class removed: classes.csv.

    selected_class: whose `n_selective` most selective neurons of a layer are gone, by the
    divergence that KL selectivity is the largest of; class: of the test images counted.
    """
    network, test, n_classes = replicate.network, stage.dataset.test, stage.dataset.n_classes
    counted, constants = samples(stage, network), measures["mean_output"].to_numpy()
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

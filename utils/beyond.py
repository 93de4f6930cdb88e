"""The experiments of notebook 08 on one network: neurons in pairs, in sets, and by class.

Removed neurons are replaced by their mean output throughout (bias balancing). Orders are made from
validation images and judged on test images.
"""

import copy

import numpy as np
import pandas as pd

from utils import ablation, experiments, greedy, joint_orders, measures, pairs
from utils.datasets import Dataset, Split
from utils.networks import Network
from utils.orders import order_by

ORDERINGS = (*joint_orders.FORMS, "greedy")
REPAIRS = ("mean", "least_squares")


def subset(split: Split, n: int) -> Split:
    """`n` images drawn with a fixed seed, the same for every network; all if there are fewer."""
    if n >= len(split.labels):
        return split
    chosen = np.random.default_rng(0).choice(len(split.labels), n, replace=False)
    return Split(split.images[chosen], split.labels[chosen])


def of(table: pd.DataFrame, replicate: int) -> pd.DataFrame:
    """The rows of one network, in a table of all."""
    return table[table["replicate"] == replicate].drop(columns="replicate").reset_index(drop=True)


def pair_table(
    network: Network, measured: pd.DataFrame, dataset: Dataset, n_levels: int, n_images: int
) -> pd.DataFrame:
    """Every pair of neurons of a layer: columns of pairs.csv.gz but for the replicate.

    Informations are of all validation images; `surplus` (`greedy.surplus`) is of `n_images` test
    images.
    """
    validation, few = dataset.validation, subset(dataset.test, n_images)
    levels = measures.network_levels(network, validation.images, n_levels)
    constants = measured["mean_output"].to_numpy()
    tables = []
    for layer, neurons in enumerate(experiments.layer_scopes(network.hidden).values(), 1):
        found = pairs.measure_pairs(
            levels[:, neurons], validation.labels, n_levels, dataset.n_classes
        )
        lost = greedy.pair_losses(network, few.images, few.labels, neurons, constants)
        first, second = np.triu_indices(len(neurons), 1)
        columns = {"joint_information": found.joint, "co_information": found.co_information}
        columns |= {"surplus": greedy.surplus(*lost)}
        table = pd.DataFrame({name: of[first, second] for name, of in columns.items()}).round(5)
        tables.append(table.assign(layer=layer, neuron_1=first, neuron_2=second))
    return pd.concat(tables, ignore_index=True)


def order_table(
    network: Network, measured: pd.DataFrame, dataset: Dataset, n_levels: int, n_images: int
) -> pd.DataFrame:
    """Every joint order of a layer and of the network: columns of orders.csv.gz but replicate.

    `greedy` sees `n_images` validation images, the others all of them.
    """
    validation, few = dataset.validation, subset(dataset.validation, n_images)
    levels = measures.network_levels(network, validation.images, n_levels)
    constants = measured["mean_output"].to_numpy()
    tables = []
    for scope, neurons in experiments.scopes(network.hidden).items():
        found = joint_orders.joint_orders(
            levels[:, neurons], validation.labels, n_levels, dataset.n_classes
        )
        found["greedy"] = np.searchsorted(
            neurons, greedy.greedy_order(network, few.images, few.labels, neurons, constants)
        )
        for ordering, order in found.items():
            table = pd.DataFrame({"place": np.arange(len(order)), "neuron": order})
            tables.append(table.assign(scope=scope, ordering=ordering))
    return pd.concat(tables, ignore_index=True)


def joint_curves(
    network: Network, measured: pd.DataFrame, orders: pd.DataFrame, test: Split
) -> pd.DataFrame:
    """Ablation along the joint orders and their reverses: columns of joint.csv.gz but replicate.

    `orders`: rows of orders.csv.gz of this network.
    """
    constants = measured["mean_output"].to_numpy()
    tables = []
    for scope, neurons in experiments.scopes(network.hidden).items():
        found = joint_order_arrays(orders, scope)
        n_correct, cross_entropy = ablation.cumulative_ablation(
            network, test.images, test.labels, neurons[np.array(list(found.values()))], constants
        )
        for (ordering, direction), hits, loss in zip(found, n_correct, cross_entropy, strict=True):
            curve = {"n_ablated": np.arange(len(hits)), "n_correct": hits}
            table = pd.DataFrame(curve | {"cross_entropy": loss.round(5)})
            tables.append(table.assign(scope=scope, ordering=ordering, direction=direction))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(replacement="mean", n_samples=len(test.labels))


def joint_order_arrays(orders: pd.DataFrame, scope: str) -> dict[tuple[str, str], np.ndarray]:
    """Neurons of `scope` by (ordering, direction), first to last removed."""
    found = {}
    for ordering in ORDERINGS:
        part = orders[(orders["scope"] == scope) & (orders["ordering"] == ordering)]
        low = part.sort_values("place")["neuron"].to_numpy()
        found |= {(ordering, "low-first"): low, (ordering, "high-first"): low[::-1]}
    return found


def joint_pruning(
    network: Network, orders: pd.DataFrame, dataset: Dataset, fractions: list[float]
) -> pd.DataFrame:
    """All layers pruned at equal fractions by the layers' joint orders: joint_pruning.csv.

    Columns but for the replicate; not retrained.
    """
    pruner, rows = experiments.Pruner(network, dataset), []
    layers = range(1, len(network.hidden) + 1)
    for ordering in ORDERINGS:
        places = {}
        for layer in layers:
            order = joint_order_arrays(orders, f"layer-{layer}")[ordering, "low-first"]
            places[layer] = np.argsort(order)  # first to be removed, least important
        for fraction in fractions:
            for repair in REPAIRS:
                _, hits = pruner.cut_least(layers, places, fraction, repair)
                rows.append((ordering, repair, fraction, hits, len(dataset.test.labels)))
    return pd.DataFrame(rows, columns=["method", "repair", "fraction", "n_correct", "n_samples"])


def class_table(
    network: Network, measured: pd.DataFrame, dataset: Dataset, n_levels: int, n_selective: int
) -> pd.DataFrame:
    """The neurons most selective for each class removed: columns of classes.csv but replicate.

    selected_class: whose `n_selective` most selective neurons of a layer are gone, by the
    divergence that KL selectivity is the largest of; class: of the test images counted.
    """
    validation, test = dataset.validation, dataset.test
    levels = measures.network_levels(network, validation.images, n_levels)
    constants = measured["mean_output"].to_numpy()
    truth = np.eye(dataset.n_classes, dtype=int)[test.labels]  # [n, classes]
    intact = (network.predict(test.images) == test.labels) @ truth
    whole = greedy.Trials(network, test.images, test.labels, constants)
    rows = []
    for scope, neurons in experiments.layer_scopes(network.hidden).items():
        counts = measures.joint_counts(
            levels[:, neurons], validation.labels, n_levels, dataset.n_classes
        )
        divergence = measures.class_divergence(counts)
        for label in range(dataset.n_classes):
            chosen = order_by(divergence[:, label], high_first=True)[:n_selective]
            trials = copy.deepcopy(whole)
            for neuron in neurons[chosen]:
                trials.remove(int(neuron))
            left = (trials.inputs[-1].argmax(axis=0) == test.labels) @ truth
            rows += zip(
                [scope] * len(left), [label] * len(left), range(len(left)), left, intact,
                truth.sum(axis=0), strict=True,
            )  # fmt: skip
    columns = "scope selected_class class n_correct n_intact n_samples"
    return pd.DataFrame(rows, columns=columns.split())

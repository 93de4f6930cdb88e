"""The experiments of notebooks 03 to 05 on one network, each a tidy table of counts."""

import numpy as np
import pandas as pd

from utils import ablation, pruning, training
from utils.datasets import Dataset, Split
from utils.measures import QUANTITIES
from utils.networks import Network

REPLACEMENTS = ("zero", "mean")


def scopes(hidden: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Neurons, counted through all hidden layers, of each layer and of the whole network."""
    layer_of, _ = ablation.positions(hidden)
    layers = {f"layer-{i + 1}": np.flatnonzero(layer_of == i) for i in range(len(hidden))}
    return layers | {"network": np.arange(sum(hidden))}


def ablate(
    network: Network, measures: pd.DataFrame, test: Split, n_random_orders: int, seed: int
) -> pd.DataFrame:
    """Every ablation curve of one network: columns of ablation.csv.gz but for the replicate.

    Layer by layer and across the whole network; by each quantity, low first and high first, and
    in `n_random_orders` random orders; removed neurons replaced by 0 and by their mean output.
    """
    tables = []
    for number, (scope, neurons) in enumerate(scopes(network.hidden).items()):
        names = [(q, direction) for q in QUANTITIES for direction in ("low-first", "high-first")]
        orders = [
            ablation.order_by(measures[q].to_numpy()[neurons], direction == "high-first")
            for q, direction in names
        ]
        names += [(f"random-{k:02d}", "none") for k in range(n_random_orders)]
        orders += list(ablation.random_orders(len(neurons), n_random_orders, (seed, number)))
        for replacement in REPLACEMENTS:
            constants = measures["mean_output"].to_numpy() * (replacement == "mean")
            n_correct, cross_entropy = ablation.cumulative_ablation(
                network, test.images, test.labels, neurons[np.array(orders)], constants
            )
            index = pd.MultiIndex.from_tuples(names, names=["ordering", "direction"])
            table = pd.DataFrame({"n_correct": n_correct.ravel()})
            table["cross_entropy"] = cross_entropy.ravel().round(5)
            table["n_ablated"] = np.tile(np.arange(n_correct.shape[1]), len(orders))
            for column in index.names:
                table[column] = index.get_level_values(column).repeat(n_correct.shape[1])
            tables.append(table.assign(scope=scope, replacement=replacement))
    return pd.concat(tables, ignore_index=True).assign(n_samples=len(test.labels))


def ablate_single(network: Network, measures: pd.DataFrame, test: Split) -> pd.DataFrame:
    """Each hidden neuron removed alone: columns of single.csv but for the replicate.

    The rises are against the intact network: of cross-entropy in nats, and of errors in test
    images. Removed neurons replaced by 0 and by their mean output.
    """
    intact_hits, intact_loss = training.score(network.forward(test.images)[-1], test.labels)
    tables = []
    for replacement in REPLACEMENTS:
        constants = measures["mean_output"].to_numpy() * (replacement == "mean")
        hits, losses = ablation.single_ablation(network, test.images, test.labels, constants)
        table = measures[["layer", "neuron"]].reset_index(drop=True)
        rises = {"error_rise": intact_hits - hits, "cross_entropy_rise": losses - intact_loss}
        tables.append(table.assign(replacement=replacement, **rises))
    return pd.concat(tables).round({"cross_entropy_rise": 7})


def prune(
    network: Network,
    measures: pd.DataFrame,
    dataset: Dataset,
    recipe: training.Recipe,
    fractions: list[float],
    retrain_epochs: list[int],
    seed: int,
) -> pd.DataFrame:
    """All hidden layers pruned at equal fractions: columns of pruning.csv but for the replicate.

    Every method, removed outputs folded into the biases, and NoiseOut with its own repair; as it
    is and after retraining.
    """
    results = []
    for method in pruning.METHODS:
        rng = np.random.default_rng(seed)
        ranks = {
            layer: pruning.importance(network, measures, layer, method, rng)
            for layer in range(1, len(network.hidden) + 1)
        }
        for fraction in fractions:
            pruned = network
            for layer, values in ranks.items():
                gone = pruning.least_important(values, fraction)
                constants = pruning.mean_outputs(measures, layer)
                pruned = pruning.remove(pruned, layer, gone, constants)
            results.append(("mean", method, fraction, pruned))
    for fraction in fractions:
        merged = network
        for layer, width in enumerate(network.hidden, 1):
            outputs = merged.forward(dataset.validation.images)[layer - 1]
            merged = pruning.noise_out(merged, layer, outputs, round(fraction * width))
        results.append(("affine", "noise_out", fraction, merged))
    rows = [
        {"method": method, "repair": repair, "fraction": fraction} | row
        for repair, method, fraction, pruned in results
        for row in _after_retraining(pruned, dataset, recipe, retrain_epochs, seed)
    ]
    return pd.DataFrame(rows)


def bias_balance(
    network: Network,
    measures: pd.DataFrame,
    dataset: Dataset,
    recipe: training.Recipe,
    fractions: list[float],
    retrain_epochs: list[int],
    seed: int,
) -> pd.DataFrame:
    """One layer pruned at a time, lowest mutual information first: columns of balancing.csv.

    Removed outputs replaced by 0 and by their mean; as it is and after retraining.
    """
    rows = []
    for layer in range(1, len(network.hidden) + 1):
        values = pruning.importance(
            network, measures, layer, "mutual_information", np.random.default_rng(seed)
        )
        means = pruning.mean_outputs(measures, layer)
        for fraction in fractions:
            gone = pruning.least_important(values, fraction)
            for repair in REPLACEMENTS:
                pruned = pruning.remove(network, layer, gone, means * (repair == "mean"))
                for row in _after_retraining(pruned, dataset, recipe, retrain_epochs, seed):
                    rows.append(
                        {"scope": f"layer-{layer}", "repair": repair, "fraction": fraction} | row
                    )
    return pd.DataFrame(rows)


def _after_retraining(
    pruned: Network, dataset: Dataset, recipe: training.Recipe, epochs: list[int], seed: int
) -> list[dict]:
    """Test accuracy and cost of the pruned network, before and after each number of epochs."""
    course = training.retrain(pruned, dataset.train, recipe, max(epochs), seed)
    test = dataset.test
    return [
        {
            "retrain_epochs": epoch,
            "n_correct": course[epoch].n_correct(test.images, test.labels),
            "n_samples": len(test.labels),
            "n_parameters": pruning.n_parameters(pruned),
            "n_macs": pruning.n_macs(pruned),
        }
        for epoch in (0, *epochs)
    ]

"""The experiments of notebooks 03 to 05 on one network, each a tidy table of counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from utils import ablation, costs, orders, pruning, surgery, training
from utils.datasets import Dataset, Split
from utils.measures import QUANTITIES
from utils.networks import Network

REPLACEMENTS = ("zero", "mean")


def scopes(hidden: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Neurons, counted through all hidden layers, of each layer and of the whole network."""
    return layer_scopes(hidden) | {"network": np.arange(sum(hidden))}


def layer_scopes(hidden: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Neurons, counted through all hidden layers, of each layer."""
    layer_of, _ = orders.positions(hidden)
    return {f"layer-{i + 1}": np.flatnonzero(layer_of == i) for i in range(len(hidden))}


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
        sequences = [
            orders.order_by(measures[q].to_numpy()[neurons], direction == "high-first")
            for q, direction in names
        ]
        names += [(f"random-{k:02d}", "none") for k in range(n_random_orders)]
        sequences += list(orders.random_orders(len(neurons), n_random_orders, (seed, number)))
        for replacement in REPLACEMENTS:
            constants = measures["mean_output"].to_numpy() * (replacement == "mean")
            n_correct, cross_entropy = ablation.cumulative_ablation(
                network, test.images, test.labels, neurons[np.array(sequences)], constants
            )
            index = pd.MultiIndex.from_tuples(names, names=["ordering", "direction"])
            table = pd.DataFrame({"n_correct": n_correct.ravel()})
            table["cross_entropy"] = cross_entropy.ravel().round(5)
            table["n_ablated"] = np.tile(np.arange(n_correct.shape[1]), len(sequences))
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


@dataclass(frozen=True, eq=False)
class Pruner:
    """One network to be pruned in many ways; what these share is computed once.

    Whatever is pruned, first-layer neurons that stay have the outputs they had: no way passes the
    images through the first layer again.
    """

    network: Network
    dataset: Dataset

    @cached_property
    def moments(self) -> list[surgery.Moments]:
        """Of every hidden layer of the intact network, over the validation images."""
        outputs = self.network.forward(self.dataset.validation.images)[:-1]
        return [surgery.Moments(output) for output in outputs]

    @cached_property
    def test_outputs(self) -> np.ndarray:
        return self.network.forward(self.dataset.test.images)[0]

    def prune(
        self, layers: Sequence[int], cut: Callable[[int, surgery.Moments], surgery.StandIn]
    ) -> tuple[Network, int]:
        """The smaller network and its correct predictions on the test images.

        `cut` gives the stand-in for each of `layers`, first to last, from the moments of its
        outputs in the network as pruned so far.
        """
        pruned, first = self.network, np.arange(self.network.hidden[0])
        for layer in layers:
            moments = self.moments[layer - 1]
            if pruned is not self.network:
                signal = self.moments[0].outputs[:, first]
                moments = surgery.Moments(pruned.after(1).forward(signal)[layer - 2])
            found = cut(layer, moments)
            pruned = surgery.replace(pruned, layer, found)
            first = found.kept if layer == 1 else first
        hits = pruned.after(1).n_correct(self.test_outputs[:, first], self.dataset.test.labels)
        return pruned, hits

    def cut_least(
        self, layers: Sequence[int], values: dict[int, np.ndarray], fraction: float, repair: str
    ) -> tuple[Network, int]:
        """Pruned by `fraction` of each layer, lowest of `values` by layer first."""
        gone = {layer: pruning.least_important(values[layer], fraction) for layer in layers}
        return self.prune(
            layers, lambda layer, moments: surgery.stand_in(moments, gone[layer], repair)
        )

    def noise_out(self, layers: Sequence[int], fraction: float) -> tuple[Network, int]:
        """Pruned by `fraction` of each layer, correlated neurons merged."""
        widths = self.network.hidden
        return self.prune(
            layers,
            lambda layer, moments: surgery.noise_out(
                moments, pruning.n_pruned(fraction, widths[layer - 1])
            ),
        )

    def rows(
        self, pruned: Network, hits: int, recipe: training.Recipe, epochs: list[int], seed: int
    ) -> list[dict]:
        """Test results and cost, as pruned and after each number of `epochs` of retraining."""
        counts = {0: hits}
        if epochs:
            course = training.retrain(pruned, self.dataset.train, recipe, max(epochs), seed)
            test = self.dataset.test.images, self.dataset.test.labels
            counts |= {epoch: course[epoch].n_correct(*test) for epoch in epochs}
        cost = {
            "n_parameters": costs.n_parameters(pruned),
            "n_macs": costs.n_macs(pruned),
            "n_bytes": costs.n_bytes(pruned),
        }
        n_samples = len(self.dataset.test.labels)
        return [
            {"retrain_epochs": epoch, "n_correct": count, "n_samples": n_samples} | cost
            for epoch, count in counts.items()
        ]


def _pruned_scopes(network: Network) -> dict[str, list[int]]:
    """Layers that are pruned together: each alone, then all at equal fractions."""
    layers = list(range(1, len(network.hidden) + 1))
    return {f"layer-{layer}": [layer] for layer in layers} | {"network": layers}


def prune(
    network: Network,
    measures: pd.DataFrame,
    dataset: Dataset,
    recipe: training.Recipe,
    fractions: list[float],
    retrain_fractions: list[float],
    retrain_epochs: list[int],
    seed: int,
) -> pd.DataFrame:
    """Every method at every fraction: columns of pruning.csv but for the replicate.

    Layer by layer bias-balanced; all layers at equal fractions with every repair. NoiseOut has a
    repair of its own, which is affine. Retrained are the `retrain_fractions` of all layers,
    bias-balanced (NoiseOut: merged).
    """
    pruner, rows = Pruner(network, dataset), []
    values = {}
    for method in pruning.METHODS:
        rng = np.random.default_rng(seed)
        values[method] = {
            layer: pruning.importance(network, measures, layer, method, rng)
            for layer in range(1, len(network.hidden) + 1)
        }

    def add(scope: str, method: str, repair: str, fraction: float, found: tuple) -> None:
        again = scope == "network" and fraction in retrain_fractions
        again = again and (method == "noise_out" or repair == "mean")
        case = {"scope": scope, "method": method, "repair": repair, "fraction": fraction}
        epochs = retrain_epochs if again else []
        rows.extend(case | row for row in pruner.rows(*found, recipe, epochs, seed))

    for scope, layers in _pruned_scopes(network).items():
        repairs = surgery.REPAIRS if scope == "network" else ("mean",)
        for fraction in fractions:
            for method, repair in product(pruning.METHODS, repairs):
                found = pruner.cut_least(layers, values[method], fraction, repair)
                add(scope, method, repair, fraction, found)
            add(scope, "noise_out", "affine", fraction, pruner.noise_out(layers, fraction))
    return pd.DataFrame(rows)


def latency(network: Network, images: np.ndarray, fractions: list[float]) -> pd.DataFrame:
    """Milliseconds of a forward pass for 1 and for 1,000 images: columns of latency.csv.

    All layers pruned at equal fractions; fraction 0 is the full network, measured in the same
    repetitions. Which neurons are gone makes no difference.
    """
    networks = {}
    for fraction in (0.0, *fractions):
        pruned = network
        for layer, width in enumerate(network.hidden, 1):
            pruned = surgery.remove(pruned, layer, range(pruning.n_pruned(fraction, width)))
        networks[fraction] = pruned
    found = costs.latency(networks, images, {1: 2000, 1000: 100})
    return found.rename(columns={"network": "fraction"}).round({"latency_ms": 4})


def bias_balance(
    network: Network,
    measures: pd.DataFrame,
    dataset: Dataset,
    recipe: training.Recipe,
    fractions: list[float],
    retrain_epochs: list[int],
    seed: int,
) -> pd.DataFrame:
    """Lowest mutual information first, every repair: columns of balancing.csv but for replicate.

    Each layer alone as pruned; all layers at equal fractions as pruned and retrained.
    """
    pruner, rows = Pruner(network, dataset), []
    values = {
        layer: part["mutual_information"].to_numpy() for layer, part in measures.groupby("layer")
    }
    for scope, layers in _pruned_scopes(network).items():
        epochs = retrain_epochs if scope == "network" else []
        for fraction, repair in product(fractions, surgery.REPAIRS):
            found = pruner.cut_least(layers, values, fraction, repair)
            case = {"scope": scope, "repair": repair, "fraction": fraction}
            rows += [case | row for row in pruner.rows(*found, recipe, epochs, seed)]
    return pd.DataFrame(rows)

"""Ablation curves as tables: neurons of a scope removed in many orders, or each alone."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from utils.names import REPLACEMENTS
from utils.networks.datasets import Split
from utils.networks.network import Network, scopes
from utils.networks.training import score
from utils.removal.ablation import cumulative_ablation, single_ablation
from utils.removal.orders import Orders, quantity_orders


def constants(mean_outputs: np.ndarray, replacement: str) -> np.ndarray:
    """Constant output [hidden neurons] of each neuron once it is removed: 0, or its mean."""
    return mean_outputs if replacement == "mean" else np.zeros_like(mean_outputs)


def ablation_table(
    network: Network,
    test: Split,
    orders: Mapping[str, Orders],
    mean_outputs: np.ndarray,
    replacements: Iterable[str] = REPLACEMENTS,
) -> pd.DataFrame:
    """Every ablation curve of one network: columns of ablation.csv.gz but for the replicate.

    orders : by scope, then by (ordering, direction); neurons are counted within the scope
    mean_outputs : [hidden neurons], over the validation images
    """
    tables = []
    for scope, neurons in scopes(network.hidden).items():
        sequences = neurons[np.array(list(orders[scope].values()))]
        for replacement in replacements:
            n_correct, cross_entropy = cumulative_ablation(
                network, test.images, test.labels, sequences, constants(mean_outputs, replacement)
            )
            steps = np.arange(n_correct.shape[1])
            names = pd.MultiIndex.from_tuples(orders[scope], names=["ordering", "direction"])
            table = pd.DataFrame({
                **{name: names.get_level_values(name).repeat(len(steps)) for name in names.names},
                "n_ablated": np.tile(steps, len(names)),
                "n_correct": n_correct.ravel(),
                "cross_entropy": cross_entropy.ravel().round(5),
            })  # fmt: skip
            tables.append(table.assign(scope=scope, replacement=replacement))
    return pd.concat(tables, ignore_index=True).assign(n_samples=len(test.labels))


def quantity_curves(
    network: Network, measures: pd.DataFrame, test: Split, n_random_orders: int, seed: int
) -> pd.DataFrame:
    """`ablation_table` by each quantity, low first and high first, and in random orders.

    measures : rows of measures.csv of this network
    """
    orders = quantity_orders(measures, network.hidden, n_random_orders, seed)
    return ablation_table(network, test, orders, measures["mean_output"].to_numpy())


def single_table(network: Network, measures: pd.DataFrame, test: Split) -> pd.DataFrame:
    """Each hidden neuron removed alone: columns of single.csv but for the replicate.

    The rises are against the intact network: of cross-entropy in nats, and of errors in test
    images. Removed neurons are replaced by 0 and by their mean output.
    """
    intact_hits, intact_loss = score(network.forward(test.images)[-1], test.labels)
    mean_outputs, tables = measures["mean_output"].to_numpy(), []
    for replacement in REPLACEMENTS:
        hits, losses = single_ablation(
            network, test.images, test.labels, constants(mean_outputs, replacement)
        )
        table = measures[["layer", "neuron"]].reset_index(drop=True)
        rises = {"error_rise": intact_hits - hits, "cross_entropy_rise": losses - intact_loss}
        tables.append(table.assign(replacement=replacement, **rises))
    return pd.concat(tables).round({"cross_entropy_rise": 7})

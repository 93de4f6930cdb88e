"""Ablation curves as tables: neurons of a scope removed in many orders, or each alone."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from utils.names import NETWORK, REPLACEMENTS
from utils.networks.datasets import Split
from utils.networks.network import Network, scopes
from utils.networks.temperature import at_temperature, best_temperature
from utils.networks.training import score
from utils.removal.ablation import Ablate, cumulative_ablation, single_ablation
from utils.removal.orders import Orders, quantity_orders, rank_orders


def constants(mean_outputs: np.ndarray, replacement: str) -> np.ndarray:
    """Constant output [hidden neurons] of each neuron once it is removed: 0, or its mean."""
    return mean_outputs if replacement == "mean" else np.zeros_like(mean_outputs)


def ablation_table(
    network: Network,
    test: Split,
    orders: Mapping[str, Orders],
    mean_outputs: np.ndarray,
    replacements: Iterable[str] = REPLACEMENTS,
    ablate: Ablate = cumulative_ablation,
) -> pd.DataFrame:
    """Every ablation curve of one network: columns of ablation.csv.xz but for the replicate.

    orders : by scope, then by (ordering, direction); neurons are counted within the scope. The
        rows stand in this order
    mean_outputs : [hidden neurons], over the validation images
    ablate : removes neurons; other networks than dense ones have one of their own
    """
    tables, neurons_of = [], scopes(network.hidden)
    for scope, of_scope in orders.items():
        sequences = neurons_of[scope][np.array(list(of_scope.values()))]
        for replacement in replacements:
            n_correct, _ = ablate(
                network, test.images, test.labels, sequences, constants(mean_outputs, replacement)
            )
            steps = np.arange(n_correct.shape[1])
            names = pd.MultiIndex.from_tuples(of_scope, names=["ordering", "direction"])
            table = pd.DataFrame({
                **{name: names.get_level_values(name).repeat(len(steps)) for name in names.names},
                "n_ablated": np.tile(steps, len(names)),
                "n_correct": n_correct.ravel(),
            })  # fmt: skip
            tables.append(table.assign(scope=scope, replacement=replacement))
    return pd.concat(tables, ignore_index=True).assign(n_samples=len(test.labels))


def quantity_curves(
    network: Network,
    measures: pd.DataFrame,
    test: Split,
    n_random_orders: int,
    seed: int,
    ablate: Ablate = cumulative_ablation,
) -> pd.DataFrame:
    """`ablation_table` by each quantity, low first and high first, and in random orders.

    Across the network also by ranks within layers, bias-balanced.

    measures : rows of measures.csv of this network
    """
    orders = quantity_orders(measures, network.hidden, n_random_orders, seed)
    ranks = {NETWORK: rank_orders(orders, network.hidden)}
    mean_outputs = measures["mean_output"].to_numpy()
    tables = [
        ablation_table(network, test, orders, mean_outputs, ablate=ablate),
        ablation_table(network, test, ranks, mean_outputs, ("mean",), ablate),
    ]
    return pd.concat(tables, ignore_index=True)


def single_table(
    network: Network,
    measures: pd.DataFrame,
    test: Split,
    validation: Split,
    ablate: Ablate = cumulative_ablation,
) -> pd.DataFrame:
    """Each hidden neuron removed alone: columns of single.csv but for the replicate.

    The rises are against the intact network: of errors in test images, and of cross-entropy in
    nats, also with logits divided by the intact network's temperature on the validation images
    (`utils.networks.temperature`), which is kept after the removal. Removed neurons are replaced
    by 0 and by their mean output.
    """
    scaled = at_temperature(network, best_temperature(network, validation))
    (intact_hits, intact_loss), (_, intact_scaled) = (
        score(one.forward(test.images)[-1], test.labels) for one in (network, scaled)
    )
    mean_outputs, tables = measures["mean_output"].to_numpy(), []
    for replacement in REPLACEMENTS:
        stand_ins = constants(mean_outputs, replacement)
        (hits, losses), (_, scaled_losses) = (
            single_ablation(one, test.images, test.labels, stand_ins, ablate)
            for one in (network, scaled)
        )
        table = measures[["layer", "neuron"]].reset_index(drop=True)
        rises = {
            "error_rise": intact_hits - hits,
            "cross_entropy_rise": losses - intact_loss,
            "scaled_cross_entropy_rise": scaled_losses - intact_scaled,
        }
        tables.append(table.assign(replacement=replacement, **rises))
    return pd.concat(tables).round({"cross_entropy_rise": 7, "scaled_cross_entropy_rise": 7})

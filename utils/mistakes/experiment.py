"""Mistakes made on purpose, in each of our own networks.

All four can be read in the code or the figures of an earlier public replication (see
data/published/NOTES.md); here they serve to show what each does to the result. Curves are of
layer 1, as tables case, n_removed, accuracy; the first case is the right one.
"""

import numpy as np
import pandas as pd

from utils.information.neurons import joint_counts, network_levels
from utils.networks.datasets import Split
from utils.networks.network import Network
from utils.paths import PUBLISHED
from utils.removal.ablation import cumulative_ablation
from utils.removal.orders import order_by, random_orders
from utils.study.parallel import Replicate
from utils.study.runs import Stage

EARLIER = PUBLISHED / "earlier"
STEPS = 25  # numbers of neurons at which an output that is no constant is tried


def undefined(network: Network, split: Split, n_levels: int, n_classes: int) -> np.ndarray:
    """Hidden neurons whose quantities are NaN if 0 log 0 is taken literally [hidden neurons].

    These have an empty cell in their joint counts of level and class.
    """
    levels = network_levels(network, split.images, n_levels)
    return (joint_counts(levels, split.labels, n_levels, n_classes) == 0).any(axis=(1, 2))


def undefined_orders(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Lowest mutual information first: right, and with what is NaN sorted last or first.

    Bias-balanced; `undefined`: whether the last neuron removed is one whose value is NaN.
    """
    network, data = replicate.network, replicate.data
    n_levels = stage.parameters_of("02-measure").n_levels
    width = network.hidden[0]
    nan = undefined(network, data.validation, n_levels, data.n_classes)[:width]
    values = measured["mutual_information"].to_numpy()[:width]
    orders = {
        "0 log 0 = 0": order_by(values),
        "NaN as the largest": order_by(np.where(nan, np.inf, values)),
        "NaN as the smallest": order_by(np.where(nan, -np.inf, values)),
    }
    n_correct, _ = cumulative_ablation(
        network, data.test.images, data.test.labels, np.array(list(orders.values())),
        measured["mean_output"].to_numpy(),
    )  # fmt: skip
    table = _long(pd.DataFrame(n_correct.T / len(data.test.labels), columns=list(orders)))
    flags = [flag for order in orders.values() for flag in (False, *nan[order])]
    return table.assign(undefined=flags)


def fresh_sets(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Random neurons removed: a set that grows, and a new set for each number; bias-balanced."""
    network = replicate.network
    outputs, means = _first_layer(replicate), measured["mean_output"].to_numpy()
    numbers = range(network.hidden[0] + 1)
    draws = random_orders(len(numbers) - 1, len(numbers), (replicate.seed,))
    sets = {"growing set": draws[[0] * len(numbers)], "new set each time": draws}
    rows = {
        case: {n: _accuracy(replicate, outputs, order[:n], means) for n, order in
               zip(numbers, orders, strict=True)}
        for case, orders in sets.items()
    }  # fmt: skip
    return _long(pd.DataFrame(rows))


def scaled_outputs(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Lowest mutual information first: balanced, zeroed, or with outputs scaled by P(T=1).

    Scaling leaves the neuron's signal in place, only smaller: it is not bias balancing.
    """
    network = replicate.network
    width = network.hidden[0]
    outputs, rows = _first_layer(replicate), measured.iloc[:width]
    order = order_by(rows["mutual_information"].to_numpy())
    cases = {
        "bias-balanced": rows["mean_output"].to_numpy(),
        "scaled by P(T=1)": outputs * rows["firing_rate"].to_numpy(),
        "zeroed": np.zeros(width),
    }
    numbers = np.unique(np.linspace(0, width, STEPS + 1).round().astype(int))
    accuracies = {
        case: {n: _accuracy(replicate, outputs, order[:n], instead) for n in numbers}
        for case, instead in cases.items()
    }
    return _long(pd.DataFrame(accuracies))


def _first_layer(replicate: Replicate) -> np.ndarray:
    """Outputs of layer 1 on the test images [images, neurons]."""
    return replicate.network.forward(replicate.data.test.images)[1]


def _accuracy(
    replicate: Replicate, outputs: np.ndarray, gone: np.ndarray, instead: np.ndarray
) -> float:
    """Test accuracy with some neurons' outputs replaced by [neurons] or [images, neurons]."""
    changed, labels = outputs.copy(), replicate.data.test.labels
    changed[:, gone] = instead[..., gone]
    return replicate.network.after(1).n_correct(changed, labels) / len(labels)


def _long(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Accuracy by number of neurons removed, a column a case, as case, n_removed, accuracy."""
    table = accuracies.rename_axis(index="n_removed", columns="case")
    return table.unstack().rename("accuracy").reset_index()


def earlier_curve(figure: int, ordering: str, balanced: bool) -> pd.Series:
    """Accuracy by number of neurons ablated from a figure of the earlier replication (200-200)."""
    table = pd.read_csv(EARLIER / f"earlier_fig_{figure}.csv")
    part = table[(table["ordering"] == ordering) & (table["bias_balancing"] == balanced)]
    return part.set_index("n_ablated_by_code")["accuracy_percent"] / 100

"""What notebook 03 computes: for one network, and the temperature of each."""

import numpy as np
import pandas as pd

from utils.names import layer_scope
from utils.networks.temperature import best_temperature
from utils.removal.curves import quantity_curves, single_table
from utils.removal.orders import quantity_orders
from utils.study.parallel import Replicate
from utils.study.runs import Stage

LOST_AT = 0.6  # of layer 1: where losses are counted by class
LOSING = "mutual_information", "low-first"  # the order beside the random ones


def curves(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Every ablation curve: columns of ablation.csv.xz but for the replicate."""
    test, n_random_orders = replicate.data.test, stage.parameters.n_random_orders
    return quantity_curves(replicate.network, measured, test, n_random_orders, replicate.seed)


def one_by_one(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Each hidden neuron removed alone: columns of single.csv but for the replicate."""
    data = replicate.data
    return single_table(replicate.network, measured, data.test, data.validation)


def temperatures(stage: Stage) -> list[float]:
    """Of each network, over the validation images (`utils.networks.temperature`)."""
    return [best_temperature(one.network, one.data.validation) for one in stage.replicates]


def with_weights(stage: Stage, measured: pd.DataFrame) -> pd.DataFrame:
    """`measured` with two numbers that know a neuron's outgoing weights w, and no class.

    outgoing_norm : the mean of |w|
    outgoing_variance : Var(h) |w|^2, the variance that the next layer loses with the neuron
    """
    kernels = [kernel for network in stage.networks for kernel in network.kernels[1:]]
    size = np.concatenate([np.abs(kernel).mean(axis=1) for kernel in kernels])
    square = np.concatenate([(kernel**2).sum(axis=1) for kernel in kernels])
    ordered = measured.sort_values(["replicate", "layer", "neuron"])
    variance = ordered["output_variance"] * square
    return ordered.assign(outgoing_norm=size, outgoing_variance=variance)


def class_losses(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Share of each class's test images that are lost with 60 % of layer 1: ordering, class, lost.

    Bias-balanced, lowest mutual information first and in each random order: the share recognised
    by the intact network less the share recognised after the removals.
    """
    network, test = replicate.network, replicate.data.test
    draws = stage.parameters.n_random_orders, replicate.seed
    orders = quantity_orders(measured, network.hidden, *draws)[layer_scope(1)]
    outputs, after = network.forward(test.images)[1], network.after(1)
    means, width = measured["mean_output"].to_numpy(), network.hidden[0]

    def right(order: np.ndarray) -> pd.Series:
        changed, gone = outputs.copy(), order[: round(LOST_AT * width)]
        changed[:, gone] = means[gone]
        return pd.Series(after.predict(changed) == test.labels).groupby(test.labels).mean()

    intact = right(np.arange(0))
    lost = {
        ordering: intact - right(order)
        for (ordering, direction), order in orders.items()
        if direction == "none" or (ordering, direction) == LOSING
    }
    return pd.concat(lost, names=["ordering", "class"]).rename("lost").reset_index()

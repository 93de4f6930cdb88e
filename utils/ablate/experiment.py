"""What notebook 03 computes: for one network, and the temperature of each."""

import pandas as pd

from utils.networks.temperature import best_temperature
from utils.removal.curves import quantity_curves, single_table
from utils.study.parallel import Replicate
from utils.study.runs import Stage


def curves(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Every ablation curve: columns of ablation.csv.gz but for the replicate."""
    n_random_orders = stage.parameters.n_random_orders
    test, seed = stage.dataset.test, replicate.seed
    return quantity_curves(replicate.network, measured, test, n_random_orders, seed)


def one_by_one(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Each hidden neuron removed alone: columns of single.csv but for the replicate."""
    data = stage.dataset
    return single_table(replicate.network, measured, data.test, data.validation)


def temperatures(stage: Stage) -> list[float]:
    """Of each network, over the validation images (`utils.networks.temperature`)."""
    return [best_temperature(network, stage.dataset.validation) for network in stage.networks]

"""All networks of a run, trained side by side."""

import pandas as pd

from utils.networks.network import Network
from utils.networks.recipes import Recipe
from utils.networks.training import train_replicate
from utils.study import parallel
from utils.study.runs import Stage


def replicates(stage: Stage) -> tuple[list[Network], pd.DataFrame]:
    """The networks, replicate 0 first, and their learning curves: columns of training.csv."""
    data, p, recipe = stage.dataset, stage.parameters, Recipe.from_parameters(stage.parameters)

    def train(replicate: int) -> tuple[Network, pd.DataFrame]:
        network, curve = train_replicate(data, recipe, p.epochs, p.seed, replicate, p.kept_of_last)
        return network, curve.assign(replicate=replicate)

    networks, curves = zip(*parallel.run(train, range(p.n_replicates), "training"), strict=True)
    return list(networks), pd.concat(curves)

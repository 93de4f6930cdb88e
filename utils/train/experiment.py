"""All networks of a run: trained side by side, or those of models that are there already."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from utils.information.neurons import measure
from utils.models import inputs
from utils.networks.datasets import Dataset
from utils.networks.network import Network
from utils.networks.recipes import Recipe
from utils.networks.training import followed, train_replicate
from utils.study import parallel, stages
from utils.study.runs import Stage
from utils.train.models import read

N_LOOKS = 10  # at the neurons in the course of training, besides the first
Followed = tuple[Network, pd.DataFrame, pd.DataFrame]


def replicates(stage: Stage) -> tuple[list[Network], pd.DataFrame, pd.DataFrame]:
    """The networks, replicate 0 first, their learning curves, and what their neurons came to say.

    The curves have the columns of training.csv; entropy and mutual information of every neuron's
    bit, over the validation images, before training and about N_LOOKS times on the way to its
    last epoch, are information.csv.xz. Of models that are there already, both have epoch 0 alone.
    """
    every = _of_models(stage) if stage.parameters.models else _trained(stage)
    networks, *tables = zip(*every, strict=True)
    curves, looks = (
        pd.concat([table.assign(replicate=k) for k, table in enumerate(of_each)])
        for of_each in tables
    )
    return list(networks), curves, looks.round(4)


def _trained(stage: Stage) -> list[Followed]:
    data, p, recipe = stage.dataset, stage.parameters, Recipe.from_parameters(stage.parameters)
    inputs.save(stage.folder / stages.NETWORKS, [], data)  # none are left of models read before

    def train(replicate: int) -> Followed:
        look, looks = _looks(data, max(1, p.epochs // N_LOOKS))
        number = p.first_replicate + replicate
        network, curve = train_replicate(
            data, recipe, p.epochs, p.seed, number, p.kept_of_last, look
        )
        return network, curve, pd.concat(looks)

    return parallel.run(train, range(p.n_replicates), "training")


def _of_models(stage: Stage) -> list[Followed]:
    every = []
    for network, data in read(stage):
        look, looks = _looks(data, 1)
        every.append((*followed([(network, np.nan, 0)], data, 1, look), pd.concat(looks)))
    return every


def _looks(data: Dataset, every: int) -> tuple[Callable[[int, Network], None], list[pd.DataFrame]]:
    """What looks at the neurons of a network every so many epochs, and what it has seen."""
    seen, split = [], data.validation

    def look(epoch: int, network: Network) -> None:
        if epoch % every == 0:
            neurons = measure(network, split.images, split.labels, 2, data.n_classes)
            seen.append(neurons.assign(epoch=epoch))

    return look, seen

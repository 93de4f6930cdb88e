"""All networks of a run, trained side by side."""

import pandas as pd

from utils.information.neurons import measure
from utils.networks.network import Network
from utils.networks.recipes import Recipe
from utils.networks.training import train_replicate
from utils.study import parallel
from utils.study.runs import Stage

N_LOOKS = 10  # at the neurons in the course of training, besides the first


def replicates(stage: Stage) -> tuple[list[Network], pd.DataFrame, pd.DataFrame]:
    """The networks, replicate 0 first, their learning curves, and what their neurons came to say.

    The curves have the columns of training.csv; entropy and mutual information of every neuron's
    bit, over the validation images, before training and about N_LOOKS times on the way to its
    last epoch, are information.csv.xz.
    """
    data, p, recipe = stage.dataset, stage.parameters, Recipe.from_parameters(stage.parameters)
    every = max(1, p.epochs // N_LOOKS)

    def train(replicate: int) -> tuple[Network, pd.DataFrame, pd.DataFrame]:
        looks = []

        def look(epoch: int, network: Network) -> None:
            if epoch % every == 0:
                split = data.validation
                neurons = measure(network, split.images, split.labels, 2, data.n_classes)
                looks.append(neurons.assign(epoch=epoch, replicate=replicate))

        number = p.first_replicate + replicate
        network, curve = train_replicate(
            data, recipe, p.epochs, p.seed, number, p.kept_of_last, look
        )
        return network, curve.assign(replicate=replicate), pd.concat(looks)

    trained = parallel.run(train, range(p.n_replicates), "training")
    networks, curves, looks = zip(*trained, strict=True)
    return list(networks), pd.concat(curves), pd.concat(looks).round(4)

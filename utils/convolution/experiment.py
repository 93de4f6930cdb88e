"""Do the paper's claims hold of channels? Tables as those of dense networks, and two of their own.

Of one network each, for `utils.study.parallel.each`; with `measures`, `ablation` and `single` the
claims C1, C2, C5, C6 and C7 are judged as they are (`utils.evidence`).
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from utils.convolution.ablation import class_ablation, cumulative_ablation
from utils.convolution.keras_models import CONVOLUTIONAL, ConvRecipe
from utils.convolution.measure import class_selectivity, measure, summaries
from utils.convolution.network import ConvNetwork
from utils.convolution.stand_ins import STAND_INS, stand_ins
from utils.evidence.curves import retained
from utils.evidence.effects import correlations
from utils.evidence.judging import long
from utils.names import NETWORK, REPLACEMENTS, layer_scope
from utils.networks.datasets import Dataset
from utils.networks.network import layer_scopes
from utils.networks.training import train_replicate
from utils.removal.curves import ablation_table, constants, quantity_curves, single_table
from utils.removal.orders import quantity_orders
from utils.study import parallel
from utils.study.parallel import Replicate

BORDERS = {"a constant map − a bias": ("mean", "bias"), "a map − its mean": ("mean_map", "mean")}


def replicates(
    data: Dataset, recipe: ConvRecipe, epochs: int, seed: int, numbers: Iterable[int]
) -> tuple[list[ConvNetwork], pd.DataFrame]:
    """Networks trained side by side, each decided by `seed` and its number, and training.csv."""

    def train(number: int) -> tuple[ConvNetwork, pd.DataFrame]:
        return train_replicate(data, recipe, epochs, seed, number, kind=CONVOLUTIONAL)

    networks, curves = zip(*parallel.run(train, numbers, "training"), strict=True)
    return list(networks), parallel.of_replicates(curves)


def channels(
    replicate: Replicate, statistic: str = "mean", threshold: str = "median"
) -> pd.DataFrame:
    """Rows of measures.csv, over the validation images."""
    split = replicate.data.validation
    return measure(replicate.network, split.images, split.labels, statistic, threshold)


def curves(replicate: Replicate, measured: pd.DataFrame, n_random_orders: int) -> pd.DataFrame:
    """Rows of ablation.csv.xz; by `mean` a removed channel has its mean on its whole map."""
    given = replicate.network, measured, replicate.data.test, n_random_orders, replicate.seed
    return quantity_curves(*given, ablate=cumulative_ablation)


def one_by_one(replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Rows of single.csv."""
    images = replicate.data.test, replicate.data.validation
    return single_table(replicate.network, measured, *images, cumulative_ablation)


def class_rises(replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """What the removal of each channel alone costs the class that it is selective for.

    Columns: layer, neuron, measure (kl_selectivity, or class_selectivity of Morcos et al.),
    selectivity, selective_class, replacement, error_rise (test images) and class_error_rise (share
    of the test images of the selective class). The class of KL selectivity may be one for which a
    channel is silent, that of Morcos et al. is one for which it speaks. Channels that are
    selective for no class are left out.
    """
    network, data = replicate.network, replicate.data
    images, labels = data.test.images, data.test.labels
    means = summaries(network, data.validation.images)["mean"]
    selectivities = {
        "kl_selectivity": (measured["kl_selectivity"], measured["selective_class"]),
        "class_selectivity": class_selectivity(means, data.validation.labels),
    }
    sizes, tables = np.bincount(labels, minlength=data.n_classes), []
    for replacement in REPLACEMENTS:
        instead = constants(measured["mean_output"].to_numpy(), replacement)
        parts = [
            class_ablation(network, images, labels, scope, instead, cumulative=False)[0][0]
            for scope in layer_scopes(network.hidden).values()
        ]
        lost = np.concatenate([hits[0] - hits[1:] for hits in parts])
        for name, (selectivity, of_class) in selectivities.items():
            columns = {
                "measure": name,
                "selectivity": np.asarray(selectivity),
                "selective_class": np.asarray(of_class),
                "replacement": replacement,
                "error_rise": lost.sum(axis=1),
                "class_error_rise": (lost / sizes)[np.arange(len(lost)), of_class],
            }
            tables.append(measured[["layer", "neuron"]].assign(**columns))
    return pd.concat(tables, ignore_index=True).query("selective_class >= 0")


def selectivity_correlations(rises: pd.DataFrame) -> pd.DataFrame:
    """Spearman's ρ of selectivities with both rises, within layers and across the network.

    Zhou et al. (arXiv 1806.02891): a unit's selectivity says little of what its removal costs in
    all, and more of what it costs its class.

    rises : `class_rises` of networks, with the column replicate; of channels zeroed
    Returns scope, quantity, replicate, value: as the numbers of claims, to be judged
    """
    zeroed = rises[rises["replacement"] == "zero"]
    within = zeroed.assign(scope=zeroed["layer"].map(layer_scope))
    both = pd.concat([within, zeroed.assign(scope=NETWORK)])
    names = {"class_error_rise": "errors of its class", "error_rise": "all errors"}
    parts = [
        correlations(rows, "selectivity", rise, f"{measure}, {name}")
        for measure, rows in both.groupby("measure", sort=False)
        for rise, name in names.items()
    ]
    return pd.concat(parts, ignore_index=True)


def with_measure_and_errors(correlations: pd.DataFrame) -> pd.DataFrame:
    """With the two columns that the quantity of `selectivity_correlations` is made of."""
    parts = correlations["quantity"].str.split(", ", expand=True)
    return correlations.assign(measure=parts[0], errors=parts[1])


def stand_in_curves(
    replicate: Replicate,
    measured: pd.DataFrame,
    n_random_orders: int,
    names: Sequence[str] = STAND_INS,
) -> pd.DataFrame:
    """Random orders with each of STAND_INS as `replacement`: columns of ablation.csv.xz."""
    network, data = replicate.network, replicate.data
    orders = {
        scope: {name: order for name, order in of_scope.items() if name[1] == "none"}
        for scope, of_scope in quantity_orders(
            measured, network.hidden, n_random_orders, replicate.seed
        ).items()
    }
    tables = []
    for name in names:
        instead = stand_ins(network, data.validation.images, name)

        def ablate(network, images, labels, orders, constants, instead=instead):
            return cumulative_ablation(network, images, labels, orders, instead)

        means = np.zeros(sum(network.hidden))
        table = ablation_table(network, data.test, orders, means, ("mean",), ablate)
        tables.append(table.assign(replacement=name))
    return pd.concat(tables, ignore_index=True)


def border_costs(ablation: pd.DataFrame) -> pd.DataFrame:
    """R by one stand-in minus R by another (BORDERS), in random orders; to be judged.

    What folding a mean into the next layer's bias costs, since a bias also acts where a window
    reaches over the border; and what the mean of each position gains.

    ablation : `stand_in_curves` of networks, with the column replicate
    """
    r = retained(ablation)["random", "none"]
    return long({label: r[one] - r[other] for label, (one, other) in BORDERS.items()})

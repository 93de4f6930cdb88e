"""Networks with fewer channels: every method of pruning with some repairs, on one network.

All blocks are pruned at equal fractions, as in notebooks 04 and 05 (`utils.removal.pruner`). With
the repair `mean` a removed channel's mean over images and positions is folded into the next
block's biases: with padding `same` it is there beyond the border of its map as well, where the
channel itself gave zeros. That is the stand-in `bias` of `utils.convolution.stand_ins`. The other
repairs likewise are those of notebook 05, every position of every image being a sample.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from utils.convolution.keras_models import CONVOLUTIONAL, ConvRecipe
from utils.evidence.effects import JUDGED_BY
from utils.names import NETWORK, QUANTITIES, REPAIRS
from utils.networks.network import layer_scopes
from utils.removal import noise_out
from utils.removal.importance import importances
from utils.removal.pruner import Case, Pruner
from utils.study.parallel import Replicate

METHODS = (*QUANTITIES, "outgoing_norm", "incoming_norm", "random", noise_out.METHOD)
EVERY_REPAIR = (JUDGED_BY, "random")  # methods with every repair; also those that are retrained
SIMPLE = ("zero", "mean")  # the repairs of others


def pruned(
    replicate: Replicate,
    measured: pd.DataFrame,
    recipe: ConvRecipe,
    fractions: Sequence[float],
    retrain_fractions: Sequence[float],
    retrain_epochs: Sequence[int],
) -> pd.DataFrame:
    """Every method at every fraction: columns of pruning.csv but for the replicate.

    The methods EVERY_REPAIR have all repairs, and with the repair `mean` are retrained at the
    `retrain_fractions`; others have the repairs SIMPLE. Entropy is left out where it is the same
    for all channels of each block, as that of bits split at the median is: it is no choice.

    measured : rows of measures.csv of this network
    retrain_epochs : after which epochs of one training the result is counted, besides 0
    Raises ValueError for fractions and epochs that are not possible, and measures of others.
    """
    if unknown := set(retrain_fractions) - set(fractions):
        raise ValueError(f"retrain_fractions {sorted(unknown)} are not among {fractions}")
    cases = [
        Case(
            scope=NETWORK, method=method, repair=repair, fraction=fraction,
            epochs=retrain_epochs if fraction in retrain_fractions
            and method in EVERY_REPAIR and repair == "mean" else (),
        )
        for method, fraction in product(_methods(replicate, measured), fractions)
        for repair in (REPAIRS if method in EVERY_REPAIR else SIMPLE)
    ]  # fmt: skip
    return _table(replicate, measured, recipe, cases)


def balanced(
    replicate: Replicate,
    measured: pd.DataFrame,
    recipe: ConvRecipe,
    fractions: Sequence[float],
    retrain_epochs: Sequence[int],
) -> pd.DataFrame:
    """Zeroed and balanced, as pruned and retrained: columns of balancing.csv but the replicate.

    All blocks, lowest mutual information first. Arguments and errors as of `pruned`.
    """
    cases = [
        Case(NETWORK, JUDGED_BY, repair, fraction, retrain_epochs)
        for fraction, repair in product(fractions, SIMPLE)
    ]
    table = _table(replicate, measured, recipe, cases)
    return table.drop(columns=["n_parameters", "n_macs", "n_bytes"])


def _methods(replicate: Replicate, measured: pd.DataFrame) -> list[str]:
    values = measured["entropy"].to_numpy()
    blocks = layer_scopes(replicate.network.hidden).values()
    chooses = any(np.ptp(values[channels]) > 0 for channels in blocks)
    return [method for method in METHODS if chooses or method != "entropy"]


def _table(
    replicate: Replicate, measured: pd.DataFrame, recipe: ConvRecipe, cases: list[Case]
) -> pd.DataFrame:
    network, epochs = replicate.network, {n for case in cases for n in case.epochs}
    if not cases:
        raise ValueError("no fraction to prune is given")
    if wrong := [n for n in epochs if not isinstance(n, int) or n < 1]:
        raise ValueError(f"retrain_epochs {wrong}; allowed are whole numbers from 1")
    found = measured["layer"].value_counts(sort=False).to_dict()
    if found != dict(enumerate(network.hidden, 1)):
        raise ValueError(f"measures of channels {found}; the network has {network.hidden}")
    methods = {case.method: None for case in cases if case.method != noise_out.METHOD}
    values = importances(network, measured, methods, replicate.seed)
    pruner = Pruner(network, replicate.data, values, CONVOLUTIONAL)
    return pruner.table(cases, recipe, replicate.seed)

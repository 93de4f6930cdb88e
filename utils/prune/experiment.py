"""Every method of pruning with every repair on one network, and the time of smaller networks."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from utils.names import NETWORK, REPAIRS
from utils.networks.network import scopes
from utils.networks.training import Recipe
from utils.removal import costs, surgery
from utils.removal.importance import METHODS, importance, n_pruned
from utils.removal.pruner import Case, Pruner
from utils.study.parallel import Replicate
from utils.study.parameters import Prune
from utils.study.runs import Stage

_NOISE_OUT = ("noise_out", "affine")
COMPARED = (*product(METHODS, ["mean"]), _NOISE_OUT)  # each method with the repair it is judged by
ALL = (*product(METHODS, REPAIRS), _NOISE_OUT)


def methods(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Every method at every fraction: columns of pruning.csv but for the replicate.

    measured : rows of measures.csv of this network
    """
    network, rng = replicate.network, np.random.default_rng(replicate.seed)
    layers = range(1, len(network.hidden) + 1)
    importances = {
        method: np.concatenate([importance(network, measured, i, method, rng) for i in layers])
        for method in METHODS
    }
    pruner = Pruner(network, stage.dataset, importances)
    cases = _cases(network.hidden, stage.parameters)
    return pruner.table(cases, Recipe.from_parameters(stage.recipe), replicate.seed)


def _cases(hidden: tuple[int, ...], given: Prune) -> Iterator[Case]:
    """Layer by layer bias-balanced; all layers with every repair, some of them retrained.

    Retrained are the `retrain_fractions`, bias-balanced. NoiseOut has a repair of its own, which
    is affine, and stands where others are bias-balanced.
    """
    for scope, fraction in product(scopes(hidden), given.fractions):
        retrained = scope == NETWORK and fraction in given.retrain_fractions
        for method, repair in ALL if scope == NETWORK else COMPARED:
            again = retrained and (method, repair) in COMPARED
            yield Case(
                scope=scope, method=method, repair=repair, fraction=fraction,
                epochs=given.retrain_epochs if again else [],
            )  # fmt: skip


def latency(stage: Stage) -> pd.DataFrame:
    """Milliseconds of a forward pass for 1 and for 1,000 images: latency.csv.

    Of the first network, all layers pruned at equal fractions; fraction 0 is the full network,
    measured in the same repetitions. Which neurons are gone makes no difference.
    """
    networks = {}
    for fraction in (0.0, *stage.parameters.fractions):
        pruned = stage.networks[0]
        for layer, width in enumerate(pruned.hidden, 1):
            pruned = surgery.remove(pruned, layer, range(n_pruned(fraction, width)))
        networks[fraction] = pruned
    table = costs.latency(networks, stage.dataset.test.images, {1: 2000, 1000: 100})
    return table.rename(columns={"network": "fraction"}).round({"latency_ms": 4})

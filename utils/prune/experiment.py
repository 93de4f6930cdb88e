"""Every method of pruning with every repair on one network, and the time of smaller networks."""

from collections.abc import Iterator
from itertools import product

import pandas as pd

from utils.names import NETWORK, REPAIRS
from utils.networks.network import scopes
from utils.networks.recipes import Recipe
from utils.removal import costs, noise_out, surgery
from utils.removal.importance import METHODS, importances, n_pruned
from utils.removal.pruner import Case, Pruner
from utils.study.parallel import Replicate
from utils.study.parameter_models import Prune
from utils.study.runs import Stage

CHOICES = (*METHODS, noise_out.METHOD)
PUBLISHED = (noise_out.MERGED, "affine")
JUDGED = (*product(CHOICES, ["mean"]), PUBLISHED)  # each choice with the repair it is judged by
ALL = (*product(CHOICES, REPAIRS), PUBLISHED)


def methods(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Every method at every fraction: columns of pruning.csv but for the replicate.

    measured : rows of measures.csv of this network
    """
    network = replicate.network
    values = importances(network, measured, METHODS, replicate.seed)
    pruner = Pruner(network, replicate.data, values)
    cases = _cases(network.hidden, stage.parameters)
    return pruner.table(cases, Recipe.from_parameters(stage.recipe), replicate.seed)


def _cases(hidden: tuple[int, ...], given: Prune) -> Iterator[Case]:
    """Layer by layer bias-balanced; all layers with every repair, some of them retrained.

    Retrained are the `retrain_fractions`, bias-balanced. NoiseOut as published, which has a repair
    of its own, stands beside the bias-balanced throughout.
    """
    for scope, fraction in product(scopes(hidden), given.fractions):
        retrained = scope == NETWORK and fraction in given.retrain_fractions
        for method, repair in ALL if scope == NETWORK else JUDGED:
            again = retrained and (method, repair) in JUDGED
            yield Case(
                scope=scope, method=method, repair=repair, fraction=fraction,
                epochs=given.retrain_epochs if again else [],
            )  # fmt: skip


def latency(stage: Stage) -> pd.DataFrame:
    """Milliseconds of a forward pass for 1 and for 1,000 images: latency.csv.

    Of the first network, all layers pruned at equal fractions; fraction 0 is the full network,
    measured in the same repetitions. Which neurons are gone makes no difference.
    """
    networks, first = {}, stage.replicates[0]
    for fraction in (0.0, *stage.parameters.fractions):
        pruned = first.network
        for layer, width in enumerate(pruned.hidden, 1):
            pruned = surgery.remove(pruned, layer, range(n_pruned(fraction, width)))
        networks[fraction] = pruned
    table = costs.latency(networks, first.data.test.images, {1: 2000, 1000: 100})
    return table.rename(columns={"network": "fraction"}).round({"latency_ms": 4})

"""What stands in for removed neurons, on one network: every repair, and retraining after it."""

from itertools import product

import pandas as pd

from utils.names import NETWORK, REPAIRS
from utils.networks.network import scopes
from utils.networks.training import Recipe
from utils.removal.pruner import Case, Pruner
from utils.study.parallel import Replicate
from utils.study.runs import Stage


def repairs(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Lowest mutual information first, every repair: columns of balancing.csv but for replicate.

    Each layer alone as pruned; all layers at equal fractions as pruned and retrained.

    measured : rows of measures.csv of this network
    """
    network, given, method = replicate.network, stage.parameters, "mutual_information"
    cases = [
        Case(
            scope=scope, method=method, repair=repair, fraction=fraction,
            epochs=given.retrain_epochs if scope == NETWORK else [],
        )
        for scope, fraction, repair in product(scopes(network.hidden), given.fractions, REPAIRS)
    ]  # fmt: skip
    pruner = Pruner(network, stage.dataset, {method: measured[method].to_numpy()})
    return pruner.table(cases, Recipe.from_parameters(stage.recipe), replicate.seed)

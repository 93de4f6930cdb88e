"""What stands in for removed neurons, on one network: every repair, and retraining after it."""

from itertools import product

import pandas as pd

from utils.evidence.effects import JUDGED_BY
from utils.names import NETWORK, REPAIRS
from utils.networks.network import scopes
from utils.networks.recipes import Recipe
from utils.removal.importance import importances
from utils.removal.pruner import Case, Pruner
from utils.study.parallel import Replicate
from utils.study.runs import Stage

METHODS = (JUDGED_BY, "outgoing_norm", "random")


def repairs(stage: Stage, replicate: Replicate, measured: pd.DataFrame) -> pd.DataFrame:
    """Every repair after some choices of neurons: columns of balancing.csv but for the replicate.

    Each layer alone and all layers at equal fractions; all layers, lowest mutual information
    first, also retrained.

    measured : rows of measures.csv of this network
    """
    network, given = replicate.network, stage.parameters
    cases = [
        Case(
            scope=scope, method=method, repair=repair, fraction=fraction,
            epochs=given.retrain_epochs if (scope, method) == (NETWORK, JUDGED_BY) else [],
        )
        for scope, method, fraction, repair in product(
            scopes(network.hidden), METHODS, given.fractions, REPAIRS
        )
    ]  # fmt: skip
    values = importances(network, measured, METHODS, replicate.seed)
    pruner = Pruner(network, replicate.data, values)
    return pruner.table(cases, Recipe.from_parameters(stage.recipe), replicate.seed)

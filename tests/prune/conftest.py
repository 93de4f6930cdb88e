"""Tables of pruning with accuracies that are given."""

from collections.abc import Callable
from itertools import product

import pandas as pd
import pytest

from utils.names import NETWORK, REPAIRS
from utils.prune.experiment import CHOICES
from utils.prune.tables import MERGED


@pytest.fixture
def pruning_of() -> Callable[..., pd.DataFrame]:
    """A function that makes the table of pruning.csv from accuracies by case."""

    def table(
        accuracy: Callable[..., float],
        n_replicates: int = 4,
        n_layers: int = 2,
        fractions: tuple[float, ...] = (0.3, 0.6),
        retrained: int = 2,
    ) -> pd.DataFrame:
        """accuracy(replicate, scope, method, repair, fraction, epochs); of 10,000 images.

        retrained : epochs of retraining; 0 for none
        """
        scopes = [*(f"layer-{k + 1}" for k in range(n_layers)), NETWORK]
        ways = [*product(CHOICES, REPAIRS), (MERGED, "affine")]
        cases = [
            (replicate, scope, method, repair, fraction, epochs)
            for replicate, scope, (method, repair), fraction, epochs in product(
                range(n_replicates), scopes, ways, fractions, {0, retrained}
            )
            if (repair == "mean" or method == MERGED) or (scope == NETWORK and not epochs)
            if not epochs or scope == NETWORK
        ]
        rows = [
            (*case, round(10_000 * accuracy(*case)), 10_000, 7000 * (1 - case[4]))
            for case in cases
        ]
        columns = (
            "replicate scope method repair fraction retrain_epochs n_correct n_samples n_macs"
        )
        return pd.DataFrame(rows, columns=columns.split())

    return table

"""Tables of notebook 05: what repairs gain, alone and before retraining."""

from itertools import product

import pandas as pd
import pytest

from utils.balance.tables import head_start, retraining_share
from utils.names import REPAIRS

ACCURACY = {  # by epochs of retraining
    "zero": {0: 0.2, 2: 0.9}, "mean": {0: 0.55, 2: 0.9}, "affine": {0: 0.2, 2: 0.8},
    "least_squares": {0: 0.9, 2: 0.95},
}  # fmt: skip


@pytest.fixture(scope="module")
def balancing() -> pd.DataFrame:
    """Two networks with the same accuracies, all layers, two fractions; and a layer as pruned."""
    rows = [
        (replicate, scope, repair, fraction, epochs, round(1000 * accuracy), 1000)
        for replicate, scope, repair, fraction in product(
            (0, 1), ("layer-1", "network"), REPAIRS, (0.4, 0.8)
        )
        for epochs, accuracy in ACCURACY[repair].items()
        if epochs == 0 or scope == "network"
    ]
    columns = "replicate scope repair fraction retrain_epochs n_correct n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def test_what_a_repair_gains_is_a_share_of_what_retraining_gains(balancing):
    shares = retraining_share(balancing)
    assert shares.index.names == ["repair", "fraction"]
    assert shares["mean"].round(6).to_dict() == {
        (repair, f"{fraction} pruned"): share
        for repair, share in (("mean", 0.5), ("affine", 0), ("least_squares", 1))
        for fraction in ("40%", "80%")
    }
    verdicts = ["agrees", "agrees", "inconclusive", "inconclusive", "agrees", "agrees"]
    assert shares["verdict"].tolist() == verdicts


def test_a_head_start_is_what_is_left_of_a_repair_after_retraining(balancing):
    starts = head_start(balancing)
    assert starts["mean"].round(6).to_dict() == {
        (2, "mean"): 0, (2, "affine"): -0.1, (2, "least_squares"): 0.05,
    }  # fmt: skip

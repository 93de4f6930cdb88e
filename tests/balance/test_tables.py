"""Tables of notebook 05: what repairs gain, alone and before retraining."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from utils.balance.tables import (
    choices_repaired,
    gains,
    head_start,
    repaired_accuracy,
    retrained_accuracy,
    retraining_share,
)
from utils.names import QUANTITIES, REPAIRS

ACCURACY = {  # by epochs of retraining
    "zero": {0: 0.2, 2: 0.9}, "mean": {0: 0.55, 2: 0.9}, "affine": {0: 0.2, 2: 0.8},
    "least_squares": {0: 0.9, 2: 0.95},
}  # fmt: skip


@pytest.fixture(scope="module")
def balancing() -> pd.DataFrame:
    """Two networks with the same accuracies, all layers, two fractions; and a layer as pruned.

    What is chosen at random has 0.1 less, and is not retrained.
    """
    rows = [
        (replicate, scope, method, repair, fraction, epochs, round(1000 * accuracy - less), 1000)
        for replicate, scope, (method, less), repair, fraction in product(
            (0, 1), ("layer-1", "network"), (("mutual_information", 0), ("random", 100)), REPAIRS,
            (0.4, 0.8),
        )
        for epochs, accuracy in ACCURACY[repair].items()
        if epochs == 0 or (scope, method) == ("network", "mutual_information")
    ]  # fmt: skip
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def test_what_a_repair_gains_is_a_share_of_what_retraining_gains(balancing):
    shares = retraining_share(balancing)
    assert shares.index.names == ["repair", "quantity"]
    assert shares["mean"].round(6).to_dict() == {
        (repair, f"{fraction} pruned"): share
        for repair, share in (("mean", 0.5), ("affine", 0), ("least_squares", 1))
        for fraction in ("40%", "80%")
    }
    verdicts = ["agrees", "agrees", "negligible", "negligible", "agrees", "agrees"]
    assert shares["verdict"].tolist() == verdicts


def test_where_retraining_gains_nothing_there_is_no_share(balancing):
    table = balancing.copy()
    retrained = (table["repair"] == "zero") & (table["retrain_epochs"] == 2)
    table.loc[retrained & (table["fraction"] == 0.8), "n_correct"] = [190, 210]
    shares = retraining_share(table).loc["mean"]
    assert shares.loc["40% pruned", "verdict"] == "agrees"
    assert np.isnan(shares.loc["80% pruned", "mean"])
    assert shares.loc["80% pruned", "verdict"] == "not defined in any network"


def test_accuracies_are_those_of_a_choice_with_a_repair(balancing):
    informed = repaired_accuracy(balancing)
    assert informed.loc[("layer-1", 0.4)].to_dict() == {k: v[0] for k, v in ACCURACY.items()}
    choices = choices_repaired(balancing, 0.8)
    assert choices.index.tolist() == list(
        product(("layer-1", "network"), ("mutual_information", "random"))
    )
    assert choices["mean"].round(3).tolist() == [0.55, 0.45] * 2
    assert retrained_accuracy(balancing).loc[(0.4, "mean")].to_dict() == {0: 0.55, 2: 0.9}


def test_gains_are_judged_as_the_claim_is(ablation_of):
    """Each quantity low first and random, as they stand among all cases of C7."""
    table = ablation_of(
        lambda replicate, scope, ordering, direction, replacement, n: (
            90_000 - 1000 * n + (5000 if replacement == "mean" else 0) + 100 * replicate
        ),
        ["layer-1", "network"], 4, n_neurons=10,
    )  # fmt: skip
    found = gains(table)
    shown = {*(f"{quantity}, low-first" for quantity in QUANTITIES), "random"}
    assert set(found.index.get_level_values("quantity")) == shown
    assert set(found["verdict"]) == {"agrees"}
    assert found["mean"].to_numpy() == pytest.approx(0.05)


def test_a_head_start_is_what_is_left_of_a_repair_after_retraining(balancing):
    starts = head_start(balancing)
    assert starts["mean"].round(6).to_dict() == {
        (2, "mean"): 0, (2, "affine"): -0.1, (2, "least_squares"): 0.05,
    }  # fmt: skip

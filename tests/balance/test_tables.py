"""Tables of notebook 05: what repairs gain, alone and before retraining."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from utils.balance.tables import (
    checked,
    gains,
    gains_beside_paper,
    head_start,
    repair_values,
    retraining_share,
    turned,
    weights_after,
)
from utils.evidence.judging import Rule
from utils.names import REPAIRS

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
    assert shares.index.names == ["repair", "share pruned"]
    assert shares["mean"].round(6).to_dict() == {
        (repair, fraction): share
        for repair, share in (("bias-balanced", 0.5), ("affine", 0), ("least squares", 1))
        for fraction in ("40%", "80%")
    }
    assert shares.loc[("bias-balanced", "40%"), "95 % interval"] == "[+0.50, +0.50]"
    verdicts = ["agrees", "agrees", "negligible", "negligible", "agrees", "agrees"]
    assert shares["verdict"].tolist() == verdicts


def test_where_retraining_gains_nothing_there_is_no_share(balancing):
    table = balancing.copy()
    retrained = (table["repair"] == "zero") & (table["retrain_epochs"] == 2)
    table.loc[retrained & (table["fraction"] == 0.8), "n_correct"] = [190, 210]
    shares = retraining_share(table).loc["bias-balanced"]
    assert shares.loc["40%", "verdict"] == "agrees"
    assert np.isnan(shares.loc["80%", "mean"])
    assert shares.loc["80%", "95 % interval"] == "–"
    assert shares.loc["80%", "verdict"] == "not defined in any network"


def test_repairs_are_compared_as_pruned_by_mutual_information(balancing):
    values = repair_values(balancing, "least_squares", "mean")
    assert values["value"].to_numpy() == pytest.approx(0.35)
    assert set(values["quantity"]) == {"40% pruned", "80% pruned"}
    assert len(values) == 2 * 2 * 2


def test_gains_are_judged_as_the_claim_is(ablation_of):
    """Each quantity low first and random, as they stand among all cases of C7."""
    table = ablation_of(
        lambda replicate, scope, ordering, direction, replacement, n: (
            90_000 - 1000 * n + (5000 if replacement == "mean" else 0) + 100 * replicate
        ),
        ["layer-1", "network"], 4, n_neurons=10,
    )  # fmt: skip
    found = gains(table)
    names = ("entropy", "mutual information", "KL selectivity")
    shown = {*(f"{name}, low first" for name in names), "random"}
    assert found.index.names == ["layer", "order"]
    assert set(found.index.get_level_values("order")) == shown
    assert set(found["verdict"]) == {"agrees"}
    assert found["mean"].to_numpy() == pytest.approx(0.05)


def test_a_head_start_is_what_is_left_of_a_repair_after_retraining(balancing):
    starts = head_start(balancing, 2)
    left = {"mean": 0, "affine": -0.1, "least_squares": 0.05}
    assert starts["mean"].round(6).to_dict() == {
        (fraction, repair): left[repair] for fraction in (0.4, 0.8) for repair in left
    }
    assert starts.loc[(0.4, "affine"), "verdict"] == "disagrees"


def test_a_verdict_that_one_network_turns_is_found():
    cases = {"steady": [0.1, 0.11, 0.12, 0.1], "turned": [0.1, 0.11, 0.12, -0.3]}
    values = pd.DataFrame(
        [("layer-1", name, k, x) for name, xs in cases.items() for k, x in enumerate(xs)],
        columns=["scope", "quantity", "replicate", "value"],
    )
    found = turned(values, Rule("above"))
    assert found.to_dict("records") == [{
        "scope": "layer-1", "quantity": "turned", "replicate": 3, "all": "open",
        "without": "agrees",
    }]  # fmt: skip
    assert checked(values, Rule("above"))["borderline"].tolist() == [False, True]
    pair = values[values["replicate"] < 2]
    assert checked(pair, Rule("above"))["borderline"].tolist() == [False, False]


def test_the_papers_gains_stand_beside_ours(ablation_of):
    table = ablation_of(
        lambda replicate, *curve: 60_000 + 10_000 * replicate * (curve[3] == "mean"),
        n_replicates=2, n_neurons=79,
    )  # fmt: skip
    found = gains_beside_paper(table)
    assert found.index.names == ["layer", "order"]
    assert found["mean"].to_numpy() == pytest.approx(0.05)
    inside = found["paper"].between(0, 0.1)
    assert found["within ours"].eq("yes").tolist() == inside.tolist()
    assert inside.nunique() == 2
    assert found.loc[("layer 2", "random"), "paper"] < 0.02  # as drawn in Fig. 1b


def test_weights_grow_by_what_they_have_to_stand_in_for(random_network):
    network = random_network((5, 4, 3))
    outputs = np.random.default_rng(1).random((50, 4))
    outputs[:, 3] = 2 * outputs[:, 0] + 1
    sizes = weights_after(network, 1, np.array([3]), outputs)
    assert list(sizes.index) == ["zeroed", "bias-balanced", "affine", "least squares"]
    kernel = network.kernels[1]
    assert sizes["zeroed"] == sizes["bias-balanced"] == np.sqrt((kernel[:3] ** 2).mean())
    folded = kernel[:3] + np.outer([2, 0, 0], kernel[3])
    assert sizes["affine"] == pytest.approx(np.sqrt((folded**2).mean()))
    assert sizes["least squares"] == pytest.approx(sizes["affine"])

"""Which cases are asked of channels, and what selectivity says of a class more than of all."""

import pandas as pd
import pytest

from utils.convolution import claims
from utils.evidence.claims import CLAIMS
from utils.evidence.tables import Tables
from utils.names import RANKS


@pytest.fixture
def curves(ablation_of) -> Tables:
    """Accuracy falls in layer 1 faster, and with high values first; ranks as values."""

    def falling(replicate, scope, ordering, direction, replacement, n_ablated):
        first = 2 - (scope == "layer-2") + (direction == "high-first")
        return 90_000 - 4000 * n_ablated * first + 50 * replicate * n_ablated

    table = ablation_of(falling)
    ranked = table[(table["scope"] == "network") & (table["replacement"] == "mean")]
    names = ranked["ordering"].str.replace(r"(-\d+)?$", rf"{RANKS}\1", n=1, regex=True)
    return Tables({"ablation": pd.concat([table, ranked.assign(ordering=names)])})


NAMES = ["C1", "C1b", "C2", "C5", "C6", "C7", "C11"]


def test_by_the_median_nothing_is_asked_of_entropy(curves):
    judged = claims.judged(curves, "median", NAMES)
    assert list(judged["claim"].unique()) == [name for name in NAMES if name != "C6"]
    assert not judged["quantity"].str.contains("entropy").any()
    assert set(judged.loc[judged["claim"] == "C2", "verdict"]) == {"agrees"}


def test_by_another_threshold_all_is_asked_as_of_neurons(curves):
    every = claims.judged(curves, "mean", NAMES)
    few = claims.judged(curves, "median", NAMES)
    assert list(every["claim"].unique()) == NAMES
    kept = claims.without_entropy(every[every["claim"] != "C6"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, few)
    assert len(every) > len(few) + 4


def test_cross_entropy_is_no_entropy():
    names = [
        "entropy", "entropy, low-first", "kl_selectivity - entropy", "mutual_information",
        "mutual_information, scaled cross-entropy", "mutual_information - random",
    ]  # fmt: skip
    kept = claims.without_entropy(pd.DataFrame({"quantity": names}))["quantity"]
    assert kept.tolist() == names[3:]


def test_of_neurons_the_same_cases_count():
    cases = pd.DataFrame(
        {"claim": ["C1", "C1", "C6", "C8", "C2"], "quantity": ["entropy, low-first", *"abcd"]}
    )
    assert claims.of_neurons(cases, "median")["quantity"].tolist() == ["a", "d"]
    assert claims.of_neurons(cases, "mean")["claim"].tolist() == ["C1", "C1", "C6", "C2"]
    assert set(claims.asked("mean")) == set(CLAIMS) - {"C8"}


def test_the_difference_is_that_of_the_same_network(rhos):
    gains = claims.against_all_errors(rhos(0.5, 0.2))
    assert gains["mean"].to_list() == pytest.approx([0.285] * 4)
    assert (gains["low"] > 0).all()
    assert (claims.against_all_errors(rhos(0.1, 0.3))["high"] < 0).all()
    one = rhos(0.5, 0.2)
    one.loc[one["quantity"].eq("kl_selectivity, all errors"), "value"] = float("nan")
    undefined = claims.against_all_errors(one).set_index(["scope", "quantity"])["mean"]
    assert undefined.isna().tolist() == [True, False, True, False]

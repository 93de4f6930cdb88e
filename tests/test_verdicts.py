"""Claims on made-up tables: one that holds, one that fails, one undecided; published data."""

import numpy as np
import pandas as pd
import pytest

from utils import calibration, mistakes, published, verdicts
from utils.measures import QUANTITIES

ORDERS = [(q, d) for q in QUANTITIES for d in ("low-first", "high-first")] + [
    ("random-00", "none")
]


def _ablation(levels: dict[tuple[str, str, str], float], spread: float = 0.001) -> pd.DataFrame:
    """Flat curves for six networks; `levels` by (scope, ordering, direction), 0.7 elsewhere."""
    rows = []
    for scope in ("layer-1", "layer-2", "network"):
        for ordering, direction in ORDERS:
            for replacement, shift in (("mean", 0.0), ("zero", -0.1)):
                level = levels.get((scope, ordering, direction), 0.7) + shift
                for replicate in range(6):
                    wobble = spread * (-1) ** replicate * (replicate + 1)
                    hits = round(100_000 * (level + wobble * (direction == "low-first")))
                    rows += [
                        (replicate, scope, ordering, direction, replacement, n, hits, 100_000, 1.0)
                        for n in range(6)
                    ]
    columns = "replicate scope ordering direction replacement n_ablated n_correct n_samples"
    return pd.DataFrame(rows, columns=[*columns.split(), "cross_entropy"])


def _tables(ablation: pd.DataFrame, others: dict | None = None) -> verdicts.Tables:
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [range(6), (1, 2), range(30)], names=["replicate", "layer", "neuron"]
    )
    measures = pd.DataFrame(rng.random((len(index), 3)), index, list(QUANTITIES)).reset_index()
    measures.loc[measures["layer"] == 2, "entropy"] += 1
    single = measures[["replicate", "layer", "neuron"]].assign(
        replacement="mean", error_rise=0, cross_entropy_rise=measures["mutual_information"]
    )
    pruning = pd.DataFrame(
        [
            (k, scope, method, repair, 0.5, 0, 700 + better + k, 1000)
            for k in range(6)
            for scope in ("layer-1", "network")
            for method in (*QUANTITIES, "outgoing_norm", "incoming_norm", "noise_out", "random")
            # compared are the network's with the mean, and NoiseOut's merging
            for repair, better in (
                [("affine", 100 * (scope == "network"))] if method == "noise_out"
                else [("zero", -300), ("mean", 0)]
            )
        ],
        columns=[
            "replicate", "scope", "method", "repair", "fraction", "retrain_epochs", "n_correct",
            "n_samples",
        ],
    )  # fmt: skip
    balancing = pd.DataFrame(
        [
            (k, scope, repair, 0.5, epochs, hits + k, 1000)
            for k in range(6)
            for scope, repair, epochs, hits in (
                ("network", "zero", 0, 500), ("network", "mean", 0, 600),
                ("network", "affine", 0, 650), ("network", "zero", 2, 700),
                ("network", "mean", 2, 700), ("layer-1", "zero", 0, 100),
                ("layer-1", "mean", 0, 900),
            )
        ],
        columns=[
            "replicate", "scope", "repair", "fraction", "retrain_epochs", "n_correct", "n_samples"
        ],
    )  # fmt: skip
    return verdicts.Tables(measures, ablation, single, pruning, balancing, others or {})


def _verdicts(found: pd.DataFrame, claim: str) -> set[str]:
    return set(found.loc[found["claim"] == claim, "verdict"])


@pytest.fixture(scope="module")
def held() -> pd.DataFrame:
    levels = {("layer-1", q, "low-first"): 0.8 for q in QUANTITIES[1:]}
    levels |= {("layer-2", q, "low-first"): 0.8 for q in QUANTITIES[1:]}
    levels |= {("layer-2", "random-00", "none"): 0.75}
    return verdicts.judge(_tables(_ablation(levels)))


def test_claims_that_hold(held):
    for claim in ("C1", "C2", "C5", "C6", "C7", "C9", "C11"):
        assert _verdicts(held, claim) == {"agrees"}, claim
    by_quantity = held[held["claim"] == "C2"].set_index(["scope", "quantity"])["estimate"]
    assert by_quantity.to_numpy() == pytest.approx(0.1, abs=1e-3)
    shares = held[held["claim"] == "C9"]
    assert shares["estimate"].tolist() == [0.5]
    assert shares["scope"].tolist() == ["network"]
    assert shares["quantity"].tolist() == ["50% pruned"]


def test_claims_that_fail(held):
    levels = {("network", q, "low-first"): 0.8 for q in QUANTITIES}
    levels |= {("layer-1", q, "low-first"): 0.6 for q in QUANTITIES}
    levels |= {("layer-2", q, "low-first"): 0.6 for q in QUANTITIES}
    found = verdicts.judge(_tables(_ablation(levels)))
    assert _verdicts(found, "C1") == {"disagrees"}
    assert _verdicts(found, "C2") == {"disagrees"}
    against = held[(held["claim"] == "C10") & held["quantity"].str.endswith("noise_out")]
    assert set(against["verdict"]) == {"disagrees"}
    assert against["estimate"].to_numpy() == pytest.approx(-0.1)


def test_claims_that_stay_open():
    found = verdicts.judge(_tables(_ablation({}, spread=0.05)))
    assert _verdicts(found, "C2") == {"inconclusive"}


def test_medians_and_single_neurons(held):
    c3 = held[held["claim"] == "C3"].set_index("quantity")
    assert c3.loc["entropy", "estimate"] == pytest.approx(1, abs=0.15)
    assert c3.loc["entropy", "verdict"] == "agrees"
    alone = held[held["claim"] == "C2, one by one"].set_index(["scope", "quantity"])
    assert (alone.xs("mutual_information", level="quantity")["estimate"] == 1).all()


def test_activations_are_compared_when_there_are_other_runs():
    ablation = _ablation({})
    assert "C8" not in set(verdicts.judge(_tables(ablation))["claim"])
    zeroed = ablation["replacement"] == "zero"
    other = ablation.assign(n_correct=ablation["n_correct"] + 10_000 * zeroed)
    c8 = verdicts.judge(_tables(ablation, {"tanh": other})).query("claim == 'C8'")
    assert c8["scope"].tolist() == ["layer-1", "layer-2"]
    assert c8["estimate"].to_numpy() == pytest.approx(0.1)


def test_overview_counts_every_case_once(held):
    overview = verdicts.overview(held)
    assert overview[["agrees", "inconclusive", "disagrees"]].to_numpy().sum() == len(held)
    assert overview.loc["C2", "holds"] == "yes"
    assert overview.loc["C10", "holds"] == "in part"


def test_published_curves_have_their_columns_and_ranges():
    curves = published.curves()
    assert curves.groupby("figure").size().to_dict().keys() == {
        "fig1a", "fig1b", "fig3", "fig4a", "fig4b", "fig4c", "fig4d",
    }  # fmt: skip
    assert curves["accuracy"].between(0.3, 1).all()
    assert curves["n_ablated"].between(0, 79).all()
    start = curves[curves["n_ablated"] == 0]
    assert (start["accuracy"] - 0.9765).abs().max() < 0.003
    assert set(curves["ordering"]) == {*QUANTITIES, "random"}
    assert len(published.extremes()) == 18


def test_a_run_equal_to_the_published_curves_has_no_distance():
    theirs = published.curves().drop_duplicates(["scope", "ordering", "direction", "n_ablated"])
    ours = theirs.assign(n_correct=theirs["accuracy"] * 1e6, n_samples=1e6, cross_entropy=0.0)
    ours = pd.concat([ours.assign(replicate=k) for k in range(2)])
    ours = ours.drop(columns=["figure", "accuracy"])
    compared = published.compare(ours).query("figure in ('fig3', 'fig4a', 'fig4b')")
    balanced = compared[compared["ordering"] != "random"]
    assert balanced["rmse"].max() < 0.003
    table = published.table(ours, "fig3")
    assert list(table.columns) == [20, 40, 60, 79, "rmse"]


def test_the_setting_is_chosen_by_figures_1_and_2_alone():
    rows = [
        (l2, 10, 3, "rmse", figure, "x", value)
        for l2, values in ((0.0, (1, 1, 9, 9)), (0.1, (2, 2, 1, 1)))
        for figure, value in zip(("fig1", "fig2", "fig3", "fig4"), values, strict=True)
    ]
    distances = calibration.distances(pd.DataFrame(rows, columns=calibration.COLUMNS))
    assert distances.index[0] == (0.0, 10)
    assert distances["score"].tolist() == [1, 2]


def test_the_wrong_sign_gives_twice_the_entropy_minus_the_information():
    measured = pd.DataFrame({"layer": [1, 2], "entropy": 0.9, "mutual_information": 0.2})
    table = mistakes.added_conditional_entropy(measured)
    assert table["wrong"].to_numpy() == pytest.approx(1.6)
    assert table.loc[(1, "median"), "earlier"] == pytest.approx(0.885 / np.log(2))


def test_rough_curves_are_told_from_smooth_ones():
    curves = pd.DataFrame({"smooth": [0.9, 0.8, 0.7], "rough": [0.9, 0.5, 0.6]})
    assert mistakes.roughness(curves).to_dict() == {"smooth": 0, "rough": 1}

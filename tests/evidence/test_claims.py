"""The paper's claims on made-up tables: ones that hold, ones that fail, ones undecided."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from utils.evidence.claims import CLAIMS, SOURCES
from utils.evidence.effects import RISES, RIVALS
from utils.evidence.judging import VERDICTS, judge, overview
from utils.evidence.tables import Tables
from utils.names import INFORMED, QUANTITIES

SCOPES = ("layer-1", "layer-2", "network")
LAYERS = SCOPES[:2]
SHARES = ("network to 40%", "network to 80%")


def _low_first(scopes, quantities, level):
    """Levels of curves that are removed low values first."""
    return {(scope, quantity, "low-first"): level for scope in scopes for quantity in quantities}


def _ablation(ablation_of, levels=None, spread=0.001, zeroed=-0.1, scopes=SCOPES):
    """Flat curves for six networks; `levels` by (scope, ordering, direction), 0.7 elsewhere.

    Those by ranks across the network have the same levels, under their own names.
    """

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        level = (levels or {}).get((scope, ordering, direction), 0.7)
        level += zeroed if replacement == "zero" else 0
        wobble = spread * (-1) ** replicate * (replicate + 1) if direction == "low-first" else 0
        return round(100_000 * (level + wobble))

    table = ablation_of(n_correct, scopes)
    ranks = table[(table["scope"] == "network") & (table["replacement"] == "mean")]
    ordering = ranks["ordering"].str.replace(r"(-\d+)?$", r"_ranks\1", n=1, regex=True)
    ranked = {key: value for key, value in (levels or {}).items() if key[1].endswith("_ranks")}
    for (_, name, direction), level in ranked.items():
        here = (ordering == name) & (ranks["direction"] == direction)
        ranks = ranks.assign(n_correct=ranks["n_correct"].mask(here, round(100_000 * level)))
    return pd.concat([table, ranks.assign(ordering=ordering)])


def _measures(n_layers=2, step=1.0):
    """Quantities of 30 neurons a layer that differ by `step` bits from layer to layer."""
    neurons = np.random.default_rng(0).random((6, 30, 3))
    parts = [
        pd.DataFrame(neurons[k] + step * layer, columns=list(QUANTITIES)).assign(
            replicate=k, layer=layer, neuron=range(30)
        )
        for k in range(6)
        for layer in range(1, n_layers + 1)
    ]
    return pd.concat(parts, ignore_index=True)


def _single(measures, sign=1):
    """Each neuron's removal alone raises the cross-entropy by what it knows (or lowers it).

    With neurons zeroed, which no claim is about, it is the other way round.
    """
    known = measures["mutual_information"] + measures["kl_selectivity"]
    neurons = measures[["replicate", "layer", "neuron"]]
    parts = [
        neurons.assign(replacement=replacement, **dict.fromkeys(RISES.values(), side * known))
        for replacement, side in (("zero", -sign), ("mean", sign))
    ]
    return pd.concat(parts, ignore_index=True)


def _pruning(better=None):
    """Correct of 1,000, more by `better` (by method); zeroed networks are not compared.

    Nor are those of a layer, of more than 80 % pruned, or retrained.
    """
    rows = [
        (k, scope, method, repair, fraction, epochs, 700 + hits + k, 1000)
        for k in range(6)
        for scope in ("layer-1", "network")
        for method in (*INFORMED, *RIVALS)
        for repair, fraction, epochs, hits in (
            ("mean", 0.5, 0, (better or {}).get(method, 0)),
            ("mean", 0.8, 0, (better or {}).get(method, 0)),
            ("mean", 0.9, 0, 2 * RIVALS.index(method) if method in RIVALS else -200),
            ("mean", 0.5, 2, 200 if method in RIVALS else 250), ("zero", 0.5, 0, -300),
        )
    ]  # fmt: skip
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def _balancing(balanced=600):
    """Of 1,000 images 500 are right with neurons zeroed, and 700 after retraining.

    The order by another method, and fewer epochs of retraining, do not count.
    """
    rows = [
        (k, scope, method, repair, 0.5, epochs, hits + k, 1000)
        for k in range(6)
        for scope, method, repair, epochs, hits in (
            ("network", "mutual_information", "zero", 0, 500),
            ("network", "mutual_information", "mean", 0, balanced),
            ("network", "mutual_information", "affine", 0, 650),
            ("network", "mutual_information", "zero", 1, 550),
            ("network", "mutual_information", "zero", 2, 700),
            ("network", "mutual_information", "mean", 2, 700),
            ("network", "random", "zero", 0, 300), ("network", "random", "mean", 0, 310),
            ("layer-1", "mutual_information", "zero", 0, 100),
            ("layer-1", "mutual_information", "mean", 0, 900),
        )
    ]  # fmt: skip
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def _tables(ablation, **given):
    measures = given.pop("measures", _measures())
    of_run = {
        "measures": measures, "ablation": ablation, "single": _single(measures),
        "pruning": _pruning(), "balancing": _balancing(),
    }  # fmt: skip
    others = given.pop("others", {})
    return Tables(of_run | given, {name: Tables({"ablation": o}) for name, o in others.items()})


@pytest.fixture(scope="module")
def flat(ablation_of):
    """Ablation tables of flat curves; see `_ablation`."""
    return partial(_ablation, ablation_of)


@pytest.fixture(scope="module")
def held(flat) -> pd.DataFrame:
    levels = _low_first(LAYERS, INFORMED, 0.8) | {("layer-2", "random-00", "none"): 0.75}
    levels |= _low_first(["network"], [f"{q}_ranks" for q in QUANTITIES], 0.8)
    return judge(_tables(flat(levels), pruning=_pruning({"noise_out": 100})), CLAIMS)


def _verdicts(judged: pd.DataFrame, claim: str) -> set[str]:
    return set(judged.loc[judged["claim"] == claim, "verdict"])


def test_claims_that_hold(held):
    for claim in ("C1", "C1b", "C2", "C2, one by one", "C5", "C6", "C7", "C9", "C11"):
        assert _verdicts(held, claim) == {"agrees"}, claim
    by_quantity = held[held["claim"] == "C2"].set_index(["scope", "quantity"])["estimate"]
    assert by_quantity.to_numpy() == pytest.approx(0.1, abs=1e-3)
    shares = held[held["claim"] == "C9"]
    assert shares["estimate"].tolist() == [0.5]
    assert shares["scope"].tolist() == ["network"]
    assert shares["quantity"].tolist() == ["50% pruned"]


def test_noise_out_is_compared_with_the_same_repair(held):
    against = held[(held["claim"] == "C10") & held["quantity"].str.endswith("noise_out")]
    assert set(against["verdict"]) == {"disagrees"}
    assert against["estimate"].to_numpy() == pytest.approx(-0.1)


ORDERS_THAT = {  # levels of curves with which a claim about orders agrees, and disagrees
    "C1": (
        {},
        {("network", q, d): 0.8 for q in QUANTITIES for d in ("low-first", "high-first")},
    ),
    "C1b": (
        _low_first(["network"], [f"{q}_ranks" for q in QUANTITIES], 0.8),
        _low_first(["network"], [f"{q}_ranks" for q in QUANTITIES], 0.6),
    ),
    "C2": (_low_first(LAYERS, INFORMED, 0.8), _low_first(LAYERS, INFORMED, 0.6)),
    "C4": (
        _low_first(["layer-2"], ["kl_selectivity"], 0.8),
        _low_first(["layer-2"], ["mutual_information", "entropy"], 0.8),
    ),
    "C5": ({("layer-2", "random-00", "none"): 0.75}, {("layer-1", "random-00", "none"): 0.75}),
    "C6": (_low_first(LAYERS, INFORMED, 0.8), _low_first(LAYERS, ["entropy"], 0.8)),
    "C11": (
        {},
        {("network", "kl_selectivity", "high-first"): 0.8},
    ),
}


@pytest.mark.parametrize("claim", ORDERS_THAT)
def test_a_claim_about_orders_follows_the_curves(claim, flat):
    for word, levels in zip(("agrees", "disagrees"), ORDERS_THAT[claim], strict=True):
        judged = judge(Tables({"ablation": flat(levels)}), {claim: CLAIMS[claim]})
        assert _verdicts(judged, claim) == {word}


def test_a_claim_about_single_neurons_follows_the_rises_alone():
    measures = _measures()
    for word, sign in (("agrees", 1), ("disagrees", -1)):
        tables = Tables({"measures": measures, "single": _single(measures, sign)})
        judged = judge(tables, {"C2, one by one": CLAIMS["C2, one by one"]})
        assert len(judged) == 8
        assert set(judged["verdict"]) == {word}


def test_layers_differ_or_do_not():
    for word, step in (("agrees", 1), ("agrees", -1), ("negligible", 0)):
        judged = judge(Tables({"measures": _measures(step=step)}), {"C3": CLAIMS["C3"]})
        assert judged["estimate"].to_numpy() == pytest.approx(step)
        assert set(judged["verdict"]) == {word}


def test_balancing_helps_or_harms(flat):
    for word, zeroed in (("agrees", -0.1), ("disagrees", 0.1)):
        judged = judge(Tables({"ablation": flat(zeroed=zeroed)}), {"C7": CLAIMS["C7"]})
        assert len(judged) == 2 * 7
        assert set(judged["verdict"]) == {word}


def test_activations_are_compared_when_there_are_other_runs(flat):
    ablation = flat()
    assert "C8" not in set(judge(_tables(ablation), CLAIMS)["claim"])
    others = {"tanh": flat(zeroed=0.0), "relu": flat(zeroed=-0.2), "same": ablation}
    c8 = judge(_tables(ablation, others=others), CLAIMS).query("claim == 'C8'")
    assert c8["scope"].tolist() == ["layer-1", "layer-2"] * 3
    assert c8["quantity"].unique().tolist() == [f"this run − {name}" for name in others]
    assert c8["estimate"].to_numpy() == pytest.approx([0.1, 0.1, -0.1, -0.1, 0, 0])
    assert c8["verdict"].tolist() == ["agrees"] * 4 + ["negligible"] * 2
    assert (c8["n_other"] == 6).all()


def test_activations_are_told_apart_by_all_of_the_interval(ablation_of):
    def gains(mean):
        """Curves with random orders of networks that gain `mean`, and up to 0.05 more or less."""

        def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
            gain = mean + 0.02 * (replicate - 2.5)
            return round(100_000 * (0.7 if replacement == "mean" else 0.7 - gain))

        return ablation_of(n_correct, ["layer-1"])

    for other, word in ((0.0, "agrees"), (0.08, "open"), (0.2, "agrees")):
        tables = Tables({"ablation": gains(0.1)}, {"tanh": Tables({"ablation": gains(other)})})
        judged = judge(tables, {"C8": CLAIMS["C8"]})
        assert judged["estimate"].tolist() == pytest.approx([0.1 - other])
        assert judged["verdict"].tolist() == [word]


def test_balancing_saves_some_retraining_or_none():
    for word, balanced, share in (("agrees", 600, 0.5), ("disagrees", 450, -0.25)):
        judged = judge(Tables({"balancing": _balancing(balanced)}), {"C9": CLAIMS["C9"]})
        assert judged["estimate"].tolist() == [share]
        assert judged["verdict"].tolist() == [word]


def test_pruning_compares_well_within_a_hundredth():
    for word, hits in (("agrees", 0), ("agrees", 9), ("disagrees", 11), ("open", 10)):
        tables = Tables({"pruning": _pruning(dict.fromkeys(RIVALS, hits))})
        judged = judge(tables, {"C10": CLAIMS["C10"]})
        assert len(judged) == 2 * len(RIVALS)
        assert set(judged["verdict"]) == {word}


def test_claims_that_stay_open(flat):
    judged = judge(_tables(flat(spread=0.05)), CLAIMS)
    assert _verdicts(judged, "C2") == {"open"}
    assert _verdicts(judged, "C1") == {"open", "agrees"}  # high values first do not wobble


def test_layers_are_in_the_order_of_their_numbers(flat):
    scopes = [f"layer-{layer}" for layer in range(1, 12)]
    levels = {(scope, "random-00", "none"): 0.5 + 0.01 * k for k, scope in enumerate(scopes)}
    levels |= {("layer-9", "mutual_information", "low-first"): 0.9}
    levels |= {("layer-11", "kl_selectivity", "low-first"): 0.8}
    tables = _tables(flat(levels, scopes=[*scopes, "network"]), measures=_measures(11))
    judged = judge(tables, CLAIMS).set_index("claim")
    steps = [f"layer-{layer + 1} - layer-{layer}" for layer in range(1, 11)]
    deepest = judged.loc[["C4"]]
    assert deepest["scope"].tolist() == ["layer-11"] * 2
    assert deepest["estimate"].to_numpy() == pytest.approx(0.1)
    assert judged.loc["C5", "scope"].tolist() == steps
    assert judged.loc["C5", "estimate"].to_numpy() == pytest.approx(0.01)
    assert judged.loc["C3", "scope"].drop_duplicates().tolist() == steps
    for claim in ("C2", "C2, one by one", "C6", "C7"):
        assert judged.loc[claim, "scope"].drop_duplicates().tolist() == scopes


def test_medians_and_single_neurons():
    measures = _measures(step=0.0)
    measures.loc[measures["layer"] == 2, "entropy"] += 1
    rises = np.tile(measures["mutual_information"], 2)
    single = _single(measures).assign(error_rise=rises)
    judged = judge(
        Tables({"measures": measures, "single": single}),
        {name: CLAIMS[name] for name in ("C2, one by one", "C3")},
    )
    c3 = judged[judged["claim"] == "C3"].set_index("quantity")
    assert c3.loc["entropy", "estimate"] == pytest.approx(1, abs=0.15)
    assert c3.loc["entropy", "verdict"] == "agrees"
    assert c3.loc["mutual_information", "verdict"] in ("negligible", "open")
    alone = judged[judged["claim"] == "C2, one by one"].set_index(["scope", "quantity"])
    assert (alone.xs("mutual_information, errors", level="quantity")["estimate"] == 1).all()


def test_overview_counts_every_case_once(held):
    table = overview(held, CLAIMS)
    assert table[list(VERDICTS)].to_numpy().sum() == len(held)
    assert table.loc["C2", "holds"] == "holds"
    assert table.loc["C10", "holds"] == "mixed"


def test_each_case_stands_in_one_claim(held):
    across = held[held["claim"].isin(["C1", "C11"])]
    assert not across.duplicated(["scope", "quantity"]).any()
    assert len(across) == 2 * len(SHARES) * len(QUANTITIES)
    assert set(across["scope"]) == set(SHARES)


def test_gaps_are_compared_by_their_sizes(flat):
    """Entropy's gap is negative; what it is larger than nothing by does not count for others."""
    levels = _low_first(LAYERS, INFORMED, 0.8) | _low_first(LAYERS, ["entropy"], 0.62)
    judged = judge(Tables({"ablation": flat(levels)}), {"C6": CLAIMS["C6"]})
    assert judged["estimate"].to_numpy() == pytest.approx(0.1 - 0.08, abs=2e-3)


def test_a_share_of_retraining_is_not_defined_where_retraining_gains_nothing():
    balancing = _balancing()
    retrained = balancing["retrain_epochs"] > 0
    zeroed = 500 + balancing["replicate"]
    balancing.loc[retrained, "n_correct"] = zeroed + np.where(balancing["replicate"] % 2, 9, -9)
    judged = judge(Tables({"balancing": balancing}), {"C9": CLAIMS["C9"]})
    assert judged["estimate"].isna().all()
    assert judged["verdict"].tolist() == ["open"]
    assert judged["note"].tolist() == ["not defined in any network"]


def test_the_share_of_retraining_is_a_ratio_of_means():
    """One network in which retraining gains next to nothing does not decide the share."""
    balancing = _balancing()
    one = (balancing["replicate"] == 5) & (balancing["scope"] == "network")
    balancing.loc[one & (balancing["retrain_epochs"] > 0), "n_correct"] = 506
    judged = judge(Tables({"balancing": balancing}), {"C9": CLAIMS["C9"]})
    assert judged["estimate"].item() == pytest.approx(100 / ((5 * 200 + 1) / 6), abs=1e-4)


def test_a_balanced_network_loses_no_more_than_a_hundredth_or_it_does(flat):
    for word, better in (("agrees", -5), ("disagrees", -100)):
        pruning = _pruning({"mutual_information": better})
        tables = Tables({"ablation": flat(), "pruning": pruning})
        judged = judge(tables, {"C9b": CLAIMS["C9b"]})
        assert judged["quantity"].tolist() == ["50% pruned", "80% pruned"]
        assert judged["estimate"].to_numpy() == pytest.approx((better + 3) / 1000, abs=2e-4)
        assert judged["verdict"].tolist() == [word] * 2


def test_some_networks_alone_have_their_own_numbers(flat):
    tables = _tables(flat())
    some = tables.only([0, 1, 2, 3])
    names = ("C2", "C9", "C10")
    alone = Tables({k: v[v["replicate"] < 4] for k, v in tables.of_run.items()})
    both = [judge(t, {name: CLAIMS[name] for name in names}) for t in (some, alone)]
    pd.testing.assert_frame_equal(*both)
    assert (both[0]["n_replicates"] == 4).all()


def test_claims_of_which_the_agreeing_cases_are_counted_are_corrected_for_their_number(held):
    corrected = held.loc[held["p_holm"].notna(), "claim"]
    assert set(corrected) == {"C7", "C9", "C9b", "C10"}
    assert CLAIMS["C8"].rule.counted


def test_a_source_is_quoted_where_there_are_words():
    assert SOURCES.keys() == CLAIMS.keys()
    assert str(SOURCES["C3"]) == (
        "“it is ill-advised to compare these measures across layers”, abstract"
    )
    assert str(SOURCES["C6"]) == "our reading of Fig. 4"

"""Several runs beside one another, as notebook 07 shows them."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from utils import paths
from utils.compare import figures, tables
from utils.compare.experiment import start
from utils.evidence.claims import CLAIMS
from utils.study import sweep_tables
from utils.study.parameters import ParameterError
from utils.study.runs import RunError


@pytest.fixture
def compared(finished_sweep):
    """The same sweep as notebook 07 sees it, with the claims of a second run, all opposite."""
    sweep_tables.write(finished_sweep)
    path = paths.runs() / "mine" / "claims.csv"
    claims = pd.read_csv(path)
    opposite = claims.assign(run="activation=tanh", verdict="disagrees")
    opposite[["estimate", "low", "high"]] -= 5
    pd.concat([claims, opposite]).to_csv(path, index=False)
    return start({"sweeps": ["mine"]})


def test_margins_are_positive_on_the_claimed_side(compared):
    one = tables.with_margins(compared.claims).set_index(["run", *tables.CASE])
    case = ("activation=sigmoid", "C1", "network", "entropy")  # claimed to be below 0.01
    assert one.loc[case, "margin"] == pytest.approx(0.01 - one.loc[case, "estimate"])
    case = ("activation=tanh", "C7", "layer-1", "random")  # above 0
    assert one.loc[case, "margin"] == pytest.approx(one.loc[case, "estimate"])
    assert (one.xs("C3", level="claim")["margin"] >= 0).all()  # apart from 0


def test_what_moved_and_by_how_much_against_chance(compared):
    changed = tables.changed_verdicts(compared.claims)
    assert changed.loc["C2", ("mine", "cases")] == 4
    assert changed.loc["C2", ("mine", "verdict moves")] == 4
    assert changed.loc["C2", ("mine", "and apart")] == 4
    assert changed.loc["C2, one by one", ("mine", "verdict moves")] == 2  # two disagreed before
    ranges = tables.setting_against_chance(compared.claims).xs("mine")
    assert ranges.loc["C2", "range"] == pytest.approx(5)
    assert set(tables.holds_by_run(compared.claims)["mine", "activation=tanh"]) == {"no"}


def test_in_how_many_runs_a_claim_holds(compared):
    words = tables.holds_by_run(compared.claims)
    counts = tables.holds_counts(compared.claims)
    assert counts.loc["C2", ["yes", "in part", "open", "no"]].tolist() == [1, 0, 0, 1]
    assert (counts.drop(columns="statement").sum(axis=1) == words.shape[1]).all()
    assert counts.loc["C2", "statement"] == CLAIMS["C2"].statement


def test_a_case_of_one_run_alone_is_in_no_comparison(compared):
    claims = compared.claims
    alone = claims[(claims["claim"] != "C2") | (claims["run"] == "activation=sigmoid")]
    assert (tables.changed_verdicts(alone).loc["C2"] == 0).all()
    assert "C2" not in tables.setting_against_chance(alone).index.unique("claim")
    assert "C2" not in set(tables.cases_that_change(alone)["claim"])


def test_r_of_mean_curves(compared):
    table = tables.retained_by_run(compared.curves)
    curve = compared.curves.query(
        "scope == 'layer-1' and ordering == 'mutual_information' and direction == 'low-first'"
    )
    row = table.loc["mine", "activation=sigmoid", "layer-1"]
    kept = curve[curve["n_ablated"] <= 80]["mean"].mean()
    assert row["mutual_information", "low-first"] == pytest.approx(kept)


def test_figures_of_it(compared):
    (ax,) = figures.claim_map(compared.claims).axes
    assert [text.get_text()[0] for text in ax.texts[-2:]] == ["✓", "✗"]  # C11
    assert [ax.get_title("left") for ax in figures.curves(compared.curves).axes] == [
        "activation=sigmoid, layer 1", "activation=sigmoid, layer 2",
    ]  # fmt: skip
    (ax,) = figures.case_map(compared.claims, ["C2"]).axes
    marks = [text.get_text()[0] for text in ax.texts]
    assert marks == ["✓", "✗"] * 4  # sigmoid agrees, tanh was made the opposite
    changing = tables.cases_that_change(compared.claims)
    (ax,) = figures.intervals(changing, ["C2"]).axes
    assert len(ax.get_yticks()) == 4
    (ax,) = figures.intervals(changing[:0], ["C2"]).axes
    assert ax.texts[0].get_text() == "no case of C2 to show"
    plt.close("all")


def test_a_sweep_that_is_not_there_or_not_done_is_named(finished_sweep):
    with pytest.raises(RunError, match=r"index.csv is missing; make sweep SWEEP=mine"):
        start({"sweeps": ["mine"]})
    for wrong in ({"sweeps": []}, {"sweeps": "mine"}, {"sweeps": ["../x"]}, {"sweep": ["mine"]}):
        with pytest.raises(ParameterError, match="07-compare"):
            start(wrong)

"""Several runs beside one another, as notebook 07 shows them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from utils import paths
from utils.compare import differences, figures, findings, tables
from utils.compare.experiment import start
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import CASE, judge
from utils.evidence.tables import Tables
from utils.study import sweep_tables
from utils.study.parameters import ParameterError
from utils.study.runs import RunError

SETTINGS = [f"{a}, {d}" for a in ("sigmoid", "ReLU") for d in ("MNIST", "Fashion-MNIST")]
FOLDERS = {
    f"activation={activation},dataset={dataset}": f"{shown}, {images}"
    for activation, shown in (("sigmoid", "sigmoid"), ("relu", "ReLU"))
    for dataset, images in (("mnist", "MNIST"), ("fashion-mnist", "Fashion-MNIST"))
}
C2 = [("layer-1", "mutual_information"), ("layer-2", "kl_selectivity")]
C7 = [("layer-1", "random"), ("layer-2", "random")]
MEANS = {  # of the cases of C2 and of C7, in each run
    "sigmoid, MNIST": ([0.10, 0.05], [0.08, 0.005]),
    "sigmoid, Fashion-MNIST": ([0.10, 0.05], [0.08, 0.005]),
    "ReLU, MNIST": ([0.20, 0.05], [-0.30, -0.05]),
    "ReLU, Fashion-MNIST": ([0.20, 0.03], [-0.06, 0.10]),
}


def values(cases, means, spread):
    """Five networks a case, of exactly that mean, with different spreads."""
    networks = spread * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    rows = [
        (*case, k, mean + value)
        for case, mean in zip(cases, means, strict=True)
        for k, value in enumerate(networks)
    ]
    return pd.DataFrame(rows, columns=[*CASE, "replicate", "value"])


def values_of(run):
    spread = 0.01 if run.startswith("ReLU") else 0.004
    of_c2, of_c7 = MEANS[run]
    return {"C2": values(C2, of_c2, spread), "C7": values(C7, of_c7, spread)}


def judged(of_claims):
    claims = {
        name: CLAIMS[name]._replace(values=lambda _, table=table: table)
        for name, table in of_claims.items()
    }
    return judge(Tables({}), claims)


@pytest.fixture
def compared(tmp_path, monkeypatch, ablation_of):
    """A sweep as notebook 07 reads it: two activations, two data sets, one failed run."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    folder = tmp_path / "mine"
    folder.mkdir()
    claims = {run: judged(values_of(shown)) for run, shown in FOLDERS.items()}
    claims = pd.concat(claims, names=["run", None]).reset_index("run")
    claims.to_csv(folder / "claims.csv", index=False)
    ablation = ablation_of(lambda k, *step: 80_000 - 1000 * step[-1] + k)
    curves = pd.concat(dict.fromkeys(FOLDERS, sweep_tables.curves(ablation)), names=["run", None])
    curves.reset_index("run").to_csv(folder / "curves.csv.gz", index=False)
    index = pd.DataFrame({"run": [*FOLDERS, "activation=tanh,dataset=mnist"]}).assign(
        state="done", stage="", seconds=1.0, peak_memory_mb=2.0, test_accuracy=0.9
    )
    index.loc[4, ["state", "stage"]] = "failed", "01-train"
    index.to_csv(folder / "index.csv", index=False)
    return start({"sweeps": ["mine"]})


@pytest.fixture
def claims(compared):
    return compared.claims


def test_runs_are_named_for_readers(compared):
    assert list(compared.claims["run"].unique()) == SETTINGS
    assert tables.run_overview(compared.index).loc["tanh, MNIST", "stage"] == "01-train"


def test_two_sweeps_are_told_apart(compared, tmp_path):
    (tmp_path / "yours").symlink_to(tmp_path / "mine")
    both = start({"sweeps": ["mine", "yours"]}).claims
    assert list(both["run"].unique()) == [f"{s}: {r}" for s in ("mine", "yours") for r in SETTINGS]
    bases = differences.to_first(both)["run_base"]
    assert set(bases) == {"mine: sigmoid, MNIST", "yours: sigmoid, MNIST"}
    assert len(tables.relu_minus_sigmoid(both)) == 8


def test_differences_are_those_of_welch_from_the_networks_themselves(claims):
    """From five digits of the means and intervals as from the values they were made of."""
    table = differences.to_first(claims).set_index(["run", "claim", *CASE])
    assert len(table) == 3 * 4
    for run in SETTINGS[1:]:
        for name, of_case in values_of(run).items():
            base = values_of("sigmoid, MNIST")[name]
            for case in map(tuple, of_case[CASE].drop_duplicates().to_numpy()):
                one, other = (
                    values.set_index(CASE).loc[[case], "value"] for values in (of_case, base)
                )
                test = stats.ttest_ind(one, other, equal_var=False)
                wide, narrow = test.confidence_interval(), test.confidence_interval(0.9)
                found = table.loc[(run, name, *case)]
                expected = [one.mean() - other.mean(), *wide, *narrow]
                columns = ["mean", "low", "high", "low_90", "high_90"]
                assert found[columns].tolist() == pytest.approx(expected, abs=5e-5)
                assert found["p"] == pytest.approx(test.pvalue, rel=0.02)


def test_p_values_are_adjusted_over_all_cases_of_a_claim(claims):
    table = differences.to_first(claims).query("claim == 'C2'")
    smallest = table.loc[table["p"].idxmin()]
    assert smallest["p_holm"] == pytest.approx(6 * smallest["p"])
    assert (table["p_holm"] >= table["p"]).all()


def test_one_network_has_no_difference_to_speak_of(claims):
    alone = claims.copy()
    first = alone["run"] == "sigmoid, MNIST"
    alone.loc[first, ["low", "high"]] = np.nan
    alone.loc[first, "n_replicates"] = 1
    table = differences.to_first(alone)
    assert table["mean"].notna().all()
    assert table[["low", "high", "p", "p_holm"]].isna().all(axis=None)
    assert not tables.moved(table).any()


def test_a_case_moves_if_its_verdict_and_its_number_do(claims):
    """C2 is another number with ReLU, yet agrees; C7's first layer disagrees with ReLU."""
    table = tables.moves(claims)
    assert table.loc["C2", SETTINGS[1:]].tolist() == ["0 / 0 / 2"] * 3
    assert table.loc["C7", SETTINGS[1:]].tolist() == ["0 / 0 / 2", "2 / 2 / 2", "2 / 2 / 2"]
    assert table.loc["C2", "typical difference"] == pytest.approx(0.01)  # of 0, 0, 0, .02, .1, .1
    cases = tables.moved_cases(claims)
    assert set(cases["claim"]) == {"C7"}
    assert len(cases) == 2 * 4


def test_another_verdict_alone_does_not_move_a_case(claims):
    """Two runs on either side of a bound, too near to each other to be told apart."""
    near = claims.copy()
    case = (near["run"] == "sigmoid, Fashion-MNIST") & (near["claim"] == "C2")
    near.loc[case, "verdict"] = "open"
    assert tables.moves(near).loc["C2", "sigmoid, Fashion-MNIST"] == "0 / 2 / 2"
    assert set(tables.moved_cases(near)["claim"]) == {"C7"}


def test_a_case_of_one_run_alone_is_in_no_comparison(claims):
    alone = claims[(claims["claim"] != "C2") | (claims["run"] == "ReLU, MNIST")]
    assert "C2" not in tables.moves(alone).index
    assert "C2" not in set(tables.moved_cases(alone)["claim"])


def test_what_claims_come_to(claims):
    words = tables.words(claims)
    assert words.loc["C2"].tolist() == ["holds"] * 4
    assert words.loc["C7"].tolist() == ["holds mostly", "holds mostly", "does not hold", "mixed"]
    assert tables.words_and_sizes(claims).loc["C2", "ReLU, MNIST"] == "holds +0.125"
    counts = tables.word_counts(claims)
    assert counts.columns.tolist() == [
        "statement", "holds", "holds mostly", "mixed", "does not hold",
    ]  # fmt: skip
    assert counts.loc["C7", "holds mostly"] == 2
    assert counts.loc["C2", "statement"] == CLAIMS["C2"].statement
    fewer = claims[(claims["claim"] != "C7") | (claims["run"] == "ReLU, MNIST")]
    assert tables.words(fewer).loc["C7", "sigmoid, MNIST"] == ""
    assert tables.words_and_sizes(fewer).loc["C7", "sigmoid, MNIST"] == ""


def test_the_worst_cell_decides_what_holds_in_all_of_them(claims):
    table = tables.worst_cells(claims)
    assert table.index.tolist() == [
        ("layer 1", "mutual information"), ("layer 2", "KL selectivity"),
    ]  # fmt: skip
    assert table.columns.tolist() == [*SETTINGS, "worst", "comes to"]
    half = stats.t.ppf(0.975, 4) * np.std([-1, -0.5, 0, 0.5, 1], ddof=1) * 0.01 / np.sqrt(5)
    second = table.loc["layer 2", "KL selectivity"]
    assert second["ReLU, Fashion-MNIST"] == f"+0.030 ± {half:.3f}"
    assert second["worst"] == pytest.approx(0.03 - half, abs=1e-3)
    assert second["comes to"] == "holds"
    assert tables.worst_cells(claims, "C7")["comes to"].tolist() == ["mixed", "mixed"]


def test_relu_is_compared_with_sigmoid_on_the_same_images(claims):
    table = tables.relu_minus_sigmoid(claims)
    assert table.index.unique("run").tolist() == ["ReLU, MNIST", "ReLU, Fashion-MNIST"]
    assert table["difference"].tolist() == pytest.approx([0.1, 0, 0.1, -0.02])
    assert table["verdict"].tolist() == ["agrees", "negligible", "agrees", "disagrees"]
    sigmoid = claims[claims["run"].str.startswith("sigmoid")]
    assert tables.relu_minus_sigmoid(sigmoid).empty


def test_sentences(claims):
    said = findings.in_short(claims).data
    assert "1 of 2 claims come to the same in all 4 settings (holds: C2)" in said
    assert "sigmoid, MNIST, 4 of 12 cases have another verdict and a number" in said
    said = findings.within_layers(claims).data
    assert "*holds* (8 of 8 agree). The worst is +0.030 [" in said
    assert "(ReLU, Fashion-MNIST; layer 2, KL selectivity)" in said
    assert "larger than with sigmoid in 2 of 4 cases and smaller in 1" in said
    sigmoid = claims[claims["run"].str.startswith("sigmoid")]
    assert "ReLU" not in findings.within_layers(sigmoid).data
    said = findings.against(claims, "C7").data
    assert "3 of 8 cases disagree (ReLU, MNIST: 2 of 2; ReLU, Fashion-MNIST: 1 of 2)" in said
    assert "Furthest off is -0.300 [" in said
    assert findings.against(claims, "C2").data.endswith("0 of 8 cases disagree.")
    for nothing in (findings.against(claims, "C9"), findings.within_layers(claims, "C9")):
        assert nothing.data == "No run has a case of C9."


@pytest.mark.usefixtures("strict_figures")
def test_figures(compared):
    assert [ax.get_title("left") for ax in figures.curves(compared.curves).axes] == [
        f"{run}, layer {layer}" for run in SETTINGS for layer in (1, 2)
    ]
    (ax,) = figures.intervals(compared.claims).axes
    assert [text.get_text() for text in ax.get_yticklabels()][::3] == [
        "C2  layer 1: mutual information", "C7  layer 2: random",
    ]  # fmt: skip
    (ax,) = figures.intervals(compared.claims[:0]).axes
    assert ax.texts[0].get_text() == "no case to show"
    plt.close("all")


@pytest.mark.usefixtures("strict_figures")
def test_units_have_axes_of_their_own_and_undefined_numbers_no_mark(claims):
    share = claims.replace({"claim": {"C7": "C9"}})
    share.loc[share.index[-1], ["estimate", "low", "high"]] = np.nan
    axes = figures.intervals(share).axes
    assert [ax.get_xlabel() for ax in axes] == ["accuracy", "share of what retraining gains"]
    assert {ax.get_xscale() for ax in axes} == {"linear"}


def test_a_sweep_that_is_not_there_or_not_done_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    with pytest.raises(RunError, match=r"index.csv is missing; make sweep SWEEP=mine"):
        start({"sweeps": ["mine"]})
    for wrong in ({"sweeps": []}, {"sweeps": "mine"}, {"sweeps": ["../x"]}, {"sweep": ["mine"]}):
        with pytest.raises(ParameterError, match="07-compare"):
            start(wrong)
    assert not any(paths.runs().iterdir())

"""Several runs beside one another, as notebook 07 shows them."""

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
    curves.reset_index("run").to_csv(folder / "curves.csv.xz", index=False)
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
    shown = tables.runs(compared.index, compared.claims)
    assert shown["networks"].to_dict() == dict.fromkeys(SETTINGS, 5)
    assert (shown["test accuracy"] == 0.9).all()
    assert "4 of 5 runs are done" in compared._repr_markdown_()


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
    assert tables.worst_cells(alone).loc[("layer 1", "mutual information")].iloc[0] == "+0.100"


def test_a_case_moves_if_its_verdict_and_its_number_do(claims):
    """C2 is another number with ReLU, yet agrees; C7's first layer disagrees with ReLU."""
    table = tables.moves(claims)
    assert table.index.tolist() == ["C7", "C2"]  # what moves most first
    assert table["moved"].tolist() == [4, 0]
    assert table["cases"].tolist() == [6, 6]


def test_another_verdict_alone_does_not_move_a_case(claims):
    """Two runs on either side of a bound, too near to each other to be told apart."""
    near = claims.copy()
    case = (near["run"] == "sigmoid, Fashion-MNIST") & (near["claim"] == "C2")
    near.loc[case, "verdict"] = "open"
    assert tables.moves(near).loc["C2", "moved"] == 0


def test_a_claim_of_one_run_alone_is_in_no_comparison(claims):
    alone = claims[(claims["claim"] != "C2") | (claims["run"] == "ReLU, MNIST")]
    assert tables.moves(alone).loc["C2"].tolist() == [0, 0]


def test_what_claims_come_to(claims):
    words = tables.words(claims)
    assert words.loc["C2"].tolist() == ["holds"] * 4
    assert words.loc["C7"].tolist() == ["holds mostly", "holds mostly", "does not hold", "mixed"]
    counts = tables.word_counts(claims)
    assert counts.columns.tolist() == [
        "the paper's claim", "holds", "holds mostly", "mixed", "does not hold",
    ]  # fmt: skip
    assert counts.loc["C7", "holds mostly"] == 2
    assert counts.loc["C2", "the paper's claim"] == CLAIMS["C2"].statement
    ours = claims.replace({"claim": {"C7": "C9b"}})
    assert tables.word_counts(ours).index.tolist() == ["C2"]
    fewer = claims[(claims["claim"] != "C7") | (claims["run"] == "ReLU, MNIST")]
    assert tables.words(fewer).loc["C7", "sigmoid, MNIST"] == ""


def test_the_worst_cell_decides_what_holds_in_all_of_them(claims):
    table = tables.worst_cells(claims)
    assert table.index.tolist() == [
        ("layer 1", "mutual information"), ("layer 2", "KL selectivity"),
    ]  # fmt: skip
    assert table.columns.tolist() == [*SETTINGS, "worst", "comes to"]
    half = stats.t.ppf(0.975, 4) * np.std([-1, -0.5, 0, 0.5, 1], ddof=1) * 0.01 / np.sqrt(5)
    second = table.loc["layer 2", "KL selectivity"]
    assert second["ReLU, Fashion-MNIST"] == f"+0.030 ± {half:.3f}"
    assert float(second["worst"]) == pytest.approx(0.03 - half, abs=1e-3)
    assert second["comes to"] == "holds"
    assert tables.worst_cells(claims, "C7")["comes to"].tolist() == ["mixed", "mixed"]


def test_relu_is_compared_with_sigmoid_on_the_same_images(claims):
    table = tables.relu_minus_sigmoid(claims)
    assert table.index.unique("run").tolist() == ["ReLU, MNIST", "ReLU, Fashion-MNIST"]
    assert table["difference"].tolist() == pytest.approx([0.1, 0, 0.1, -0.02])
    assert table["verdict"].tolist() == ["agrees", "negligible", "agrees", "disagrees"]
    sigmoid = claims[claims["run"].str.startswith("sigmoid")]
    assert tables.relu_minus_sigmoid(sigmoid).empty


def test_what_moves_is_said_in_a_sentence(claims):
    said = findings.moving(claims)
    assert said.startswith("1 of 2 claims come to the same word in all 4 settings (*holds*: C2).")
    assert "Beside sigmoid, MNIST, 4 of 12 cases have another verdict and a clearly" in said
    assert said.endswith("most of them are of C7 (4 of 6).")
    c2 = claims[claims["claim"] == "C2"]
    assert findings.moving(c2).endswith("0 of 6 cases have another verdict and a clearly "
                                        "different number.")  # fmt: skip
    one = claims[claims["run"] == "ReLU, MNIST"]
    assert findings.moving(one).endswith("(*does not hold*: C7; *holds*: C2).")


def test_what_holds_within_layers_is_said_with_its_worst_case(claims):
    said = findings.within_layers(claims)
    assert "better than high values first in 8 of 8 cases and worse in 0" in said
    assert "the claim *holds*. The lowest interval is +0.030 [" in said
    assert "(ReLU, Fashion-MNIST; layer 2, KL selectivity)" in said
    assert "larger than with sigmoid in 2 of 4 cases and smaller in 1" in said
    assert "ReLU" not in findings.within_layers(claims[claims["run"].str.startswith("sigmoid")])
    open_ = claims.assign(verdict="open")
    assert "the claim *is open*" in findings.within_layers(open_)
    assert findings.within_layers(claims, "C9") == "No setting has a case of C9."


def test_where_bias_balancing_hurts_is_said_with_numbers(claims):
    said = findings.balancing(claims)
    assert (
        "clearly gains accuracy in 3 of 8 layers of all settings (sigmoid, MNIST: layer 1" in said
    )
    assert "it clearly costs accuracy in 3 (ReLU, MNIST: layer 1 −0.300 [" in said
    assert ", layer 2 −0.050 [" in said
    assert "retraining" not in said
    helps = claims[claims["run"] == "sigmoid, MNIST"]
    assert findings.balancing(helps).endswith("and it clearly costs accuracy in 0.")
    shares = pd.concat([claims, claims[claims["claim"] == "C7"].replace({"claim": {"C7": "C9"}})])
    said = findings.balancing(shares)
    assert "regains a part alone in 3 of 8 cases, and in 3 it is clearly worse than" in said
    assert "at worst −0.300 [" in said
    assert findings.balancing(claims[:0]) == "No setting has a case of C7."
    of_one = claims.assign(low=np.nan, high=np.nan, verdict="open")
    assert "gains accuracy in 0 of 8 layers" in findings.balancing(of_one)


@pytest.fixture
def orders(claims):
    """C7's cases as orders across the network: those with ReLU are worse than random ones."""
    part = claims[claims["claim"] == "C7"].replace({"claim": {"C7": "C1"}})
    return part.assign(scope="network to 40%", quantity="entropy, high-first")


def test_orders_that_are_better_than_chance_are_named(orders):
    verdicts = {"agrees": "disagrees", "disagrees": "agrees"}  # C1 is claimed the other way round
    said = findings.across(orders.replace({"verdict": verdicts}))
    assert "better than random ones in 3 of 4 settings (sigmoid, MNIST: 1 of 2, at best" in said
    assert "for entropy, high first, up to 40 % of the neurons; sigmoid, Fashion-MNIST:" in said
    said = findings.across(orders.assign(verdict="agrees"))
    assert said.startswith("In none of 4 settings is an order across the network clearly")
    assert "The best is +0.100 [" in said
    assert findings.across(orders[:0]) == "No setting has orders across the network."


@pytest.mark.usefixtures("strict_figures")
def test_the_map_has_a_tile_a_case_in_the_colour_of_its_verdict(claims):
    (ax, *_) = figures.verdict_map(claims).axes
    assert len(ax.patches) == len(claims)
    assert [label.get_text().split()[0] for label in ax.get_yticklabels()] == ["C7", "C2"]
    worst = ax.patches[2 * 2]  # of C7, the first with ReLU
    assert worst.get_facecolor()[:3] == pytest.approx(figures.LOOKS["disagrees"])
    undefined = claims.assign(estimate=np.nan, verdict="open")
    assert not [t for t in figures.verdict_map(undefined).axes[0].texts if "0." in t.get_text()]


@pytest.mark.usefixtures("strict_figures")
def test_figures(compared, ablation_of):
    assert [ax.get_title("left") for ax in figures.across(compared.curves).axes[:4]] == SETTINGS
    first, *_ = figures.within(compared.curves).axes
    assert first.get_title("left") == "sigmoid,\nMNIST"
    lines = {line.get_label(): line.get_linestyle() for line in first.get_lines()}
    name = "mutual information, {} first"
    assert lines == {name.format("low"): "-", name.format("high"): ":", "random": "--"}
    layer_1, layer_2 = figures.gains(compared.claims).axes
    assert [layer_1.get_title("left"), layer_2.get_title("left")] == ["layer 1", "layer 2"]
    assert [label.get_text() for label in layer_1.get_yticklabels()] == SETTINGS
    with pytest.raises(ValueError, match="no rows"):
        figures.gains(compared.claims[:0])
    alone = compared.claims.assign(low=np.nan, high=np.nan)
    figures.gains(alone)
    only_layer_1 = compared.curves.query("scope == 'layer-1' or scope == 'network'")
    assert len(figures.within(only_layer_1).axes) == 4


def test_a_sweep_that_is_not_there_or_not_done_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    with pytest.raises(RunError, match=r"index.csv is missing; make sweep SWEEP=mine"):
        start({"sweeps": ["mine"]})
    for wrong in ({"sweeps": []}, {"sweeps": "mine"}, {"sweeps": ["../x"]}, {"sweep": ["mine"]}):
        with pytest.raises(ParameterError, match="07-compare"):
            start(wrong)
    assert not any(paths.runs().iterdir())

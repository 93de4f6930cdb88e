"""Several runs beside one another, as notebook 07 shows them."""

import shutil

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


@pytest.fixture(scope="module")
def finished(tmp_path_factory, ablation_of):
    """Folder of a sweep: two activations, two data sets, one failed run."""
    folder = tmp_path_factory.mktemp("sweep")
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
    return folder


@pytest.fixture
def compared(finished, tmp_path, monkeypatch):
    """That sweep as notebook 07 reads it."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    shutil.copytree(finished, tmp_path / "mine")
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
    ours = claims.replace({"claim": {"C7": "C1b"}})
    assert tables.word_counts(ours).index.tolist() == ["C2"]
    fewer = claims[(claims["claim"] != "C7") | (claims["run"] == "ReLU, MNIST")]
    assert tables.words(fewer).loc["C7", "sigmoid, MNIST"] == ""


def test_the_worst_cell_decides_what_holds_in_all_of_them(claims):
    table = tables.worst_cells(claims)
    assert table.index.tolist() == [
        ("layer 1", "mutual information"), ("layer 2", "KL selectivity"),
    ]  # fmt: skip
    assert table.columns.tolist() == [*SETTINGS, "lowest end", "verdict"]
    half = stats.t.ppf(0.975, 4) * np.std([-1, -0.5, 0, 0.5, 1], ddof=1) * 0.01 / np.sqrt(5)
    second = table.loc["layer 2", "KL selectivity"]
    assert second["ReLU, Fashion-MNIST"] == f"+0.030 ± {half:.3f}"
    assert float(second["lowest end"]) == pytest.approx(0.03 - half, abs=1e-3)
    assert second["verdict"] == "holds"
    assert tables.worst_cells(claims, "C7")["verdict"].tolist() == ["mixed", "mixed"]


def test_relu_is_compared_with_sigmoid_on_the_same_images(claims):
    table = tables.relu_minus_sigmoid(claims)
    assert table.index.unique("run").tolist() == ["ReLU, MNIST", "ReLU, Fashion-MNIST"]
    assert table["difference"].tolist() == pytest.approx([0.1, 0, 0.1, -0.02])
    assert table["verdict"].tolist() == ["agrees", "negligible", "agrees", "disagrees"]
    sigmoid = claims[claims["run"].str.startswith("sigmoid")]
    assert tables.relu_minus_sigmoid(sigmoid).empty


def test_every_claim_has_a_short_name():
    assert set(tables.SHORT) == set(CLAIMS)


def test_what_stands_and_what_moves(claims):
    found = findings.moving(claims)
    high = "*within a layer, high values matter more*"
    assert found == f"1 of 2 claims hold, at least mostly, in all 4 settings: {high}."
    assert found.details == (
        "Of 12 comparisons with sigmoid, MNIST, 4 have another verdict and a clearly different "
        "number; most of them are of *bias balancing beats zeroing* (4 of 6).",
    )
    c2 = claims[claims["claim"] == "C2"]
    assert (
        findings.moving(c2)
        .details[0]
        .endswith("0 have another verdict and a clearly different number.")
    )
    one = findings.moving(claims[claims["run"] == "ReLU, MNIST"])
    assert one.startswith(f"1 of 2 claims hold, at least mostly, in the one setting: {high}.")
    assert one.endswith("does this hold, even mostly: *bias balancing beats zeroing*.")
    assert one.details == ()
    none = findings.moving(claims.assign(verdict="disagrees"))
    assert none.startswith("0 of 2 claims hold, at least mostly, in all 4 settings. In no")
    assert "do these hold, even mostly: *within" in none
    undecided = findings.moving(claims.assign(verdict="open"))
    assert "do these hold, even mostly: *within" in undecided


def test_what_holds_within_layers_is_said_with_its_worst_case(claims):
    found = findings.within_layers(claims)
    assert "than high values first in 8 of 8 cases, and less in none." in found
    assert "larger than with sigmoid in 2 of 4 cases, and smaller in 1." in found
    assert found.details[0].startswith(
        "The lowest interval is layer 2, KL selectivity with ReLU, Fashion-MNIST (+0.030 ["
    )
    assert "ReLU" not in findings.within_layers(claims[claims["run"].str.startswith("sigmoid")])
    assert "in 0 of 8 cases" in findings.within_layers(claims.assign(verdict="open"))
    nothing = findings.within_layers(claims[claims["claim"] == "C7"])
    assert nothing == "No setting has orders within a layer."


def test_settings_in_which_single_neurons_are_ranked_are_named(claims):
    alone = claims[claims["claim"] == "C2"].replace({"claim": {"C2": "C2, one by one"}})
    both = pd.concat([claims, alone])
    said = findings.within_layers(both).details[1]
    assert said.startswith("In 4 of 4 settings the loss of single neurons rises with the quantity")
    assert "in every case: sigmoid, MNIST (median ρ +0.075), sigmoid, Fash" in said
    both.loc[both["claim"] == "C2, one by one", "verdict"] = "negligible"
    assert (
        findings.within_layers(both).details[1].startswith("In no setting does the loss of sing")
    )


def test_where_bias_balancing_gains_and_where_it_costs(claims):
    said = findings.balancing(claims)
    assert "more accuracy than zeroing in 3 of 8 cases, and less in 3. It gains most in" in said
    assert "and costs most in layer 1 with ReLU, MNIST (−0.300 [" in said
    helps = findings.balancing(claims[claims["run"] == "sigmoid, MNIST"])
    assert "in 1 of 2 cases, and less in none. It gains most in layer 1" in helps
    assert "costs" not in helps
    assert helps.details == ()
    shares = pd.concat([claims, claims[claims["claim"] == "C7"].replace({"claim": {"C7": "C9"}})])
    (detail,) = findings.balancing(shares).details
    assert "above 0 in 3 of 8 cases, and below in 3; the lowest share: layer 1" in detail
    assert findings.balancing(claims[:0]) == "No setting compares bias balancing with zeroing."
    of_one = claims.assign(low=np.nan, high=np.nan, verdict="open")
    assert findings.balancing(of_one).endswith("in 0 of 8 cases, and less in none.")


@pytest.fixture
def orders(claims):
    """C7's cases as orders across the network: those with ReLU are worse than random ones."""
    part = claims[claims["claim"] == "C7"].replace({"claim": {"C7": "C1"}})
    return part.assign(scope="network to 40%", quantity="entropy, high-first")


def test_orders_that_are_better_than_chance_are_named(orders):
    verdicts = {"agrees": "disagrees", "disagrees": "agrees"}  # C1 is claimed the other way round
    found = findings.across(orders.replace({"verdict": verdicts}))
    assert "in 3 of 4 settings an order is clearly more than 0.01 better than random" in found
    assert "largest with ReLU, Fashion-MNIST: entropy, high first (+0.100 [" in found
    assert found.details[0].startswith("sigmoid, MNIST: entropy, high first (+0.080 [")
    assert len(found.details) == 2
    two = [orders, orders.assign(quantity="kl_selectivity, high-first")]
    two = pd.concat(two, ignore_index=True)
    two = findings.across(two[two["run"] == "sigmoid, MNIST"].assign(verdict="disagrees"))
    assert "sigmoid, MNIST: entropy and KL selectivity, high first (up to +0.080 [" in two
    said = findings.across(orders.assign(verdict="agrees"))
    assert "in none of 4 settings is an order clearly more than 0.01 better than" in said
    assert "The best is network to 40 %, entropy, high first with ReLU" in said
    assert findings.across(orders[:0]) == "No setting has orders across the network."


@pytest.mark.usefixtures("strict_figures")
def test_the_map_has_a_tile_a_case_in_the_colour_of_its_verdict(claims):
    (ax, *_) = figures.verdict_map(claims).axes
    assert len(ax.patches) == len(claims)
    shown = [f"{name}: {tables.SHORT[name]}" for name in ("C7", "C2")]
    assert [label.get_text() for label in ax.get_yticklabels()] == shown
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

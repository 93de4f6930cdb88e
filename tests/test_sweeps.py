"""Sweep files become runs; what is wrong is refused before any starts; one that fails is told."""

import json
import os
import re
import shutil
import subprocess
import sys

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import yaml
from snakemake.target_jobs import parse_target_jobs_cli_args
from snakemake_interface_executor_plugins.utils import TargetSpec, encode_target_jobs_cli_args

from utils import comparison, comparison_figures, paths, sections, sweep_tables, sweeps, verdicts
from utils.parameters import ParameterError
from utils.runs import RunError
from utils.sections import SectionsError

SHIPPED = sorted(path.stem for path in sweeps.FOLDER.glob("*.yml") if path.stem != "calibration")


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    """Writes a sweep file, by default varying the activation; gives its path."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path / "runs"))

    def write(content: dict | str, name: str = "mine") -> str:
        path = tmp_path / f"{name}.yml"
        path.write_text(
            content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        )
        return str(path)

    return write


# what a file means


def test_a_grid_is_every_combination_in_the_order_given(sweep):
    file = sweep({"grid": {"l2": [1e-5, 0.0], "activation": ["relu", "tanh"]}})
    assert list(sweeps.expand(file).runs) == [
        "mine/l2=1e-05,activation=relu",
        "mine/l2=1e-05,activation=tanh",
        "mine/l2=0,activation=relu",
        "mine/l2=0,activation=tanh",
    ]


def test_listed_runs_are_named_by_all_that_varies_and_combined_with_a_grid(sweep):
    file = sweep(
        {
            "grid": {"hidden": [[50], [50, 20]]},
            "runs": [{}, {"dropout": 0.2}, {"batch_normalization": True}],
        }
    )
    plan = sweeps.expand(file)
    assert list(plan.runs)[:3] == [
        "mine/hidden=50,dropout=0,batch_normalization=false",
        "mine/hidden=50,dropout=0.2,batch_normalization=false",
        "mine/hidden=50,dropout=0,batch_normalization=true",
    ]
    assert len(plan.runs) == 6
    assert plan.runs["mine/hidden=50-20,dropout=0.2,batch_normalization=false"]["01-train"] == {
        "hidden": [50, 20], "dropout": 0.2,
    }  # fmt: skip


def test_a_base_is_a_file_or_sections_and_other_runs_are_not_compared_with(sweep):
    file = sweep({"base": "params/quickstart.yml", "grid": {"l2": [0.1]}})
    ours = sweeps.expand(file).runs["mine/l2=0.1"]
    assert ours["01-train"]["dataset"] == "mnist-5k"
    inline = sweep({"base": {"06-verdict": {"other_runs": ["tanh"]}}, "grid": {"l2": [0.1]}})
    for plan in (file, inline):
        ours = sweeps.expand(plan).runs["mine/l2=0.1"]
        assert ours["06-verdict"] == {"other_runs": [], "second_run": ""}
        assert ours["08-beyond"]["second_run"] == ""


def test_a_name_in_several_stages_is_given_with_its_stage(sweep):
    file = sweep({"grid": {"04-prune.retrain_epochs": [[1], [2, 3]], "01-train.l2": [0.5]}})
    plan = sweeps.expand(file)
    name = "mine/04-prune.retrain_epochs=2-3,l2=0.5"
    assert plan.runs[name]["04-prune"] == {"retrain_epochs": [2, 3]}
    assert plan.pattern == "mine/04-prune.retrain_epochs={_04_prune_retrain_epochs},l2={l2}"


def test_stages_bring_those_they_need(sweep):
    file = sweep({"grid": {"l2": [0.1]}, "stages": ["05-bias-balance"]})
    assert sweeps.expand(file).stages == ["01-train", "02-measure", "03-ablate", "05-bias-balance"]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sweeps_can_be_run_and_their_jobs_be_named_to_a_cluster(name):
    """Snakemake hands a job to a cluster by its wildcards, whose values a comma would split."""
    plan = sweeps.expand(name)
    assert len(plan.runs) > 1
    for values in plan.settings.values():
        wildcards = dict(zip(plan.wildcards(), values.values(), strict=True))
        spec = TargetSpec("01-train", wildcards)
        assert parse_target_jobs_cli_args(encode_target_jobs_cli_args([spec])) == [spec]


def test_the_sweeps_that_a_user_is_promised_are_there():
    assert {"activations", "regularisers", "widths", "depths", "quantisation", "datasets"} <= {
        *SHIPPED
    }
    values = {name: sweeps.expand(name).wildcards() for name in SHIPPED}
    assert values["activations"] == {"activation": ["sigmoid", "tanh", "relu"]}
    assert values["quantisation"] == {"n_levels": ["2", "4", "8", "16"]}
    assert values["datasets"] == {"dataset": ["mnist", "fashion-mnist", "cifar-10", "mnist-5k"]}


# what is refused

GRID = {"l2": [0.1]}


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ({"grid": {}}, ["varies nothing", "`grid`"]),
        ({"runs": [{}]}, ["varies nothing"]),
        ({"grid": {"l2": []}}, ["`grid` is {'l2': []}", "one or more values"]),
        ({"grid": {"l2": 0.1}}, ["`grid` is {'l2': 0.1}", "with a list"]),
        ({"grid": ["l2"]}, ["`grid` is ['l2']"]),
        ({"grid": {False: [1]}}, ["`grid` is {False: [1]}"]),
        ({"runs": {"l2": [0.1]}}, ["`runs` is {'l2': [0.1]}", "list of settings"]),
        ({"grid": GRID, "stage": ["01-train"]}, ["a key `stage`", "base, grid, runs, stages"]),
        ({"grid": GRID, "stages": []}, ["`stages` is []"]),
        ({"grid": GRID, "stages": ["07-compare"]}, ["07-compare", "06-verdict"]),
        ({"grid": {"l2": [-0.1]}}, ["with l2=-0.1", "`l2` is -0.1 (float)", "at least 0"]),
        ({"grid": {"l2": ["1e-5"]}}, ["`l2` is '1e-5' (str)", "1.0e-3"]),
        ({"grid": {"activation": ["relu", "../x"]}}, ["`activation` is '../x'", "tanh, relu"]),
        ({"grid": {"hidden": [[]]}}, ["`hidden` is [] (list)"]),
        ({"grid": {"l2": [0.1, 1.0e-1]}}, ["mine/l2=0.1 twice"]),
        ({"runs": [{"l2": 0.0}, {}]}, ["mine/l2=0 twice"]),
        ({"grid": GRID, "runs": [{"l2": 0.2}]}, ["`l2` in `grid` and in `runs`"]),
        ({"grid": {"l2": [0.1], "01-train.l2": [0.2]}}, ["`l2` twice"]),
        ({"grid": {"fractions": [[0.5]]}}, ["several stages", "`04-prune.fractions`"]),
        ({"grid": {"03-ablate.l2": [0.1]}}, ["`03-ablate.l2` is no parameter", "`l2`?"]),
        ({"grid": {"epoch": [1]}}, ["`epoch` is no parameter", "did you mean `epochs`"]),
        ({"grid": {"run": ["x"]}}, ["`run` is no parameter"]),
        ({"grid": {"other_runs": [[]]}}, ["`other_runs` is no parameter"]),
        ({"base": "params/none.yml", "grid": GRID}, ["params/none.yml does not exist", "mnist"]),
        ({"base": 3, "grid": GRID}, ["`base` is 3", "params/quickstart.yml"]),
        ({"base": {"1-train": {}}, "grid": GRID}, ["section `1-train`", "`01-train`?"]),
        ({"base": {"01-train": 3}, "grid": GRID}, ["section `01-train` is '3' (int)"]),
        ({"base": {"01-train": {"run": "x"}}, "grid": GRID}, ["names a `run`", "leave it out"]),
        ({"base": {"01-train": {"epochs": 0}}, "grid": GRID}, ["`epochs` is 0 (int)"]),
        ({"base": {"04-prune": {"fractions": [0.5]}}, "grid": GRID}, ["`retrain_fractions`"]),
        ("grid: {l2: [0.1]}\ngrid: {l2: [0.2]}", ["not valid YAML", "`grid` is given twice"]),
        ("grid: {l2: [0.1], l2: [0.2]}", ["`l2` is given twice"]),
        ("grid: {l2: [0.1}", ["mine.yml is not valid YAML", "line 1"]),
        ("- l2", ["mine.yml holds", "names with values"]),
        ("", ["mine.yml holds 'None'"]),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_what_is_wrong_and_what_is_allowed(sweep, content, parts):
    with pytest.raises(SectionsError) as caught:
        sweeps.expand(sweep(content))
    for part in [*parts, "mine.yml" if "base" not in parts[0] and "none" not in parts[0] else ""]:
        assert part in str(caught.value)


def test_names_that_cannot_be_a_folder_or_are_taken_are_refused(sweep, tmp_path):
    with pytest.raises(SectionsError, match=r"'a b'.*rename the file"):
        sweeps.expand(sweep({"grid": GRID}, "a b"))
    with pytest.raises(SectionsError, match="too long a name"):
        sweeps.expand(sweep({"grid": {"hidden": [[100] * 60]}}))
    (tmp_path / "runs" / "taken").mkdir(parents=True)
    (tmp_path / "runs" / "taken" / "manifest.json").write_text("{}")
    with pytest.raises(SectionsError, match="taken is a run, with which the sweep would mix"):
        sweeps.expand(sweep({"grid": GRID}, "taken"))
    with pytest.raises(SectionsError, match=r"gone.yml does not exist.*params/sweeps/demo.yml"):
        sweeps.expand("gone")
    with pytest.raises(SectionsError, match="use make calibrate"):
        sweeps.expand("calibration")


def test_a_parameters_file_is_checked_in_the_same_way(tmp_path):
    file = tmp_path / "mine.yml"
    file.write_text("01-train: {epochs: 0}")
    with pytest.raises(SectionsError, match=r"mine.yml: 01-train: parameter `epochs` is 0"):
        sweeps.single(str(file), "mine")


def test_defaults_of_what_a_section_leaves_out_are_the_published_run():
    assert sections.completed({}, "02-measure") == {"n_levels": 2}
    assert sections.completed({"02-measure": {"n_levels": 4}}, "02-measure") == {"n_levels": 4}


# what is written of the runs


@pytest.fixture
def finished(sweep, tmp_path):
    """A sweep of three: sigmoid done, with the published tables; tanh failed; relu not run."""
    file = sweep({"grid": {"activation": ["sigmoid", "tanh", "relu"]}})
    plan = sweeps.expand(file)
    for run in list(plan.runs)[:2]:
        folder = tmp_path / "runs" / run
        (folder / "logs").mkdir(parents=True)
        stages = {}
        for stage in sweeps.CHAIN:
            (folder / f"{stage}.ipynb").touch()
            (folder / "logs" / f"{stage}.txt").touch()
            given = {"run": run, **sections.completed(plan.runs[run], stage)}
            stages[stage] = {"parameters": given, "seconds": 10.0, "peak_memory_mb": 500}
        stages["03-ablate"]["peak_memory_mb"] = 900
        (folder / "manifest.json").write_text(json.dumps({"stages": stages}))
        for file in ("claims.csv", "ablation.csv.gz", "training.csv"):
            shutil.copy(paths.PUBLISHED_RUN / file, folder / file)
    tanh = tmp_path / "runs" / "mine" / "activation=tanh"
    (tanh / "04-prune.ipynb").unlink()
    (tanh / "logs" / "04-prune.txt").write_text("Executing\nTraceback (most recent call last):\n")
    return plan


def test_the_index_has_a_row_for_every_run(finished, tmp_path):
    table = sweep_tables.write(finished)
    assert list(table["run"]) == ["activation=sigmoid", "activation=tanh", "activation=relu"]
    assert list(table["state"]) == ["done", "failed", "not run"]
    assert list(table["stage"]) == ["", "04-prune", "01-train"]
    kept = pd.read_csv(tmp_path / "runs" / "mine" / "index.csv").iloc[0]
    training = pd.read_csv(paths.PUBLISHED_RUN / "training.csv")
    last = training[(training["split"] == "test") & (training["epoch"] == 60)]
    assert kept["test_accuracy"] == round(last["n_correct"].sum() / last["n_samples"].sum(), 4)
    assert (kept["seconds"], kept["peak_memory_mb"]) == (60.0, 900)
    published = verdicts.overview(pd.read_csv(paths.PUBLISHED_RUN / "claims.csv"))["holds"]
    assert kept["C1":].to_dict() == published.drop("C8").to_dict()


def test_failed_runs_and_their_logs_are_named(finished, tmp_path):
    said = sweep_tables.message(sweep_tables.write(finished), tmp_path / "runs" / "mine")
    assert said.splitlines()[0].startswith("1 of 3 runs done; see ")
    assert re.search(r"tanh: failed, 04-prune; see .*activation=tanh/logs/04-prune.ipynb", said)
    assert "activation=relu: not run, 01-train" in said


def test_a_run_that_was_killed_is_told_from_one_that_failed(finished, tmp_path):
    (tmp_path / "runs" / "mine" / "activation=tanh" / "logs" / "04-prune.txt").write_text("Exec")
    given = finished.runs["mine/activation=tanh"]
    assert sweep_tables.state("mine/activation=tanh", finished.stages, given) == (
        "interrupted", "04-prune",
    )  # fmt: skip


def test_a_run_with_other_parameters_than_the_sweep_has_now_is_not_done(finished):
    run = "mine/activation=sigmoid"
    changed = {**finished.runs[run], "03-ablate": {"n_random_orders": 9}}
    assert sweep_tables.state(run, finished.stages, finished.runs[run]) == ("done", "")
    assert sweep_tables.state(run, finished.stages, changed) == ("not run", "03-ablate")


def test_a_damaged_manifest_does_not_stop_the_index(finished, tmp_path):
    (tmp_path / "runs" / "mine" / "activation=sigmoid" / "manifest.json").write_text("{")
    assert list(sweep_tables.write(finished)["state"]) == ["not run", "failed", "not run"]
    assert not (tmp_path / "runs" / "mine" / "claims.csv").exists()


def test_curves_are_means_of_the_published_table_with_intervals(finished, tmp_path):
    sweep_tables.write(finished)
    curves = pd.read_csv(tmp_path / "runs" / "mine" / "curves.csv.gz")
    assert set(curves["run"]) == {"activation=sigmoid"}
    curve = curves.query("scope == 'layer-2' and ordering == 'random' and n_ablated == 60")
    raw = pd.read_csv(paths.PUBLISHED_RUN / "ablation.csv.gz").query(
        "scope == 'layer-2' and direction == 'none' and replacement == 'mean' and n_ablated == 60"
    )
    accuracy = raw["n_correct"] / raw["n_samples"]
    assert curve["mean"].item() == pytest.approx(accuracy.mean(), abs=1e-4)
    assert curve["low"].item() < accuracy.mean() < curve["high"].item()


# runs beside one another


@pytest.fixture
def compared(finished):
    """The same sweep as notebook 07 sees it, with the claims of a second run, all opposite."""
    sweep_tables.write(finished)
    path = paths.runs() / "mine" / "claims.csv"
    claims = pd.read_csv(path)
    opposite = claims.assign(run="activation=tanh", verdict="disagrees")
    opposite[["estimate", "low", "high"]] -= 5
    pd.concat([claims, opposite]).to_csv(path, index=False)
    return comparison.start({"sweeps": ["mine"]})


def test_margins_are_positive_on_the_claimed_side(compared):
    one = comparison.margins(compared.claims).set_index(["run", *comparison.CASE])
    case = ("activation=sigmoid", "C1", "network", "entropy")  # claimed to be below 0.01
    assert one.loc[case, "margin"] == pytest.approx(0.01 - one.loc[case, "estimate"])
    case = ("activation=tanh", "C7", "layer-1", "random")  # above 0
    assert one.loc[case, "margin"] == pytest.approx(one.loc[case, "estimate"])
    assert (one.xs("C3", level="claim")["margin"] >= 0).all()  # apart from 0


def test_what_moved_and_by_how_much_against_chance(compared):
    moved = comparison.moved(compared.claims)
    assert moved.loc["C2", ("mine", "cases")] == 4
    assert moved.loc["C2", ("mine", "verdict moves")] == 4
    assert moved.loc["C2", ("mine", "and apart")] == 4
    assert moved.loc["C2, one by one", ("mine", "verdict moves")] == 2  # two disagreed before
    leverage = comparison.leverage(compared.claims).xs("mine")
    assert leverage.loc["C2", "range"] == pytest.approx(5)
    assert set(comparison.holds(compared.claims)["mine", "activation=tanh"]) == {"no"}


def test_figures_of_it(compared):
    comparison_figures.claim_map(compared.claims)
    axes = comparison_figures.curves(compared.curves)
    assert [ax.get_title("left") for ax in axes[0]] == [
        "activation=sigmoid, layer 1", "activation=sigmoid, layer 2",
    ]  # fmt: skip
    case_map = comparison_figures.case_map(compared.claims, ["C2"])
    marks = [text.get_text()[0] for text in case_map.texts]
    assert marks == ["✓", "✗"] * 4  # sigmoid agrees, tanh was made the opposite
    moving = comparison.cases_that_move(compared.claims)
    (ax,) = comparison_figures.intervals(moving, ["C2"])
    assert len(ax.get_yticks()) == 4
    (ax,) = comparison_figures.intervals(moving[:0], ["C2"])
    assert ax.texts[0].get_text() == "no case of C2 to show"
    plt.close("all")


def test_a_sweep_that_is_not_there_or_not_done_is_named(finished, tmp_path):
    with pytest.raises(RunError, match=r"index.csv is missing; make sweep SWEEP=mine"):
        comparison.start({"sweeps": ["mine"]})
    for wrong in ({"sweeps": []}, {"sweeps": "mine"}, {"sweeps": ["../x"]}, {"sweep": ["mine"]}):
        with pytest.raises(ParameterError, match="07-compare"):
            comparison.start(wrong)


# the workflow


def _snakemake(file, folder, *more):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nolock", *more]
    return subprocess.run(
        [*command, "--config", f"sweep={file}", "threads=1"], cwd=paths.ROOT, env=_away(folder),
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def _away(folder, **more):
    return os.environ | {"NEURON_STUDY_RUNS": str(folder)} | more


def _planned(done):
    """(rule, wildcards) of every job of a dry run."""
    assert done.returncode == 0, done.stdout + done.stderr
    blocks = re.split(r"^(?:local)?rule ", done.stdout + done.stderr, flags=re.M)[1:]
    wildcards = [re.search(r"^ +wildcards: (.+)$", block, re.M) for block in blocks]
    names = [block.split(":")[0] for block in blocks]
    return {(n, w.group(1)) for n, w in zip(names, wildcards, strict=True) if w}


def test_the_workflow_plans_every_stage_of_every_run(sweep, tmp_path):
    file = sweep({"grid": {"l2": [1e-5, 0.0], "activation": ["relu"]}})
    planned = _planned(_snakemake(file, tmp_path / "runs", "--dry-run"))
    assert planned == {
        (stage, f"l2={l2}, activation=relu")
        for stage in set(sweeps.CHAIN) - {"08-beyond"}
        for l2 in ("1e-05", "0")
    }


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """`make sweep` of two runs: one that works, and one whose image file is damaged."""
    folder = tmp_path_factory.mktemp("a sweep")
    large = ("cifar-10", "fashion-mnist", "mnist")
    broken = next(name for name in large if not (paths.DATA / f"{name}.npz").exists())
    (folder / f"{broken}.npz").write_bytes(b"not images")
    content = {
        "base": {"01-train": {"n_replicates": 1, "epochs": 1, "hidden": [10]}},
        "grid": {"dataset": [broken, "mnist-5k"]},
        "stages": ["02-measure"],
    }
    (folder / "tiny.yml").write_text(yaml.safe_dump(content))
    done = subprocess.run(
        ["make", "-o", ".venv/.ready", "sweep", f"SWEEP={folder / 'tiny.yml'}"],
        cwd=paths.ROOT, env=_away(folder / "runs", NEURON_STUDY_DATA=str(folder)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return folder, broken, done


def test_a_failed_run_stops_no_other_and_is_named_with_its_log(executed):
    folder, broken, done = executed
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "1 of 2 runs done" in said
    assert f"dataset={broken}: failed, 01-train" in said
    table = pd.read_csv(folder / "runs" / "tiny" / "index.csv").set_index("run")
    assert table.loc["dataset=mnist-5k", "state"] == "done"
    assert 0 < table.loc["dataset=mnist-5k", "test_accuracy"] < 1
    log = folder / "runs" / "tiny" / f"dataset={broken}" / "logs" / "01-train.ipynb"
    assert f"{broken}.npz" in log.read_text()
    assert not (log.parents[1] / "01-train.ipynb").exists()


def test_a_new_value_is_one_new_run_and_a_changed_section_what_depends_on_it(executed):
    folder, broken, _ = executed
    content = yaml.safe_load((folder / "tiny.yml").read_text())
    content["grid"]["dataset"] = ["mnist-5k"]
    done = "dataset=mnist-5k"

    def planned(changed: dict) -> set:
        (folder / "tiny.yml").write_text(yaml.safe_dump(content | changed))
        return _planned(_snakemake(folder / "tiny.yml", folder / "runs", "--dry-run"))

    assert planned({}) == set()
    assert planned({"grid": {"dataset": ["mnist-5k", broken]}}) == {
        (stage, f"dataset={broken}") for stage in ("01-train", "02-measure")
    }
    base = content["base"] | {"02-measure": {"n_levels": 4}}
    assert planned({"base": base}) == {("02-measure", done)}

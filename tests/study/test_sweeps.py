"""Sweep files become runs; what is wrong is refused before any starts."""

import cProfile
import pstats
import subprocess

import pytest
from snakemake.target_jobs import parse_target_jobs_cli_args
from snakemake_interface_executor_plugins.utils import TargetSpec, encode_target_jobs_cli_args

from utils import paths
from utils.study import sweeps
from utils.study.parameter_files import SectionsError
from utils.study.stages import CHAIN, STAGES

SHIPPED = sorted(path.stem for path in sweeps.FOLDER.glob("*.yml"))


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
        assert ours["06-verdict"] == STAGES["06-verdict"].alone
        for stage in CHAIN:
            assert ours[stage].items() >= STAGES[stage].alone.items()


def test_a_name_in_several_stages_is_given_with_its_stage(sweep):
    file = sweep({"grid": {"04-prune.retrain_epochs": [[1], [2, 3]], "01-train.l2": [0.5]}})
    plan = sweeps.expand(file)
    name = "mine/04-prune.retrain_epochs=2-3,l2=0.5"
    assert plan.runs[name]["04-prune"] == {"retrain_epochs": [2, 3]}
    assert plan.pattern == "mine/04-prune.retrain_epochs={_04_prune_retrain_epochs},l2={l2}"


def test_stages_bring_those_they_need(sweep):
    file = sweep({"grid": {"l2": [0.1]}, "stages": ["05-bias-balance"]})
    assert sweeps.expand(file).stages == ["01-train", "02-measure", "03-ablate", "05-bias-balance"]


def test_a_stage_on_request_is_made_where_it_is_asked_for(sweep, tmp_path):
    asked = "09-convolution"
    for name, there in (
        ("mnist", True),
        ("fashion", True),
        ("quickstart", False),
        ("last", False),
    ):
        plan = sweeps.single(str(paths.ROOT / "params" / f"{name}.yml"), "mine")
        assert (asked in plan.stages) == there, name
        assert [stage for stage in plan.stages if stage != asked] == [
            stage for stage in CHAIN if stage != asked
        ]
    base = {"base": "params/mnist.yml", "grid": {"l2": [0.1]}}
    assert asked not in sweeps.expand(sweep(base)).stages
    plan = sweeps.expand(sweep(base | {"grid": {"channels": [[8, 8]]}, "stages": [asked]}))
    assert plan.stages == [*CHAIN[:6], asked]
    assert plan.runs["mine/channels=8-8"][asked]["second_run"] == ""


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sweeps_can_be_run_and_their_jobs_be_named_to_a_cluster(name):
    """Snakemake hands a job to a cluster by its wildcards, whose values a comma would split."""
    plan = sweeps.expand(name)
    assert len(plan.runs) > 1
    for values in plan.settings.values():
        wildcards = dict(zip(plan.wildcards, values.values(), strict=True))
        spec = TargetSpec("01-train", wildcards)
        assert parse_target_jobs_cli_args(encode_target_jobs_cli_args([spec])) == [spec]


def test_the_sweeps_that_a_user_is_promised_are_there():
    assert {"settings", "regularisers", "widths", "depths", "quantisation"} <= {*SHIPPED}
    values = {name: sweeps.expand(name).wildcards for name in SHIPPED}
    assert values["settings"] == {
        "activation": ["sigmoid", "tanh", "relu"],
        "dataset": ["mnist", "fashion-mnist"],
    }
    assert values["quantisation"] == {"n_levels": ["2", "4", "8", "16"]}


def test_a_data_set_of_ones_own_is_named_by_its_file(sweep):
    plan = sweeps.expand(sweep({"grid": {"dataset": ["/some where/wine.npz", "mnist-5k"]}}))
    assert [*plan.runs] == ["mine/dataset=wine", "mine/dataset=mnist-5k"]
    assert plan.runs["mine/dataset=wine"]["01-train"]["dataset"] == "/some where/wine.npz"


def test_models_of_ones_own_are_named_by_their_files(sweep):
    models = [["/some where/a.keras", "b.h5"], ["c.keras"], []]
    plan = sweeps.expand(sweep({"grid": {"models": models}}))
    assert [*plan.runs] == ["mine/models=a-b", "mine/models=c", "mine/models=none"]
    given = [sections["01-train"]["models"] for sections in plan.runs.values()]
    assert given == models


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
        ({"grid": {"dataset": ["wine.csv"]}}, ["`dataset` is 'wine.csv'", "mnist-5k", ".npz"]),
        ({"grid": {"models": [["a.pt"]]}}, ["`models` is ['a.pt']", ".keras or .h5"]),
        ({"grid": {"models": ["a.keras"]}}, ["`models` is 'a.keras' (str)", "a list of paths"]),
        ({"grid": {"models": [["a b.h5"]]}}, ["`models` would be 'a b'", "rename the file"]),
        ({"grid": {"dataset": ["a,b.npz"]}}, ["`dataset` would be 'a,b'", "rename the file"]),
        ({"grid": {"dataset": ["a.npz", "b/a.npz"]}}, ["mine/dataset=a twice"]),
        ({"grid": {"l2": [0.1, 1.0e-1]}}, ["mine/l2=0.1 twice"]),
        ({"runs": [{"l2": 3.0e-7}, {}]}, ["mine/l2=3e-07 twice"]),
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


def test_a_parameters_file_is_checked_in_the_same_way(tmp_path):
    file = tmp_path / "mine.yml"
    file.write_text("01-train: {epochs: 0}")
    with pytest.raises(SectionsError, match=r"mine.yml: 01-train: parameter `epochs` is 0"):
        sweeps.single(str(file), "mine")


@pytest.mark.parametrize("run", paths.COMMITTED)
def test_runs_in_git_are_made_again_by_make_publish_and_make_others_only(run, monkeypatch):
    monkeypatch.delenv("NEURON_STUDY_RUNS", raising=False)
    with pytest.raises(SectionsError, match=f"run {run} is in git.*make publish.*make others"):
        sweeps.single("params/quickstart.yml", run)
    if run == "mnist":
        with pytest.raises(SectionsError, match="in git"):
            sweeps.single("params/quickstart.yml", run, committed=True)
    else:
        assert list(sweeps.single("params/tanh.yml", run, committed=True).runs) == [run]


def test_the_runs_in_git_are_the_protected_ones():
    tracked = subprocess.run(
        ["git", "ls-files", "data/runs"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {name.split("/")[2] for name in tracked} == set(paths.COMMITTED)


def test_a_sweep_takes_as_much_for_each_further_run_as_for_the_first_ones(sweep):
    """In calls, which are always the same, where seconds are not."""

    def calls(n: int) -> int:
        file = sweep({"grid": {"seed": [*range(n)]}, "runs": [{"l2": 0.0}, {"dropout": 0.1}]})
        with cProfile.Profile() as profile:
            plan = sweeps.expand(file)
            assert len(plan.runs) == 2 * len(plan.wildcards["seed"]) == 2 * n
        return pstats.Stats(profile).total_calls

    calls(1)  # what is kept from then on
    few, more, most = map(calls, (50, 150, 250))
    assert most - more < 1.02 * (more - few)

"""Sweeps by Snakemake and make: what is planned, what fails, and what is done again."""

import os
import pstats
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from utils import paths
from utils.study.stages import maker, with_needed


def _rules_and_wildcards(jobs):
    return {(job.rule, job.wildcards) for job in jobs}


def test_the_workflow_plans_every_stage_of_every_run(sweep, planned, tmp_path):
    file = sweep({"grid": {"l2": [1e-5, 0.0], "activation": ["relu"]}})
    assert _rules_and_wildcards(planned(tmp_path / "runs", sweep=file)) == {
        (stage, f"l2={l2}, activation=relu")
        for stage in with_needed([maker("claims")])
        for l2 in ("1e-05", "0")
    }


def test_a_dry_run_of_a_sweep_named_like_a_number_ends_well_and_writes_nothing(sweep, tmp_path):
    file = sweep({"grid": {"l2": [0.0]}, "stages": ["01-train"]}, "2026_11_27")
    done = subprocess.run(
        ["make", "-o", ".venv/.ready", "sweep", f"SWEEP={file}", "FLAGS=--dry-run"],
        cwd=paths.ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "01-train" in done.stdout + done.stderr
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [".2026_11_27.lock"]


def test_a_plan_takes_as_much_for_each_further_run_as_for_the_first_ones(sweep, tmp_path):
    """In calls: a plan of 1,000 runs, which is nearly all Snakemake's own work, is still quick."""

    def calls(n: int) -> int:
        file = sweep({"grid": {"seed": [*range(n)]}, "stages": ["01-train"]})
        command = f"-m cProfile -o {tmp_path / 'calls'} -m snakemake --cores 2 --nolock --dry-run"
        subprocess.run(
            [sys.executable, *command.split(), "--config", f"sweep={file}"],
            cwd=paths.ROOT, env=os.environ, capture_output=True, check=True, timeout=600,
        )  # fmt: skip
        return pstats.Stats(str(tmp_path / "calls")).total_calls

    few, more, most = map(calls, (10, 30, 50))
    assert most - more < 1.1 * (more - few)


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
        cwd=paths.ROOT, capture_output=True, text=True, check=False,
        env=os.environ
        | {"NEURON_STUDY_RUNS": str(folder / "runs"), "NEURON_STUDY_DATA": str(folder)},
    )  # fmt: skip
    return folder, broken, done


@pytest.mark.chain
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


@pytest.mark.chain
def test_a_new_value_is_one_new_run_and_a_changed_section_what_depends_on_it(executed, planned):
    folder, broken, _ = executed
    content = yaml.safe_load((folder / "tiny.yml").read_text())
    content["grid"]["dataset"] = ["mnist-5k"]
    done = "dataset=mnist-5k"

    def jobs(changed: dict) -> set:
        (folder / "tiny.yml").write_text(yaml.safe_dump(content | changed))
        return _rules_and_wildcards(planned(folder / "runs", sweep=folder / "tiny.yml"))

    assert jobs({}) == set()
    assert jobs({"grid": {"dataset": ["mnist-5k", broken]}}) == {
        (stage, f"dataset={broken}") for stage in ("01-train", "02-measure")
    }
    base = content["base"] | {"02-measure": {"n_levels": 4}}
    assert jobs({"base": base}) == {("02-measure", done)}

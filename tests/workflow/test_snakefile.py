"""The Snakefile's plan is that of `study.stages`; a failed kernel is started again or named."""

import fcntl
import os
import shutil
import subprocess

import pytest

from utils import paths
from utils.study import stages


def test_the_plan_is_that_of_the_stages(planned, tmp_path):
    jobs = {job.rule: job for job in planned(tmp_path, params="params/quickstart.yml", run="x")}
    assert set(jobs) == set(stages.of_run([]))
    jobs = {job.rule: job for job in planned(tmp_path, params="params/mnist.yml", run="x")}
    assert set(jobs) == set(stages.CHAIN)
    run = tmp_path / "x"
    for name, job in jobs.items():
        spec = stages.STAGES[name]
        executed = {str(run / f"{needed}.ipynb") for needed in spec.needs}
        read = {str(run / stages.place(table)) for table in spec.reads}
        written = {str(run / stages.place(table)) for table in spec.writes}
        assert job.inputs == {f"notebooks/{name}.ipynb"} | executed | read
        assert job.outputs == {str(run / f"{name}.ipynb")} | written


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("sweep SWEEP='{runs}/tiny.yml'", "tiny"),
        ("sweep SWEEP=demo", "demo"),
        ("sweep SWEEP=params/sweeps/demo.yml", "demo"),
        ("study RUN=mine", "mine"),
        ("study RUN='{runs}/mine'", "mine"),
        ("study RUN=demo/activation=relu", "demo/activation=relu"),
        ("calibrate", "calibration"),
    ],
)
def test_a_run_at_work_is_locked_whatever_it_is_called_by(command, folder, tmp_path):
    runs = tmp_path / "some runs"
    lock = runs / folder
    lock.parent.mkdir(parents=True)
    shutil.copy(paths.ROOT / "params" / "sweeps" / "demo.yml", runs / "tiny.yml")
    with open(lock.parent / f".{lock.name}.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run(
            f"make -o .venv/.ready {command.format(runs=runs)}", shell=True, cwd=paths.ROOT,
            env=os.environ | {"NEURON_STUDY_RUNS": str(runs)}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert f"Another process is at work on {lock}: wait" in done.stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("study RUN=../elsewhere", "`run` is '../elsewhere' (str); it must be a name"),
        ("study RUN=a/../b", "`run` is 'a/../b' (str); it must be a name"),
        ("study RUN=new/one PARAMS='~/none.yml'", "{home}/none.yml does not exist"),
        ("sweep SWEEP='~/none.yml'", "{home}/none.yml does not exist"),
        ("sweep SWEEP=none", "params/sweeps/none.yml does not exist"),
    ],
)
def test_what_is_refused_makes_no_folder_and_no_lock(command, message, tmp_path):
    """A file is looked for in the user's home, and not in a folder of the repository named ~."""
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        f"make -o .venv/.ready {command}", shell=True, cwd=paths.ROOT, text=True, check=False,
        env=os.environ | {"NEURON_STUDY_RUNS": str(tmp_path / "in" / "runs"), "HOME": str(home)},
        capture_output=True, timeout=600,
    )  # fmt: skip
    assert done.returncode != 0
    assert message.format(home=home) in done.stderr
    assert list(tmp_path.iterdir()) == [home]


@pytest.mark.parametrize("run", ["2026_11_27", "007", "1e3", "True"])
def test_a_name_like_a_number_is_kept_and_a_dry_run_ends_well(run, tmp_path):
    done = subprocess.run(
        ["make", "-o", ".venv/.ready", "study", f"RUN={run}", "FLAGS=--dry-run"],
        cwd=paths.ROOT, env=os.environ | {"NEURON_STUDY_RUNS": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"Run {tmp_path / run}: no networks yet." in done.stdout
    assert "01-train" in done.stdout + done.stderr


FAKE = """
import os, sys
from pathlib import Path
tries = Path(os.environ["TRIES"])
tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
said = os.environ["SAID"].split("|")
if len(tries.read_text()) <= len(said):
    sys.exit(said[len(tries.read_text()) - 1])
executed = Path(sys.argv[2])
executed.write_text("{}")
(executed.parents[1] / "networks").mkdir()
for table in ("training.csv", "information.csv.xz"):
    (executed.parents[1] / table).touch()
"""


@pytest.mark.parametrize(
    ("said", "tries", "message"),
    [
        ("Kernel didn't respond in 120 seconds|Kernel died before replying", 3, ""),
        ("Kernel didn't respond|Kernel didn't respond|Kernel didn't respond", 3, "respond"),
        ("nbclient.exceptions.DeadKernelError: Kernel died", 1, "01-train: its kernel was killed"),
        ("ValueError: another reason", 1, "another reason"),
    ],
)
def test_kernels_that_do_not_start_are_started_again_and_killed_ones_named(
    said, tries, message, tmp_path, monkeypatch, snakemake
):
    (tmp_path / "papermill").mkdir()
    (tmp_path / "papermill" / "__init__.py").touch()
    (tmp_path / "papermill" / "__main__.py").write_text(FAKE)
    (tmp_path / "small.yml").write_text("01-train: {epochs: 1}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("TRIES", str(tmp_path / "tries"))
    monkeypatch.setenv("SAID", said)
    target = str(tmp_path / "small" / "01-train.ipynb")
    done = snakemake(tmp_path, target, params=tmp_path / "small.yml", run="small")
    assert (done.returncode == 0) == (message == ""), done.stderr
    assert message in done.stdout + done.stderr
    assert len((tmp_path / "tries").read_text()) == tries

"""A sweep that is killed goes on where it was, and ends as if it had never been killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from utils import paths

SWEEP = {
    "base": {"01-train": {"dataset": "mnist-5k", "n_replicates": 1, "hidden": [8], "epochs": 1}},
    "grid": {"l2": [0.0, 1.0e-3]},
    "stages": ["02-measure"],
}


def _start(folder: Path) -> subprocess.Popen:
    """The sweep as `make sweep` runs it, in a process group of its own."""
    (folder.parent / "small.yml").write_text(yaml.safe_dump(SWEEP))
    command = "-m snakemake --cores 2 --nolock --keep-going --rerun-incomplete --quiet all"
    config = ["--config", f"sweep={folder.parent / 'small.yml'}", "threads=1"]
    environment = os.environ | {"NEURON_STUDY_RUNS": str(folder)}
    return subprocess.Popen(
        [sys.executable, *command.split(), *config], cwd=paths.ROOT, env=environment,
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _finished(folder: Path) -> dict[str, bytes]:
    process = _start(folder)
    said, _ = process.communicate()
    assert process.returncode == 0, said[-3000:]
    kept = [*folder.glob("small/*/*.csv"), *folder.glob("small/*/networks/*.npz")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, bytes]:
    found = _finished(tmp_path_factory.mktemp("undisturbed") / "runs")
    assert len(found) == 2 * 3  # runs; training.csv, measures.csv, one network
    return found


@pytest.mark.parametrize("stage", ["01-train", "02-measure"])
def test_killed_in_a_stage(stage, undisturbed, tmp_path):
    folder = tmp_path / "runs"
    process = _start(folder)
    while not list(folder.glob(f"small/*/.{stage}.lock")):  # somebody is at work on it
        assert process.poll() is None, process.stdout.read()[-3000:]
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    trained = {path: path.stat().st_mtime_ns for path in folder.glob("small/*/01-train.ipynb")}
    assert bool(trained) == (stage == "02-measure")
    assert _finished(folder) == undisturbed
    assert {path: path.stat().st_mtime_ns for path in trained} == trained

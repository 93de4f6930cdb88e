"""The whole chain on real digits, as the workflow runs it, then checked by nbval."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from utils import paths
from utils.parameters import STAGES
from utils.runs import TABLES

SMALL = {
    "01-train": {"n_replicates": 2, "hidden": [20, 12], "epochs": 3},
    "03-ablate": {"n_random_orders": 2},
    "04-prune": {"fractions": [0.5], "retrain_fractions": [0.5], "retrain_epochs": [1]},
    "05-bias-balance": {"fractions": [0.5], "retrain_epochs": [1]},
    "08-beyond": {"n_images": 200, "n_selective": 3},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Folder with a space in its name: parameters file, and a run made by the Snakefile."""
    folder = tmp_path_factory.mktemp("a study")
    base = yaml.safe_load((paths.ROOT / "params" / "quickstart.yml").read_text())
    sections = {stage: base[stage] | SMALL.get(stage, {}) for stage in base}
    (folder / "small.yml").write_text(yaml.safe_dump(sections, sort_keys=False))
    done = _snakemake(folder)
    assert done.returncode == 0, done.stderr
    return folder


def _environment(folder):
    hidden = {k: v for k, v in os.environ.items() if k != "NEURON_STUDY_DATA"}
    return hidden | {"NEURON_STUDY_RUNS": str(folder), "TF_CPP_MIN_LOG_LEVEL": "0"}


def _snakemake(folder, *more, parameters="small.yml"):
    config = ["--config", f"params={folder / parameters}", "run=small"]
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nolock", *more, *config]
    return subprocess.run(
        command, cwd=paths.ROOT, env=_environment(folder), capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def _said(done):
    return done.stdout + done.stderr


def _tables(run):
    files = [file for name, (_, file, _) in TABLES.items() if name != "latency"]  # of times
    files += [f"networks/{path.name}" for path in (run / "networks").glob("*.npz")]
    return {file: (run / file).read_bytes() for file in files}


def test_everything_the_design_names_is_there(study):
    run = study / "small"
    assert {path.name for path in (run / "networks").glob("*.npz")} == {
        "replicate-00.npz", "replicate-01.npz",
    }  # fmt: skip
    for stage in STAGES:
        assert (run / f"{stage}.ipynb").exists()
    manifest = json.loads((run / "manifest.json").read_text())
    assert set(manifest["stages"]) == set(STAGES)
    assert manifest["stages"]["01-train"]["parameters"]["hidden"] == [20, 12]
    figures = {path.suffix for path in (run / "figures").iterdir()}
    assert figures == {".png", ".svg"}


def test_outputs_have_figures_and_no_stderr(study):
    for stage in STAGES:
        cells = json.loads((study / "small" / f"{stage}.ipynb").read_text())["cells"]
        outputs = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"]]
        assert not [o for o in outputs if o.get("name") == "stderr"], stage
        assert [o for o in outputs if "image/png" in o.get("data", {})], stage
        assert str(paths.ROOT) not in json.dumps(outputs), stage


def test_summary_names_accuracy_effects_and_place(study):
    done = subprocess.run(
        [sys.executable, "-m", "utils.summary", "small"],
        cwd=paths.ROOT, env=_environment(study), capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 10
    assert "test accuracy" in lines[0]
    assert "low - high" in done.stdout


def test_nothing_to_do_the_second_time_and_a_changed_parameter_reruns_what_depends(study):
    assert "Nothing to be done" in _said(_snakemake(study, "--dry-run"))
    sections = yaml.safe_load((study / "small.yml").read_text())
    sections["03-ablate"]["n_random_orders"] = 3
    (study / "changed.yml").write_text(yaml.safe_dump(sections))
    planned = _said(_snakemake(study, "--dry-run", parameters="changed.yml"))
    jobs = set(re.findall(r"^(?:local)?rule ([\w-]+):", planned, re.M))
    assert jobs == {"03-ablate", "05-bias-balance", "06-verdict", "08-beyond", "all"}


def test_nbval_finds_the_same_outputs_and_the_tables_are_the_same_bytes(study):
    run = study / "small"
    before = _tables(run)
    kept = study / "kept"
    shutil.copytree(run, kept)
    notebooks = [str(kept / f"{stage}.ipynb") for stage in STAGES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", *notebooks],
        cwd=paths.ROOT, env=_environment(study) | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert _tables(run) == before


def test_a_wrong_parameters_file_is_refused_before_anything_starts(study):
    sections = yaml.safe_load((study / "small.yml").read_text())
    sections["02-measure"]["n_levels"] = 1
    (study / "wrong.yml").write_text(yaml.safe_dump(sections))
    done = _snakemake(study, "--forceall", parameters="wrong.yml")
    assert done.returncode != 0
    assert "wrong.yml: 02-measure: parameter `n_levels` is 1 (int)" in _said(done)
    assert "it must be an integer from 2 to 16" in _said(done)
    assert (study / "small" / "measures.csv").exists()


def test_a_failed_stage_leaves_its_notebook_in_logs_only(study):
    run = study / "damaged"
    shutil.copytree(study / "small" / "networks", run / "networks")
    (run / "networks" / "replicate-01.npz").write_bytes(b"not a network")
    for file in ("training.csv", "01-train.ipynb", "manifest.json"):
        shutil.copy(study / "small" / file, run / file)
    config = ["--config", f"params={study / 'small.yml'}", "run=damaged"]
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nolock"]
    done = subprocess.run(
        [*command, str(run / "02-measure.ipynb"), "--rerun-triggers", "mtime", *config],
        cwd=paths.ROOT, env=_environment(study), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "replicate-01.npz" in done.stderr
    assert (run / "logs" / "02-measure.ipynb").exists()
    assert not (run / "02-measure.ipynb").exists()


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
(executed.parents[1] / "training.csv").touch()
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
    said, tries, message, tmp_path, monkeypatch
):
    (tmp_path / "papermill").mkdir()
    (tmp_path / "papermill" / "__init__.py").touch()
    (tmp_path / "papermill" / "__main__.py").write_text(FAKE)
    (tmp_path / "small.yml").write_text("01-train: {epochs: 1}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("TRIES", str(tmp_path / "tries"))
    monkeypatch.setenv("SAID", said)
    done = _snakemake(tmp_path, str(tmp_path / "small" / "01-train.ipynb"))
    assert (done.returncode == 0) == (message == ""), done.stderr
    assert message in _said(done)
    assert len((tmp_path / "tries").read_text()) == tries

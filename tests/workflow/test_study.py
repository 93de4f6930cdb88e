"""The chain on real digits, as the workflow runs it, then checked by nbval."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import yaml

from utils import paths
from utils.study.stages import STAGES, TABLES, with_needed


def _environment(folder):
    hidden = {k: v for k, v in os.environ.items() if k != "NEURON_STUDY_DATA"}
    return hidden | {"NEURON_STUDY_RUNS": str(folder), "TF_CPP_MIN_LOG_LEVEL": "0"}


def _tables(run, made):
    written = {name for stage in made for name in STAGES[stage].writes}
    timed = {"latency"}
    files = [TABLES[name].file for name in written & TABLES.keys() - timed]
    files += [f"networks/{path.name}" for path in (run / "networks").glob("*.npz")]
    return {file: (run / file).read_bytes() for file in files}


def test_everything_the_design_names_is_there(study, made):
    run = study / "small"
    assert {path.name for path in (run / "networks").glob("*.npz")} == {
        "replicate-00.npz", "replicate-01.npz",
    }  # fmt: skip
    for stage in made:
        assert (run / f"{stage}.ipynb").exists()
    manifest = json.loads((run / "manifest.json").read_text())
    assert set(manifest["stages"]) == set(made)
    assert manifest["stages"]["01-train"]["parameters"]["hidden"] == [8, 6]
    figures = {path.suffix for path in (run / "figures").iterdir()}
    assert figures == {".png", ".svg"}


def test_outputs_have_figures_and_no_stderr(study, made):
    for stage in made:
        cells = json.loads((study / "small" / f"{stage}.ipynb").read_text())["cells"]
        outputs = [o for c in cells if c["cell_type"] == "code" for o in c["outputs"]]
        assert not [o for o in outputs if o.get("name") == "stderr"], stage
        assert [o for o in outputs if "image/png" in o.get("data", {})], stage
        assert str(paths.ROOT) not in json.dumps(outputs), stage


def test_summary_names_accuracy_effects_and_place(study):
    done = subprocess.run(
        [sys.executable, "-m", "utils.publishing.summary", "small"],
        cwd=paths.ROOT, env=_environment(study), capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 10
    assert "test accuracy" in lines[0]
    assert "low - high" in done.stdout


def _that_need(stage, made):
    """The stages that read what a stage writes, or what these write: of 03 05, 06 and 08."""
    return {later for later in made if stage in with_needed([later])[:-1]}


def test_nothing_to_do_the_second_time_and_a_change_reruns_what_depends(
    study, goal, made, snakemake, planned
):
    small = {"params": study / "small.yml", "run": "small"}
    done = snakemake(study, "--dry-run", goal, **small)
    assert "Nothing to be done" in done.stdout + done.stderr
    sections = yaml.safe_load((study / "small.yml").read_text())
    sections["03-ablate"]["n_random_orders"] = 3
    (study / "changed.yml").write_text(yaml.safe_dump(sections))
    jobs = planned(study, goal, params=study / "changed.yml", run="small")
    assert {job.rule for job in jobs} == {"03-ablate"} | _that_need("03-ablate", made)
    # a table that a notebook, run by hand, has made again
    shutil.copytree(study / "small", study / "by-hand")
    table = study / "by-hand" / "pruning.csv"
    table.write_bytes(table.read_bytes())
    by_time = ("--rerun-triggers", "mtime")
    jobs = planned(study, goal, *by_time, params=study / "small.yml", run="by-hand")
    assert {job.rule for job in jobs} == _that_need("04-prune", made)


@pytest.mark.chain
@pytest.mark.parametrize("goal", ["all"], indirect=True)
def test_nbval_finds_the_same_outputs_and_the_tables_are_the_same_bytes(study, made):
    run = study / "small"
    before = _tables(run, made)
    kept = study / "kept"
    shutil.copytree(run, kept)
    notebooks = [str(kept / f"{stage}.ipynb") for stage in made]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", *notebooks],
        cwd=paths.ROOT, env=_environment(study) | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert _tables(run, made) == before


def test_a_wrong_parameters_file_is_refused_before_anything_starts(study, snakemake):
    sections = yaml.safe_load((study / "small.yml").read_text())
    sections["02-measure"] = {"n_levels": 1}
    (study / "wrong.yml").write_text(yaml.safe_dump(sections))
    done = snakemake(study, "--forceall", params=study / "wrong.yml", run="small")
    assert done.returncode != 0
    assert "wrong.yml: 02-measure: parameter `n_levels` is 1 (int)" in done.stdout + done.stderr
    assert "it must be an integer from 2 to 16" in done.stdout + done.stderr
    assert (study / "small" / "measures.csv").exists()


def test_a_failed_stage_leaves_its_notebook_in_logs_only(study, snakemake, note_files):
    run = study / "damaged"
    shutil.copytree(study / "small" / "networks", run / "networks")
    (run / "networks" / "replicate-01.npz").write_bytes(b"not a network")
    for file in ("training.csv", "01-train.ipynb", "manifest.json"):
        shutil.copy(study / "small" / file, run / file)
    note_files(run)
    target = [str(run / "02-measure.ipynb"), "--rerun-triggers", "mtime"]
    done = snakemake(study, *target, params=study / "small.yml", run="damaged")
    assert done.returncode != 0
    assert "replicate-01.npz" in done.stderr
    assert (run / "logs" / "02-measure.ipynb").exists()
    assert not (run / "02-measure.ipynb").exists()

"""A user's settings, read-only folders and other packages change nothing of what is computed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from utils import paths

OTHERS = {  # settings of a user's; each once changed outputs or stopped a stage
    "MPLBACKEND": "svg", "PYTHONWARNINGS": "error::DeprecationWarning",
    "IPYTHONDIR": "/nowhere/ipython", "JUPYTER_CONFIG_DIR": "/nowhere/jupyter",
}  # fmt: skip
INLINE = "module://matplotlib_inline.backend_inline"

# in place of papermill: notes what it was given
FAKE = """
import json, os, sys
from pathlib import Path
noted = dict(os.environ) | {"notebook": os.path.abspath(sys.argv[1])}
Path(os.environ["NOTED"]).write_text(json.dumps(noted))
sys.exit("no more")
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A user's folder of modules, in which utils and papermill are others."""
    folder = tmp_path / "my modules"
    (folder / "papermill").mkdir(parents=True)
    (folder / "papermill" / "__init__.py").touch()
    (folder / "papermill" / "__main__.py").write_text(FAKE)
    (folder / "utils.py").write_text("paths = 'not ours'")
    return folder


def _make(*arguments: str, **environment: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", "-o", ".venv/.ready", *arguments], cwd=paths.ROOT, capture_output=True,
        env=os.environ | {name: str(value) for name, value in environment.items()},
        text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("flags", [[], ["--directory", "elsewhere"]])
def test_a_stage_is_the_same_wherever_and_with_whatever_settings(flags, foreign, tmp_path):
    """Snakemake called elsewhere, or at work elsewhere, as where the repository is read-only."""
    noted = tmp_path / "noted.json"
    given = {"PYTHONPATH": foreign, "NEURON_STUDY_RUNS": tmp_path / "runs", "NOTED": noted}
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "-s", paths.ROOT / "Snakefile"]
    done = subprocess.run(
        [*command, *flags, "--config", "run=mine", "--", "01-train"], cwd=tmp_path, text=True,
        env=os.environ | OTHERS | {name: str(value) for name, value in given.items()},
        capture_output=True, check=False,
    )  # fmt: skip
    assert noted.exists(), done.stderr
    seen = json.loads(noted.read_text())
    assert Path(seen["notebook"]) == paths.NOTEBOOKS / "01-train.ipynb"
    assert seen["PYTHONPATH"].split(os.pathsep) == [str(paths.ROOT), str(foreign)]
    assert seen["MPLBACKEND"] == INLINE
    assert seen["IPYTHONDIR"].startswith(sys.prefix)
    assert not seen["PYTHONWARNINGS"]
    last = " ".join(done.stderr.splitlines()[-6:])
    assert "01-train did not finish: see " in last
    assert "runs/mine/logs/01-train.ipynb, or " in last


def test_calibration_is_planned_from_elsewhere(tmp_path):
    command = [sys.executable, "-m", "snakemake", "-n", "-s", str(paths.ROOT / "Snakefile")]
    done = subprocess.run(
        [*command, "--", "calibration"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("target", ["verify", "publish"])
def test_what_is_compared_is_made_with_settings_of_its_own(target, foreign, tmp_path):
    """The environment of a recipe of make, in place of what it does."""
    (tmp_path / "instead.mk").write_text(f"{target}:\n\t@env -0\n")
    done = _make("-f", "Makefile", "-f", str(tmp_path / "instead.mk"), target, **OTHERS,
                 PYTHONPATH=foreign, NEURON_STUDY_RUNS="mine")  # fmt: skip
    seen = dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)
    assert seen["MPLBACKEND"] == INLINE
    assert seen["PYTHONPATH"] == f"{paths.ROOT}:{foreign}"
    assert seen["IPYTHONDIR"] == str(paths.ROOT / ".venv/etc/ipython")
    assert seen["JUPYTER_CONFIG_DIR"] == str(paths.ROOT / ".venv/etc/jupyter")
    assert "PYTHONWARNINGS" not in seen
    committed = target == "publish"  # whose tables are in git, wherever the user's runs are
    assert seen["NEURON_STUDY_RUNS"] == str(paths.ROOT / ("data/runs" if committed else "mine"))


def test_caches_and_locks_lie_beside_the_runs_where_nothing_else_can_be_written(tmp_path):
    """A home that is not there stands for one that is read-only: root may write everywhere."""
    home, runs = tmp_path / "gone" / "home", tmp_path / "my runs"
    done = _make("study", "RUN=new", "FLAGS=--dry-run", HOME=home, NEURON_STUDY_RUNS=runs)
    assert done.returncode == 0, done.stderr
    assert f"Run {runs / 'new'}: no networks yet." in done.stdout
    assert not home.parent.exists()
    assert {path.name for path in runs.iterdir()} == {".home", ".new.lock"}


def test_snakemake_works_beside_the_runs_where_the_repository_is_read_only(tmp_path):
    there = 'ELSEWHERE=--directory "$NEURON_STUDY_RUNS"'.replace("$", "$$")
    runs = tmp_path / "my runs"
    done = _make(there, "study", "RUN=new", "FLAGS=--dry-run", NEURON_STUDY_RUNS=runs)
    assert done.returncode == 0, done.stderr
    assert (runs / ".snakemake").is_dir()
    shown = _make("--eval", "shown: ; @echo '$(ELSEWHERE)'", "shown")
    assert shown.stdout.strip() == ("" if os.access(paths.ROOT, os.W_OK) else there.split("=")[1])


def test_a_home_in_a_path_is_the_users(tmp_path):
    done = _make("study", "RUN=new", "FLAGS=-n", HOME=tmp_path, NEURON_STUDY_RUNS="~/my runs")
    assert f"Run {tmp_path / 'my runs' / 'new'}: no networks yet." in done.stdout, done.stderr
    assert not (paths.ROOT / "~").exists()

"""Snakemake as a user calls it, with a folder of runs of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from utils import paths
from utils.study.stages import CHAIN, with_needed

# two networks, since intervals need them; what takes time is notebooks, not networks
SMALL = {
    "01-train": {"n_replicates": 2, "hidden": [8, 6], "epochs": 1},
    "03-ablate": {"n_random_orders": 2},
    "04-prune": {"fractions": [0.5], "retrain_fractions": [0.5], "retrain_epochs": [1]},
    "05-bias-balance": {"fractions": [0.5], "retrain_epochs": [1]},
    "08-beyond": {"n_images": 100, "n_selective": 3},
    "09-convolution": {
        "n_replicates": 2,
        "channels": [4, 3],
        "epochs": 1,
        "n_random_orders": 1,
        "fractions": [0.5],
        "retrain_fractions": [0.5],
        "second_run": "",
    },
}


class Job(NamedTuple):
    """A job of a dry run; `wildcards` as Snakemake writes them, empty if there are none."""

    rule: str
    wildcards: str
    inputs: set[str]
    outputs: set[str]


@pytest.fixture(scope="session")
def snakemake() -> Callable[..., subprocess.CompletedProcess]:
    """A function that runs the workflow into a folder of runs, with a configuration by name."""

    def run(runs: Path, *arguments: str, **config: object) -> subprocess.CompletedProcess:
        environment = {k: v for k, v in os.environ.items() if k != "NEURON_STUDY_DATA"}
        environment |= {"NEURON_STUDY_RUNS": str(runs), "TF_CPP_MIN_LOG_LEVEL": "0"}
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nolock", *arguments]
        settings = [f"{name}={value}" for name, value in config.items()]
        return subprocess.run(
            [*command, "--config", *settings], cwd=paths.ROOT, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def planned(snakemake: Callable[..., subprocess.CompletedProcess]) -> Callable[..., list[Job]]:
    """A function that gives the jobs of a dry run, but for the rule `all`."""

    def jobs(runs: Path, *arguments: str, **config: object) -> list[Job]:
        done = snakemake(runs, "--dry-run", *arguments, **config)
        assert done.returncode == 0, done.stdout + done.stderr
        blocks = re.split(r"^(?:local)?rule ", done.stdout + done.stderr, flags=re.M)[1:]
        return [job for job in map(_job, blocks) if job.rule != "all"]

    return jobs


@pytest.fixture(
    scope="session", params=["06-verdict", pytest.param("all", marks=pytest.mark.chain)]
)
def goal(request: pytest.FixtureRequest) -> str:
    """What Snakemake is asked for: from training to the verdict, or every notebook."""
    return request.param


@pytest.fixture(scope="session")
def made(goal: str) -> list[str]:
    """The stages of the shared study."""
    return CHAIN if goal == "all" else with_needed([goal])


@pytest.fixture(scope="session")
def study(
    goal: str,
    tmp_path_factory: pytest.TempPathFactory,
    snakemake: Callable[..., subprocess.CompletedProcess],
) -> Path:
    """Folder with a space in its name: small.yml, and the run `small` made by the Snakefile."""
    folder = tmp_path_factory.mktemp("a study")
    base = yaml.safe_load((paths.ROOT / "params" / "quickstart.yml").read_text())
    sections = {stage: base.get(stage, {}) | SMALL.get(stage, {}) for stage in CHAIN}
    (folder / "small.yml").write_text(yaml.safe_dump(sections, sort_keys=False))
    done = snakemake(folder, goal, params=folder / "small.yml", run="small")
    assert done.returncode == 0, done.stderr
    return folder


def _job(block: str) -> Job:
    fields = dict(re.findall(r"^ +(\w+): (.+)$", block, re.M))
    files = [set(fields.get(name, "").split(", ")) - {""} for name in ("input", "output")]
    return Job(block.split(":")[0], fields.get("wildcards", ""), *files)

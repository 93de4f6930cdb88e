"""Snakemake as a user calls it, with a folder of runs of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from utils import paths


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


def _job(block: str) -> Job:
    fields = dict(re.findall(r"^ +(\w+): (.+)$", block, re.M))
    files = [set(fields.get(name, "").split(", ")) - {""} for name in ("input", "output")]
    return Job(block.split(":")[0], fields.get("wildcards", ""), *files)

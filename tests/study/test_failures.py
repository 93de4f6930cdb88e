"""The log of a job that was killed says why, in Snakemake's words and in the cluster's."""

import subprocess
import sys

import pytest

from utils.study import failures

RULE = """
rule all:
    input: expand("{run}/stage.done", run=["a, b", "c"])
rule stage:
    output: "{run}/stage.done"
    log: notebook="{run}/logs/stage.ipynb", text="{run}/logs/stage.txt"
    shell: "COMMAND"
"""


@pytest.fixture
def failed(tmp_path):
    """A function that has Snakemake fail at a command, here, and gives its own log."""

    def run(command):
        (tmp_path / "Snakefile").write_text(RULE.replace("COMMAND", command))
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", "--nolock", "--keep-going"],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        return next((tmp_path / ".snakemake" / "log").glob("*.log"))

    return run


def test_what_was_killed_is_said_in_its_log(failed, tmp_path):
    log = failed("echo begun > {log.text:q}; kill -KILL $$")
    written = failures.explain(log, tmp_path)
    assert sorted(written) == [tmp_path / run / "logs" / "stage.txt" for run in ("a, b", "c")]
    for path in written:
        assert path.read_text() == "begun\nThe job was killed, or could not start.\n"


def test_an_error_of_the_notebook_is_left_as_it_is(failed, tmp_path):
    log = failed("echo Traceback: no memory > {log.text:q}; exit 1")
    assert failures.explain(log, tmp_path) == []
    assert (tmp_path / "c" / "logs" / "stage.txt").read_text() == "Traceback: no memory\n"


# what the executor for Slurm adds to such an error
CLUSTER = """Error in rule 01-train:
    message: SLURM-job '{number}' failed, SLURM status is: 'CANCELLED'.
    jobid: 3
    output: my runs/01-train.ipynb
    log: my runs/01-train.ipynb, my runs/01-train.txt, {log} (check log file(s) for error details)
    shell:
        some log: not one, and text.txt (check
    external_jobid: {number}
Trying to restart job 3.
"""


def test_of_a_job_that_never_started_the_clusters_last_words_are_there(tmp_path):
    slurm = [tmp_path / "slurm logs" / f"{number}.log" for number in (7, 8)]
    slurm[0].parent.mkdir()
    for path in slurm:
        path.write_text("".join(f"line {k} of {path.stem}\n" for k in range(30)))
    log = tmp_path / "snakemake.log"
    log.write_text("".join(CLUSTER.format(number=path.stem, log=path) for path in slurm))
    assert failures.explain(log, tmp_path) == [tmp_path / "my runs" / "01-train.txt"]
    first, message, where, *said = (tmp_path / "my runs" / "01-train.txt").read_text().splitlines()
    assert first == "The job was killed, or could not start."
    assert message == "Snakemake: SLURM-job '8' failed, SLURM status is: 'CANCELLED'."
    assert where == f"The cluster, in {slurm[1]}:"
    assert said == [f"line {k} of 8" for k in range(10, 30)]

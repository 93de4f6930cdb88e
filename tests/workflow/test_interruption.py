"""What is killed or interrupted goes on where it was, and ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import yaml
from jupyter_client.manager import start_new_kernel

from utils import paths
from utils.networks import datasets, training
from utils.networks.network import Network
from utils.networks.recipes import Recipe

pytestmark = pytest.mark.chain
LONG = 600  # seconds that anything may take
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
    said, _ = process.communicate(timeout=LONG)
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
    limit = time.monotonic() + LONG
    while not list(folder.glob(f"small/*/.{stage}.lock")):  # somebody is at work on it
        assert process.poll() is None, process.stdout.read()[-3000:]
        assert time.monotonic() < limit
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(LONG)
    trained = {path: path.stat().st_mtime_ns for path in folder.glob("small/*/01-train.ipynb")}
    assert bool(trained) == (stage == "02-measure")
    assert _finished(folder) == undisturbed
    assert {path: path.stat().st_mtime_ns for path in trained} == trained


def test_training_interrupted_in_a_kernel_and_its_cell_run_again(tmp_path):
    """As in JupyterLab, with a server started elsewhere: Interrupt, then the same cell again."""
    notebook = nbformat.read(paths.NOTEBOOKS / "01-train.ipynb", 4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    number = next(i for i, source in enumerate(cells) if "train.experiment.replicates" in source)
    small = "run, dataset, n_replicates, hidden, epochs = 'small', 'mnist-5k', 2, [8], 5000"
    environment = os.environ | {"NEURON_STUDY_RUNS": str(tmp_path)}
    manager, client = start_new_kernel(kernel_name="python3", cwd="/", env=environment)

    def ended() -> dict:
        reply = client.get_shell_msg(timeout=60)
        while reply["msg_type"] != "execute_reply":  # a slow kernel was asked for its name twice
            reply = client.get_shell_msg(timeout=60)
        return reply["content"]

    def said() -> str:
        return str(client.get_iopub_msg(timeout=60)["content"].get("data", ""))

    try:
        for source in (*cells[:2], small, *cells[2:number]):
            client.execute(source)  # allowed to ask for input, as in JupyterLab
            assert ended()["status"] == "ok", source
        client.execute(cells[number])
        limit = time.monotonic() + LONG
        while "widget-view" not in said():  # the progress bar
            assert time.monotonic() < limit
        time.sleep(1)
        manager.interrupt_kernel()
        assert "KeyboardInterrupt" in (lines := ended()["traceback"])[-1]
        assert "IMapIterator" not in str(lines)  # what the pool waited for
        stopped = "import threading\nassert 'worker' not in str(threading.enumerate())"
        fewer = 'stage.parameters = stage.parameters.model_copy(update={"epochs": 2})'
        for source in (stopped, fewer, cells[number], cells[number + 1]):  # the next one saves
            client.execute(source)
            assert ended()["status"] == "ok", source
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    data, recipe = datasets.load("mnist-5k"), Recipe((8,), "sigmoid", l2=3e-7)
    for k, again in enumerate(Network.load_all(tmp_path / "small" / "networks")):
        undisturbed, _ = training.train_replicate(data, recipe, 2, 0, k, kept_of_last=10)
        for array, same in zip(again.kernels, undisturbed.kernels, strict=True):
            assert array.tobytes() == same.tobytes()
    assert k == 1

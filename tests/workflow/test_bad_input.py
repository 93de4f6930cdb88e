"""What people give by mistake is refused, with the value and the remedy, and changes nothing."""

import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import yaml

from utils import paths
from utils.files import WriteError
from utils.networks.datasets import DataError
from utils.networks.network import NetworkError
from utils.study import runs, sweeps
from utils.study.parameter_files import SectionsError
from utils.study.parameters import ParameterError
from utils.study.runs import RunError
from utils.study.stages import CHAIN

OURS = (ParameterError, RunError, DataError, NetworkError, WriteError)

# notebook (no longer asked if it was taken away), parameters given to it, what the message says
PARAMETERS: list[tuple[str, dict[str, Any], str]] = [
    ("01-train", {"epoch": 3}, r"no parameter `epoch` .*did you mean `epochs`"),
    ("01-train", {"hidden": "[50, 50]"}, r"'\[50, 50\]' \(str\); it must be a list .* -y"),
    ("01-train", {"hidden": [100, 0]}, r"\[100, 0\]"),
    ("01-train", {"hidden": []}, r"one or more positive integers"),
    ("01-train", {"dataset": "mnst"}, r"'mnst'.*one of mnist, fashion-mnist"),
    ("01-train", {"activation": "swish"}, r"'swish'.*one of sigmoid, tanh, relu"),
    ("01-train", {"l2": "1e-3"}, r"'1e-3' \(str\).*needs a point, as 1.0e-3"),
    ("01-train", {"l2": float("nan")}, r"nan.*at least 0"),
    ("01-train", {"batch_normalization": "false"}, r"'false' \(str\); it must be True or False"),
    ("01-train", {"n_replicates": 2.0}, r"2.0 \(float\); it must be an integer of at least 1"),
    ("01-train", {"seed": -1}, r"-1 .*at least 0"),
    ("01-train", {"run": "../../elsewhere"}, r"'\.\./\.\./elsewhere'"),
    ("02-measure", {"n_levels": 1}, r"1 \(int\); it must be an integer from 2 to 16"),
    ("02-measure", {"n_levels": True}, r"True \(bool\)"),
    ("02-measure", {"run": "no-such-run"}, r"networks is missing; notebook 01-train makes it"),
    ("02-measure", {"levels": 4}, r"no parameter `levels`.*did you mean `n_levels`"),
    ("03-ablate", {"n_random_orders": 0}, r"0 \(int\); it must be an integer of at least 1"),
    ("03-ablate", {"n_levels": 2}, r"03-ablate has no parameter `n_levels`"),
    ("04-prune", {"fractions": [0.5, 1.0]}, r"\[0.5, 1.0\].*between 0 and 1"),
    ("04-prune", {"fractions": [0.5, 0.1]}, r"must be ascending"),
    ("04-prune", {"retrain_fractions": [0.55]}, r"each must be one of `fractions`"),
    ("05-bias-balance", {"retrain_epochs": [0]}, r"positive integers"),
    ("05-bias-balance", {"fractions": 0.4}, r"0.4 \(float\); it must be a list"),
    ("06-verdict", {"other_runs": "tanh"}, r"'tanh' \(str\)"),
    ("08-beyond", {"second_run": None}, r"None \(NoneType\)"),
    ("09-convolution", {"pools": [2]}, r"`pools` is \[2\].*`channels` has 2 blocks and `pools` 1"),
    ("09-convolution", {"threshold": "none"}, r"'none'.*one of median, mean"),
]

# a parameters file, what the message says
FILES: list[tuple[str, str]] = [
    ("01-train: {epochs: 0}", r"`epochs` is 0 \(int\)"),
    ("01-train: {epochs: 5, epochs: 6}", r"`epochs` is given twice"),
    ("1-train: {epochs: 5}", r"section `1-train`; did you mean `01-train`"),
    ("01-train: {run: other}", r"names a `run`"),
    ("01-train: [epochs, 5]", r"section `01-train` is .*it must hold parameters"),
    ("01-train: {epochs: 5", r"is not valid YAML"),
    ("just words", r"'just words' \(str\); it must hold names with values"),
    ("", r"it must hold names with values"),
]

# a sweep file, what the message says
SWEEPS: list[tuple[str, str]] = [
    ("base: {}", r"varies nothing; give it a `grid`"),
    ("grid: {activation: []}", r"`grid` is .*one or more values"),
    ("grid: {activation: sigmoid}", r"`grid` is .*list of one or more values"),
    ("grid: {activtion: [tanh]}", r"activtion.*activation"),
    ("grid: {activation: [tanh, swish]}", r"'swish'.*one of sigmoid, tanh, relu"),
    ("grid: {fractions: [[0.5]]}", r"04-prune.fractions"),
    ("grid: {activation: [tanh, tanh]}", r"has the run .*activation=tanh twice"),
    ("grid: {l2: [0.1]}\nruns: [{l2: 0.2}]", r"in `grid` and in `runs`"),
    ("grid: {l2: [0.1]}\nstages: [09-none]", r"`stages` is .*a list out of 01-train"),
    ("gird: {l2: [0.1]}", r"has a key `gird`; there are base, grid, runs, stages"),
    ("base: params/none.yml\ngrid: {l2: [0.1]}", r"params/none.yml does not exist; .*mnist.yml"),
    ("base: {02-measure: {n_levels: 1}}\ngrid: {l2: [0.1]}", r"`n_levels` is 1"),
]


def _damage(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda run: (run / name).write_bytes(content)


def _other_network(run: Path) -> None:
    np.savez(run / "networks" / "replicate-00.npz", kernel_0=np.ones((2, 2)))


# what has happened to a run, what is then asked of it, what the message says
RUNS: list[tuple[Callable[[Path], Any], Callable[[runs.Stage], Any], str]] = [
    (
        _damage("measures.csv", b"replicate,layer\n0,1\n"), lambda s: s.read("measures"),
        r"columns replicate, layer; expected are .*run 02-measure again",
    ),
    (_damage("measures.csv", b""), lambda s: s.read("measures"), r"cannot be read.*02-measure"),
    (
        lambda run: (run / "measures.csv").unlink(), lambda s: s.read("measures"),
        r"measures.csv is missing; notebook 02-measure makes it",
    ),
    (
        _damage("ablation.csv.xz", b"\xfd7zXZ\x00 half"), lambda s: s.read("ablation"),
        r"cannot be read .*run 03-ablate again",
    ),
    (
        _damage("networks/replicate-00.npz", b"PK half"), lambda s: s.networks,
        r"replicate-00.npz is not a saved network .*run 01-train again",
    ),
    (_other_network, lambda s: s.networks, r"is not a saved network \(KeyError"),
    (
        lambda run: [path.unlink() for path in (run / "networks").iterdir()],
        lambda s: s.networks, r"no networks in .*01-train makes them",
    ),
    (
        lambda run: shutil.rmtree(run / "networks"), lambda s: s.networks,
        r"networks is missing; notebook 01-train makes it",
    ),
    (
        lambda run: None, lambda s: s.other("no-such-run", "activation"),
        r"no-such-run/manifest.json is missing; notebook 01-train makes it",
    ),
    (lambda run: None, lambda s: s.other("mnist", "activation"), r"'sigmoid', as this one"),
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of the committed run, in a folder of its own."""
    return Path(shutil.copytree(paths.COMMITTED_RUN, tmp_path / "run"))


def _state(folder: Path) -> dict[str, bytes]:
    """Content of every file; the lock of a stage is not part of a run."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _first_cells(stage: str, given: dict[str, Any]) -> None:
    """Parameters, what papermill injects, and the setup cell, as a fresh kernel runs them."""
    cells = nbformat.read(paths.NOTEBOOKS / f"{stage}.ipynb", as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"][1:3]  # below "In short"
    namespace: dict[str, Any] = {}
    exec(code[0].source, namespace)
    namespace |= given
    exec(code[1].source, namespace)


@pytest.mark.parametrize(
    ("stage", "given", "message"), [case for case in PARAMETERS if case[0] in CHAIN]
)
def test_parameters(stage, given, message, run):
    before = _state(run)
    with pytest.raises(OURS) as caught:
        _first_cells(stage, {"run": str(run)} | given)
    assert re.search(message, str(caught.value)), caught.value
    assert _state(run) == before


@pytest.mark.parametrize(("damage", "ask", "message"), RUNS)
def test_damaged_runs(damage, ask, message, run, note_files):
    """What is damaged is refused even if it is noted as what its maker wrote."""
    section = yaml.safe_load((paths.ROOT / "params" / "mnist.yml").read_text())["02-measure"]
    stage = runs.start("02-measure", {"run": str(run), **section})
    damage(run)
    note_files(run)
    before = _state(run)
    with pytest.raises(OURS) as caught:
        ask(stage)
    assert re.search(message, str(caught.value)), caught.value
    assert _state(run) == before


@pytest.mark.parametrize(("text", "message"), FILES)
def test_parameters_files(text, message, tmp_path):
    path = tmp_path / "given.yml"
    path.write_text(text)
    with pytest.raises(SectionsError) as caught:
        sweeps.single(str(path), "run")
    assert re.search(message, str(caught.value)), caught.value
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(("text", "message"), SWEEPS)
def test_sweep_files(text, message, tmp_path, monkeypatch):
    """As `make sweep` asks before it starts anything: a message, and exit code 1."""
    path = tmp_path / "given.yml"
    path.write_text(text)
    monkeypatch.setattr(sys, "argv", ["sweeps", str(path)])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(sweeps.__file__, run_name="__main__")
    assert re.search(message, str(caught.value.code)), caught.value.code  # text: exit code 1


NOTEBOOK = "notebooks/02-measure.ipynb"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"papermill {NOTEBOOK} - -p n_levels 1", "`n_levels` is 1 (int)"),
        ("snakemake -n --config params=params/none.yml", "params/none.yml does not exist"),
        ("utils.playground none", "none/networks is missing; notebook 01-train makes it"),
        ("snakemake -n --config run=2026_11_27", "run is 20261127 as Snakemake reads it"),
        ("snakemake -n --config run=", "run is None as Snakemake reads it"),
        (
            "snakemake -n --config run=../elsewhere",
            "`run` is '../elsewhere' (str); it must be a name",
        ),
        ("snakemake -n --config run=a/../../b", "`run` is 'a/../../b' (str); it must be a name"),
        ("snakemake -n --config run=mnist", "run mnist is in git"),
        ("snakemake -n --config run=mnist committed=yes", "run mnist is in git"),
    ],
)
def test_the_commands_fail_with_the_message_last(command, message):
    done = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=paths.ROOT, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 1
    assert message in done.stdout[-600:]

"""Real digits and small random networks for the unit tests."""

import json
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import hypothesis
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml

from utils import files, paths
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import Claim, Claims, Rule
from utils.evidence.tables import Tables
from utils.information.neurons import measure
from utils.names import DIRECTIONS, QUANTITIES, REPLACEMENTS
from utils.networks import datasets
from utils.networks.datasets import Dataset, Split
from utils.networks.network import Network
from utils.removal.curves import quantity_curves
from utils.study import parameter_files, provenance, stages, sweeps
from utils.study.runs import Stage

hypothesis.settings.register_profile("unit", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("unit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no process of several is left alone with it."""
    items.sort(key=lambda item: "workflow" not in item.path.parts)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """5,000 real MNIST digits, available without files or network."""
    return datasets.load("mnist-5k")


def _shrunk(split: Split, n_samples: int) -> Split:
    """The first samples, 7 x 7 pixels, each the mean of 4 x 4."""
    images = split.images[:n_samples].reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4))
    return Split(images.reshape(-1, 49), split.labels[:n_samples])


@pytest.fixture(scope="session")
def small_digits(digits: Dataset) -> Dataset:
    """Few and small digits: 200, 120 and 100 of 49 pixels, all ten classes in each split."""
    return replace(
        digits,
        train=_shrunk(digits.train, 200),
        validation=_shrunk(digits.validation, 120),
        test=_shrunk(digits.test, 100),
        image_shape=(7, 7),
    )


@pytest.fixture(scope="session")
def negatives(small_digits: Dataset) -> Dataset:
    """Few and small digits, the validation images as negatives: no split stands in for another."""
    split = small_digits.validation
    return replace(small_digits, validation=Split(1 - split.images, split.labels))


class _Evil:
    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple:
        return Path.touch, (self.touched,)


@pytest.fixture
def trap(tmp_path: Path) -> tuple[np.ndarray, Path]:
    """An array that, unpickled, runs a command; and the file that this command makes."""
    touched = tmp_path / "PWNED"
    return np.array([_Evil(touched)], dtype=object), touched


@pytest.fixture(scope="session")
def random_network() -> Callable[..., Network]:
    """A function that draws a network with the given sizes (inputs, hidden layers, classes)."""

    def draw(
        sizes: tuple[int, ...],
        activation: str = "sigmoid",
        seed: int = 0,
        dtype: type = np.float64,
    ) -> Network:
        rng = np.random.default_rng(seed)
        kernels = [
            rng.normal(0, 2 / np.sqrt(shape[0]), shape).astype(dtype) for shape in pairwise(sizes)
        ]
        biases = [rng.normal(0, 0.3, width).astype(dtype) for width in sizes[1:]]
        return Network(tuple(kernels), tuple(biases), (activation,) * (len(sizes) - 2))

    return draw


@pytest.fixture(scope="session")
def fitted() -> Callable[[Network, Dataset], Network]:
    """A function that fits a network's logits by least squares: it gets some digits right."""

    def fit(network: Network, data: Dataset) -> Network:
        outputs = network.forward(data.train.images)[-2]
        outputs = np.column_stack([outputs, np.ones(len(outputs))])
        last = np.linalg.lstsq(outputs, 5 * np.eye(10)[data.train.labels])[0]
        kernels, biases = (*network.kernels[:-1], last[:-1]), (*network.biases[:-1], last[-1])
        return Network(kernels, biases, network.activations)

    return fit


@pytest.fixture(scope="session")
def ablation_of() -> Callable[..., pd.DataFrame]:
    """A function that makes the table of ablation.csv.xz from hits by curve and step."""

    def table(
        n_correct: Callable[..., int],
        scopes: Iterable[str] = ("layer-1", "layer-2", "network"),
        n_replicates: int = 6,
        n_neurons: int = 5,
        n_random_orders: int = 1,
    ) -> pd.DataFrame:
        """n_correct(replicate, scope, ordering, direction, replacement, n_ablated) of 100,000."""
        orders = [
            *product(QUANTITIES, DIRECTIONS),
            *((f"random-{k:02d}", "none") for k in range(n_random_orders)),
        ]
        cases = product(range(n_replicates), scopes, orders, REPLACEMENTS, range(n_neurons + 1))
        keys = [(k, scope, *order, rest, n) for k, scope, order, rest, n in cases]
        columns = ["replicate", "scope", "ordering", "direction", "replacement", "n_ablated"]
        return pd.DataFrame(keys, columns=columns).assign(
            n_correct=[n_correct(*key) for key in keys], n_samples=100_000
        )

    return table


@pytest.fixture
def strict_figures() -> Iterator[None]:
    """Warnings are errors, and every figure is drawn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
        for number in plt.get_fignums():
            plt.figure(number).canvas.draw()
    plt.close("all")


@pytest.fixture(scope="session")
def note_files() -> Callable[[Path], None]:
    """A function that notes the files of a run as if their makers had just written them.

    All that is there, damaged or not, as made from what else is there.
    """

    def note(folder: Path) -> None:
        manifest = files.manifest(folder)
        there = {name: folder / stages.place(name) for name in stages.WRITTEN}
        sums = {name: provenance.checksum(path) for name, path in there.items() if path.exists()}
        for stage in stages.STAGES.values():
            entry = manifest["stages"].get(stage.name, {"parameters": {}})
            elsewhere = {
                name: seen for name, seen in entry.get("read", {}).items() if name not in there
            }
            entry["read"] = elsewhere | {name: sums[name] for name in stage.reads if name in sums}
            noted = set(sums) - set(stages.MEASURED)
            entry["wrote"] = {name: sums[name] for name in stage.writes if name in noted}
            if entry["wrote"]:
                manifest["stages"][stage.name] = entry
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return note


@pytest.fixture(scope="session")
def made_run(
    random_network: Callable[..., Network],
    fitted: Callable[[Network, Dataset], Network],
    digits: Dataset,
    note_files: Callable[[Path], None],
) -> Callable[..., Stage]:
    """A function that makes a run of fitted networks on 5,000 digits, measured and ablated.

    Without notebooks, in seconds; it returns notebook 03 at work on the run.
    """

    def make(
        folder: Path, hidden: tuple[int, ...], activation: str = "sigmoid", n_replicates: int = 1
    ) -> Stage:
        folder.mkdir(parents=True)
        sections = yaml.safe_load((paths.ROOT / "params" / "mnist.yml").read_text())
        given = {"dataset": "mnist-5k", "hidden": list(hidden), "activation": activation}
        sections["01-train"] |= given | {"n_replicates": n_replicates}
        sections["03-ablate"] |= {"n_random_orders": 2}
        noted = {
            name: {"parameters": {"run": folder.name, **sections[name]}, "seconds": 1.0}
            for name in ("01-train", "02-measure", "03-ablate")
        }
        noted["01-train"]["read"] = {provenance.IMAGES: digits.checksum}
        (folder / "manifest.json").write_text(json.dumps({"stages": noted}))
        sizes = (digits.train.images.shape[1], *hidden, digits.n_classes)
        networks = [
            fitted(random_network(sizes, activation, seed, np.float32), digits).rounded()
            for seed in range(n_replicates)
        ]
        Network.save_all(networks, folder / stages.NETWORKS)
        stage = Stage("03-ablate", None, folder)
        split, tables = digits.validation, {"measures": [], "ablation": []}
        for k, network in enumerate(Network.load_all(folder / stages.NETWORKS)):
            rows = measure(network, split.images, split.labels, 2, digits.n_classes)
            curves = quantity_curves(network, rows, digits.test, 2, stage.seed(k))
            tables["measures"].append(rows.assign(replicate=k))
            tables["ablation"].append(curves.assign(replicate=k))
        for name, parts in tables.items():
            stage.write(name, pd.concat(parts, ignore_index=True))
        note_files(folder)
        return stage

    return make


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a sweep file, by default `mine`, whose runs go to tmp_path/runs; gives its path."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path / "runs"))

    def write(content: dict | str, name: str = "mine") -> str:
        path = tmp_path / f"{name}.yml"
        path.write_text(
            content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        )
        return str(path)

    return write


@pytest.fixture
def finished_sweep(
    sweep: Callable[..., str], note_files: Callable[[Path], None], tmp_path: Path
) -> sweeps.Plan:
    """Three runs: sigmoid done, with the committed run's tables; tanh failed; relu not run."""
    plan = sweeps.expand(sweep({"grid": {"activation": ["sigmoid", "tanh", "relu"]}}))
    for run in list(plan.runs)[:2]:
        folder = tmp_path / "runs" / run
        (folder / "logs").mkdir(parents=True)
        noted = {}
        for stage in stages.CHAIN:
            (folder / f"{stage}.ipynb").touch()
            (folder / "logs" / f"{stage}.txt").touch()
            given = {"run": run, **parameter_files.completed(plan.runs[run], stage)}
            noted[stage] = {"parameters": given, "seconds": 10.0, "peak_memory_mb": 500}
        noted["03-ablate"]["peak_memory_mb"] = 900
        (folder / "manifest.json").write_text(json.dumps({"stages": noted}))
        for file in paths.COMMITTED_RUN.glob("*.csv*"):
            shutil.copy(file, folder)
        shutil.copytree(paths.COMMITTED_RUN / stages.NETWORKS, folder / stages.NETWORKS)
        claims = pd.read_csv(paths.COMMITTED_RUN / "claims.csv", dtype=str)
        alone = claims[claims["claim"] != "C8"]  # which is about several runs
        alone.to_csv(folder / "claims.csv", index=False)
        note_files(folder)
    tanh = tmp_path / "runs" / "mine" / "activation=tanh"
    (tanh / "04-prune.ipynb").unlink()
    (tanh / "logs" / "04-prune.txt").write_text("Executing\nTraceback (most recent call last):\n")
    return plan


@pytest.fixture
def of_eight(ablation_of) -> Tables:
    """Eight networks of one layer: seven in which balancing gains 0.02, and one that loses 0.3."""

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        gain = (-30_000 if replicate == 7 else 2000) + 10 * replicate
        return 60_000 + gain * (replacement == "mean")

    measures = pd.DataFrame({"replicate": range(8), "layer": 1, "neuron": 0})
    return Tables({"ablation": ablation_of(n_correct, ["layer-1"], 8), "measures": measures})


@pytest.fixture
def claims_of_one() -> Claims:
    """C7 alone, without a correction for the number of its cases."""
    return {"C7": Claim("It helps.", "gain", Rule("above", margin=0.01), CLAIMS["C7"].values)}

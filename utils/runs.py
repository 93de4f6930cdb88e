"""A run is a folder of tables and networks; a stage is one notebook working on it.

`start` checks the notebook's parameters, and that the files it reads are there; the `Stage` it
returns reads and writes the tables of data/README.md and, at the end, notes in manifest.json what
was run, on what, and how long it took. Files are written beside their place and then renamed.
"""

import json
import platform
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from filelock import FileLock

from utils import datasets, files, parallel, parameters, paths
from utils.networks import Network

# table: (stage that writes it, file, columns)
TABLES: dict[str, tuple[str, str, str]] = {
    "training": (
        "01-train", "training.csv", "replicate epoch split loss n_correct n_samples"
    ),
    "measures": (
        "02-measure", "measures.csv",
        "replicate layer neuron entropy mutual_information kl_selectivity selective_class "
        "firing_rate mean_output output_variance",
    ),
    "ablation": (
        "03-ablate", "ablation.csv.gz",
        "replicate scope ordering direction replacement n_ablated n_correct n_samples "
        "cross_entropy",
    ),
    "single": (
        "03-ablate", "single.csv",
        "replicate layer neuron replacement error_rise cross_entropy_rise",
    ),
    "pruning": (
        "04-prune", "pruning.csv",
        "replicate scope method repair fraction retrain_epochs n_correct n_samples n_parameters "
        "n_macs n_bytes",
    ),
    "latency": ("04-prune", "latency.csv", "fraction batch latency_ms"),
    "balancing": (
        "05-bias-balance", "balancing.csv",
        "replicate scope repair fraction retrain_epochs n_correct n_samples",
    ),
    "claims": (
        "06-verdict", "claims.csv",
        "claim scope quantity estimate low high n_replicates verdict",
    ),
    "pairs": (
        "08-beyond", "pairs.csv.gz",
        "replicate layer neuron_1 neuron_2 joint_information co_information surplus",
    ),
    "orders": ("08-beyond", "orders.csv.gz", "replicate scope ordering place neuron"),
    "joint": (
        "08-beyond", "joint.csv.gz",
        "replicate scope ordering direction replacement n_ablated n_correct n_samples "
        "cross_entropy",
    ),
    "sets": (
        "08-beyond", "sets.csv",
        "replicate scope ordering direction n_ablated error_surplus co_information",
    ),
    "joint_pruning": (
        "08-beyond", "joint_pruning.csv",
        "replicate method repair fraction n_correct n_samples",
    ),
    "classes": (
        "08-beyond", "classes.csv",
        "replicate scope selected_class class n_correct n_intact n_samples",
    ),
    "beyond": (
        "08-beyond", "beyond.csv",
        "claim scope quantity estimate low high n_replicates verdict",
    ),
}  # fmt: skip
READS = {
    "01-train": [],
    "02-measure": ["networks"],
    "03-ablate": ["networks", "measures"],
    "04-prune": ["networks", "measures"],
    "05-bias-balance": ["networks", "measures", "ablation"],
    "06-verdict": ["measures", "ablation", "single", "pruning", "balancing"],
    "08-beyond": ["networks", "measures", "ablation", "single", "pruning"],
}


class RunError(Exception):
    """A run that lacks something, or cannot be written."""


@dataclass(repr=False)
class Stage:
    """One notebook at work on one run."""

    name: str
    parameters: Any
    folder: Path
    started: float = field(default_factory=time.monotonic)

    def read(self, table: str) -> pd.DataFrame:
        """One table of the run, with the columns that data/README.md lists."""
        stage, file, columns = TABLES[table]
        path = self.folder / file
        if not path.exists():
            raise _missing(path, stage, self.folder)
        try:
            frame = pd.read_csv(path)
        except (ValueError, EOFError, OSError) as error:
            raise RunError(
                f"{paths.shown(path)} cannot be read ({type(error).__name__}); run {stage} again"
            ) from None
        if list(frame.columns) != columns.split():
            raise RunError(
                f"{paths.shown(path)} has the columns {', '.join(frame.columns)}; expected are "
                f"{', '.join(columns.split())}; run {stage} again"
            )
        return frame

    def other(self, run: str, differs: str) -> "Stage":
        """Another run to compare with, in the folder of runs or among the published ones.

        Refused unless its networks were trained as this run's, but for the parameter `differs`
        (which must be another), the number of replicates and the seed.
        """
        folder = paths.found_run(run)
        other = Stage(self.name, self.parameters, folder)
        if not other.manifest["stages"]:
            raise _missing(folder / "manifest.json", "01-train", folder)
        ours, theirs = self.recipe.model_dump(), other.recipe.model_dump()
        for name in ours.keys() - {"run", "n_replicates", "seed", differs}:
            if ours[name] != theirs[name]:
                raise RunError(
                    f"run {run!r} has {name} {theirs[name]!r}, this one {ours[name]!r}: they may "
                    f"differ in {differs} only; name another run, or none"
                )
        if ours[differs] == theirs[differs]:
            raise RunError(
                f"run {run!r} has {differs} {theirs[differs]!r}, as this one; name a run with "
                f"another {differs}, or none"
            )
        return other

    def write(self, table: str, frame: pd.DataFrame) -> None:
        """One table of the run; the same frame always gives the same bytes."""
        _, file, columns = TABLES[table]
        files.write_csv(self.folder / file, frame[columns.split()], float_format="%.9g")

    @property
    def recipe(self) -> parameters.Train:
        """Parameters the networks of this run were trained with."""
        if self.name == "01-train":
            return self.parameters
        return parameters.validate("01-train", self.manifest["stages"]["01-train"]["parameters"])

    @cached_property
    def dataset(self) -> datasets.Dataset:
        """The images of this run; refused if they are not the ones it was trained on."""
        dataset = datasets.load(self.recipe.dataset)
        trained_on = self.manifest.get("images_sha256", dataset.checksum)
        if self.name != "01-train" and trained_on != dataset.checksum:
            raise RunError(
                f"the images of {dataset.name} are not those {paths.shown(self.folder)} was "
                "trained on; run 01-train again"
            )
        return dataset

    @cached_property
    def networks(self) -> list[Network]:
        """The trained networks, replicate 0 first."""
        return Network.load_all(self.folder / "networks")

    @property
    def manifest(self) -> dict[str, Any]:
        return files.manifest(self.folder)

    def seed(self, replicate: int, stage: str = "") -> int:
        """Seed of the random choices for one replicate, of this stage or of another one."""
        stage = int((stage or self.name)[:2])
        return int(
            np.random.SeedSequence([self.recipe.seed, replicate, stage]).generate_state(1)[0]
        )

    def save_networks(self, networks: list[Network]) -> None:
        """Replace the networks of the run by these."""
        folder = self.folder / "networks"
        folder.mkdir(exist_ok=True)
        for k, network in enumerate(networks):
            network.save(folder / f"replicate-{k:02d}.npz")
        for extra in sorted(folder.glob("replicate-*.npz"))[len(networks) :]:
            extra.unlink()

    def each(self, function: Callable[[int, Network], pd.DataFrame], what: str) -> pd.DataFrame:
        """`function(replicate, network)` for every network, as one table with its replicate."""
        numbered = list(enumerate(self.networks))
        tables = parallel.run(lambda item: function(*item), numbered, what)
        frame = pd.concat(tables, keys=range(len(tables)), names=["replicate", None])
        return frame.reset_index(level=0).reset_index(drop=True)

    def save_figure(self, figure: plt.Figure, name: str) -> None:
        """As figures/<name>.png and .svg in the run's folder; the same figure, the same bytes."""
        folder = self.folder / "figures"
        folder.mkdir(exist_ok=True)
        with files.replacing(folder / f"{name}.png") as part:
            figure.savefig(part, dpi=150)
        figure.set_layout_engine("none")  # keeps the places found, which take long to find
        with files.replacing(folder / f"{name}.svg") as part:
            figure.savefig(part, metadata={"Date": None}, dpi=150)

    def finish(self) -> float:
        """Note the stage in the manifest; returns the seconds it took."""
        seconds = round(time.monotonic() - self.started, 1)
        with FileLock(self.folder / ".manifest.lock"):
            manifest = self.manifest
            if self.name == "01-train":
                manifest = {"images_sha256": self.dataset.checksum, "stages": {}}
            manifest["machine"] = {
                "system": f"{platform.system()} {platform.machine()}",
                "python": platform.python_version(),
                "cores": parallel.n_workers(),
            }
            names = ("tensorflow", "keras", "numpy", "pandas", "scipy", "scikit-learn", "mlxtend")
            manifest["packages"] = {name: version(name) for name in names}
            manifest["stages"][self.name] = {
                "parameters": self.parameters.model_dump(),
                "seconds": seconds,
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            with files.replacing(self.folder / "manifest.json") as part:
                part.write_text(json.dumps(manifest, indent=2) + "\n")
        files.release(self.folder / f".{self.name}.lock")
        return seconds

    def __repr__(self) -> str:
        return f"<{self.name} of run {self.folder.name}>"

    def _repr_markdown_(self) -> str:
        writes = [file for stage, file, _ in TABLES.values() if stage == self.name]
        if self.name == "01-train":
            writes.insert(0, "networks/")
        files = [TABLES[n][1] if n in TABLES else f"{n}/" for n in READS[self.name]]
        reads = ", ".join(f"`{file}`" for file in files) or "the images"
        text = (
            f"Run `{paths.shown(self.folder)}`. Reads {reads}; writes "
            f"{', '.join(f'`{file}`' for file in writes)}."
        )
        if self.folder == paths.PUBLISHED_RUN:
            text += (
                "\n\n**This is the published run: its tables are rewritten by this notebook.** "
                "Set `run` to another name to keep them; git can restore them."
            )
        return text


def start(stage: str, namespace: dict[str, Any]) -> Stage:
    """Check the parameters of notebook `stage` (pass `globals()`) and open its run.

    No other process can open this stage of the run until this one finishes it, or ends.

    Raises
    ------
    ParameterError
        Before anything is read or written.
    RunError
        A file of an earlier stage is missing: names it and the notebook that makes it. Another
        process is at work on this stage: has its number.
    WriteError
        The run's folder cannot be written.
    """
    checked = parameters.check(stage, namespace)
    folder = paths.runs() / checked.run
    if stage == "01-train":
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise files.unwritable(folder, error) from None
    for name in READS[stage]:
        maker, file, _ = TABLES.get(name, ("01-train", name, ""))
        if not (folder / file).exists():
            raise _missing(folder / file, maker, folder)
    try:
        files.hold(folder / f".{stage}.lock")
    except BlockingIOError as error:
        raise RunError(
            f"process {error} is at work on {stage} of {paths.shown(folder)}; wait for it, or end "
            "it (in JupyterLab: shut that notebook's kernel down), and run this again"
        ) from None
    return Stage(stage, checked, folder)


def _missing(path: Path, stage: str, folder: Path) -> RunError:
    run = folder.name if folder.parent == paths.runs() else paths.shown(folder)
    return RunError(
        f"{paths.shown(path)} is missing; notebook {stage} makes it: run that first, with "
        f"run = {run!r}, or run the whole chain with make (see make help)"
    )

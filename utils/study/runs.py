"""A run is a folder of tables and networks; a stage is one notebook working on it.

`start` checks the notebook's parameters, and that the files it reads are there; the `Stage` it
returns reads and writes tables and, at the end, notes in manifest.json what was run and on what.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from lzma import LZMAError
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils import files, paths
from utils.drawing import style
from utils.models import inputs
from utils.networks import datasets
from utils.networks.network import Network
from utils.study import parallel, parameters, provenance, schemas, stages
from utils.study.parameter_models import Train
from utils.study.provenance import FIRST, IMAGES, RunError


@dataclass(repr=False)
class Stage:
    """One notebook at work on one run."""

    name: str
    parameters: Any
    folder: Path
    started: float = field(default_factory=time.monotonic)
    read_from: dict[str, str] = field(default_factory=dict)  # checksums, for the manifest
    wrote: dict[str, str] = field(default_factory=dict)
    prefix: str = ""  # of what is read from another run

    def read(self, table: str) -> pd.DataFrame:
        """One table of the run, as `utils.study.schemas` says it must be."""
        path, maker = self._noted(table), stages.maker(table)
        try:
            return schemas.checked(table, pd.read_csv(path))
        except schemas.TableError as error:
            raise RunError(f"{paths.shown(path)}: {error}; run {maker} again") from None
        except (ValueError, EOFError, OSError, LZMAError) as error:
            what = f"{paths.shown(path)} cannot be read ({type(error).__name__})"
            raise RunError(f"{what}; run {maker} again") from None

    def _noted(self, name: str) -> Path:
        """Where something lies that is read; refused unless it is of what the run has now."""
        if name not in self.wrote:
            self.read_from[self.prefix + name] = provenance.current(self.folder, name)
        return self.folder / stages.place(name)

    def other(self, run: str, differs: str) -> "Stage":
        """Another run to compare with, in the folder of runs or among those in git.

        Refused unless all that both were made by is the same, notebook by notebook, this one too,
        but for the parameter `differs` of the first (which must be another), the number of
        replicates, the seed, and which other runs are named.
        """
        folder = paths.found_run(run)
        other = Stage(self.name, None, folder, read_from=self.read_from, prefix=f"{run}:")
        if FIRST not in other.manifest["stages"]:
            raise provenance.missing(folder / "manifest.json", FIRST, folder)
        both = {*self.manifest["stages"], self.name} & other.manifest["stages"].keys()
        for stage in sorted(both & {FIRST, *stages.STAGES[self.name].needs, self.name}):
            free = {"run", "n_replicates", "seed", differs, *stages.STAGES[stage].alone}
            theirs = other.parameters_of(stage).model_dump(exclude=free)
            for name, value in self.parameters_of(stage).model_dump(exclude=free).items():
                if value != theirs[name]:
                    raise RunError(
                        f"run {run!r} has {name} {theirs[name]!r}, this one {value!r}: they may "
                        f"differ in {differs} only; name another run, or none"
                    )
        if getattr(self.recipe, differs) == (value := getattr(other.recipe, differs)):
            what = f"run {run!r} has {differs} {value!r}, as this one"
            raise RunError(f"{what}; name a run with another {differs}, or none")
        return other

    def write(self, table: str, frame: pd.DataFrame) -> None:
        """One table of the run; the same frame always gives the same bytes."""
        checked = schemas.checked(table, frame[list(stages.TABLES[table].columns)])
        files.write_csv(self.folder / stages.place(table), checked, float_format="%.9g")
        if table not in stages.MEASURED:
            self.wrote[table] = provenance.checksum(self.folder / stages.place(table))

    def parameters_of(self, stage: str) -> Any:
        """Parameters that a stage of this run was run with."""
        if self.name == stage and self.parameters is not None:
            return self.parameters
        return parameters.validate(stage, self.manifest["stages"][stage]["parameters"])

    @property
    def recipe(self) -> Train:
        """Parameters the networks of this run were trained with."""
        return self.parameters_of(FIRST)

    @cached_property
    def dataset(self) -> datasets.Dataset:
        """The images of this run; refused if they are not the ones it was trained on."""
        dataset = datasets.load(self.recipe.dataset)
        trained_on = self.manifest["stages"].get(FIRST, {}).get("read", {}).get(IMAGES)
        if self.name != FIRST and trained_on != dataset.checksum:
            raise RunError(
                f"the images of {dataset.name} are not those {paths.shown(self.folder)} was "
                f"trained on; run {FIRST} again"
            )
        self.read_from[IMAGES] = dataset.checksum
        return dataset

    @cached_property
    def networks(self) -> list[Network]:
        """The trained networks, replicate 0 first."""
        return Network.load_all(self._noted(stages.NETWORKS))

    @property
    def replicates(self) -> list[parallel.Replicate]:
        """The networks, each with its seed of this stage and the images as it is given them."""
        folder = self.folder / stages.NETWORKS
        return [
            parallel.Replicate(k, network, self.seed(k), inputs.given(folder, k, self.dataset))
            for k, network in enumerate(self.networks)
        ]

    @property
    def manifest(self) -> dict[str, Any]:
        return files.manifest(self.folder)

    def seed(self, replicate: int, stage: str = "") -> int:
        """Seed of the random draws for one replicate, of this stage or of another one."""
        numbers = [
            self.recipe.seed,
            self.recipe.first_replicate + replicate,
            stages.STAGES[stage or self.name].draws,
        ]
        return int(np.random.SeedSequence(numbers).generate_state(1)[0])

    def save_networks(self, networks: list[Network]) -> None:
        """Replace the networks of the run by these."""
        Network.save_all(networks, self.folder / stages.NETWORKS)
        self.wrote[stages.NETWORKS] = provenance.checksum(self.folder / stages.NETWORKS)

    def each(
        self, experiment: Callable[..., pd.DataFrame], what: str, *read: pd.DataFrame
    ) -> pd.DataFrame:
        """`experiment(stage, replicate, *rows)` for every network, as one table.

        `rows`: of each table in `read` those of this replicate, without the column that says so.
        """
        return parallel.each(partial(experiment, self), self.replicates, what, *read)

    def save_figure(self, figure: Figure, name: str) -> None:
        """As figures/<name>.png and .svg in the run's folder."""
        style.save(figure, self.folder / "figures", name)

    def finish(self) -> provenance.Finished:
        """Note the stage in the manifest; shows the seconds it took."""
        seconds = round(time.monotonic() - self.started, 1)
        finished = provenance.Finished(self.name, seconds, self.read_from, self.wrote)
        provenance.note(self.folder, finished, self.parameters.model_dump())
        files.release(self.folder / f".{self.name}.lock")
        return finished

    def __repr__(self) -> str:
        return f"<{self.name} of run {self.folder.name}>"

    def _repr_markdown_(self) -> str:
        stage = stages.STAGES[self.name]
        reads, writes = (
            ", ".join(f"`{stages.place(name)}`" for name in names) or nothing
            for names, nothing in ((stage.reads, "the images"), (stage.writes, "nothing"))
        )
        text = f"Run `{paths.shown(self.folder)}`. Reads {reads}; writes {writes}."
        if stage.writes and self.folder == paths.COMMITTED_RUN:
            text += (
                "\n\n**This is the committed run: its tables are rewritten by this notebook.** "
                "Set `run` to another name to keep them; git can restore them."
            )
        return text


def start(stage: str, namespace: dict[str, Any]) -> Stage:
    """Check the parameters of notebook `stage` (pass `globals()`) and open its run.

    No other process can open this stage of the run until this one finishes it, or ends. Raises

    ParameterError : before anything is read or written
    RunError : what is read is missing or not of what the run has now (names the notebook that
        makes it); another process is at work on this stage (has its number)
    WriteError : the run's folder cannot be written
    ManifestError : its manifest.json is damaged
    """
    checked = parameters.check(stage, namespace)
    folder = paths.runs() / checked.run
    if stage == FIRST:
        files.make_folder(folder)
    files.manifest(folder)  # one that is damaged is refused now, not at the end
    for name in stages.STAGES[stage].reads:
        provenance.current(folder, name)
    try:
        files.hold(folder / f".{stage}.lock")
    except BlockingIOError as error:
        raise RunError(
            f"process {error} is at work on {stage} of {paths.shown(folder)}; wait for it, or end "
            "it (in JupyterLab: shut that notebook's kernel down), and run this again"
        ) from None
    return Stage(stage, checked, folder)

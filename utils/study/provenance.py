"""What a run was made from, in its manifest.json, and whether its tables still belong together.

Every stage notes the checksum (SHA-256) of what it read beside that of what it wrote. A table is
current if it is what its maker wrote, and if all that its maker read is what its makers wrote
last, and so on back to the networks. What matters is the noted checksum: a file that is absent on
purpose (the networks of runs of which git has tables only) is no change.
"""

import hashlib
import json
import platform
import resource
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from utils import files, paths
from utils.study import stages
from utils.study.parallel import n_workers

MIME = "application/vnd.neuron-study.finished+json"
PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scipy", "scikit-learn", "mlxtend")
IMAGES, MODELS, FIRST = "images", "models", stages.maker(stages.NETWORKS)


class RunError(Exception):
    """A run that lacks something, whose tables do not belong together, or that cannot be used."""


def missing(path: Path, stage: str, folder: Path) -> RunError:
    """What to say of a file that `stage` makes and that is not there."""
    return RunError(
        f"{paths.shown(path)} is missing; notebook {stage} makes it: run that first, with "
        f"run = {_name(folder)!r}, or run the whole chain with make (see make help)"
    )


def _name(folder: Path) -> str:
    return folder.name if folder.parent == paths.runs() else paths.shown(folder)


def checksum(*parts: Path) -> str:
    """SHA-256 of a file, or of the names and bytes of several: in a folder those of networks."""
    if len(parts) == 1 and parts[0].is_file():
        seen = parts[0].stat()
        return _of_file(parts[0], seen.st_size, seen.st_mtime_ns, seen.st_ino)
    digest = hashlib.sha256()
    for part in parts:
        for file in sorted(part.glob("*.np[yz]")) if part.is_dir() else [part]:
            digest.update(f"{file.name} {checksum(file)}\n".encode())
    return digest.hexdigest()


@cache
def _of_file(path: Path, *seen: int) -> str:
    """Of a file as it was seen last; inputs of networks can be large, and are looked at often."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Finished:
    """A finished stage: checksums by name (a table, `networks`, `images`; `run:table` of another).

    Shown at the end of the notebook, which keeps them, so that pages and tables of different ages
    can be told apart.
    """

    stage: str
    seconds: float
    read: dict[str, str]
    wrote: dict[str, str]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": f"{self.seconds} seconds", MIME: {"wrote": self.wrote}}


def note(folder: Path, finished: Finished, parameters: dict[str, Any]) -> None:
    """Note a finished stage in the manifest of the run in `folder`."""
    with FileLock(folder / ".manifest.lock"):
        manifest = files.manifest(folder)
        manifest["machine"] = {
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "cores": n_workers(),
        }
        manifest["packages"] = {name: version(name) for name in PACKAGES}
        manifest["stages"][finished.stage] = {
            "parameters": parameters,
            "read": finished.read,
            "wrote": finished.wrote,
            "seconds": finished.seconds,
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        with files.replacing(folder / "manifest.json") as part:
            part.write_text(json.dumps(manifest, indent=2) + "\n")


def current(folder: Path, name: str) -> str:
    """The checksum of a table, or of the networks, of the run in `folder`.

    Raises
    ------
    RunError
        It is missing, was changed, or was made from other networks or tables than there are now:
        says what is of what, and which notebook to run.
    """
    path, maker = folder / stages.place(name), stages.maker(name)
    if not path.exists():
        raise missing(path, maker, folder)
    _check(folder, name, set())
    return files.manifest(folder)["stages"][maker]["wrote"][name]


def check_run(folder: Path) -> None:
    """Raise RunError unless every table of a run, and its networks, are current.

    So that nothing is told of tables of different ages. A folder without a manifest is no run.
    """
    checked: set[str] = set()
    if files.manifest(folder)["stages"]:
        for name in (name for stage in stages.STAGES.values() for name in stage.writes):
            if name not in stages.MEASURED and (folder / stages.place(name)).exists():
                _check(folder, name, checked)


def _check(folder: Path, name: str, checked: set[str]) -> None:
    """Refuse what is not current; of `checked`, which grows, nothing is looked at again."""
    if name in checked:
        return
    checked.add(name)
    noted, maker = files.manifest(folder)["stages"], stages.maker(name)
    path = folder / stages.place(name)
    entry = noted.get(maker, {})
    wrote = entry.get("wrote", {}).get(name)
    # where it is not noted which networks were read, any there are now are others
    read = dict.fromkeys(stages.STAGES[maker].reads) | entry.get("read", {})
    again = f"run {maker} of run {_name(folder)!r}, and then what follows it"
    if path.exists() and wrote is None:
        raise RunError(
            f"{paths.shown(path)} is not noted in manifest.json as written by {maker}, so of "
            f"which networks it is cannot be told; {again}"
        )
    if path.exists() and checksum(path) != wrote:
        raise RunError(
            f"{paths.shown(path)} is not what {maker} wrote: it was changed or comes from another "
            f"run, or {maker} was interrupted; {again}"
        )
    for source, seen in read.items():
        last = _written_last(folder, noted, source)
        if seen != last and (last or ":" not in source):  # another run may be gone
            run, _, what = source.rpartition(":")
            differs = f"another {what} of run {run!r}" if run else f"other {what}"
            raise RunError(
                f"{paths.shown(path)} was made from {differs} than there are now; {again}"
            )
        if source in stages.WRITTEN:
            _check(folder, source, checked)


def _written_last(folder: Path, noted: dict[str, Any], source: str) -> str | None:
    """The checksum that is noted of what a stage read: images, models, a table of a run."""
    if source in (IMAGES, MODELS):
        return noted.get(FIRST, {}).get("read", {}).get(source)
    run, _, name = source.rpartition(":")
    committed = paths.COMMITTED_RUN.parent
    if run:
        beside = committed / run if folder.parent == committed else paths.found_run(run)
        noted = files.manifest(beside)["stages"]
    wrote = [entry.get("wrote", {}) for entry in noted.values()]
    return next((names[name] for names in reversed(wrote) if name in names), None)

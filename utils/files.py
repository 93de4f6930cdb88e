"""Files of a run: whole or not there at all, and one process at work on a stage."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from utils import paths

_held: dict[Path, FileLock] = {}


class WriteError(Exception):
    """A file that cannot be written."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path of the same name in a folder beside `path`, moved to it if all goes well.

    Raises WriteError for a full disk, or a folder that must not be written: what `path` held
    before is still there.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
            part = Path(folder) / path.name
            yield part
            os.replace(part, path)
    except OSError as error:
        raise unwritable(path, error) from None


def make_folder(path: Path) -> None:
    """The folder `path`, and those above it, if they are not there; raises WriteError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from None


def write_csv(path: Path, frame: pd.DataFrame, **how: Any) -> None:
    """A table, packed if `path` ends in .xz; the same frame always gives the same bytes."""
    with replacing(path) as part:
        frame.to_csv(part, index=False, lineterminator="\n", **how)


class ManifestError(ValueError):
    """A manifest.json that is damaged."""


def manifest(folder: Path) -> dict[str, Any]:
    """What was run in a folder, on what, and how long it took; without stages if nothing was.

    Raises ManifestError if the file is empty or damaged.
    """
    path = folder / "manifest.json"
    if not path.exists():
        return {"stages": {}}
    try:
        content = json.loads(path.read_text())
        _ = [stage["parameters"] for stage in content["stages"].values()]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ManifestError(
            f"{paths.shown(path)} is no manifest of a run; delete it, and run the notebooks of "
            "that run again"
        ) from None
    return content


def unwritable(path: Path, error: OSError) -> WriteError:
    """An error that says what cannot be written, why, and what to do."""
    return WriteError(
        f"cannot write {paths.shown(path)}: {error.strerror or error}; what was there before is "
        "untouched. Make room or give permission, and run this again"
    )


def hold(path: Path) -> None:
    """Keep the file `path` locked until `release`, or until this process ends, however it ends.

    Raises BlockingIOError with the number of the process that holds it; WriteError if the file
    cannot be made.
    """
    lock = _held.setdefault(path, FileLock(path))
    if lock.is_locked:  # a cell run once more
        return
    try:
        lock.acquire(timeout=0)
        path.write_text(str(os.getpid()))
    except Timeout:
        raise BlockingIOError(path.read_text() or "unknown") from None
    except OSError as error:
        raise unwritable(path, error) from None


def release(path: Path) -> None:
    """Let others have the file `path`."""
    if path in _held:
        _held.pop(path).release()

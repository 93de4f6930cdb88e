"""Where things are, whatever the working directory: nbval runs in the notebook's folder, papermill
in the caller's, JupyterLab anywhere."""

import os
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
DATA = ROOT / "data"
PUBLISHED = DATA / "published"
# runs and sweeps of which git has tables: only make publish and make others make them again
COMMITTED = ("mnist", "further", "last", "tanh", "relu", "fashion", "settings")
COMMITTED_RUN = DATA / "runs" / "mnist"
# what NumPy and zipfile raise for a damaged file or for one of another kind
UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def given(path: str) -> Path:
    """A path of the user's: ~ is their home, and it is relative to the repository."""
    return ROOT / Path(path).expanduser()


def runs() -> Path:
    """Folder of the runs: `NEURON_STUDY_RUNS`, or data/runs."""
    return given(os.environ.get("NEURON_STUDY_RUNS") or "data/runs")


def found_run(name: str) -> Path:
    """A run or sweep in the folder of runs, or else the one in git of that name."""
    own = runs() / name
    return own if own.exists() else COMMITTED_RUN.parent / name


def image_folders() -> list[Path]:
    """Folders searched for `<dataset>.npz`: data/, then `NEURON_STUDY_DATA` if it is set."""
    extra = os.environ.get("NEURON_STUDY_DATA")
    return [DATA, *([given(extra)] if extra else [])]


def find_file(name: str) -> tuple[Path | None, str]:
    """A file that a user names, and in words where it was looked for.

    name : absolute, or relative to the working directory or to a folder of images
    """
    places = [folder / Path(name).expanduser() for folder in (Path.cwd(), *image_folders())]
    found = next((place.resolve() for place in places if place.is_file()), None)
    return found, ", ".join(dict.fromkeys(map(shown, places)))  # an absolute name is every place


def shown(path: Path) -> str:
    """The path as messages and stored outputs show it: relative to the repository if inside it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)

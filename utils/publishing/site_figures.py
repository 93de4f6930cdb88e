"""Figures of the site: of each the sharpest file that there is."""

import base64
import io
import shutil
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat

from utils import paths

PNG = "image/png"
HEAVY = 1_000_000  # bytes of a file; more, and another is taken


def write(output: Any, file: Path, source: Path, folder: Path) -> None:
    """The sharpest there is of a figure: the run's file, that in git, or the notebook's image."""
    png = base64.b64decode(output.data[PNG])
    image = Image.open(io.BytesIO(png))
    output.width, output.height = image.size
    file.parent.mkdir(exist_ok=True)
    best = _of_run(folder / "figures", output.saved, source) or _in_git(
        folder, output.saved, image
    )
    output.file = f"figures/{file.name}{best.suffix if best else '.png'}"
    target = file.parent.parent / output.file
    if best:
        shutil.copyfile(best, target)
    else:
        target.write_bytes(png)


def _of_run(figures: Path, name: str, source: Path) -> Path | None:
    """The file that a notebook has saved; none that is younger than it, which another one made."""
    age = source.stat().st_mtime
    for path in (figures / f"{name}.svg", figures / f"{name}.png"):
        if path.is_file() and path.stat().st_mtime <= age and path.stat().st_size < HEAVY:
            return path
    return None


def _in_git(folder: Path, name: str, image: Image.Image) -> Path | None:
    """The committed run's figure in git, if it is the same picture."""
    path = paths.ROOT / "figures" / f"{name}.png"
    if folder != paths.COMMITTED_RUN or not path.is_file():
        return None
    theirs, ours = Image.open(path).convert("L").resize(image.size), image.convert("L")
    return path if ImageStat.Stat(ImageChops.difference(theirs, ours)).mean[0] < 3 else None

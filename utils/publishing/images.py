"""Images as git keeps them: in a palette, which takes a third of the bytes.

    python -m utils.publishing.images data/runs/mnist/figures figures

copies those that README and docs show. All others are in the notebooks' outputs.
"""

import base64
import io
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
from PIL import Image

from utils import files, paths

N_COLOURS = 128
BY_HAND = {"playground.png"}  # a picture of the page, which no notebook draws


def smaller(png: bytes) -> bytes:
    """The image in its N_COLOURS best colours, on white; one that is in a palette as it is.

    The same image gives the same bytes.
    """
    image = Image.open(io.BytesIO(png))
    if image.mode == "P":
        return png
    white = Image.new("RGBA", image.size, "white")
    opaque = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    packed = io.BytesIO()
    few = opaque.quantize(N_COLOURS, dither=Image.Dither.NONE)
    few.save(packed, "png", optimize=True)
    return packed.getvalue()


def shrink_outputs(notebook: nbformat.NotebookNode) -> None:
    """Every PNG among the outputs of a notebook `smaller`."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                png = smaller(base64.b64decode(output.data["image/png"]))
                output.data["image/png"] = base64.b64encode(png).decode()


def shown() -> set[str]:
    """Names of the figures that README and the pages in docs link to."""
    pages = [paths.ROOT / "README.md", *(paths.ROOT / "docs").glob("*.md")]
    links = re.compile(r"\]\((?:\.\./)?figures/([^)]+)\)")
    return {name for page in pages for name in links.findall(page.read_text())}


def copy(source: Path, target: Path, names: Iterable[str]) -> None:
    """Make `target` hold these figures of `source`, each `smaller`, and none but those BY_HAND."""
    files.make_folder(target)
    for path in target.iterdir():
        if path.name not in BY_HAND:
            path.unlink()
    for name in set(names) - BY_HAND:
        (target / name).write_bytes(smaller((source / name).read_bytes()))


if __name__ == "__main__":
    copy(*map(Path, sys.argv[1:]), shown())

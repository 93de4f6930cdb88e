"""Images as git keeps them: in a palette, which takes a third of the bytes.

    python -m utils.publishing.images data/runs/mnist/figures figures
    python -m utils.publishing.images check a-copy-of-the-run/figures notebooks/03-ablate.ipynb …

The first copies those that README and docs show, and notes of all what they are drawn of; those
that are not copied are in the notebooks' outputs. The second says which of those that the
notebooks save the code draws otherwise.
"""

import base64
import hashlib
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np
from PIL import Image

from utils import files, paths

N_COLOURS = 128
NOTED = paths.COMMITTED_RUN / "figures.txt"
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


def drawn(svg: Path) -> str:
    """Checksum of what a figure is drawn of: its elements in their order, their look and texts.

    Where they lie is left out, as last digits of sums do not have to be the same everywhere.
    """
    root = ElementTree.parse(svg).getroot()
    parts = [(part.tag, part.get("style"), (part.text or "").strip()) for part in root.iter()]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def note(source: Path, noted: Path = NOTED) -> None:
    """Note what each figure (SVG) in `source` is drawn of, a line a figure."""
    lines = [f"{checksum}  {name}\n" for name, checksum in _all_drawn(source).items()]
    noted.write_text("".join(lines))


def _all_drawn(source: Path) -> dict[str, str]:
    return {path.stem: drawn(path) for path in sorted(source.glob("*.svg"), key=lambda p: p.stem)}


def alike(png: bytes, other: bytes) -> bool:
    """Whether two images are the same, but for the grey of one pixel in 5,000."""
    one, two = (Image.open(io.BytesIO(data)).convert("L") for data in (png, other))
    if one.size != two.size:
        return False
    return bool((np.abs(np.subtract(one, two, dtype=int)) > 64).mean() <= 1 / 5000)


def saved(notebooks: Iterable[Path]) -> list[str]:
    """Names of the figures that notebooks save."""
    text = "".join(path.read_text(encoding="utf-8") for path in notebooks)
    return sorted(re.findall(r'save_figure\(\w+, \\"([\w-]+)\\"\)', text))


def others(source: Path, target: Path, names: Iterable[str], noted: Path = NOTED) -> Iterator[str]:
    """Which of these figures are not in git as they are in `source`, made by a run just now.

    Those in `target` by their pixels, all by what is `noted` of them.
    """
    lines = (line.split("  ") for line in noted.read_text().splitlines())
    names = set(names)
    before = {name: checksum for checksum, name in lines if name in names}
    now = _all_drawn(source)
    yield from sorted(name for name in before | now if before.get(name) != now.get(name))
    for path in sorted(target.glob("*.png")):
        new = source / path.name
        if path.stem in names and not (
            new.is_file() and alike(path.read_bytes(), smaller(new.read_bytes()))
        ):
            yield f"figures/{path.name}"


if __name__ == "__main__":
    first, second, *notebooks = sys.argv[1:]
    if first != "check":
        copy(Path(first), Path(second), shown())
        note(Path(first))
    elif found := [*others(Path(second), paths.ROOT / "figures", saved(map(Path, notebooks)))]:
        sys.exit(f"not as the code draws them: {', '.join(found)}; make publish draws them anew")

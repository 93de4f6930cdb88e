"""Images as git keeps them: in a palette, which takes a third of the bytes.

python -m utils.publishing.images data/runs/mnist/figures figures
"""

import base64
import io
import shutil
import sys
from pathlib import Path

import nbformat
from PIL import Image

N_COLOURS = 128


def smaller(png: bytes) -> bytes:
    """The image in its N_COLOURS best colours, on white; the same image, the same bytes."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    opaque = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
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


def copy(source: Path, target: Path) -> None:
    """Copy the figures in a folder into another, PNG `smaller`, others as they are."""
    for path in sorted(source.iterdir()):
        if path.suffix == ".png":
            (target / path.name).write_bytes(smaller(path.read_bytes()))
        else:
            shutil.copyfile(path, target / path.name)


if __name__ == "__main__":
    copy(*map(Path, sys.argv[1:]))

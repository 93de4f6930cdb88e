"""Images in git are smaller, and look the same."""

import base64
import io
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from utils import paths
from utils.drawing import style
from utils.publishing import images


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


@pytest.fixture
def drawn() -> bytes:
    """Lines on white, as anti-aliased as a figure's, and a fully transparent margin."""
    x, y = np.meshgrid(np.arange(300), np.arange(200))
    level = np.clip(255 * np.abs(np.sin((x + 2 * y) / 20)), 0, 255).astype(np.uint8)
    image = np.stack([level, np.full_like(level, 200), 255 - level // 2, 0 * level + 255], axis=2)
    image[:10, :, 3] = 0
    return png(image)


def test_colours_stay_within_a_few_levels(drawn):
    small = images.smaller(drawn)
    before = Image.open(io.BytesIO(drawn))
    white = Image.new("RGBA", before.size, "white")
    expected = np.asarray(Image.alpha_composite(white, before).convert("RGB")).astype(int)
    assert len(small) < len(drawn)
    assert Image.open(io.BytesIO(small)).mode == "P"
    assert np.abs(pixels(small) - expected).mean() < 2
    assert (pixels(small)[:10] == 255).all()
    assert images.smaller(drawn) == small == images.smaller(small)


def test_an_image_of_few_colours_is_unchanged():
    image = np.zeros((20, 30, 3), np.uint8)
    image[:, ::3] = (200, 30, 0)
    assert (pixels(images.smaller(png(image))) == image).all()


def test_every_image_of_a_notebook_and_nothing_else(drawn):
    encoded = base64.b64encode(drawn).decode()
    outputs = [
        new_output("display_data", {"image/png": encoded, "text/plain": "a figure"}),
        new_output("stream", text="as it was"),
    ]
    notebook = new_notebook(cells=[new_code_cell("draw()", outputs=outputs)])
    images.shrink_outputs(notebook)
    first, second = notebook.cells[0].outputs
    assert base64.b64decode(first.data["image/png"]) == images.smaller(drawn)
    assert (first.data["text/plain"], second.text) == ("a figure", "as it was")
    nbformat.validate(notebook)


def test_git_has_the_figures_that_pages_show_and_no_others(drawn, tmp_path):
    run, figures = tmp_path / "run", tmp_path / "figures"
    run.mkdir()
    figures.mkdir()
    (figures / "older.svg").write_text("of an older run")
    for name in ("a", "b"):
        (run / f"{name}.png").write_bytes(drawn)
    (figures / "playground.png").write_text("taken by hand")
    images.copy(run, figures, ["a.png", "playground.png"])
    assert sorted(path.name for path in figures.iterdir()) == ["a.png", "playground.png"]
    assert (figures / "playground.png").read_text() == "taken by hand"
    assert (figures / "a.png").read_bytes() == images.smaller(drawn)
    with pytest.raises(FileNotFoundError):
        images.copy(run, figures, ["of-no-notebook.png"])


@pytest.fixture
def published(tmp_path):
    """A function that draws a figure, into a run's folder of figures; one is in git."""

    def draw(folder: str, top: float, label: str = "share", colour: str = "red") -> Path:
        figure, ax = plt.subplots(figsize=(4, 3))
        ax.plot([0, 1], [0, top], color=colour)
        ax.set(xlabel=label, yticks=[0, top])
        style.save(figure, tmp_path / folder, "curves")
        plt.close(figure)
        return tmp_path / folder

    git = tmp_path / "git"
    images.copy(draw("run", 1), git, ["curves.png"])
    images.note(tmp_path / "run", tmp_path / "noted.txt")
    return lambda *how: [
        *images.others(draw("new", *how), git, ["curves"], tmp_path / "noted.txt")
    ]


def test_a_figure_that_the_code_draws_otherwise_is_named(published):
    assert published(1) == []
    assert published(1 + 1e-14) == []  # other last digits
    both = ["curves", "figures/curves.png"]
    for how in [(100,), (1, "fraction"), (1, "share", "blue")]:
        assert published(*how)[0] == "curves", how
    assert published(1, "fraction") == both


def test_a_figure_in_git_that_was_not_drawn_and_one_that_is_new_are_named(published, tmp_path):
    assert published(1) == []
    (tmp_path / "new" / "curves.svg").rename(tmp_path / "new" / "other.svg")
    (tmp_path / "new" / "curves.png").unlink()
    where = tmp_path / "new", tmp_path / "git"
    found = images.others(*where, ["curves"], tmp_path / "noted.txt")
    assert [*found] == ["curves", "other", "figures/curves.png"]
    not_asked = images.others(*where, ["other"], tmp_path / "noted.txt")
    assert [*not_asked] == ["other"]


def test_all_figures_of_the_notebooks_are_noted():
    noted = [line.split()[1] for line in images.NOTED.read_text().splitlines()]
    assert noted == images.saved(paths.NOTEBOOKS.glob("*.ipynb"))


def test_the_committed_figures_are_those_of_readme_and_docs():
    there = {path.name for path in (paths.ROOT / "figures").iterdir()}
    assert there | images.BY_HAND == images.shown() | images.BY_HAND
    assert "hero.png" in there
    assert len(there) <= 4

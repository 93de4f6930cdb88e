"""How a reader gets about: the line of notebooks at top and bottom of each, and its contents.

    python -m utils.publishing.navigation

writes them into the cells `navigation-top`, `contents` and `navigation-bottom` of all notebooks.
"""

import re
from pathlib import Path

import nbformat

from utils import paths

TOP, CONTENTS, BOTTOM = "navigation-top", "contents", "navigation-bottom"
PLACES = {TOP: 1, CONTENTS: 4, BOTTOM: None}  # below the heading, below "In short", at the end


def notebooks() -> dict[str, str]:
    """Names and headings of all notebooks, in their order."""
    files = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
    read = {path.stem: nbformat.read(path, as_version=4) for path in files}
    return {name: content.cells[0].source.removeprefix("# ") for name, content in read.items()}


def line(name: str, headings: dict[str, str]) -> str:
    """README and every notebook with its number and first word; this one in bold, not a link."""
    links = ["[README](../README.md)"]
    for other, heading in headings.items():
        number, _, title = heading.partition(" · ")
        short = f"{number} {title.split()[0]}" if title else number
        links.append(f"**{short}**" if other == name else f"[{short}]({other}.ipynb)")
    return " · ".join(links)


def contents(notebook: nbformat.NotebookNode) -> str:
    """The notebook's sections, each a link."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    sections = re.findall(r"^## (.+)$", "\n".join(sources), re.M)
    links = (f"[{section}](#{section.replace(' ', '-')})" for section in sections)
    return "**Contents.** " + " · ".join(links)


def refresh(path: Path, headings: dict[str, str]) -> nbformat.NotebookNode:
    """A notebook with its navigation as it should be."""
    notebook = nbformat.read(path, as_version=4)
    texts = dict.fromkeys((TOP, BOTTOM), line(path.stem, headings)) | {
        CONTENTS: contents(notebook)
    }
    for key, place in PLACES.items():
        cell = next((cell for cell in notebook.cells if cell.id == key), None)
        if cell is None:
            cell = nbformat.v4.new_markdown_cell(id=key)
            notebook.cells.insert(len(notebook.cells) if place is None else place, cell)
        cell.source = texts[key]
    return notebook


if __name__ == "__main__":
    names = notebooks()
    for name in names:
        file = paths.NOTEBOOKS / f"{name}.ipynb"
        nbformat.write(refresh(file, names), file)

"""Numbers in static prose are constants of the design; what a run found is said by code."""

import re
from pathlib import Path

import nbformat
import pytest

from utils import paths

# of the design, the data, the definitions and the papers; nothing that a run finds
CONSTANTS = {
    "images and networks": "10 28 784 100 1,000 5,000 10,000 50,000 60,000",
    "definitions and rules": "0 0.5 1 2 0.01 0.05 0.1 −0.01 −0.1 20 60 90 % 95 % 80 % 40 %",
    "papers": "1611.06211 1804.06679 1804.06679v1 2012 2014 2018 2022 52 200 0.002",
    "software": "3.11 3.13",
}
KNOWN = {number for text in CONSTANTS.values() for number in re.findall(r"[^\s%]+", text)}
HELD = sorted(path.stem for path in paths.NOTEBOOKS.glob("*.ipynb"))
# code, formulas, links, and names that hold a number: C1, Fig. 3, notebook 5, layer 1, B1 to B6
NAMES = re.compile(
    r"```.*?```|`[^`]*`|\$[^$]*\$|<!--.*?-->|\]\([^)]*\)|https?://\S+"
    r"|\b[A-Z]\d+b?\b|\b(?:figures?|Fig\.|notebooks?|layers?|L)\s?\d+(?:(?:, | and | to )\d+)*"
    r"|^\s*\d+\. |\[\d\b| \d · ",
    re.S | re.M | re.I,
)
NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,.]*(?:v\d)?(?<![,.])")


def numbers(text: str) -> list[str]:
    """Numbers in prose that are no constant."""
    return [found for found in NUMBER.findall(NAMES.sub(" ", text)) if found not in KNOWN]


def _cells(path: Path) -> dict[str, str]:
    cells = nbformat.read(path, as_version=4).cells[1:]
    texts = {cell.id: cell.source for cell in cells if cell.cell_type == "markdown"}
    return {cell: text for cell, text in texts.items() if not cell.startswith("navigation")}


@pytest.mark.parametrize("name", HELD)
def test_a_notebooks_prose_has_no_number_that_a_run_could_change(name):
    cells = _cells(paths.NOTEBOOKS / f"{name}.ipynb")
    assert not {cell: found for cell, text in cells.items() if (found := numbers(text))}


def test_readme_has_such_numbers_in_its_blocks_only():
    text = (paths.ROOT / "README.md").read_text()
    outside = re.sub(r"<!-- (\S+): made by.*?<!-- end of \1 -->", "", text, flags=re.S)
    assert numbers(outside) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("C1 falls by 0.054 [−0.2, 0.1] in layer 1", ["0.054", "−0.2"]),
        ("a 95 % interval, `n = 7`, $2^{13}$, Fig. 3, notebooks 1 to 5, L2, 10,000 images", []),
        ("nine of 17 networks.", ["17"]),
    ],
)
def test_what_counts_as_a_number(text, found):
    assert numbers(text) == found

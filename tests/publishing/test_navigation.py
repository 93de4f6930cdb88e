"""The line of notebooks and the contents at the top are those of the notebooks as they are."""

import nbformat
import pytest

from utils import paths
from utils.publishing import navigation


@pytest.mark.parametrize("path", sorted(paths.NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_every_notebook_leads_to_all_others_and_to_its_sections(path):
    fresh = navigation.refresh(path, navigation.notebooks())
    assert nbformat.read(path, as_version=4) == fresh
    assert [fresh.cells[1].id, fresh.cells[-1].id] == ["navigation-top", "navigation-bottom"]


def test_a_line_has_this_notebook_in_bold_and_the_others_as_links():
    headings = {"01-train": "1 · Train the networks", "appendix": "Four mistakes"}
    assert navigation.line("01-train", headings) == (
        "[README](../README.md) · **1 Train** · [Four mistakes](appendix.ipynb)"
    )


def test_contents_are_the_sections_once_each():
    cells = [nbformat.v4.new_markdown_cell("# 1 · T"), nbformat.v4.new_markdown_cell("## One bit")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert navigation.contents(notebook) == "**Contents.** [One bit](#One-bit)"

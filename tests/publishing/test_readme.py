"""README.md and the pages say what the committed run and the list of stages say."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from utils import paths
from utils.publishing import readme
from utils.study import stages
from utils.study.provenance import MIME

RUN = paths.COMMITTED_RUN
README, DATA_README = paths.ROOT / "README.md", paths.DATA / "README.md"
PAGE = paths.ROOT / "docs" / "results.md"
MARKED = re.findall("<!-- end of (.+) -->", PAGE.read_text())


@pytest.fixture(scope="module")
def results() -> dict[str, list[str]]:
    return readme.results(RUN)


@pytest.fixture
def copy(tmp_path):
    """A copy of the page of results to be changed."""
    return Path(shutil.copy(PAGE, tmp_path))


def _edited(path, pattern: str, by: str):
    text, n_changes = re.subn(pattern, by, path.read_text())
    assert n_changes == 1
    path.write_text(text)


def test_readme_and_the_pages_show_the_committed_run(results):
    answers = readme.answers(RUN)
    assert readme.with_blocks(README, answers) == README.read_text()
    assert readme.with_blocks(PAGE, results) == PAGE.read_text()
    assert set(results) == {*stages.STAGES, "cases"} & {*MARKED}
    assert len(answers["answer"]) == 4


def test_readmes_answer_is_that_at_the_top_of_notebook_06():
    notebook = nbformat.read(paths.NOTEBOOKS / "06-verdict.ipynb", as_version=4)
    top = next(cell for cell in notebook.cells if cell.id == "in-short")
    said = top.outputs[0].data["text/markdown"].removeprefix("**In short.**\n\n- ")
    answer = readme.answers(RUN)["answer"]
    assert [line.partition(" ")[2] for line in answer] == said.split("\n- ")


def test_the_tables_of_a_run_are_described_as_the_list_of_stages_has_them():
    text = DATA_README.read_text()
    assert readme.with_blocks(DATA_README, readme.tables()) == text
    for table in stages.TABLES.values():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{table.file}`"))
        for column in table.columns:
            assert re.search(rf"\b{column}\b", line), (table.file, column)
            assert re.search(rf"^\| `{column}` \|", text, re.M)


def test_a_wrong_number_is_put_right(results, copy):
    _edited(copy, r"test accuracy 0\.\d{4} on average", "test accuracy 0.1234 on average")
    assert readme.with_blocks(copy, results) == PAGE.read_text()


START, END = readme.MARKS
DAMAGES = {
    "no start": (START, ""),
    "a start cut short": (START, START[:-10]),
    "no end": (END, ""),
    "two ends": (END, END + END),
    "an end for the start": (START, END),
    "a start for the end": (END, START),
}


@pytest.mark.parametrize("stage", ["01-train", "06-verdict", "cases"])
@pytest.mark.parametrize(("mark", "by"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_missing_mark_is_named(results, copy, stage, mark, by):
    _edited(copy, re.escape(mark.format(stage)), by.replace("{}", stage))
    with pytest.raises(ValueError, match=rf"results.md: the block {stage} must be between"):
        readme.with_blocks(copy, results)


def test_a_mark_around_another_block_is_named(results, copy):
    _edited(copy, "\n<!-- end of 06-verdict -->", "")
    _edited(copy, "<!-- end of 03-ablate -->", r"\g<0>\n<!-- end of 06-verdict -->")
    with pytest.raises(ValueError, match="06-verdict"):
        readme.with_blocks(copy, results)


@pytest.mark.parametrize("gone", sorted({*stages.STAGES} & {*MARKED[1:]}))
def test_the_block_of_a_stage_that_is_taken_away_stays_as_it_is(monkeypatch, copy, gone):
    monkeypatch.setattr(stages, "WRITTEN", stages.WRITTEN - {*stages.STAGES[gone].writes})
    monkeypatch.delitem(stages.STAGES, gone)
    _edited(copy, rf"(<!-- {gone}: .*\n)", r"\1As it was.\n")
    _edited(copy, r"test accuracy 0\.\d{4} on average", "test accuracy 0.1234 on average")
    text = readme.with_blocks(copy, readme.results(RUN))
    assert text.replace("As it was.\n", "") == PAGE.read_text()
    assert "As it was." in text
    assert readme.with_blocks(DATA_README, readme.tables()) == DATA_README.read_text()


def _published(notebook, folder) -> nbformat.NotebookNode:
    nbformat.write(notebook, folder / "executed.ipynb")
    readme.notebook(folder / "executed.ipynb", folder / "target.ipynb")
    return nbformat.read(folder / "target.ipynb", as_version=4)


def test_a_published_notebook_has_nothing_that_changes_from_run_to_run(tmp_path):
    texts = {"<Comparison at 0x7f8e1174eb90>": {}, "3.5 seconds": {MIME: {"wrote": {"a": "b"}}}}
    outputs = [
        new_output("execute_result", {"text/plain": text, **more}) for text, more in texts.items()
    ]
    metadata = {"tags": ["parameters"], "papermill": {"duration": 1.5}, "editable": True}
    cell = new_code_cell("1", metadata=metadata, outputs=outputs)
    metadata = {"papermill": {"input_path": "x"}, "widgets": {"b": {}}, "a": 1}
    metadata |= {"language_info": {"name": "python", "version": "3.11.7"}}
    metadata |= {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    found = _published(new_notebook(cells=[cell], metadata=metadata), tmp_path)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    language = {"name": "python"}
    assert found.metadata == {"a": 1, "language_info": language, "kernelspec": kernel}
    assert found.cells[0].metadata == {"tags": ["parameters"]}
    data = [output.data for output in found.cells[0].outputs]
    finished = {"text/plain": "finished", MIME: {"wrote": {"a": "b"}}}
    assert data == [{"text/plain": "<Comparison>"}, finished]


@pytest.mark.parametrize("path", sorted(paths.NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_the_notebooks_in_git_are_published_ones(path, tmp_path):
    readme.notebook(path, tmp_path / "again.ipynb")
    assert (tmp_path / "again.ipynb").read_bytes() == path.read_bytes()


def test_readme_is_short_and_links_resolve():
    """Links to notebooks are looked at with the notebooks."""
    assert len(README.read_text().splitlines()) <= 130
    for page in (README, DATA_README, *PAGE.parent.glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http") and not target.endswith(".ipynb"):
                assert (page.parent / target).exists(), (page.name, target)


def test_links_to_sections_of_a_notebook_lead_to_one():
    links = re.findall(r"\]\((notebooks/[^)#]+)#([^)]+)\)", README.read_text())
    assert links
    for file, section in links:
        cells = nbformat.read(paths.ROOT / file, as_version=4).cells
        headings = re.findall(r"^## (.+)$", "\n".join(cell.source for cell in cells), re.M)
        assert section.replace("-", " ") in headings


def test_terms_are_in_the_order_of_the_alphabet():
    terms = re.findall(r"^\*\*(.+?)\*\*", (PAGE.parent / "glossary.md").read_text(), re.M)
    assert len(terms) > 30
    assert terms == sorted(terms, key=str.lower)

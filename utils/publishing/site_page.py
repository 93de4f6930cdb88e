"""One notebook as a page of the site: what stands above a figure or table becomes its caption.

Cells that only serve whoever runs the notebook are left out by their tags: `remove-cell`,
`remove-input` and `remove-output`. Figures and tables are files of the site, too.
"""

import csv
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbconvert.preprocessors import TagRemovePreprocessor

from utils import paths
from utils.publishing import navigation, site_figures, site_tables
from utils.study import provenance

REMOVE = TagRemovePreprocessor(
    remove_cell_tags={"remove-cell"},
    remove_input_tags={"remove-input"},
    remove_all_outputs_tags={"remove-output"},
)
NO_CAPTION = re.compile(r"\$\$|[*+-] |\d+[.)] |[#>|]|```")
DRAWN = re.compile(
    r"(?i)\b(figures? (has|shows|counts)|left|right|axis|shown|picture|map|"
    r"(line|point|row|column|panel|bar|violin|tile|dot|mark|diamond|image)s?)\b"
)
FINDING = "> **Finding.** "
HTML, MARKDOWN = "text/html", "text/markdown"


class SiteError(Exception):
    """A run that holds nothing to make pages of."""


class Page(NamedTuple):
    """One notebook: its file in the site, and its second-level headings, id and HTML of each.

    short : what it found, as HTML; hero : the study's picture, as HTML, where it is drawn
    """

    file: str
    title: str
    question: str
    contents: list[tuple[str, str]]
    body: str
    short: str
    hero: str


def page(
    source: Path, folder: Path, site: Path, exporter: HTMLExporter, noted: dict[str, Any]
) -> Page:
    """The executed notebook `source` of the run in `folder`; writes its files into `site`.

    Refused if it shows other tables than are `noted` of the run now.
    """
    notebook = nbformat.read(source, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    finished = [output.get("data", {}).get(provenance.MIME) for output in outputs]
    if any(shown and shown["wrote"] != noted.get("wrote") for shown in finished):
        raise SiteError(
            f"{paths.shown(source)} shows other tables than the run has now; run {source.stem} "
            "again by the workflow (make study, or make publish)"
        )
    shutil.copy(source, site)
    notebook, _ = REMOVE.preprocess(notebook, {})
    # a page has a navigation of its own
    cells = [cell for cell in notebook.cells if cell.get("id") not in navigation.PLACES]
    notebook.cells = cells
    markdown = exporter.filters["markdown2html"]
    texts = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", texts, re.M)
    question = re.search(r"\*\*Question\.\*\* (.+?\?)(?=\s)", texts, re.S)
    short = [of_type(cell, MARKDOWN) for cell in cells if cell.get("id") == "in-short"]
    section = name = title[1] if title else source.stem
    numbers = {"Figure": 0, "Table": 0}
    findings, previous = _findings(cells), nbformat.from_dict({"cell_type": "raw"})
    for cell, finding in zip(cells, findings, strict=True):
        if cell.cell_type == "markdown":
            section = [section, *re.findall(r"^#+ (.+)$", cell.source, re.M)][-1]
        for output in cell.get("outputs", []):
            if not (kind := _shown(output)):
                continue
            numbers[kind] += 1
            lead = _lead(previous)
            previous = cell
            output.name = f"{kind} {numbers[kind]}"
            output.id = output.name.lower().replace(" ", "-")
            caption = re.sub(":$", ".", lead) or ("" if "<details" in str(output) else section)
            output.caption = _inline(markdown(caption))
            file = f"{source.stem}-{output.id}"
            if kind == "Table":
                _write_table(output, site / "tables" / f"{file}.csv")
                continue
            said = plain(markdown(lead)) or section
            drawn = _drawn(said) if finding else said
            output.alt = f"{drawn.rstrip('.:')}. {plain(markdown(finding))}".strip()
            saved = re.search(r'save_figure\(\w+, "([\w-]+)"', cell.source)
            output.saved = saved[1] if saved else ""
            site_figures.write(output, site / "figures" / file, source, folder)
        previous = cell
    body, _ = exporter.from_notebook_node(notebook)
    hero = re.search('<figure class="picture" data-name="hero".*?</figure>', body, re.S)
    return Page(
        f"{source.stem}.html", name, plain(markdown(question[1])) if question else "",
        re.findall(r'<h2 id="(.*?)">(.*?) <a ', body), body,
        markdown("".join(short).removeprefix("**In short.**")), hero[0] if hero else "",
    )  # fmt: skip


def of_type(cell: Any, mime: str) -> str:
    """What the outputs of a cell are in one of the types that they have."""
    return "".join(output.get("data", {}).get(mime, "") for output in cell.get("outputs", []))


def plain(html: str) -> str:
    """The text of HTML, in one line."""
    return site_tables.text(BeautifulSoup(html, "html.parser"))


def _shown(output: Any) -> str:
    """Figure or Table, where an output is one."""
    data = output.get("data", {})
    return (
        "Figure" if site_figures.PNG in data else "Table" if "<table" in data.get(HTML, "") else ""
    )


def _findings(cells: list[Any]) -> list[str]:
    """For each cell the next finding of its section, its lead without details."""
    found, finding = [], ""
    for cell in reversed(cells):
        said = [of_type(cell, MARKDOWN)] if cell.cell_type == "code" else []
        said = [text for text in said if text.startswith(FINDING)]
        finding = said[0].removeprefix(FINDING).split("\n>\n")[0] if said else finding
        found.append(finding)
        if cell.cell_type == "markdown" and re.search("^## ", cell.source, re.M):
            finding = ""
    return found[::-1]


def _lead(cell: Any) -> str:
    """Take the last paragraph off a cell of text; empty where it is no paragraph.

    A line that says where the code is stays.
    """
    *before, last = cell.get("source", "").strip().split("\n\n")
    code = [last] if last.startswith("Code:") else []
    if code:
        last = before.pop()
    if cell.cell_type != "markdown" or NO_CAPTION.match(last):
        return ""
    cell.source = "\n\n".join(before + code)
    return last


def _inline(html: str) -> str:
    return re.sub(r"^<p>|</p>$", "", html.strip())


def _drawn(lead: str) -> str:
    """The sentences that say what is drawn, or all where none does."""
    sentences = re.split(r"(?<=[.?]) (?=[A-Z])", lead)
    return " ".join(filter(DRAWN.search, sentences)) or lead


def _write_table(output: Any, file: Path) -> None:
    output.data[HTML], rows = site_tables.fitted(output.data[HTML])
    file.parent.mkdir(exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(rows)
    output.file = f"tables/{file.name}"

"""A run as web pages that need no server and no network: `python -m utils.report [run]`.

A page a notebook and an index with the verdicts, in site/<run>/; of a sweep, an index of its runs
and the pages of each. nbconvert makes the cells, with the templates in utils/pages; formulas
become MathML, which browsers draw by themselves, and a policy in every page lets nothing be
fetched from elsewhere.
"""

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pandas as pd
from latex2mathml.converter import convert_to_element
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from utils import paths, verdicts

SITE = paths.ROOT / "site"
TEMPLATES = Path(__file__).parent
NOTEBOOKS = "[0-9][0-9]-*.ipynb"


class ReportError(Exception):
    """A run that holds nothing to make pages of."""


@dataclass
class Page:
    """One notebook: its file in the site, its title, and its second-level headings."""

    file: str
    title: str
    question: str = ""
    contents: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""


class _Renderer(IPythonRenderer):
    """Markdown of a notebook: formulas as MathML, links to pages, headings noted in `page`."""

    def __init__(self, page: Page, files: set[str]) -> None:
        super().__init__(escape=False)
        self.page, self.files = page, files

    def heading(self, text: str, level: int, **_: Any) -> str:
        name = re.sub(r"\W+", "-", re.sub("<[^>]+>", "", text).lower()).strip("-")
        if level == 2:
            self.page.contents.append((name, text))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """To another page, or to the web; a file that is not in the site is named, not linked."""
        target = re.sub(r"\.ipynb(?=$|#)", ".html", url)
        if target.split("#")[0] in self.files or re.match("#|https?:|mailto:", url):
            return super().link(text, target, title)
        return text

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return f'<span class="formula">{mathml(body, "block")}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def mathml(tex: str, display: str) -> str:
    """A formula as MathML, with the spaces that TeX leaves around names of functions."""
    formula = convert_to_element(tex, display=display)
    for part in formula.iter():
        part.text = text = unescape(part.text or "")  # the converter writes entities
        if part.tag in ("mi", "mo") and len(text) > 1 and text.isalpha():
            part.tag = "mo"
            part.attrib |= {"lspace": "0.17em", "rspace": "0.17em"}
        elif text in ("|", "/"):
            part.attrib |= {"lspace": "0", "rspace": "0"}
    for part in formula.iter("msub"):
        if display == "block" and part[0].text in ("max", "min"):
            part.tag = "munder"
    return ElementTree.tostring(formula, "unicode")


def page(notebook: nbformat.NotebookNode, file: str, files: set[str]) -> Page:
    """One executed notebook as a page; `files`: all pages of the site, which links may lead to."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    title = re.search(r"^# (.+)$", "\n".join(texts), re.M)
    question = re.search(r"\*\*Question\.\*\* (.+?\?)", "\n".join(texts), re.S)
    found = Page(file, title[1] if title else file, question[1] if question else "")
    section = found.title
    for cell in notebook.cells:
        headings = re.findall(r"^#+ (.+)$", cell.source, re.M)
        section = headings[-1] if cell.cell_type == "markdown" and headings else section
        cell.alt = f"Figure of the section: {section}"
    renderer = _Renderer(found, files)
    found.body, _ = _exporter(
        markdown2html=lambda source: MarkdownWithMath(renderer).render(source)
    ).from_notebook_node(notebook)
    return found


def _exporter(**filters: Any) -> HTMLExporter:
    return HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="pages",
        template_file="cells.html.j2",
        filters=filters,
    )


def write(folder: Path, notebooks: Path, site: Path, above: str = "") -> None:
    """The pages of the run or sweep in `folder` into the new folder `site`.

    notebooks: folder of its executed notebooks. above: name of the sweep it belongs to, if any.
    """
    sources = sorted(notebooks.glob(NOTEBOOKS))
    runs = [run.parent for run in sorted(folder.glob("*/manifest.json"))]
    runs = [run for run in runs if any(run.glob(NOTEBOOKS))]
    if not sources and not runs:
        raise ReportError(
            f"{paths.shown(folder)} holds no executed notebook, nor runs that do; "
            f"make one with: make study RUN={folder.name}"
        )
    site.mkdir(parents=True)
    files = {source.with_suffix(".html").name for source in sources}
    pages = [
        page(nbformat.read(source, as_version=4), source.with_suffix(".html").name, files)
        for source in sources
    ]
    name = f"run {folder.name}" if (folder / "manifest.json").exists() else f"sweep {folder.name}"
    shared = {"site": name, "pages": pages, "above": above}
    environment = _exporter().environment
    template = environment.get_template("page.html.j2")
    for before, this, after in zip([None, *pages], pages, [*pages[1:], None], strict=False):
        around = {"before": before, "after": after}
        text = template.render(**shared, **around, **vars(this))
        (site / this.file).write_text(text, "utf-8")
    for run in runs:
        write(run, run, site / run.name, above=folder.name)
    index = environment.get_template("index.html.j2").render(
        **shared, file="index.html", title=name, summary=summary(folder),
        verdicts=overview(folder), runs=[(run.name, overview(run)) for run in runs],
    )  # fmt: skip
    (site / "index.html").write_text(index, "utf-8")
    (site / "style.css").write_text("\n".join(_style()), "utf-8")
    if (folder / "claims.csv").exists():
        shutil.copy(folder / "claims.csv", site)


def overview(folder: Path) -> pd.DataFrame | None:
    """The verdict table of a run; None if notebook 06 has not been run."""
    path = folder / "claims.csv"
    return verdicts.overview(pd.read_csv(path)) if path.exists() else None


def summary(folder: Path) -> str:
    """What was trained, in a line; empty for a sweep."""
    path = folder / "manifest.json"
    stages = json.loads(path.read_text())["stages"] if path.exists() else {}
    if "01-train" not in stages:
        return ""
    p = stages["01-train"]["parameters"]
    return (
        f"{p['n_replicates']} networks with {'-'.join(map(str, p['hidden']))} {p['activation']} "
        f"neurons, trained on {p['dataset']} for {p['epochs']} epochs."
    )


def _style() -> Iterator[str]:
    """The style sheet, with the colours of code by day and by night."""
    yield (TEMPLATES / "pages" / "style.css").read_text("utf-8")
    yield HtmlFormatter(style="default").get_style_defs(".highlight")
    night = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    yield f"@media (prefers-color-scheme: dark) {{\n{night}\n}}"


def build(run: str = "", site: Path = SITE) -> Path:
    """The pages of a run or sweep, in place of earlier ones; without a name, of the published run.

    Returns the index.
    """
    folder = paths.runs() / run if run else paths.PUBLISHED_RUN
    if not folder.is_dir():
        raise ReportError(f"there is no run {run!r}: {paths.shown(folder)} does not exist")
    notebooks = paths.NOTEBOOKS if not run else folder
    site.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site, prefix=".") as part:
        write(folder, notebooks, Path(part) / folder.name)
        target = site / folder.name
        shutil.rmtree(target, ignore_errors=True)
        (Path(part) / folder.name).rename(target)
    return target / "index.html"


if __name__ == "__main__":
    try:
        index = build(*sys.argv[1:])
    except ReportError as error:
        sys.exit(f"make html: {error}")
    size = sum(file.stat().st_size for file in index.parent.rglob("*") if file.is_file())
    print(f"{paths.shown(index)}: {size / 1e6:.1f} MB. Open it in a browser:\n  {index.as_uri()}")

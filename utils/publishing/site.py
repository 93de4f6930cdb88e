"""A run as web pages that need no server and no network: `python -m utils.publishing.site [run]`.

A page a notebook, an index with the verdicts, and the run's playground if it has one, in
site/<run>/; of a sweep, an index of its runs and the pages of each. nbconvert makes the cells;
formulas become MathML, which browsers draw by themselves, and a policy in every page lets nothing
be fetched from elsewhere.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pandas as pd
from jinja2 import Environment, FileSystemLoader
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from pygments.formatters import HtmlFormatter

from utils import paths
from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.files import ManifestError, manifest
from utils.playground import page as playground
from utils.publishing import navigation
from utils.publishing.site_markdown import Renderer
from utils.study import provenance

TEMPLATES = Path(__file__).parent / "pages"
NAME = re.compile(r"\d\d-|appendix-")


class SiteError(Exception):
    """A run that holds nothing to make pages of."""


class Page(NamedTuple):
    """One notebook: its file in the site, and its second-level headings, id and HTML of each."""

    file: str
    title: str
    question: str
    contents: list[tuple[str, str]]
    body: str


def page(source: Path, exporter: HTMLExporter, noted: dict[str, Any]) -> Page:
    """One executed notebook; refused if it shows other tables than are `noted` of the run now."""
    notebook = nbformat.read(source, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    finished = [output.get("data", {}).get(provenance.MIME) for output in outputs]
    if any(shown and shown["wrote"] != noted.get("wrote") for shown in finished):
        raise SiteError(
            f"{paths.shown(source)} shows other tables than the run has now; run {source.stem} "
            "again by the workflow (make study, or make publish)"
        )
    # a page has a navigation of its own
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in navigation.PLACES]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", text, re.M)
    question = re.search(r"\*\*Question\.\*\* (.+?\?)", text, re.S)
    section = name = title[1] if title else source.stem
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = [section, *re.findall(r"^#+ (.+)$", cell.source, re.M)][-1]
        cell.alt = f"Figure of the section: {section}"
    body, _ = exporter.from_notebook_node(notebook)
    contents = re.findall(r'<h2 id="(.*?)">(.*?)</h2>', body)
    return Page(f"{source.stem}.html", name, question[1] if question else "", contents, body)


def sentences(table: str) -> str:
    """An HTML table whose sentences may be broken into lines; everything else may not."""
    return re.sub(r"<td>([A-Z][^<]+\.)</td>", r'<td class="words">\1</td>', table)


def _notebooks(folder: Path) -> list[Path]:
    """Those of stages, in order; not what else somebody keeps beside them."""
    return [path for path in sorted(folder.glob("*.ipynb")) if NAME.match(path.stem)]


def write(folder: Path, site: Path, above: str = "") -> None:
    """The pages of the run or sweep in `folder` into the new folder `site`.

    `above`: name of the sweep it belongs to, if any.
    """
    notebooks = paths.NOTEBOOKS if folder == paths.COMMITTED_RUN else folder
    sources = _notebooks(notebooks)
    runs = [run.parent for run in sorted(folder.glob("*/manifest.json"))]
    runs = [run for run in runs if _notebooks(run)]
    if not sources and not runs:
        raise SiteError(
            f"{paths.shown(folder)} holds no executed notebook, nor runs that do; "
            f"make one with: make study RUN={folder.name}"
        )
    provenance.check_run(folder)
    site.mkdir(parents=True)
    stages, verdicts = manifest(folder)["stages"], overview(folder)
    played = {playground.FILE} if playground.current(folder) else set()
    renderer = MarkdownWithMath(Renderer({f"{source.stem}.html" for source in sources} | played))
    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES.parent)],
        template_name=TEMPLATES.name,
        template_file="cells.html.j2",
        filters={"markdown2html": renderer.render, "sentences": sentences},
    )
    pages = [page(source, exporter, stages.get(source.stem, {})) for source in sources]
    name = f"{'run' if stages else 'sweep'} {folder.name}"
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    templates.globals |= {"site": name, "above": above, "pages": pages}
    for this in pages:
        text = templates.get_template("page.html.j2").render(this._asdict())
        (site / this.file).write_text(text, "utf-8")
    index = templates.get_template("index.html.j2").render(
        file="index.html", title=name, trained=stages.get("01-train"), verdicts=verdicts,
        runs=[(run.name, overview(run)) for run in runs], counts=judging.VERDICTS,
        words=judging.WORDS, played=played,
    )  # fmt: skip
    (site / "index.html").write_text(index, "utf-8")
    (site / "style.css").write_text(_style(), "utf-8")
    for file in [*played, *(["claims.csv"] if verdicts is not None else [])]:
        shutil.copy(folder / file, site)
    for run in runs:
        write(run, site / run.name, above=folder.name)


def overview(folder: Path) -> pd.DataFrame | None:
    """The verdict table of a run; None of a sweep, and if notebook 06 has not been run."""
    path = folder / "claims.csv"
    if not path.exists() or not manifest(folder)["stages"]:
        return None
    return judging.overview(pd.read_csv(path), CLAIMS)


def _style() -> str:
    """The style sheet, with the colours of code by day and by night."""
    day, night = (
        HtmlFormatter(style=name).get_style_defs(".highlight")
        for name in ("default", "github-dark")
    )
    ours = (TEMPLATES / "style.css").read_text("utf-8")
    return f"{ours}\n{day}\n@media (prefers-color-scheme: dark) {{\n{night}\n}}"


def build(run: str = "", site: Path = paths.ROOT / "site") -> Path:
    """The pages of a run or sweep, in place of earlier ones; without a name, of the committed run.

    Returns the index.
    """
    folder = paths.runs() / run if run else paths.COMMITTED_RUN
    if not folder.is_dir():
        raise SiteError(f"there is no run {run!r}: {paths.shown(folder)} does not exist")
    site.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site, prefix=".") as part:
        write(folder, Path(part) / folder.name)
        target = site / folder.name
        shutil.rmtree(target, ignore_errors=True)
        (Path(part) / folder.name).rename(target)
    return target / "index.html"


if __name__ == "__main__":
    try:
        index = build(*sys.argv[1:])
    except (SiteError, provenance.RunError, ManifestError) as error:
        sys.exit(f"make html: {error}")
    size = sum(file.stat().st_size for file in index.parent.rglob("*") if file.is_file())
    print(f"{paths.shown(index)}: {size / 1e6:.1f} MB. Open it in a browser:\n  {index.as_uri()}")

"""A run as web pages that need no server and no network: `python -m utils.publishing.site [run]`.

A page a notebook and an index with the verdicts, in site/<run>/; of a sweep, an index of its runs
and the pages of each. nbconvert makes the cells; formulas become MathML, which browsers draw by
themselves, and a policy in every page lets nothing be fetched from elsewhere.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

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
from utils.publishing.site_markdown import Page, Renderer
from utils.study import provenance

TEMPLATES = Path(__file__).parent / "pages"
NOTEBOOKS = "[0-9][0-9]-*.ipynb"


class SiteError(Exception):
    """A run that holds nothing to make pages of."""


def page(source: Path, files: set[str]) -> Page:
    """One executed notebook as a page; `files`: all pages of the site, which links may lead to."""
    notebook = nbformat.read(source, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", text, re.M)
    question = re.search(r"\*\*Question\.\*\* (.+?\?)", text, re.S)
    file = source.with_suffix(".html").name
    this = Page(file, title[1] if title else file, question[1] if question else "")
    section = this.title
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = [section, *re.findall(r"^#+ (.+)$", cell.source, re.M)][-1]
        cell.alt = f"Figure of the section: {section}"
    renderer = MarkdownWithMath(Renderer(this, files))
    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES.parent)],
        template_name=TEMPLATES.name,
        template_file="cells.html.j2",
        filters={"markdown2html": renderer.render, "sentences": sentences},
    )
    this.body, _ = exporter.from_notebook_node(notebook)
    return this


def sentences(table: str) -> str:
    """An HTML table whose sentences may be broken into lines; everything else may not."""
    return re.sub(r"<td>([A-Z][^<]+\.)</td>", r'<td class="words">\1</td>', table)


def write(folder: Path, site: Path, above: str = "") -> None:
    """The pages of the run or sweep in `folder` into the new folder `site`.

    `above`: name of the sweep it belongs to, if any.
    """
    notebooks = paths.NOTEBOOKS if folder == paths.COMMITTED_RUN else folder
    sources = sorted(notebooks.glob(NOTEBOOKS))
    runs = [run.parent for run in sorted(folder.glob("*/manifest.json"))]
    runs = [run for run in runs if any(run.glob(NOTEBOOKS))]
    if not sources and not runs:
        raise SiteError(
            f"{paths.shown(folder)} holds no executed notebook, nor runs that do; "
            f"make one with: make study RUN={folder.name}"
        )
    provenance.check_run(folder)
    for source in sources:
        _check_age(source, manifest(folder)["stages"])
    site.mkdir(parents=True)
    files = {source.with_suffix(".html").name for source in sources}
    pages = [page(source, files) for source in sources]
    verdicts, stages = overview(folder), manifest(folder)["stages"]
    name = f"{'run' if stages else 'sweep'} {folder.name}"
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    templates.globals |= {"site": name, "above": above, "pages": pages}
    for this in pages:
        text = templates.get_template("page.html.j2").render(vars(this))
        (site / this.file).write_text(text, "utf-8")
    index = templates.get_template("index.html.j2").render(
        file="index.html", title=name, trained=stages.get("01-train"), verdicts=verdicts,
        runs=[(run.name, overview(run)) for run in runs],
    )  # fmt: skip
    (site / "index.html").write_text(index, "utf-8")
    (site / "style.css").write_text(_style(), "utf-8")
    if verdicts is not None:
        shutil.copy(folder / "claims.csv", site)
    for run in runs:
        write(run, site / run.name, above=folder.name)


def _check_age(source: Path, noted: dict[str, Any]) -> None:
    """Refuse an executed notebook that shows other tables than the run has now."""
    cells = nbformat.read(source, as_version=4).cells
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    for shown in (data[provenance.MIME] for data in outputs if provenance.MIME in data):
        if shown["wrote"] != noted.get(source.stem, {}).get("wrote"):
            raise SiteError(
                f"{paths.shown(source)} shows other tables than the run has now; run "
                f"{source.stem} again by the workflow (make study, or make publish)"
            )


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

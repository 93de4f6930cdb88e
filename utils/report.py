"""A run as web pages that need no server and no network: `python -m utils.report [run]`.

A page a notebook and an index with the verdicts, in site/<run>/; of a sweep, an index of its runs
and the pages of each. nbconvert makes the cells, with the templates in utils/pages; formulas
become MathML, which browsers draw by themselves, and a policy in every page lets nothing be
fetched from elsewhere.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from pygments.formatters import HtmlFormatter

from utils import paths, verdicts
from utils.files import manifest
from utils.report_markdown import Page, Renderer

SITE = paths.ROOT / "site"
TEMPLATES = Path(__file__).parent
NOTEBOOKS = "[0-9][0-9]-*.ipynb"


class ReportError(Exception):
    """A run that holds nothing to make pages of."""


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
    renderer = Renderer(found, files)
    found.body, _ = _exporter(
        markdown2html=lambda source: MarkdownWithMath(renderer).render(source),
        sentences=sentences,
    ).from_notebook_node(notebook)
    return found


def sentences(table: str) -> str:
    """An HTML table whose sentences may be broken into lines; everything else may not."""
    return re.sub(r"<td>([A-Z][^<]+\.)</td>", r'<td class="words">\1</td>', table)


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
    name = f"{'run' if manifest(folder)['stages'] else 'sweep'} {folder.name}"
    held = overview(folder)
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
        verdicts=held, runs=[(run.name, overview(run)) for run in runs],
    )  # fmt: skip
    (site / "index.html").write_text(index, "utf-8")
    (site / "style.css").write_text("\n".join(_style()), "utf-8")
    if held is not None:
        shutil.copy(folder / "claims.csv", site)


def overview(folder: Path) -> pd.DataFrame | None:
    """The verdict table of a run; None of a sweep, and if notebook 06 has not been run."""
    path = folder / "claims.csv"
    ran = manifest(folder)["stages"] and path.exists()
    return verdicts.overview(pd.read_csv(path)) if ran else None


def summary(folder: Path) -> str:
    """What was trained, in a line; empty for a sweep."""
    stages = manifest(folder)["stages"]
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
    notebooks = paths.NOTEBOOKS if folder == paths.PUBLISHED_RUN else folder
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

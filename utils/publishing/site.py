"""A run as web pages that need no server and no network: `python -m utils.publishing.site [run]`.

A page a notebook, an index with the verdicts, the glossary, and the run's playground if it has
one, in site/<run>/; of a sweep, an index of its runs and the pages of each. nbconvert makes the
cells; formulas become MathML, which browsers draw by themselves, and a policy in every page lets
nothing be fetched from elsewhere.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from pygments.formatters import HtmlFormatter

from utils import paths
from utils.evidence import judging
from utils.files import ManifestError, manifest
from utils.playground import page as playground
from utils.publishing.site_index import copy_tables, judged, overview
from utils.publishing.site_markdown import Renderer
from utils.publishing.site_page import SiteError, page
from utils.publishing.site_tables import text
from utils.study import provenance

TEMPLATES = Path(__file__).parent / "pages"
NAME = re.compile(r"\d\d-|appendix-")
EXPLAINED = ("**Case", "**Agrees", "**Holds", "**Interval", "**R.")  # on the first page, too


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
    stages = manifest(folder)["stages"]
    extras = {"glossary.html": "Glossary"}
    if playground.current(folder):
        shutil.copy(folder / playground.FILE, site)
        extras[playground.FILE] = "Playground"
    renderer = MarkdownWithMath(
        Renderer({f"{source.stem}.html" for source in sources} | {*extras})
    )
    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES.parent)],
        template_name=TEMPLATES.name,
        template_file="cells.html.j2",
        filters={"markdown2html": renderer.render},
    )
    pages = [page(path, folder, site, exporter, stages.get(path.stem, {})) for path in sources]
    words = (paths.ROOT / "docs" / "glossary.md").read_text("utf-8")
    glossary = {"file": "glossary.html", "title": "Glossary", "body": renderer.render(words)}
    name = f"{'run' if stages else 'sweep'} {folder.name}"
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    templates.globals |= {"site": name, "above": above, "pages": pages, "extras": extras}
    index = {
        "file": "index.html",
        "title": name,
        "trained": stages.get("01-train"),
        "judged": [*judged(folder)],
        "tables": copy_tables(folder, site) if stages else {},
        "runs": [(run.name, overview(run)) for run in runs],
        "words": judging.WORDS,
        "explained": renderer.render("\n\n".join(_entries(words))),
    }
    bodies = [*(this._asdict() for this in pages), glossary]
    for values in [*bodies, index]:
        template = "index.html.j2" if values is index else "page.html.j2"
        filled = templates.get_template(template).render(values)
        (site / values["file"]).write_text(filled, "utf-8")
    (site / "search.js").write_text(f"const SECTIONS = {json.dumps(sections(bodies))};\n", "utf-8")
    (site / "style.css").write_text(_style(), "utf-8")
    shutil.copy(TEMPLATES / "site.js", site)
    for run in runs:
        write(run, site / run.name, above=folder.name)


def _entries(glossary: str) -> list[str]:
    """The paragraphs of the glossary that the first page needs."""
    return [words for words in glossary.split("\n\n") if words.startswith(EXPLAINED)]


def sections(pages: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """What the search knows: address, heading and text of each section of the pages, no code."""
    found = []
    for this in pages:
        for part in re.split("(?=<h2 id=)", this["body"]):
            soup = BeautifulSoup(part, "html.parser")
            for unwanted in soup.select("details.code, a.anchor"):
                unwanted.decompose()
            url, heading = this["file"], this["title"]
            if soup.h2:
                url, heading = f"{url}#{soup.h2['id']}", f"{heading}: {text(soup.h2)}"
            found.append({"url": url, "heading": heading, "text": text(soup)})
    return found


def _style() -> str:
    """The style sheet, with the colours of code by day and by night."""
    day, night = (
        HtmlFormatter(style=name).get_style_defs(".highlight")
        for name in ("default", "github-dark")
    )
    ours = (TEMPLATES / "style.css").read_text("utf-8")
    return f"{ours}\n{day}\n@media screen and (prefers-color-scheme: dark) {{\n{night}\n}}"


def build(run: str = "", site: Path | None = None) -> Path:
    """The pages of a run or sweep, in place of earlier ones; without a name, of the committed run.

    site : by default that of the repository or, where that is read-only, .site beside the runs

    Returns the index.
    """
    if site is None:
        writable = os.access(paths.ROOT, os.W_OK)
        site = paths.ROOT / "site" if writable else paths.runs() / ".site"
    folder = paths.runs() / run if run else paths.COMMITTED_RUN
    if not folder.is_dir():
        raise SiteError(f"there is no run {run!r}: {paths.shown(folder)} does not exist")
    site.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site, prefix=".") as part:
        write(folder, Path(part) / folder.name)
        target = site / folder.name
        shutil.rmtree(target, ignore_errors=True)
        (Path(part) / folder.name).rename(target)
    return target / "index.html"


if __name__ == "__main__":
    try:
        index = build(*sys.argv[1:])
    except (SiteError, provenance.RunError, ManifestError, OSError) as error:
        sys.exit(f"make html: {error}")
    size = sum(file.stat().st_size for file in index.parent.rglob("*") if file.is_file())
    print(f"{paths.shown(index)}: {size / 1e6:.1f} MB. Open it in a browser:\n  {index.as_uri()}")

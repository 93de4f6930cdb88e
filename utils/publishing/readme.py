"""What `make publish` refreshes: committed notebooks, README.md, docs/results.md, data/README.md.

    python -m utils.publishing.readme notebook executed.ipynb target.ipynb
    python -m utils.publishing.readme

The files have blocks between marks; that of a stage which is no longer listed stays as it is.
What docs/results.md says of a stage is in the stage's room, in a module `readme`:
`parts(folder)`, lines of text and tables. README has 06's answer, and the claims at a glance.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pandas as pd

from utils import paths
from utils.drawing import verdicts
from utils.evidence.claims import CLAIMS
from utils.publishing import images, summary
from utils.study import provenance
from utils.study.findings import Finding
from utils.study.schemas import COLUMNS
from utils.study.stages import STAGES, TABLES, place

JUDGE = "06-verdict"
MARKS = "<!-- {}: made by make publish -->", "<!-- end of {} -->"


def notebook(executed: str, target: str) -> None:
    """Copy without what changes by itself when a notebook is run again, its images `smaller`.

    That is papermill's timing and paths, the seconds a stage took, widgets, addresses of objects,
    Python's version and what JupyterLab notes of cells.
    """
    content = nbformat.read(executed, as_version=4)
    for name in ("papermill", "widgets"):
        content.metadata.pop(name, None)
    content.metadata.get("language_info", {}).pop("version", None)
    content.metadata.get("kernelspec", {})["display_name"] = "Python 3 (ipykernel)"  # Lab's word
    for cell in content.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for data in (output.get("data", {}) for output in cell.get("outputs", [])):
            if provenance.MIME in data:
                data["text/plain"] = "finished"
            elif "text/plain" in data:
                data["text/plain"] = re.sub(r" at 0x[0-9a-f]+", "", data["text/plain"])
    images.shrink_outputs(content)
    nbformat.write(content, target)


def with_blocks(path: Path, blocks: Mapping[str, list[str]]) -> str:
    """The text of a file, with these lines between the marks of each block.

    Raises ValueError if a block's marks are missing, damaged, doubled or around others: names it.
    """
    text = path.read_text()
    for name, lines in blocks.items():
        start, end = (mark.format(name) for mark in MARKS)
        before, _, rest = text.partition(start)
        replaced, closed, after = rest.partition(end)
        if not closed or "<!--" in replaced or text.count(start) + text.count(end) > 2:
            raise ValueError(
                f"{paths.shown(path)}: the block {name} must be between one line {start} and one "
                f"line {end}, with no other mark in it"
            )
        text = "\n".join([before + start, *lines, end + after])
    return text


def answers(folder: Path) -> dict[str, list[str]]:
    """README's blocks: notebook 06's findings, as a list, and the claims at a glance."""
    provenance.check_run(folder)
    if JUDGE not in STAGES:
        return {}
    room = import_module(f"utils.{STAGES[JUDGE].room}.readme")
    found = [f"{number}. {finding}" for number, finding in enumerate(room.answer(folder), 1)]
    return {"answer": found, "claims": _markdown(room.claims(folder))}


def results(folder: Path) -> dict[str, list[str]]:
    """The blocks of docs/results.md: of the stages that have something to say, and all cases."""
    provenance.check_run(folder)
    blocks = {}
    for name, stage in STAGES.items():
        room = f"utils.{stage.room}.readme"
        if name == "01-train":
            blocks[name] = [summary.networks(folder)]
        elif name == "03-ablate":
            blocks[name] = [" ".join(summary.LEAD), "", *_markdown(summary.effect_table(folder))]
        elif find_spec(room):
            blocks[name] = _lines(import_module(room).parts(folder))
    judged = pd.read_csv(folder / place("claims"))
    table = verdicts.cases(judged, list(CLAIMS), CLAIMS).reset_index()
    table["width"] = (judged["high"] - judged["low"]).round(3)
    return blocks | {"cases": _markdown(table.astype(str))}


def _lines(parts: Iterable[Finding | str | pd.DataFrame]) -> list[str]:
    lines = []
    for part in parts:
        if isinstance(part, pd.DataFrame):
            lines += _markdown(part)
        else:
            lines += [part.whole if isinstance(part, Finding) else part]
    return lines


def tables() -> dict[str, list[str]]:
    """The blocks of data/README.md: the tables that each stage writes, and what columns mean."""
    blocks = {}
    for name, stage in STAGES.items():
        written = [TABLES[table] for table in stage.writes if table in TABLES]
        if written:
            rows = [(f"`{table.file}`", ", ".join(table.columns)) for table in written]
            blocks[name] = _markdown(pd.DataFrame(rows, columns=[name, "columns"]))
    rows = [(f"`{name}`", col.type.__name__, col.meaning) for name, col in COLUMNS.items()]
    columns = pd.DataFrame(rows, columns=["column", "type", "meaning"])
    return blocks | {"columns": _markdown(columns)}


def _markdown(table: pd.DataFrame) -> list[str]:
    """A table of text, without its index."""
    cells = [[text.replace("|", "\\|") for text in row] for row in [table, *table.to_numpy()]]
    head, *rows = (f"| {' | '.join(row)} |" for row in cells)
    return [head, "|---" * table.shape[1] + "|", *rows]


if __name__ == "__main__":
    if sys.argv[1:2] == ["notebook"]:
        notebook(*sys.argv[2:])
    else:
        run, docs = paths.COMMITTED_RUN, paths.ROOT / "docs"
        pages = {
            paths.ROOT / "README.md": answers(run),
            docs / "results.md": results(run),
            paths.DATA / "README.md": tables(),
        }
        for path, blocks in pages.items():
            path.write_text(with_blocks(path, blocks))

"""What the first page of a run's site shows: every claim with its number, interval and verdict."""

import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from utils.drawing import verdicts
from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.evidence.wording import with_interval
from utils.files import manifest
from utils.names import readable, spaced
from utils.publishing import site_tables
from utils.study.stages import STAGES, TABLES, place


def overview(folder: Path) -> pd.DataFrame | None:
    """The verdict table of a run; None of a sweep, and if notebook 06 has not been run."""
    path = folder / place("claims")
    if not path.exists() or not manifest(folder)["stages"]:
        return None
    return judging.overview(pd.read_csv(path), CLAIMS)


def judged(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The paper's claims and our own, each with its word, a typical case, and all cases as HTML.

    Typical is the case nearest to the median, the first where none is defined. Of a sweep there
    are none.
    """
    claims = {"claims": ("Claims of the paper", CLAIMS)}
    if "08-beyond" in STAGES:
        room = import_module(f"utils.{STAGES['08-beyond'].room}.claims")
        claims["beyond"] = ("Beyond the paper", room.BEYOND)
    for table, (title, of_table) in claims.items():
        path = folder / place(table)
        if path.exists() and manifest(folder)["stages"]:
            yield title, [*_rows(pd.read_csv(path), of_table)]


def _rows(cases: pd.DataFrame, claims: judging.Claims) -> Iterator[dict[str, Any]]:
    for name, row in judging.overview(cases, claims).iterrows():
        of_claim = cases[cases["claim"] == name]
        distances = (of_claim["estimate"] - row["typical size"]).abs()
        typical = of_claim.loc[distances.fillna(np.inf).idxmin()]
        table = verdicts.cases(cases, [name], claims).droplevel("claim")
        yield {
            "name": name,
            "statement": row["statement"],
            "holds": row["holds"],
            "counts": ", ".join(f"{word} {row[word]}" for word in judging.VERDICTS if row[word]),
            "number": claims[name].number,
            "typical": with_interval(typical),
            "case": f"{spaced(typical['scope'])}: {readable(typical['quantity'])}",
            "cases": site_tables.fitted(table.to_html())[0],
        }


def copy_tables(folder: Path, site: Path) -> dict[str, list[str]]:
    """The tables of a run that there are, copied into the site, by the stage that writes them."""
    (site / "tables").mkdir(exist_ok=True)
    found = {}
    for stage in STAGES.values():
        files = [place(name) for name in stage.writes if name in TABLES]
        found[stage.name] = [file for file in files if (folder / file).exists()]
        for file in found[stage.name]:
            shutil.copy(folder / file, site / "tables")
    return found

"""From a claim in words to a number in each network, an interval over networks, and a verdict.

A claim is a function from the tables of a run to one value a network: scope, quantity, replicate,
value. `judge` turns claims into a table with a row a case: claim, scope, quantity, estimate, low,
high, n_replicates, verdict. A claim says on which side of a bound its number lies; it agrees if
the whole 95 % interval is there, disagrees if the whole interval is on the other side.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from utils.evidence.curves import retained
from utils.evidence.intervals import summarize
from utils.names import as_listed

CASE = ["scope", "quantity"]
COLUMNS = ["claim", *CASE, "estimate", "low", "high", "n_replicates", "verdict"]


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of a run by name, and those of the runs it is compared with, by run."""

    of_run: Mapping[str, pd.DataFrame]
    others: Mapping[str, "Tables"] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.of_run[name]

    @cached_property
    def retained(self) -> pd.DataFrame:
        """R [replicate, scope] by (ordering, direction, replacement), of all curves there are."""
        curves = [self.of_run[name] for name in ("ablation", "joint") if name in self.of_run]
        return retained(pd.concat(curves))


class Claim(NamedTuple):
    """A statement, the number that stands for it, and on which side of the bound it lies."""

    statement: str
    number: str
    side: str  # above, below, or apart from the bound
    bound: float
    values: Callable[[Tables], pd.DataFrame]


Claims = Mapping[str, Claim]


def long(parts: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Series [replicate, scope] by quantity as scope, quantity, replicate, value."""
    table = pd.concat(parts, names=["quantity"]).rename("value").dropna().reset_index()
    return table.sort_values(CASE, kind="stable", key=as_listed)


def judge(tables: Tables, claims: Claims) -> pd.DataFrame:
    """A row a case of every claim: COLUMNS. Claims without a case are left out."""
    parts = []
    for name, claim in claims.items():
        values = claim.values(tables)
        if not values.empty:
            cases = decided(values, claim.side, claim.bound).reset_index()
            parts.append(cases.rename(columns={"mean": "estimate"}).assign(claim=name))
    return pd.concat(parts, ignore_index=True)[COLUMNS].round(5)


def decided(values: pd.DataFrame, side: str = "above", bound: float = 0.0) -> pd.DataFrame:
    """Mean, low, high, n_replicates and verdict of every case [scope, quantity] of the values."""
    table = summarize(values, CASE)
    table["verdict"] = [
        verdict(low, high, bound, side)
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    return table.set_index(CASE)


def verdict(low: float, high: float, bound: float = 0.0, side: str = "above") -> str:
    """Whether an interval lies on the claimed side of a bound: `above`, `below`, or `apart`.

    `agrees` if all of it does, `disagrees` if all of it lies on the other side, else
    `inconclusive`; nothing lies on the other side of being apart.

    >>> verdict(0.01, 0.03), verdict(-0.03, -0.01), verdict(-0.01, 0.01)
    ('agrees', 'disagrees', 'inconclusive')
    """
    above, below = low > bound, high < bound
    if side == "apart":
        return "agrees" if above or below else "inconclusive"
    claimed, other = (above, below) if side == "above" else (below, above)
    return "agrees" if claimed else "disagrees" if other else "inconclusive"


def overview(judged: pd.DataFrame, claims: Claims) -> pd.DataFrame:
    """One row a claim: how many of its cases agree, disagree, stay open, and over all a word.

    A claim holds if all of its cases agree and fails if all disagree; else it holds in part if
    some agree, and is open if none does.
    """
    counts = pd.crosstab(judged["claim"], judged["verdict"])
    counts = counts.reindex(columns=["agrees", "inconclusive", "disagrees"], fill_value=0)
    counts = counts.reindex([name for name in claims if name in counts.index])
    total = counts.sum(axis=1)
    counts["holds"] = np.select(
        [counts["agrees"] == total, counts["disagrees"] == total, counts["agrees"] > 0],
        ["yes", "no", "in part"],
        "open",
    )
    statements = [claims[name].statement for name in counts.index]
    return counts.assign(statement=statements)[["statement", "holds", *counts.columns[:3]]]

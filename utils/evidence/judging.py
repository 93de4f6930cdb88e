"""From a claim in words to a number in each network, an interval over networks, and a verdict.

A claim is a function from the tables of a run to one value a network: scope, quantity, replicate,
value. `judge` turns claims into a table with a row a case: COLUMNS.

A case *agrees* if the whole 95 % interval lies on the claimed side of the bound, *disagrees* if
all of it lies on the other side, and is *open* else. Claims against 0 have a margin of what is
negligible: a case is *negligible* if its 90 % interval lies within that margin, whatever its sign
(two one-sided tests at 5 %). A claim that is meant of all of its cases needs no correction for
their number; where counts matter, p-values are adjusted by Holm over the cases of the claim, and
decide instead. What cannot be said at all is open, with the reason in a note: one network has no
interval, and a number may not be defined.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from utils.evidence.intervals import summarize
from utils.evidence.power import LEVEL, n_to_decide
from utils.evidence.tables import Tables
from utils.names import as_listed

CASE = ["scope", "quantity"]
COLUMNS = [
    "claim", *CASE, "estimate", "low", "high", "n_replicates", "n_other", "p", "p_holm",
    "verdict", "n_to_decide", "note",
]  # fmt: skip
VERDICTS = ("agrees", "disagrees", "negligible", "open")
WORDS = (
    "holds", "holds mostly", "mixed", "mostly not", "does not hold", "mostly negligible",
    "negligible", "open",
)  # fmt: skip
ACCURACY, CORRELATION, SHARE, BITS = 0.01, 0.1, 0.05, 0.05  # what is negligible, by unit


class Rule(NamedTuple):
    """On which side of a bound a number is claimed to lie, and what is negligible.

    side : above, below, or apart from the bound
    margin : around 0, of what is negligible; None for a claim with a bound of its own
    counted : True where the number of cases that agree matters, so that Holm's p-values decide
    """

    side: str = "above"
    bound: float = 0.0
    margin: float | None = None
    counted: bool = False


class Claim(NamedTuple):
    """A statement, the number that stands for it, and the rule that makes it a verdict."""

    statement: str
    number: str
    rule: Rule
    values: Callable[[Tables], pd.DataFrame]


Claims = Mapping[str, Claim]


def long(parts: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Series [replicate, scope] by quantity as scope, quantity, replicate, value."""
    if not parts:
        return pd.DataFrame(columns=[*CASE, "replicate", "value"])
    table = pd.concat(parts, names=["quantity"]).rename("value").reset_index()
    return table.sort_values(CASE, kind="stable", key=as_listed)


def judge(tables: Tables, claims: Claims) -> pd.DataFrame:
    """A row a case of every claim: COLUMNS. Claims without a case are left out."""
    table = verdicts(tables, claims)
    rules = [claims[name].rule for name in table["claim"]]
    table["n_to_decide"] = [
        n_to_decide(estimate - rule.bound, deviation, rule.margin)
        for estimate, deviation, rule in zip(
            table["estimate"], table["deviation"], rules, strict=True
        )
    ]
    digits = {"estimate": 5, "low": 5, "high": 5, "p": 6, "p_holm": 6}
    return table[COLUMNS].round(digits)


def verdicts(tables: Tables, claims: Claims) -> pd.DataFrame:
    """`decided` of all claims that have a case, with columns claim, scope, quantity, estimate."""
    values = {name: claim.values(tables) for name, claim in claims.items()}
    parts = {
        name: decided(of_claim, claims[name].rule)
        for name, of_claim in values.items()
        if not of_claim.empty
    }
    table = pd.concat(parts, names=["claim"]).reset_index()
    return table.rename(columns={"mean": "estimate"})


def decided(values: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Interval, deviation between networks, verdict and note of every case [scope, quantity]."""
    table = summarize(values, CASE, bound=rule.bound).set_index(CASE)
    table["p_holm"] = holm(table["p"]) if rule.counted else np.nan
    table["verdict"] = [verdict(case, rule) for case in table.itertuples()]
    cases = values.groupby(CASE, sort=False)["value"]
    sides = values.assign(group=values.get("group", 1)).groupby([*CASE, "group"], sort=False)
    table["deviation"] = np.sqrt(sides["value"].var().groupby(CASE, sort=False).sum(min_count=1))
    table["note"] = [_note(*sizes) for sizes in zip(cases.size(), cases.count(), strict=True)]
    return table


def holm(p: pd.Series) -> pd.Series:
    """p-values adjusted for the number of those that are known; NaN where they are not.

    As statsmodels' `multipletests`, which collects garbage at every call, and is called hundreds
    of times by a notebook.
    """
    known = p.dropna().sort_values()
    adjusted = (known * np.arange(len(known), 0, -1)).cummax().clip(upper=1)
    return adjusted.reindex(p.index)


def _note(networks: int, defined: int) -> str | None:
    """Why a case has no verdict, or not of all networks."""
    if not defined:
        return "not defined in any network"
    if networks == 1:
        return "one network gives no interval"
    if defined < networks:
        return f"not defined in {networks - defined} of {networks} networks"
    return None


def verdict(case: Any, rule: Rule) -> str:
    """agrees, disagrees, negligible or open: one case, with the fields of `decided`."""
    if rule.margin is not None and max(-case.low_90, case.high_90) < rule.margin:
        return "negligible"
    if not (case.p_holm if rule.counted else case.p) < LEVEL:
        return "open"
    if rule.side == "apart":
        return "agrees"
    return "agrees" if (case.mean > rule.bound) == (rule.side == "above") else "disagrees"


def overview(judged: pd.DataFrame, claims: Claims) -> pd.DataFrame:
    """A row a claim: a word over its cases, how many have each verdict, and the typical size.

    The size is the median of the estimates.
    """
    counts = pd.crosstab(judged["claim"], judged["verdict"])
    counts = counts.reindex(
        index=[name for name in claims if name in counts.index], columns=VERDICTS, fill_value=0
    )
    head = pd.DataFrame(
        {
            "statement": [claims[name].statement for name in counts.index],
            "holds": [word(row) for row in counts.to_dict("records")],
        },
        index=counts.index,
    )
    sizes = judged.groupby("claim")["estimate"].median().rename("typical size")
    return head.join(counts).join(sizes)


def word(cases: Mapping[str, int]) -> str:
    """What a claim comes to, one of WORDS, from how many of its cases have each verdict.

    >>> word({"agrees": 3}), word({"agrees": 2, "open": 1}), word({"agrees": 1, "disagrees": 1})
    ('holds', 'holds mostly', 'mixed')
    """
    cases = Counter(cases)
    total = cases.total()
    whole = {"agrees": "holds", "disagrees": "does not hold", "negligible": "negligible"}
    for verdict_word, of_all in whole.items():
        if cases[verdict_word] == total:
            return of_all
    if cases["agrees"] and cases["disagrees"]:
        return "mixed"
    if 2 * cases["agrees"] >= total:
        return "holds mostly"
    if 2 * cases["disagrees"] >= total:
        return "mostly not"
    return "mostly negligible" if 2 * cases["negligible"] >= total else "open"

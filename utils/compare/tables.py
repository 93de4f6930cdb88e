"""The small tables of notebook 07, with a row or a column a run, or a row a claim."""

from collections import Counter

import pandas as pd

from utils.compare.differences import KEYS, between, to_first
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import WORDS, Rule, overview, verdict, word
from utils.evidence.power import LEVEL
from utils.names import readable, spaced


def run_overview(index: pd.DataFrame) -> pd.DataFrame:
    """State, cost and test accuracy of every run; `stage`: the first that is not done."""
    columns = ["state", "stage", "seconds", "peak_memory_mb", "test_accuracy"]
    return index.set_index("run")[columns].fillna("")


def words(claims: pd.DataFrame) -> pd.DataFrame:
    """What each claim comes to in each run, one of `judging.WORDS`, [claim] by run."""
    return _overviews(claims, "holds").fillna("")


def words_and_sizes(claims: pd.DataFrame) -> pd.DataFrame:
    """`words` as text, each with the typical size: the median of the claim's estimates."""
    sizes = _overviews(claims, "typical size").map(" {:+.3f}".format)
    return words(claims) + sizes.where(words(claims) != "", "")


def word_counts(claims: pd.DataFrame) -> pd.DataFrame:
    """In how many runs each claim comes to each word, with the paper's statement."""
    table = words(claims)
    statements = {"statement": [CLAIMS[name].statement for name in table.index]}
    there = {word: (table == word).sum(axis=1) for word in WORDS}
    counts = {word: count for word, count in there.items() if count.any()}
    return pd.DataFrame(statements | counts)


def _overviews(claims: pd.DataFrame, column: str) -> pd.DataFrame:
    runs = claims.groupby("run", sort=False)
    columns = {run: overview(judged, CLAIMS)[column] for run, judged in runs}
    return _in_claims_order(pd.concat(columns, axis=1))


def _in_claims_order(table: pd.DataFrame) -> pd.DataFrame:
    return table.reindex([name for name in CLAIMS if name in table.index])


def moved(differences: pd.DataFrame) -> pd.Series:
    """Which cases the setting moves: another verdict, and a difference that is not 0 (Holm)."""
    another = differences["verdict"] != differences["verdict_base"]
    return another & (differences["p_holm"] < LEVEL)


def moves(claims: pd.DataFrame) -> pd.DataFrame:
    """What the setting moves: `differences.to_first` by claim.

    By run: how many cases are `moved` / how many have another verdict / all cases. Typical: median
    size of the differences, and of half of their 95 % intervals.
    """
    table = to_first(claims)
    another = table["verdict"] != table["verdict_base"]
    counts = pd.DataFrame({"moved": moved(table), "another": another})
    counts = counts.assign(cases=1).groupby([table["claim"], table["run"]], sort=False).sum()
    texts = counts.apply("{moved} / {another} / {cases}".format_map, axis=1)
    by_run = texts.unstack("run", sort=False, fill_value="–")
    sizes = {"typical difference": table["mean"].abs(), "±": (table["high"] - table["low"]) / 2}
    typical = pd.DataFrame(sizes).groupby(table["claim"]).median()
    return _in_claims_order(by_run.join(typical.round(3)))


def moved_cases(claims: pd.DataFrame) -> pd.DataFrame:
    """The rows of `claims`, of all runs, of cases that some run moves (`moves`)."""
    table = to_first(claims)
    return claims.merge(table.loc[moved(table), KEYS].drop_duplicates(), on=KEYS)


def worst_cells(claims: pd.DataFrame, name: str = "C2") -> pd.DataFrame:
    """Every case of a claim in every run, as text: estimate ± half of its 95 % interval.

    A row a case. `worst`: the lowest end of an interval; `comes to`: the word over all runs. Of
    all of them the claim holds only if each one agrees, so none needs a correction for their
    number (intersection-union test).
    """
    part = claims[claims["claim"] == name]
    half = (part["high"] - part["low"]) / 2
    text = part["estimate"].map("{:+.3f}".format) + " ± " + half.map("{:.3f}".format)
    keys = [part["scope"].map(spaced), part["quantity"].map(readable)]
    cells = part.assign(text=text).pivot_table("text", keys, "run", aggfunc="first", sort=False)
    cases = part.groupby(keys, sort=False)
    comes_to = cases["verdict"].agg(lambda verdicts: word(Counter(verdicts)))
    return cells.assign(**{"worst": cases["low"].min().round(3), "comes to": comes_to})


def relu_minus_sigmoid(claims: pd.DataFrame, name: str = "C2") -> pd.DataFrame:
    """The cases of a claim with ReLU minus the same with sigmoid, by Welch: run … verdict.

    Agrees: larger with ReLU. Empty where a sweep has not both.
    """
    part = claims[claims["claim"] == name]
    table = between(part, part["run"].str.replace("ReLU", "sigmoid"))
    rule = Rule("above", margin=CLAIMS[name].rule.margin)
    table["verdict"] = [verdict(case, rule) for case in table.itertuples()]
    table["case"] = table["scope"].map(spaced) + ", " + table["quantity"].map(readable)
    columns = ["estimate", "estimate_base", "mean", "low", "high", "verdict"]
    shown = table.set_index(["run", "case"])[columns].rename(columns={"mean": "difference"})
    return shown.rename(columns={"estimate": "ReLU", "estimate_base": "sigmoid"})

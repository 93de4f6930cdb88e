"""The small tables of notebook 07, with a row or a column a setting, or a row a claim."""

from collections import Counter

import pandas as pd

from utils.compare.differences import between, to_first
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import WORDS, Rule, overview, verdict, word
from utils.evidence.power import LEVEL
from utils.evidence.wording import signed
from utils.names import readable, spaced

OURS = ("C1b", "C2, one by one")  # claims that are not the paper's
SHORT = {  # claims in a few words
    "C1": "no quantity ranks all neurons well",
    "C1b": "ranks within layers rank all neurons well",
    "C2": "within a layer, high values matter more",
    "C2, one by one": "one by one, high values matter more",
    "C3": "values differ from layer to layer",
    "C4": "KL selectivity is best in the last layer",
    "C5": "deeper layers lose less",
    "C6": "entropy separates neurons least",
    "C7": "bias balancing beats zeroing",
    "C8": "bias balancing depends on the activation",
    "C9": "bias balancing spares some retraining",
    "C9b": "bias-balanced networks lose nothing",
    "C10": "pruning is as good as by other methods",
    "C11": "high KL selectivity first is no good order",
}


def runs(index: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """Of every setting that is done: its networks, and their mean test accuracy, intact."""
    done = index[index["state"] == "done"].set_index("run")
    networks = claims.groupby("run")["n_replicates"].max()
    accuracy = done["test_accuracy"].astype(float).round(3)
    return pd.DataFrame({"networks": networks.reindex(done.index), "test accuracy": accuracy})


def words(claims: pd.DataFrame) -> pd.DataFrame:
    """What each claim comes to in each setting, one of `judging.WORDS`, [claim] by run."""
    settings = claims.groupby("run", sort=False)
    columns = {run: overview(judged, CLAIMS)["holds"] for run, judged in settings}
    table = pd.concat(columns, axis=1).fillna("")
    return table.reindex([name for name in CLAIMS if name in table.index])


def word_counts(claims: pd.DataFrame) -> pd.DataFrame:
    """In how many settings each claim of the paper comes to each word that occurs."""
    table = words(claims).drop(index=list(OURS), errors="ignore")
    statements = {"the paper's claim": [CLAIMS[name].statement for name in table.index]}
    there = {word: (table == word).sum(axis=1) for word in WORDS}
    counts = {word: count for word, count in there.items() if count.any()}
    return pd.DataFrame(statements | counts)


def moved(differences: pd.DataFrame) -> pd.Series:
    """Which cases the setting moves: another verdict, and a difference that is not 0 (Holm)."""
    another = differences["verdict"] != differences["verdict_base"]
    return another & (differences["p_holm"] < LEVEL)


def moves(claims: pd.DataFrame) -> pd.DataFrame:
    """How many cases of each claim are `moved` beside the first setting, and of how many.

    moved, cases [claim]; the claim that moves most, by its share, is first.
    """
    table = to_first(claims)
    counts = moved(table).groupby(table["claim"]).agg(moved="sum", cases="size")
    counts = counts.reindex(words(claims).index, fill_value=0)
    share = counts["moved"] / counts["cases"].clip(lower=1)
    return counts.loc[share.sort_values(ascending=False, kind="stable").index]


def worst_cells(claims: pd.DataFrame, name: str = "C2") -> pd.DataFrame:
    """Every case of a claim in every setting, as text: estimate ± half of its 95 % interval.

    A row a case. `lowest end`: of the intervals; `verdict`: the word over all settings. Of all of
    them the claim holds only if each one agrees, so none needs a correction for their number
    (intersection-union test).
    """
    part = claims[claims["claim"] == name]
    half = (part["high"] - part["low"]) / 2
    text = part["estimate"].map(signed) + half.map(" ± {:.3f}".format).where(half.notna(), "")
    keys = [part["scope"].map(spaced), part["quantity"].map(readable)]
    cells = part.assign(text=text).pivot_table("text", keys, "run", aggfunc="first", sort=False)
    cases = part.groupby(keys, sort=False)
    over_all = cases["verdict"].agg(lambda verdicts: word(Counter(verdicts)))
    lowest = cases["low"].min().map(signed)
    table = cells.assign(**{"lowest end": lowest, "verdict": over_all})
    return table.rename_axis(index=["where", "quantity"], columns=None)


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

"""Sentences of notebook 07, made from the tables, so that they cannot drift from the numbers."""

from collections import Counter

import pandas as pd
from IPython.display import Markdown

from utils.compare.differences import to_first
from utils.compare.tables import moved, relu_minus_sigmoid, words
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import word
from utils.names import readable, spaced


def in_short(claims: pd.DataFrame) -> Markdown:
    """Which claims come to the same in every run, and how often a setting moves a case."""
    table = words(claims)
    alike = table[table.eq(table.iloc[:, 0], axis=0).all(axis=1)].iloc[:, 0]
    same = "; ".join(f"{name}: {' · '.join(part.index)}" for name, part in alike.groupby(alike))
    differences = to_first(claims)
    return Markdown(
        f"**In short.** {len(alike)} of {len(table)} claims come to the same in all "
        f"{table.shape[1]} settings ({same or 'none'}). Beside the first setting, "
        f"{table.columns[0]}, {moved(differences).sum()} of {len(differences)} cases have another "
        "verdict and a number that has surely moved."
    )


def within_layers(claims: pd.DataFrame, name: str = "C2") -> Markdown:
    """Does a claim hold in every cell, which is the worst, and is it larger with ReLU."""
    part = claims[claims["claim"] == name]
    if part.empty:
        return Markdown(f"No run has a case of {name}.")
    verdicts = Counter(part["verdict"])
    worst = part.loc[part["low"].fillna(part["estimate"]).idxmin()]
    text = (
        f"**{CLAIMS[name].statement}** Over all settings, layers and quantities: "
        f"*{word(verdicts)}* ({verdicts['agrees']} of {len(part)} agree). The worst is "
        f"{_described(worst)}."
    )
    gains = relu_minus_sigmoid(claims, name)
    if len(gains):
        counts = Counter(gains["verdict"])
        text += (
            f" With ReLU the number is larger than with sigmoid in {counts['agrees']} of "
            f"{len(gains)} cases and smaller in {counts['disagrees']}; the median difference is "
            f"{gains['difference'].median():+.3f}."
        )
    return Markdown(text)


def against(claims: pd.DataFrame, name: str) -> Markdown:
    """In which runs cases of a claim disagree, in how many, and which lies furthest off."""
    part = claims[claims["claim"] == name]
    if part.empty:
        return Markdown(f"No run has a case of {name}.")
    disagree = part[part["verdict"] == "disagrees"]
    text = (
        f"**{name}** (*{CLAIMS[name].statement}*): {len(disagree)} of {len(part)} cases disagree"
    )
    if disagree.empty:
        return Markdown(f"{text}.")
    counts = disagree.groupby("run", sort=False).size()
    runs = "; ".join(f"{run}: {n} of {(part['run'] == run).sum()}" for run, n in counts.items())
    most = disagree.loc[(disagree["estimate"] - CLAIMS[name].rule.bound).abs().idxmax()]
    return Markdown(f"{text} ({runs}). Furthest off is {_described(most)}.")


def _described(row: pd.Series) -> str:
    """A case as `+0.020 [+0.010, +0.030] (ReLU, MNIST; layer 2, entropy)`."""
    case = f"{row['run']}; {spaced(row['scope'])}, {readable(row['quantity'])}"
    return "{estimate:+.3f} [{low:+.3f}, {high:+.3f}]".format_map(row) + f" ({case})"

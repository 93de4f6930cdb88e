"""Sentences of notebook 07, made from the tables, so that they cannot drift from the numbers."""

from collections import Counter

import pandas as pd

from utils.compare.differences import to_first
from utils.compare.tables import moved, moves, relu_minus_sigmoid, words
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import word
from utils.evidence.wording import signed, with_interval
from utils.names import readable, spaced
from utils.study.findings import Finding


def moving(claims: pd.DataFrame) -> Finding:
    """Which claims come to the same in every setting, and which cases a setting moves."""
    table = words(claims)
    alike = table[table.eq(table.iloc[:, 0], axis=0).all(axis=1)].iloc[:, 0]
    same = "; ".join(f"*{name}*: {', '.join(part.index)}" for name, part in alike.groupby(alike))
    text = (
        f"{len(alike)} of {len(table)} claims come to the same word in all {table.shape[1]} "
        f"settings{f' ({same})' if same else ''}."
    )
    differences = to_first(claims)
    if differences.empty:
        return Finding(text)
    text += (
        f" Beside {table.columns[0]}, {moved(differences).sum()} of {len(differences)} cases have "
        "another verdict and a clearly different number"
    )
    counts = moves(claims).query("moved > 0").nlargest(2, "moved", keep="all")
    if counts.empty:
        return Finding(f"{text}.")
    most = " and ".join(f"{row.Index} ({row.moved} of {row.cases})" for row in counts.itertuples())
    return Finding(f"{text}; most of them are of {most}.")


def across(claims: pd.DataFrame) -> Finding:
    """In which settings an order across the network is better than chance, and the best of them.

    Such an order is a case of C1, or of C11, that disagrees.
    """
    part = claims[claims["claim"].isin(["C1", "C11"])]
    if part.empty:
        return Finding("No setting has orders across the network.")
    bound, better = CLAIMS["C1"].rule.bound, part[part["verdict"] == "disagrees"]
    settings = list(part["run"].unique())
    if better.empty:
        best = part.loc[part["estimate"].idxmax()]
        return Finding(
            f"In none of {len(settings)} settings is an order across the network clearly more "
            f"than {bound:g} better than random orders. The best is {_described(best)}."
        )
    parts = []
    for run, cases in better.groupby("run", sort=False):
        best = cases.loc[cases["estimate"].idxmax()]
        n_cases = (part["run"] == run).sum()
        parts.append(
            f"{run}: {len(cases)} of {n_cases}, at best {with_interval(best)} for {_case(best)}"
        )
    return Finding(
        f"Across the network, orders are clearly more than {bound:g} better than random ones in "
        f"{len(parts)} of {len(settings)} settings ({'; '.join(parts)})."
    )


def within_layers(claims: pd.DataFrame, name: str = "C2") -> Finding:
    """Does a claim hold in every cell, which is the worst, and is it larger with ReLU (D1)."""
    part = claims[claims["claim"] == name]
    if part.empty:
        return Finding(f"No setting has a case of {name}.")
    verdicts = Counter(part["verdict"])
    worst = part.loc[part["low"].fillna(part["estimate"]).idxmin()]
    text = (
        "Within a layer, ablating low values of mutual information or KL selectivity first is "
        f"better than high values first in {verdicts['agrees']} of {len(part)} cases and worse in "
        f"{verdicts['disagrees']}: over all settings the claim *{_third(word(verdicts))}*. "
        f"The lowest interval is {_described(worst)}."
    )
    gains = relu_minus_sigmoid(claims, name)
    if len(gains):
        counts = Counter(gains["verdict"])
        text += (
            f" With ReLU the difference is larger than with sigmoid in {counts['agrees']} of "
            f"{len(gains)} cases and smaller in {counts['disagrees']}; the median of the changes "
            f"is {signed(gains['difference'].median())}."
        )
    return Finding(text)


def balancing(claims: pd.DataFrame) -> Finding:
    """Where bias balancing gains and where it costs accuracy (C7), and C9 beside it."""
    part = claims[(claims["claim"] == "C7") & (claims["quantity"] == "random")]
    if part.empty:
        return Finding("No setting has a case of C7.")
    gain, cost = (part[part["verdict"] == verdict] for verdict in ("agrees", "disagrees"))
    text = (
        f"With random orders, bias balancing clearly gains accuracy in {len(gain)} of {len(part)} "
        f"layers of all settings{_by_setting(gain)}, and it clearly costs accuracy in "
        f"{len(cost)}{_by_setting(cost)}."
    )
    shares = claims[claims["claim"] == "C9"]
    if shares.empty:
        return Finding(text)
    counts = Counter(shares["verdict"])
    text += (
        " Of what retraining gains, it regains a part alone in "
        f"{counts['agrees']} of {len(shares)} cases, and in {counts['disagrees']} it is clearly "
        "worse than zeroing"
    )
    negative = shares[shares["verdict"] == "disagrees"]
    if negative.empty:
        return Finding(f"{text}.")
    return Finding(f"{text}, at worst {_described(negative.loc[negative['estimate'].idxmin()])}.")


def _by_setting(cases: pd.DataFrame) -> str:
    """` (tanh, MNIST: layer 1 −0.050 [−0.075, −0.025]; …)`, or nothing of no cases."""
    parts = []
    for run, of_run in cases.groupby("run", sort=False):
        layers = (f"{spaced(row['scope'])} {with_interval(row)}" for _, row in of_run.iterrows())
        parts.append(f"{run}: {', '.join(layers)}")
    return f" ({'; '.join(parts)})" if parts else ""


def _third(word: str) -> str:
    """A word of `judging.WORDS` as the end of a sentence about a claim."""
    return word if word in ("holds", "holds mostly", "does not hold") else f"is {word}"


def _case(row: pd.Series) -> str:
    """A case in words, as `entropy, high first, up to 40 % of the neurons`."""
    scope, quantity = row["scope"], readable(row["quantity"])
    if scope.startswith("network to"):
        share = scope.removeprefix("network to ").replace("%", " %")
        return f"{quantity}, up to {share} of the neurons"
    return f"{spaced(scope)}, {quantity.replace('%', ' %')}"


def _described(row: pd.Series) -> str:
    """A case as `+0.020 [+0.010, +0.030] (ReLU, MNIST; layer 2, entropy)`."""
    return f"{with_interval(row)} ({row['run']}; {_case(row)})"

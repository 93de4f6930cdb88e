"""What the verdicts rest on and what follows from them, in sentences made from tables."""

from collections.abc import Sequence

import pandas as pd

from utils.evidence.claims import CLAIMS
from utils.evidence.effects import JUDGED_BY
from utils.evidence.judging import WORDS, overview
from utils.evidence.tables import Tables
from utils.evidence.wording import listed, with_interval
from utils.names import readable, spaced
from utils.study.findings import Finding
from utils.verdict.meaning import numbers
from utils.verdict.robustness import WORD
from utils.verdict.tables import best_quantities, gains_elsewhere, nearness

PLURAL = {"holds": "hold", "holds mostly": "hold mostly", "does not hold": "do not hold"}


def basis(tables: Tables, run: str, further: Sequence[str]) -> Finding:
    """How many networks the verdicts rest on, and where they come from."""
    n_networks = tables["measures"]["replicate"].nunique()
    text = f"The verdicts rest on {n_networks} networks of run `{run}`"
    if further:
        names = listed(f"`{name}`" for name in further)
        text = f"The verdicts rest on {n_networks} networks, of run `{run}` and of {names}"
        text += f"; notebooks 1 to 5 show those of `{run}` alone"
    compared = [
        f"{other['measures']['replicate'].nunique()} {name} networks"
        for name, other in tables.others.items()
    ]
    text += f". C8 compares them with {listed(compared)}." if compared else ". C8 is left out."
    if tables["measures"]["layer"].nunique() == 1:
        text += " C3 and C5 compare layers: of one layer they are left out."
    return Finding(text)


def best_quantity(tables: Tables) -> Finding:
    """The quantity that is best most often in each layer, and in how many networks."""
    shares = best_quantities(tables)
    tops = [
        f"{readable(row.idxmax())} in {spaced(scope)} ({100 * row.max():.0f} % of the networks)"
        for scope, row in shares.iterrows()
    ]
    return Finding(f"Of low values first, most often best is {listed(tops)}.")


def by_share(words: pd.DataFrame) -> Finding:
    """Which claims about curves have the same word whatever share R is taken to.

    words : `utils.verdict.tables.words_by_share`
    """
    same = words[words.nunique(axis=1) == 1].iloc[:, 0]
    text = f"Of {len(words)} claims about curves, {len(same)} keep their verdict at every share"
    text += f" ({', '.join(f'{name} {word}' for name, word in same.items())})" * (len(same) > 0)
    first, last = (column.replace("%", " %") for column in (words.columns[0], words.columns[-1]))
    moving = words.drop(index=same.index)
    parts = [
        f"{name} is *{row.iloc[0]}* up to {first} of the neurons, *{row.iloc[-1]}* up to {last}"
        + (", and something else between." if row.iloc[0] == row.iloc[-1] else ".")
        for name, row in moving.iterrows()
    ]
    return Finding(f"{text}.", *parts)


def robustness(words: pd.DataFrame) -> Finding:
    """Which claims' words change with fewer networks or another epoch.

    words : `utils.verdict.robustness.side_by_side`
    """
    lines, moving = [], set()
    for column in words.columns[1:]:
        there = words[words[column] != ""]
        other = there[there[column] != there[WORD]]
        moving |= {*other.index}
        names = [f"{name}: {row[WORD]}, then {row[column]}" for name, row in other.iterrows()]
        text = f"{column[0].upper()}{column[1:]}: {len(other)} of {len(there)} verdicts change"
        lines.append(f"{text} ({'; '.join(names)})." if names else f"{text}.")
    if not lines:
        return Finding("There are too few networks to tell.")
    moved = [name for name in words.index if name in moving]
    start = f"The verdict of {listed(moved)} changes" if moved else "No verdict changes"
    return Finding(f"{start} in {'at least one' if moved else 'any'} of these.", *lines)


def beside_paper(paper: pd.DataFrame, closeness: pd.DataFrame) -> Finding:
    """How many of the paper's own numbers lie among ours, and how near its curves are.

    paper, closeness : `claim_numbers` and `closeness` of `utils.evidence.paper`
    """
    n_numbers, inside, distance = nearness(paper).loc["all"]
    text = (
        f"{n_numbers:.0f} of the claims' numbers can be computed from the paper's own curves; "
        f"{inside:.0f} of them lie in the range of our single networks."
    )
    details = []
    if pd.notna(distance):
        details.append(
            f"Their distance from our mean is {distance:.2f} standard deviations between "
            "networks (root mean square)."
        )
    balanced = closeness.xs("mean", level="replacement")
    of_figures = listed(
        f"{row['median']:.3f} ({figure.replace('fig', 'Fig. ')})"
        for figure, row in balanced.iterrows()
    )
    curves = f"The paper's bias-balanced curves lie {of_figures} of accuracy from our mean ones"
    if balanced["single"].gt(0).any():
        curves += f", a single network of ours {balanced['single'].median():.3f}"
    return Finding(text, *details, f"{curves} (median root mean square).")


def outcome(judged: pd.DataFrame) -> Finding:
    """Which claims come to which word."""
    words = overview(judged, CLAIMS)["holds"]
    parts = [
        f"{len(names)} {_verb(word, len(names))} ({', '.join(names.index)})"
        for word, names in words.groupby(pd.Categorical(words, WORDS), observed=True)
    ]
    return Finding(f"Of {len(words)} claims, ours among them, {listed(parts)}.")


def _verb(word: str, n_claims: int) -> str:
    """`hold`, `is mixed`: a word over cases as what claims do."""
    if word in PLURAL:
        return word if n_claims == 1 else PLURAL[word]
    return f"{'is' if n_claims == 1 else 'are'} {word}"


def advice(judged: pd.DataFrame, by_repair: pd.DataFrame) -> Finding:
    """What someone who prunes can take from it, as a list: only what verdicts bear out.

    by_repair : `utils.verdict.tables.rivals_by_repair`
    """
    lines = []
    low = _of(judged, "C1", "low-first")
    if len(low) and (low["verdict"] == "agrees").all():
        lines.append("Do not put neurons of several layers in one order by these quantities.")
    ranked = _of(judged, "C1b", verdict="agrees")
    if len(ranked):
        lines.append(f"Rank them within the layers; what clearly beats random: {_places(ranked)}.")
    balanced = _of(judged, "C7", "random", "agrees")
    if len(balanced):
        lines.append(f"Fold a removed neuron's mean into the next bias: {_places(balanced)}.")
    elsewhere = gains_elsewhere(judged)
    worse = elsewhere[elsewhere["gain"] < 0]
    if len(worse):
        names = listed(worse["activation"].unique())
        lines.append(f"Test bias balancing first with another activation: {names} lost accuracy.")
    lost = _of(judged, "C9b", verdict="disagrees")
    if len(lost):
        ends = numbers(lost.iloc[[0, -1]] if len(lost) > 1 else lost)
        lines.append(f"Do not expect bias balancing to replace retraining: {ends}.")
    least_squares = by_repair.query("rival == 'random' and column == 'least squares'")
    for _, case in least_squares[least_squares["quantity"] == readable(JUDGED_BY)].iterrows():
        words = "better than" if case["low"] > 0 else "no better than"
        lines.append(
            f"With a least-squares repair, choice by mutual information is {words} random: "
            f"{with_interval(case)}."
        )
    weights = _of(judged, "C10", f"{JUDGED_BY} - outgoing_norm")
    if len(weights) and (weights["verdict"] != "agrees").all():
        lines.append("Choice by outgoing weights needs no data, and was not shown to be worse.")
    return Finding("For practice:", *lines)


def _of(judged: pd.DataFrame, claim: str, quantity: str = "", verdict: str = "") -> pd.DataFrame:
    """The cases of a claim whose quantity ends so, of all verdicts or of one."""
    cases = judged[(judged["claim"] == claim) & judged["quantity"].str.endswith(quantity)]
    return cases[cases["verdict"] == verdict] if verdict else cases


def _places(cases: pd.DataFrame) -> str:
    """Numbers with the scope that each is of."""
    return numbers(cases.assign(quantity=cases["quantity"] + ", " + cases["scope"]))

"""What claims come to, in words, whichever way their verdicts go."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from utils.evidence.claims import CLAIMS
from utils.evidence.judging import VERDICTS, word
from utils.evidence.wording import listed, with_interval
from utils.names import readable, spaced

# what follows where a claim holds, and where it does not
MEANS = {
    "C1": (
        "a quantity, taken as it is, does not say which of all neurons can go",
        "a quantity, taken as it is, says which of all neurons can go",
    ),
    "C1b": (
        "ranked within its layer, a neuron can be compared with those of other layers",
        "ranks within the layers do not help either",
    ),
    "C2": (
        "within a layer, these quantities mark the neurons that matter",
        "within a layer, these quantities mark the wrong neurons",
    ),
    "C2, one by one": (
        "they say what the loss of a single neuron costs",
        "they rank single neurons the wrong way round",
    ),
    "C3": (
        "a value that is high in one layer is ordinary in another",
        "values mean the same in every layer",
    ),
    "C4": (
        "KL selectivity does better than another quantity in the deepest layer",
        "another quantity does better than KL selectivity in the deepest layer",
    ),
    "C5": ("deeper layers have more to spare", "deeper layers have less to spare"),
    "C6": (
        "knowing the class makes a quantity more useful",
        "knowing the class does not make a quantity more useful",
    ),
    "C7": ("folding the mean into the bias pays", "folding the mean into the bias costs accuracy"),
    "C8": (
        "what bias balancing gains here says little about other activations",
        "bias balancing gains the same with other activations",
    ),
    "C9": (
        "bias balancing saves part of the retraining",
        "bias balancing leaves all of the work to retraining",
    ),
    "C9b": (
        "it can stand in for retraining at no cost in accuracy",
        "it does not stand in for retraining: accuracy is lost",
    ),
    "C10": (
        "pruning by these quantities is as good as other methods",
        "other methods prune better",
    ),
    "C11": (
        "removing selective neurons first is no good rule either",
        "removing selective neurons first is a good rule",
    ),
}


def said(verdicts: Iterable[str]) -> str:
    """How many cases have each verdict, those that none has left out.

    >>> said(["agrees", "agrees", "disagrees"])
    '2 agree, 1 disagrees'
    """
    counts, plural = Counter(verdicts), {"agrees": "agree", "disagrees": "disagree"}
    texts = {name: plural.get(name, name) if counts[name] > 1 else name for name in VERDICTS}
    return ", ".join(f"{counts[name]} {text}" for name, text in texts.items() if counts[name])


def heading(judged: pd.DataFrame, name: str) -> str:
    """A claim's word and counts, and in a second line what follows from it."""
    cases = judged[judged["claim"] == name]
    verdicts = cases["verdict"]
    holds = word(Counter(verdicts))
    means, otherwise = MEANS[name]
    follows = {
        "holds": means,
        "holds mostly": f"in most cases, {means}",
        "mixed": _mixed(cases, means, otherwise),
        "mostly not": f"in most cases, {otherwise}",
        "does not hold": otherwise,
        "mostly negligible": "what there is, is mostly too small to matter",
        "negligible": "what there is, is too small to matter",
        "open": "these networks do not decide it",
    }
    return f"{name}: {holds} ({said(verdicts)})\n{follows[holds]}"


def _mixed(cases: pd.DataFrame, means: str, otherwise: str) -> str:
    """What the larger part of the decided cases means, and which are the others if few."""
    fewer, agree = minority(cases)
    text = otherwise if agree else means
    return f"{text}; except {fewer}" if fewer else "it depends on the case"


def minority(cases: pd.DataFrame) -> tuple[str, bool]:
    """Names of the cases on the side of fewer decided ones, or none of many; do these agree?"""
    agree, disagree = (cases[cases["verdict"] == name] for name in ("agrees", "disagrees"))
    those_agree = len(agree) < len(disagree)
    return some(cases, agree if those_agree else disagree), those_agree


def some(cases: pd.DataFrame, few: pd.DataFrame, most: int = 2) -> str:
    """Names of a few cases out of all; where a name has others too, with its layer or share."""
    texts = []
    for _, case in few.iterrows():
        whole = cases[cases["quantity"] == case["quantity"]]
        where = case["scope"].replace("network to ", "up to ").replace("%", " %")
        apart = len(whole) > (few["quantity"] == case["quantity"]).sum()
        texts.append(names(case.to_frame().T) + f", {spaced(where)}" * int(apart))
    return listed(dict.fromkeys(texts)) if len(few) <= most else ""


def by_verdict(
    cases: pd.DataFrame,
    words: Mapping[str, str],
    say: Callable[[pd.DataFrame], str] | None = None,
) -> str:
    """Of each verdict its words, with what `say` makes of its cases in the place of {}.

    Without `say`, these are their numbers.
    """
    groups = ((word, cases[cases["verdict"] == verdict]) for verdict, word in words.items())
    return "; ".join(word.format((say or numbers)(these)) for word, these in groups if len(these))


def names(cases: pd.DataFrame, cut: str = "") -> str:
    """`entropy and outgoing weights`, without the end `cut` of the names, and their aliases."""
    texts = (readable(name.removesuffix(cut)) for name in cases["quantity"])
    return listed(dict.fromkeys(text.partition(" (")[0] for text in texts))


def numbers(cases: pd.DataFrame, cut: str = "") -> str:
    """`mutual information +0.055 [+0.044, +0.066], …`, without the end `cut` of the names."""
    texts = []
    for _, case in cases.iterrows():
        number = with_interval(case) if pd.notna(case["estimate"]) else "not defined"
        texts.append(f"{readable(case['quantity'].removesuffix(cut))} {number}")
    return ", ".join(texts).replace("% ", " % ")


def lost_without_retraining(cases: pd.DataFrame) -> str:
    """Up to which share pruned nothing is lost, and what is at the next share and the last."""
    bound, fails = -CLAIMS["C9b"].rule.bound, cases["verdict"].ne("agrees").to_numpy()
    safe = cases["quantity"].iloc[fails.argmax() - 1 if fails.any() else -1].replace("%", " %")
    text = f"Not retrained, accuracy stays within {bound:g} of the intact networks'"
    text += f" up to {safe}" if not fails[0] else " at no share pruned"
    rest = cases[fails].iloc[[0, -1]] if fails.sum() > 1 else cases[fails]
    return f"{text}. What is lost: {numbers(rest)}." if len(rest) else f"{text}."

"""Sentences of notebook 04, made from its tables, so that they cannot drift from the numbers.

A method is better or worse than another at a share pruned if that difference within networks is
sure after the correction (Holm) for the number of shares, or of methods where one share is named.
"""

import numpy as np
import pandas as pd

from utils.evidence.curves import compared
from utils.evidence.judging import ACCURACY, Rule, decided
from utils.evidence.wording import listed, with_interval
from utils.names import INFORMED, NAMES, NETWORK, readable, spaced
from utils.prune.tables import RETRAINED, by_state, differences, reach
from utils.study.findings import Finding

BETTER = Rule("above", counted=True)
SHOWN = ("mutual_information", "outgoing_norm")  # the paper's quantity, and the strongest rival


def layers(pruned: pd.DataFrame, fraction: float) -> Finding:
    """Between which accuracies the choices lie, bias-balanced, in each layer and in all."""
    parts = []
    for scope in pruned["scope"].unique():
        table = compared(pruned[pruned["fraction"] == fraction], scope)
        means = table[table["retrain_epochs"] == 0].groupby("method")["accuracy"].mean()
        where = "all layers" if scope == NETWORK else f"{spaced(scope)} alone"
        worst, best = means.idxmin(), means.idxmax()
        parts.append(
            f"{where} from {means.min():.3f} ({_name(worst)}) to {means.max():.3f} ({_name(best)})"
        )
    return Finding(
        f"Bias-balanced, with {fraction:.0%} pruned, accuracy reaches, by the choice of neurons: "
        f"{'; '.join(parts)}."
    )


def choice(pruned: pd.DataFrame, fraction: float) -> Finding:
    """Which choices are better and worse than random, bias-balanced, at one share."""
    values = differences(pruned, "mean")
    cases = decided(values[values["scope"] == fraction], BETTER).droplevel("scope")
    groups = {"better": "agrees", "worse": "disagrees", "not decided": "open"}
    texts = []
    for word, verdict in groups.items():
        part = cases[cases["verdict"] == verdict].sort_values("mean", ascending=False)
        named = [f"{_name(m)} ({with_interval(case)})" for m, case in part.iterrows()]
        if named:
            texts.append(f"*{word}*: {', '.join(named)}")
    return Finding(
        f"Bias-balanced, with {fraction:.0%} of all layers pruned, beside random choice "
        f"{'; '.join(texts)}.{_alone(cases)}"
    )


def rivals(pruned: pd.DataFrame) -> Finding:
    """Which other choices beat the paper's two quantities, where, with each of two repairs."""
    texts = []
    for state in ("mean", "least_squares"):
        parts = []
        for quantity in INFORMED:
            values = differences(pruned, state, quantity)
            others = [other for other in values["quantity"].unique() if other not in INFORMED]
            spans = {other: _span(_by_share(values, other), "agrees") for other in others}
            beaten = [f"{_name(o)} ({s.removeprefix('at ')})" for o, s in spans.items() if s]
            parts.append(f"{NAMES[quantity]} is beaten by {listed(beaten) or 'none'}")
        texts.append(f"*{readable(state)}*, {', and '.join(parts)}")
    return Finding(
        f"With the same repair on both sides, at these shares of all layers: {'; '.join(texts)}."
    )


def interplay(pruned: pd.DataFrame, fraction: float) -> Finding:
    """What two choices are worth beside random under bias balancing, and under least squares."""
    texts = []
    for method in SHOWN:
        balanced, squares = (
            _beside(differences(pruned, state), method, fraction)
            for state in ("mean", "least_squares")
        )
        texts.append(
            f"Bias-balanced, choosing by **{_name(method)}** is {balanced}. With least squares it "
            f"is {squares}."
        )
    return Finding(" ".join(texts))


def repaired(pruned: pd.DataFrame, fraction: float) -> Finding:
    """Does the repair outweigh the choice: random with least squares beside the best balanced."""
    table = by_state(pruned)
    wide = table[table["fraction"] == fraction].pivot_table(
        index="replicate", columns=["state", "method"], values="accuracy"
    )
    best = wide["mean"].mean().idxmax()
    value = wide["least_squares", "random"] - wide["mean", best]
    case = decided(_one_case(value), BETTER).iloc[0]
    word = {"agrees": "more than", "disagrees": "less than"}.get(case["verdict"], "beside")
    return Finding(
        f"With {fraction:.0%} of all layers pruned, neurons chosen at random and repaired by "
        f"least squares leave an accuracy of {wide['least_squares', 'random'].mean():.3f}, {word} "
        f"the best choice with bias balancing ({_name(best)}, {wide['mean', best].mean():.3f}; "
        f"difference {with_interval(case)})."
    )


def far(pruned: pd.DataFrame, full: np.ndarray) -> Finding:
    """How much can go at a mean loss of at most 0.01, and by which choices, in each state."""
    shares = reach(pruned, full, "mean").dropna(axis=1, how="all")
    texts = []
    for state, column in shares.items():
        first = column[column == column.max()].index
        who = listed([_name(m) for m in first]) if len(first) <= 3 else f"{len(first)} choices"
        texts.append(f"{readable(state)} {column.max():.0%} ({who})")
    return Finding(
        f"The largest share of all layers that costs at most {ACCURACY} of accuracy on average: "
        f"{'; '.join(texts)}."
    )


def retrained(pruned: pd.DataFrame, fraction: float) -> Finding:
    """How far the choices are apart after retraining, and which are better than random."""
    table = by_state(pruned)
    here = table[(table["fraction"] == fraction) & (table["repair"] == "mean")]
    means = here.groupby(["state", "method"])["accuracy"].mean()
    if RETRAINED not in means:
        return Finding("Nothing was retrained.")
    before, after = (means[state] for state in ("mean", RETRAINED))
    values = differences(pruned, RETRAINED)
    texts = [
        f"choosing by {_name(method)} is {_beside(values, method, fraction)}" for method in SHOWN
    ]
    epochs = int(pruned["retrain_epochs"].max())
    return Finding(
        f"With {fraction:.0%} of all layers pruned, the choices lie between {after.min():.3f} and "
        f"{after.max():.3f} after {epochs} epoch{'s' * (epochs > 1)} of retraining, between "
        f"{before.min():.3f} and {before.max():.3f} before. Retrained, {'; '.join(texts)}."
    )


def cost(pruned: pd.DataFrame, latency: pd.DataFrame, full_macs: int, fraction: float) -> Finding:
    """What a share pruned leaves of the full network's multiply-accumulates and time."""
    rows = by_state(pruned)
    macs = rows.loc[rows["fraction"] == fraction, "n_macs"].iloc[0] / full_macs
    wide = latency.pivot_table(index="fraction", columns="batch", values="latency_ms")
    shares = (wide.loc[fraction] / wide.loc[0]).map("{:.0%}".format)
    times = [f"{share} for a batch of {batch:,}" for batch, share in shares.items()]
    return Finding(
        f"With {fraction:.0%} of all layers pruned, {macs:.0%} of the multiply-accumulates are "
        f"left. Of the full network's time a forward pass takes {listed(times)}."
    )


def _by_share(values: pd.DataFrame, method: str) -> pd.DataFrame:
    """`decided` for one method, by share pruned."""
    cases = decided(values[values["quantity"] == method], BETTER).droplevel("quantity")
    return cases.sort_index()


def _beside(values: pd.DataFrame, method: str, fraction: float) -> str:
    """At which shares a method is better and worse than random choice, and the number at one."""
    cases = _by_share(values, method)
    spans = {word: _span(cases, v) for word, v in (("better", "agrees"), ("worse", "disagrees"))}
    texts = [f"{word} than at random {span}" for word, span in spans.items() if span]
    text = " and ".join(texts) or "at no share surely better or worse than at random"
    return f"{text} ({fraction:.0%} pruned: {with_interval(cases.loc[fraction])})"


def _span(cases: pd.DataFrame, verdict: str) -> str:
    """The shares [index of cases, ascending] with a verdict, in words; nothing if there are none.

    >>> _span(pd.DataFrame({"verdict": list("aabba")}, index=[0.1, 0.2, 0.3, 0.4, 0.5]), "a")
    'at 10% to 20% and 50%'
    """
    there = (cases["verdict"] == verdict).to_numpy()
    if there.all():
        return "at every share"
    runs = (there != np.roll(there, 1)).cumsum()[there]
    shares = [part for _, part in pd.Series(cases.index[there]).groupby(runs)]
    texts = [" to ".join(f"{end:.0%}" for end in sorted({*part.iloc[[0, -1]]})) for part in shares]
    return f"at {listed(texts)}" if texts else ""


def _name(method: str) -> str:
    """Of a method, without the name its authors gave it."""
    return NAMES[method].partition(" (")[0]


def _one_case(value: pd.Series) -> pd.DataFrame:
    """Values [replicate] as those of a single case."""
    return value.rename("value").reset_index().assign(scope=NETWORK, quantity="")


def _alone(cases: pd.DataFrame) -> str:
    return " One network gives no interval." if cases["low"].isna().all() else ""

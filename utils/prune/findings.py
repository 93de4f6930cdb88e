"""Sentences of notebook 04, made from its tables, so that they cannot drift from the numbers.

A choice is better or worse than another at a share pruned if the difference within networks is
significant, corrected (Holm) for the number of cases compared: shares, choices, or both.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from utils.evidence.curves import compared
from utils.evidence.effects import JUDGED_BY
from utils.evidence.intervals import summarize
from utils.evidence.judging import ACCURACY, Rule, decided
from utils.evidence.wording import listed, more_or_less, of_one, percent
from utils.names import INFORMED, NAMES, NETWORK, REPAIRS, readable, spaced
from utils.prune.tables import RETRAINED, by_state, differences, reach
from utils.study.findings import Finding

BETTER = Rule("above", counted=True)
_STATES = {
    "mean": "bias-balanced", "least_squares": "with least squares", RETRAINED: "after retraining",
}  # fmt: skip


def repaired(pruned: pd.DataFrame, fraction: float) -> Finding:
    """Does random choice with least squares beat every choice with bias balancing?"""
    wide = by_state(pruned).pivot_table(
        index=["fraction", "replicate"], columns=["state", "method"], values="accuracy"
    )
    means, random = wide.groupby("fraction").mean(), ("least_squares", "random")
    gains = wide["mean"].rsub(wide[random], axis=0).rename_axis(["scope", "replicate"])
    values = gains.melt(ignore_index=False, var_name="quantity").reset_index()
    decisions = decided(values, BETTER)
    order = pd.CategoricalDtype(["disagrees", "open", "agrees"], ordered=True)  # worst first
    cases = decisions["verdict"].astype(order).groupby(level="scope").min().to_frame()
    verdict = cases.loc[fraction, "verdict"]
    claim = {
        "agrees": "beats every choice with bias balancing {} pruned.",
        "disagrees": "is worse than some choice with bias balancing {} pruned.",
        "open": "does not clearly beat every choice with bias balancing.",
    }[verdict].format(_at(cases, verdict))
    best = means.loc[fraction, "mean"]
    spread = [
        f"{np.ptp(part):.3f} {readable(state)}"
        for state, part in means.loc[fraction, list(REPAIRS)].groupby(level="state", sort=False)
    ]
    return Finding(
        f"**Random choice with least squares** {claim} With {percent(fraction)} of all layers "
        f"pruned it leaves an accuracy of {means.loc[fraction, random]:.3f}; the best choice with "
        f"bias balancing, {_name(best.idxmax())}, leaves {best.max():.3f}.{of_one(decisions)}",
        f"Best and worst choice are apart by {listed(spread)}.",
    )


def far(pruned: pd.DataFrame, full: np.ndarray) -> Finding:
    """How much can go at a mean loss of at most 0.01 in each state, and by which choice alone."""
    shares = reach(pruned, full, "mean").dropna(axis=1, how="all")
    texts = []
    for state, column in shares.items():
        first = column[column == column.max()].index
        who = f" ({_name(first[0])})" if len(first) == 1 else ""
        texts.append(f"{readable(state)} {percent(column.max())}{who}")
    return Finding(
        f"The largest share of all layers that costs at most {ACCURACY:g} of accuracy on average: "
        f"{listed(texts)}."
    )


def choice(pruned: pd.DataFrame, fraction: float) -> Finding:
    """Which choices are better and worse than random at one share, in each layer and in all."""
    rows = pruned[(pruned["fraction"] == fraction) & (pruned["retrain_epochs"] == 0)]
    some, none, texts = [], [], []
    for scope in rows["scope"].unique():
        wide = compared(rows, scope).pivot(index="replicate", columns="method", values="accuracy")
        gains = wide.drop(columns="random").sub(wide["random"], axis=0)
        values = gains.melt(ignore_index=False, var_name="quantity").reset_index()
        cases = decided(values.assign(scope=scope), BETTER).droplevel("scope")
        names = cases.sort_values("mean", ascending=False).groupby("verdict").groups
        better, worse = (listed(map(_name, names.get(v, []))) for v in ("agrees", "disagrees"))
        where = "all layers" if scope == NETWORK else f"{spaced(scope)} alone"
        (some if better else none).append(where)
        texts.append(f"In {where}, better: {better or 'none'}; worse: {worse or 'none'}.")
    parts = [f"some choices are better than random in {listed(some)}"] * bool(some)
    parts += [f"no choice is better than random in {listed(none)}"] * bool(none)
    return Finding(
        f"Bias-balanced, with {percent(fraction)} pruned, {'; '.join(parts)}.{of_one(cases)}",
        *texts,
    )


def beside_random(pruned: pd.DataFrame, state: str, fraction: float) -> Finding:
    """Where mutual information is better or worse than random choice, and the best choice."""
    if state not in by_state(pruned)["state"].unique():
        return Finding("Nothing was retrained.")
    values = differences(pruned, state)
    cases = _by_share(values, JUDGED_BY)
    texts = [
        f"{word} than random choice {shares}{_if_negligible(cases, verdict)}"
        for word, verdict in (("better", "agrees"), ("worse", "disagrees"))
        if (shares := _at(cases, verdict))
    ]
    text = " and ".join(texts) or "at no share significantly better or worse than random choice"
    here = summarize(values[values["scope"] == fraction], ["quantity"]).set_index("quantity")
    best = here["mean"].idxmax()
    rest = f"the best choice, {_name(best)}, keeps {more_or_less(here.loc[best])}"
    if best == JUDGED_BY or here.loc[best, "mean"] <= 0:
        rest = "no other choice keeps more" if best == JUDGED_BY else "random choice is best"
    return Finding(
        f"**{_STATES[state].capitalize()}**, choosing by {NAMES[JUDGED_BY]} is {text}. With "
        f"{percent(fraction)} pruned it keeps {more_or_less(here.loc[JUDGED_BY])} accuracy; "
        f"{rest}."
    )


def rivals(pruned: pd.DataFrame) -> Finding:
    """Than which other choices the paper's two quantities are worse, with each of two repairs."""
    texts = []
    for quantity in INFORMED:
        parts = []
        for state in ("mean", "least_squares"):
            values = differences(pruned, state, quantity)
            others = [other for other in values["quantity"].unique() if other not in INFORMED]
            shares = {other: _at(_by_share(values, other), "agrees") for other in others}
            better = listed(f"{_name(other)} ({at})" for other, at in shares.items() if at)
            parts.append(
                f"{_STATES[state].capitalize()}, {NAMES[quantity]} is worse than "
                f"{better or 'no other choice'}."
            )
        texts.append(" ".join(parts))
    return Finding(*texts)


def retrained(pruned: pd.DataFrame, fraction: float) -> Finding:
    """How far best and worst choice are apart after retraining and before."""
    table = by_state(pruned)
    means = table[table["repair"] == "mean"].groupby(["state", "fraction", "method"])["accuracy"]
    spread = means.mean().groupby(["state", "fraction"]).agg(np.ptp)
    if RETRAINED not in spread:
        return Finding("Nothing was retrained.")
    after, epochs = spread[RETRAINED], int(pruned["retrain_epochs"].max())
    wide = _shares(after.index[after > ACCURACY], len(after)) or "at no share"
    return Finding(
        f"After {epochs} epoch{'s' * (epochs > 1)} of retraining, best and worst choice are "
        f"{after[fraction]:.3f} apart with {percent(fraction)} of all layers pruned; before, "
        f"{spread['mean', fraction]:.3f}. They stay more than {ACCURACY:g} apart {wide}."
    )


def cost(pruned: pd.DataFrame, latency: pd.DataFrame, full_macs: int, fraction: float) -> Finding:
    """What a share pruned leaves of the full network's multiply-accumulates and time.

    No measured number is in the sentence, so that it is the same in every run.
    """
    rows = by_state(pruned)
    macs = rows.loc[rows["fraction"] == fraction, "n_macs"].iloc[0] / full_macs
    wide = latency.pivot_table(index="fraction", columns="batch", values="latency_ms")
    halves = (wide.loc[fraction] < wide.loc[0] / 2).map({True: "less", False: "more"})
    times = [f"{word} than half for a batch of {batch:,}" for batch, word in halves.items()]
    return Finding(
        f"With {percent(fraction)} of all layers pruned, {percent(macs)} of the "
        "multiply-accumulates are left. Of the full network's time a forward pass takes "
        f"{listed(times)}; all times are in `latency.csv`."
    )


def _by_share(values: pd.DataFrame, method: str) -> pd.DataFrame:
    """`decided` for one method, by share pruned."""
    of_method = values[values["quantity"] == method]
    return decided(of_method, BETTER).droplevel("quantity").sort_index()


def _at(cases: pd.DataFrame, verdict: str) -> str:
    """At which shares [index of cases, ascending] there is a verdict; nothing if at none."""
    return _shares(cases.index[cases["verdict"] == verdict], len(cases))


def _if_negligible(cases: pd.DataFrame, verdict: str) -> str:
    """Where what is significant is negligible, too: the 90 % interval within the margin."""
    these = cases[cases["verdict"] == verdict]
    small = these.index[these[["low_90", "high_90"]].abs().max(axis=1) < ACCURACY]
    where = f", {_shares(small, len(cases))}" if len(small) < len(these) else ""
    return f" (negligible, below {ACCURACY:g}{where})" if len(small) else ""


def _shares(shares: Iterable[float], of: int) -> str:
    """Few shares by name, many by their number; nothing of none.

    >>> _shares([0.4, 0.6], 3), _shares([0.1, 0.2, 0.4, 0.5], 9), _shares([0.4], 1)
    ('at 40 % and 60 %', 'at 4 of 9 shares', 'at every share')
    """
    there = list(map(percent, shares))
    if len(there) == of:
        return "at every share"
    if len(there) > 3:
        return f"at {len(there)} of {of} shares"
    return f"at {listed(there)}" if there else ""


def _name(method: str) -> str:
    """Of a method, without the name its authors gave it."""
    return "random choice" if method == "random" else NAMES[method].partition(" (")[0]

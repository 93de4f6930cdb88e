"""What notebook 06 finds, in sentences made from the claims as judged; README has the same.

Directions and words come from intervals and verdicts. Of several cases that go the same way, one
number stands for all: that of mutual information if there is one, else the first.
"""

from collections import Counter

import pandas as pd

from utils.evidence.claims import CLAIMS
from utils.evidence.effects import JUDGED_BY
from utils.evidence.judging import word
from utils.evidence.wording import (
    by_quantity,
    in_percent,
    listed,
    more_or_less,
    signed,
    with_interval,
)
from utils.names import NAMES, readable, spaced
from utils.study.findings import Finding
from utils.verdict.meaning import by_verdict, lost_without_retraining, names, numbers
from utils.verdict.tables import gains_elsewhere

LOW = ", low-first"


def across_network(judged: pd.DataFrame) -> Finding:
    """C1, C1b and C11: orders over all neurons against random ones."""
    cases = judged[judged["claim"].isin(["C1", "C11"])]
    if cases.empty:
        return Finding("No order across the network was judged.")
    bound = CLAIMS["C1"].rule.bound
    first = cases[cases["scope"] == cases["scope"].iloc[0]]
    first = first[first["quantity"].str.endswith(LOW)]
    sides = first["low"].gt(0) * 1 - first["high"].lt(0) * 1
    keeps = {1: "more accuracy than", -1: "less accuracy than", 0: "about as much accuracy as"}
    parts = [
        f"{keeps[side]} random orders, by {names(these, LOW)} ({_one(these, LOW)})"
        for side, these in first.groupby(sides, sort=False)
    ]
    head = {
        (-1,): "the quantities mislead",
        (1,): "the quantities work",
        (0,): "the quantities make no clear difference",
    }
    text = (
        f"**Across the network, {head.get((*sides.unique(),), 'it depends on the quantity')}.** "
        f"Removing lowest values first, {_share(first)} of the neurons, keeps "
        f"{' and '.join(parts)}."
    )
    good = cases[cases["verdict"] == "disagrees"]
    ranked = judged[(judged["claim"] == "C1b") & (judged["verdict"] == "agrees")]
    better = [
        f"{names(these, LOW)}{how} ({_one(these, LOW)}, {_share(these)})"
        for these, how in ((good, ""), (ranked, ", ranked within the layers"))
        if len(these)
    ]
    text += (
        f" What does beat random orders, by more than {bound:g}: {'; '.join(better)}."
        if better
        else f" No order clearly beats random orders by more than {bound:g}."
    )
    rest = judged[(judged["claim"] == "C1b") & (judged["verdict"] != "agrees")]
    lines = [
        f"Ranked within the layers, not clearly better by {bound:g}, {_share(these)}: "
        f"{numbers(these)}."
        for _, these in rest.groupby("scope", sort=False)
    ]
    return Finding(text, *lines)


def within_layers(judged: pd.DataFrame) -> Finding:
    """C2, together and one by one, and C4."""
    words = {
        "agrees": "more accuracy than highest first for {}",
        "disagrees": "less accuracy than highest first for {}",
        "negligible": "as much accuracy as highest first for {}",
        "open": "not clearly more or less than highest first for {}",
    }
    cases = judged[judged["claim"] == "C2"]
    kept = by_verdict(cases, words, lambda these: _by_layer(these, cases["scope"]))
    head = {("agrees",): "work", ("disagrees",): "mislead"}
    says = head.get((*cases["verdict"].unique(),), "work in some cases only")
    text = f"**Within a layer, {names(cases)} {says}.** Removing lowest values first keeps {kept}."
    alone = judged[judged["claim"] == "C2, one by one"]
    if len(alone):
        n_positive = (alone["verdict"] == "agrees").sum()
        few = 2 * n_positive < len(alone)
        text += (
            f"{' But what' if few else ' What'} the removal of one neuron alone costs clearly "
            f"rises with them in {'only ' * int(few)}{n_positive} of {len(alone)} cases."
        )
    best = judged[judged["claim"] == "C4"]
    words = {
        "agrees": "better than {}",
        "disagrees": "worse than {}",
        "negligible": "as good as {}",
        "open": "not told apart from {}",
    }
    if best.empty:
        return Finding(text)
    best = best.assign(quantity=best["quantity"].str.split(" - ").str[-1])
    return Finding(text, f"In the deepest layer, KL selectivity is {by_verdict(best, words)}.")


def bias_balancing(judged: pd.DataFrame) -> Finding:
    """C7 to C9b: what the mean in the bias gains, and whether it replaces retraining."""
    cases = judged[judged["claim"] == "C7"]
    parts = [
        f"{_range(these['estimate'])} in {spaced(scope)}"
        for scope, these in cases.groupby("scope", sort=False)
    ]
    elsewhere = gains_elsewhere(judged)
    head = {"holds": "helps", "holds mostly": "mostly helps", "does not hold": "does harm"}
    says = head.get(word(Counter(cases["verdict"])), "helps in some cases only")
    harmed = [name for name, of in elsewhere.groupby("activation")["gain"] if of.max() < 0]
    says += f", but gains nothing with {listed(harmed)}" if harmed else ""
    text = (
        f"**Bias balancing {says}.** Compared with zeroing it changes accuracy by "
        f"{listed(parts)} (clearly more in {(cases['verdict'] == 'agrees').sum()} of "
        f"{len(cases)} cases)"
    )
    parts = [f"{_range(of)} with {name}" for name, of in elsewhere.groupby("activation")["gain"]]
    text += f"; in random orders by {listed(parts)}." if parts else "."
    share, lost = (judged[judged["claim"] == name] for name in ("C9", "C9b"))
    details = []
    if len(share):
        known = share.dropna(subset=["estimate"])
        ends = listed(
            f"{in_percent(case)} with {case['quantity'].replace('%', ' %')}"
            for _, case in known.iloc[[0, -1][: len(known)]].iterrows()
        )
        text += f" Of what retraining gains, it alone brings {ends or 'no defined share'}."
        details.append(f"Shares of what retraining gains: {numbers(share)}.")
    if len(lost):
        details.append(lost_without_retraining(lost))
    return Finding(text, *details)


def pruning(judged: pd.DataFrame, by_repair: pd.DataFrame, repair: pd.Series) -> Finding:
    """C10 for mutual information: by rival with the mean, against chance by repair, and repairs.

    by_repair, repair : `rivals_by_repair` and `repair_beside_choice` of `utils.verdict.tables`
    """
    words = {
        "agrees": "no more than {bound:g} worse than {{}}",
        "disagrees": "worse than {{}}",
        "open": "not told apart from {{}}",
    }
    bound = -CLAIMS["C10"].rule.bound
    words = {verdict: text.format(bound=bound) for verdict, text in words.items()}
    cases = judged[judged["claim"] == "C10"]
    rivals = cases["quantity"].str.split(" - ", expand=True)
    cases = cases.assign(quantity=rivals[1])[rivals[0] == JUDGED_BY]
    chance = by_repair[by_repair["rival"] == "random"]
    chance = chance[chance["quantity"] == readable(JUDGED_BY)]
    texts = [f"{row['column']} {with_interval(row)}" for _, row in chance.iterrows()]
    last = chance.iloc[-1]
    balanced, others = chance[chance["column"] == NAMES["mean"]], cases["quantity"] != "random"
    head = {
        "agrees": "least squares counts more than the choice",
        "disagrees": "the choice counts more than least squares",
    }
    says = head.get(repair["verdict"], "least squares may count as much as the choice")
    return Finding(
        f"**In pruning, {says}.** As a mean up to 80 % pruned, random choice with least squares "
        f"keeps {more_or_less(repair)} accuracy than mutual information with bias balancing. "
        f"Bias-balanced, mutual information keeps {more_or_less(balanced.iloc[0])} than random "
        f"choice, and is {by_verdict(cases[others], words, names)}; with {last['column']} it "
        f"keeps {more_or_less(last)} than random choice.",
        f"By rival: {by_verdict(cases, words)}.",
        f"Mutual information less random choice, by repair: {', '.join(texts)}.",
    )


def _by_layer(cases: pd.DataFrame, scopes: pd.Series) -> str:
    """The quantities, with their layers where not all; and the numbers of the first of them."""
    first = cases["quantity"].iloc[0]
    shown = cases[cases["quantity"] == first].assign(quantity=cases["scope"])
    return f"{by_quantity(cases, scopes)} ({readable(first)}: {numbers(shown)})"


def _one(cases: pd.DataFrame, cut: str = "") -> str:
    """The number that stands for several cases, with its name where there are others."""
    known = cases[cases["quantity"].str.startswith(JUDGED_BY)]
    shown = (known if len(known) else cases).iloc[:1]
    return with_interval(shown.iloc[0]) if len(cases) == 1 else numbers(shown, cut)


def _range(numbers: pd.Series) -> str:
    return " to ".join(dict.fromkeys([signed(numbers.min()), signed(numbers.max())]))


def _share(cases: pd.DataFrame) -> str:
    """`up to 40 %`, of cases across the network."""
    shares = cases["scope"].str.removeprefix("network to ").str.replace("%", " %").unique()
    return f"up to {' and '.join(shares)}"

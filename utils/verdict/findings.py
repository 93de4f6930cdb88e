"""What notebook 06 finds, in sentences made from the claims as judged; README has the same.

Every sentence is right for any run: directions and words come from intervals and verdicts.
"""

import pandas as pd

from utils.evidence.claims import CLAIMS
from utils.evidence.effects import JUDGED_BY
from utils.evidence.wording import listed, signed, with_interval
from utils.names import readable, spaced
from utils.study.findings import Finding
from utils.verdict.meaning import by_verdict, numbers, said
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
        f"{keeps[side]} random orders ({numbers(these, cut=LOW)})"
        for side, these in first.groupby(sides, sort=False)
    ]
    text = (
        f"**Across the network**, removing {_share(first)} of the neurons, low values first, "
        f"keeps {' and '.join(parts)}."
    )
    good = cases[cases["verdict"] == "disagrees"]
    text += (
        f" Better than chance by more than {bound:g}: {numbers(good)}, {_share(good)}."
        if len(good)
        else f" No order is surely better than chance by more than {bound:g}."
    )
    ranked = judged[judged["claim"] == "C1b"]
    ranked = ranked[ranked["scope"] == ranked["scope"].iloc[-1]] if len(ranked) else ranked
    words = {
        "agrees": f"better than chance by more than {bound:g} ({{}})",
        "disagrees": "not that much better than chance ({})",
        "open": "undecided ({})",
    }
    if len(ranked):
        text += (
            f" With neurons compared by their ranks within the layers ({_share(ranked)}), low "
            f"first is {by_verdict(ranked, words)}."
        )
    return Finding(text)


def within_layers(judged: pd.DataFrame) -> Finding:
    """C2, together and one by one, and C4."""
    words = {
        "agrees": "more accuracy than high first ({})",
        "disagrees": "less accuracy than high first ({})",
        "negligible": "as much accuracy as high first ({})",
        "open": "not clearly more or less than high first ({})",
    }
    cases = judged[judged["claim"] == "C2"]
    cases = cases.assign(quantity=cases["quantity"] + " in " + cases["scope"])
    text = f"**Within a layer**, low values first keeps {by_verdict(cases, words)}."
    alone = judged[judged["claim"] == "C2, one by one"]
    if len(alone):
        text += (
            f" Of {len(alone)} rank correlations between a quantity and what a neuron's removal "
            f"alone costs, {(alone['verdict'] == 'agrees').sum()} are clearly positive."
        )
    best = judged[judged["claim"] == "C4"]
    words = {
        "agrees": "better than {}",
        "disagrees": "worse than {}",
        "negligible": "as good as {}",
        "open": "not told apart from {}",
    }
    if len(best):
        best = best.assign(quantity=best["quantity"].str.split(" - ").str[-1])
        text += f" In the deepest layer KL selectivity is {by_verdict(best, words)}."
    return Finding(text)


def bias_balancing(judged: pd.DataFrame) -> Finding:
    """C7 to C9b: what the mean in the bias gains, and whether it replaces retraining."""
    cases = judged[judged["claim"] == "C7"]
    parts = [
        f"{signed(these['estimate'].min())} to {signed(these['estimate'].max())} in "
        f"{spaced(scope)} ({said(these['verdict'])})"
        for scope, these in cases.groupby("scope", sort=False)
    ]
    text = f"**Bias balancing** changes accuracy by {listed(parts)}."
    elsewhere = gains_elsewhere(judged)
    gains = elsewhere["gain"].map(signed) + " in " + elsewhere["scope"].map(spaced)
    parts = [f"{name} {listed(of)}" for name, of in gains.groupby(elsewhere["activation"])]
    if parts:
        text += f" With other activations, random orders: {'; '.join(parts)}."
    share, lost = (judged[judged["claim"] == name] for name in ("C9", "C9b"))
    if len(share):
        text += f" As a share of what retraining gains, it gains: {numbers(share)}."
    if len(lost):
        text += f" Accuracy then differs from the intact networks' by: {numbers(lost)}."
    return Finding(text)


def pruning(judged: pd.DataFrame, by_repair: pd.DataFrame) -> Finding:
    """C10 for mutual information: by rival with the mean, and against chance by repair.

    by_repair : `utils.verdict.tables.rivals_by_repair`
    """
    words = {
        "agrees": "at least as good as {}",
        "disagrees": "worse than {}",
        "open": "not told apart from {}",
    }
    cases = judged[judged["claim"] == "C10"]
    names = cases["quantity"].str.split(" - ", expand=True)
    cases = cases.assign(quantity=names[1])[names[0] == JUDGED_BY]
    text = f"**Pruning** by mutual information, bias-balanced, is {by_verdict(cases, words)}."
    chance = by_repair[by_repair["rival"] == "random"]
    chance = chance[chance["quantity"] == readable(JUDGED_BY)]
    numbers = [f"{row['column']} {with_interval(row)}" for _, row in chance.iterrows()]
    return Finding(f"{text} Against random choice it gains, by repair: {', '.join(numbers)}.")


def _share(cases: pd.DataFrame) -> str:
    """`up to 40 %`, of cases across the network."""
    shares = cases["scope"].str.removeprefix("network to ").str.replace("%", " %").unique()
    return f"up to {' and '.join(shares)}"

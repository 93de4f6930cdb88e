"""Sentences of notebook 08, made from its tables, so that they cannot drift from the numbers."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from utils.beyond.claims import BEYOND, SINGLE, class_losses
from utils.beyond.tables import in_word
from utils.evidence.claims import CLAIMS
from utils.evidence.effects import LOW_FIRST, against_random, of_network
from utils.evidence.judging import CASE, decided, overview, word
from utils.evidence.of_curves import OF_CURVES
from utils.evidence.tables import Tables
from utils.evidence.wording import listed, more_or_less, signed, with_interval
from utils.names import NETWORK, spaced
from utils.study.findings import Finding

MENDS = {  # what counting what is shared does to the order, by the word of B2
    "holds": "mends the order", "holds mostly": "mostly mends the order",
    "mixed": "mends the order by some methods only",
    "mostly not": "mostly does not mend the order", "does not hold": "does not mend the order",
}  # fmt: skip
EMPTIED = 75  # percent of a layer, by the time half of all neurons are removed


def cases_of(name: str, tables: Tables) -> pd.DataFrame:
    """`decided` of a statement's cases, with scope and quantity as columns."""
    return decided(BEYOND[name].values(tables), BEYOND[name].rule).reset_index()


def each_case(cases: pd.DataFrame) -> str:
    """`+0.062 [+0.052, +0.071] in layer 1 and …`"""
    return listed(
        f"{with_interval(case)} in {spaced(case['scope'])}" for _, case in cases.iterrows()
    )


def counts(cases: pd.DataFrame, rival: str) -> str:
    """`better than the rival in 2 of 8 cases, worse in none and negligibly different in 6`"""
    of = Counter(cases["verdict"])
    agree, disagree, small = (of[v] or "none" for v in ("agrees", "disagrees", "negligible"))
    text = f"better than {rival} in {agree} of {len(cases)} cases, worse in {disagree}"
    return f"{text} and negligibly different in {small}"


def across_network(tables: Tables, orders: pd.DataFrame, measures: pd.DataFrame) -> Finding:
    """B2: does counting what is shared mend orders across the network? Which layer goes first?

    orders : orders.csv.xz
    """
    joint, rule = cases_of("B2", tables), BEYOND["B2"].rule
    alone = against_random(of_network(tables.retained), {SINGLE: LOW_FIRST[SINGLE]})
    verdicts = Counter(joint["verdict"])
    text = {
        "agrees": "Across the network mutual information alone beats random orders, and ",
        "disagrees": "Across the network, counting what is shared "
        f"{MENDS.get(word(verdicts), 'may or may not mend the order')}: ",
    }.get(decided(alone, rule)["verdict"].item(), "Across the network ")
    ends = " to ".join(signed(joint["mean"].agg(end)) for end in ("min", "max"))
    shares = 100 * first_layer_shares(orders, measures)
    counting = shares.drop(["greedy", SINGLE])
    parts = [f"{counting.agg(end):.0f}" for end in ("min", "max")]
    size = orders.groupby("scope")["place"].max() + 1
    gone = shares.drop("greedy") * size[NETWORK] / 2 / size["layer-1"]
    too = "These orders too empty layer 1 first: of" if gone.min() >= EMPTIED else "Of"
    return Finding(
        f"{text}{verdicts['agrees'] or 'none'} of {len(joint)} orders that count what is shared "
        f"can clearly beat random orders by {rule.bound:g} (differences {ends}). {too} the first "
        f"half that they remove, {' to '.join(dict.fromkeys(parts))} % is of layer 1; with mutual "
        f"information alone it is {shares[SINGLE]:.0f} %."
    )


def what_helps(tables: Tables) -> Finding:
    """C1b and B3: what beats random orders across the network."""
    ranked = decided(OF_CURVES["C1b"](tables.retained), CLAIMS["C1b"].rule).reset_index()
    ranked = ranked[ranked["verdict"] == "agrees"].nlargest(1, "mean")
    greedy = cases_of("B3", tables).query("scope == @NETWORK and verdict == 'agrees'")
    texts = [
        f"{in_word(case['quantity'])} compared by ranks within the layers ({with_interval(case)})"
        for _, case in ranked.iterrows()
    ]
    texts += [f"greedy removal ({with_interval(case)})" for _, case in greedy.iterrows()]
    if not texts:
        return Finding("Nothing that we tried beats random orders across the network clearly.")
    return Finding(f"What does beat random orders is {listed(texts)}.")


def first_layer_shares(orders: pd.DataFrame, measures: pd.DataFrame) -> pd.Series:
    """Share of layer 1 in the first half removed across the network [ordering], and by SINGLE."""
    width = orders.loc[orders["scope"] == "layer-1", "neuron"].max() + 1
    across = orders[orders["scope"] == NETWORK]
    half = across[across["place"] < (across["place"].max() + 1) / 2]
    shares = (half["neuron"] < width).groupby(half["ordering"], sort=False).mean()
    ranks = measures.groupby("replicate")[SINGLE].rank(method="first", pct=True)
    shares[SINGLE] = (measures.loc[ranks <= 0.5, "layer"] == 1).mean()
    return shares


def within_layers(tables: Tables) -> Finding:
    """B1 and B3 within layers: what counting what is shared gains, and what there is to gain."""
    joint, greedy = cases_of("B1", tables), cases_of("B3", tables)
    best = joint.loc[joint["mean"].idxmax()]
    return Finding(
        "Within a layer, orders that count what neurons share are "
        f"{counts(joint, 'mutual information alone')}. At best they gain {with_interval(best)}, "
        f"in {spaced(best['scope'])}. Greedy removal gains "
        f"{each_case(greedy[greedy['scope'] != NETWORK])}."
    )


def own_class(classes: pd.DataFrame, n_selective: int, names: Sequence[str]) -> Finding:
    """B6: do the neurons selective for a class hit it more than others, and which is spared?

    names : of the classes
    """
    cases = cases_of("B6", Tables({"classes": classes}))
    losses = class_losses(classes)
    means = losses.groupby(["scope", "selected_class", "class", "whose"])["loss"].mean()
    means = means.reset_index()
    largest = means.groupby(["scope", "selected_class"])["loss"].transform("max")
    own = means["whose"] == "own"
    spared = means[own & (means["loss"] < largest)].groupby("scope")["class"]
    says = {
        "holds": "hits that class more than the others",
        "holds mostly": "hits that class more than the others, clearly in most layers",
        "mixed": "hits that class more than the others in some layers only",
        "open": "may hit that class more than the others, which is not settled",
    }
    unlike = "does not clearly hit that class more than the others"
    said = says.get(word(Counter(cases["verdict"])), unlike)
    more = [f"{more_or_less(case)} in {spaced(case['scope'])}" for _, case in cases.iterrows()]
    hit = own.sum() - spared.size().sum()
    there = [f"{listed(names[k] for k in of)} in {spaced(scope)}" for scope, of in spared]
    return Finding(
        f"Removing the {n_selective} neurons of a layer that are most selective for a class "
        f"{said}. In accuracy it loses {listed(more)}. On average it is hit hardest in {hit} of "
        f"{own.sum()} cases, a layer and a class each"
        f"{f'; not so class {listed(there)}' * bool(there)}. "
        "As many random neurons were not tried as a control."
    )


def steady(judged: pd.DataFrame, second: pd.DataFrame | None, parts: pd.DataFrame) -> Finding:
    """What differs on other images, and between halves of the networks.

    second : judged in another run; parts : `utils.evidence.halves.halves`, or empty
    """
    texts = []
    if second is not None:
        here, there = (overview(table, BEYOND)["holds"] for table in (judged, second))
        there = there.reindex(here.index).dropna()
        both = judged.merge(second, on=["claim", *CASE], suffixes=("", "_there"))
        differ = (both["verdict"] != both["verdict_there"]).sum()
        texts.append(
            f"On other images {(there != here[there.index]).sum()} of {len(there)} statements "
            f"come to another word, and {differ} of {len(both)} cases to another verdict."
        )
    if not parts.empty:
        every = parts.loc["all"]
        texts.append(
            f"Between the two halves of the networks {every['differ']:.0f} of "
            f"{every['cases']:.0f} verdicts differ, between random halves "
            f"{every['by chance']:.0f} ({every['least']:.0f} to {every['most']:.0f})."
        )
    return Finding(" ".join(texts) or "Nothing to compare with: too few networks, no other run.")

"""Sentences of notebook 03 about orders; more or less is what `judging.decided` finds."""

from collections.abc import Iterable

import pandas as pd

from utils.ablate import tables
from utils.ablate.tables import GOOD, SHARES, at_shares, of_scope
from utils.evidence.curves import retained
from utils.evidence.wording import listed, signed, with_interval
from utils.names import INFORMED, QUANTITIES, in_order, readable, spaced
from utils.study.findings import Finding

MORE = {
    "agrees": "more accuracy", "disagrees": "less accuracy",
    "negligible": "as much accuracy (within 0.01)", "open": "a difference that is not decided",
}  # fmt: skip
PAPERS, WHOLE = SHARES


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _said(rows: pd.DataFrame, labels: Iterable[str], brief: bool = False) -> str:
    """`less accuracy for entropy (…), and more accuracy for …`, by the rows' verdicts.

    brief : of several that go the same way, the range of the means
    """
    rows = rows.assign(label=list(labels))
    parts = []
    for verdict, word in MORE.items():
        group = rows[rows["verdict"] == verdict].to_dict("records")
        texts = [f"{row['label']} ({with_interval(row)})" for row in group]
        if brief and len(group) > 1:
            ends = [signed(end(row["mean"] for row in group)) for end in (min, max)]
            names = listed([row["label"] for row in group])
            texts = [f"{names} ({' to '.join(dict.fromkeys(ends))})"]
        if group:
            parts.append(f"{word} for {listed(texts)}")
    return ", and ".join(parts)


def _directed(table: pd.DataFrame, share: float, direction: str, brief: bool = False) -> str:
    """Of the network's rows of one direction, what they leave."""
    rows = table.loc[share].droplevel("scope")
    rows = rows[rows.index.str.endswith(direction)]
    return _said(rows, [readable(name.split(",")[0]) for name in rows.index], brief)


def across_network(ablation: pd.DataFrame) -> Finding:
    """C1 and C11, both directions, up to 40 % and 80 %."""
    table, good = (
        of_scope(at_shares(ablation, tables.against_random, *rule), network=True)
        for rule in ((), (GOOD,))
    )
    text = (
        f"Compared with random orders across the network (R up to {percent(PAPERS)} removed, "
        "where the paper's curves end), low values first leave "
        f"{_directed(table, PAPERS, 'low-first')}. High values first leave "
        f"{_directed(table, PAPERS, 'high-first')}. With R up to {percent(WHOLE)} removed, high "
        f"values first leave {_directed(table, WHOLE, 'high-first')}."
    )
    passed = good[good["verdict"] == "agrees"].index
    for share, _, order in passed:
        text += f" {readable(order).capitalize()} passes our bound of 0.01 for a good indicator "
        text += f"up to {percent(share)}: this speaks against the paper's claim."
    if passed.empty:
        text += " No order passes our bound of 0.01 for a good indicator."
    return Finding(text)


def emptied(measured: pd.DataFrame, ablation: pd.DataFrame) -> Finding:
    """Which layer loses more than its share, and which can spare neurons."""
    if measured["layer"].nunique() == 1:
        return Finding("With one hidden layer, an order across the network is one within it.")
    counts = tables.removed_by_layer(measured)
    half = counts["n"].max() // 2
    taken = {quantity: _most_taken(counts, quantity, half) for quantity in QUANTITIES}
    parts = [
        f"{percent(share)} from layer {layer} by {readable(quantity)}"
        for quantity, (share, layer, _) in taken.items()
    ]
    equal = sorted({f"{percent(own)} from layer {layer}" for _, layer, own in taken.values()})
    early = round(PAPERS * counts["n"].max())
    high_first = tables.removed_by_layer(measured, low_first=False)
    share, layer, _ = _most_taken(high_first, "entropy", early)
    random = retained(ablation, PAPERS)["random", "none", "mean"].groupby("scope").mean()
    spared = max(in_order(random.index)[:-1], key=random.get)
    return Finding(
        f"Of the first {half} neurons, low values first take {listed(parts)}; equal shares would "
        f"take {listed(equal)}. High entropy first takes {percent(share)} of its first {early} "
        f"neurons from layer {layer}. Random removals cost least in {spaced(spared)}."
    )


def _most_taken(counts: pd.DataFrame, quantity: str, n: int) -> tuple[float, int, float]:
    """Share of the first n of the layer that is most beyond its own share; layer; own share."""
    rows = counts[counts["quantity"] == quantity]
    table = rows.pivot(index="n", columns="layer", values="removed")
    shares, own = table.loc[n] / n, table.iloc[-1] / len(table)
    layer = (shares - own).idxmax()
    return shares[layer], layer, own[layer]


def by_ranks(ablation: pd.DataFrame) -> Finding:
    """C1b: the same by ranks within layers, and what becomes of high entropy first."""
    table = at_shares(ablation, tables.ranks_against_random)
    text = (
        "Ordered by their ranks within the layers, and compared with random orders, low values "
        f"first leave {_directed(table, PAPERS, 'low-first')} up to {percent(PAPERS)} removed. "
        f"Up to {percent(WHOLE)} removed they leave {_directed(table, WHOLE, 'low-first')}."
    )
    values = of_scope(at_shares(ablation, tables.against_random), network=True)
    case = (PAPERS, "network", "entropy, high-first")
    if values.loc[case, "verdict"] == "agrees" != table.loc[case, "verdict"]:
        text += (
            f" High entropy first loses its advantage: {with_interval(table.loc[case])} by ranks "
            f"instead of {with_interval(values.loc[case])} by values."
        )
    return Finding(text)


def within_layers(ablation: pd.DataFrame) -> Finding:
    """C2, and the stronger question: better than random."""
    gaps, random = (
        of_scope(at_shares(ablation, effect), network=False).loc[WHOLE]
        for effect in (tables.against_high_first, tables.against_random)
    )
    random = random[random.index.get_level_values("quantity").str.endswith("low-first")]
    others = {*QUANTITIES} - {*INFORMED}
    return Finding(
        f"Within a layer (R up to {percent(WHOLE)} removed), low values first leave, compared "
        f"with high values first, {_cases(gaps, {*INFORMED})}. Compared with random orders they "
        f"leave {_cases(random, {*INFORMED})}. With entropy, low first leaves, compared with high "
        f"first, {_cases(gaps, others)}."
    )


def _cases(table: pd.DataFrame, quantities: set[str], brief: bool = False) -> str:
    names = table.index.get_level_values("quantity").str.split(",").str[0]
    rows = table[names.isin(quantities)]
    labels = [f"{readable(q.split(',')[0])} in {spaced(scope)}" for scope, q in rows.index]
    return _said(rows, labels, brief)


def by_share(ablation: pd.DataFrame) -> Finding:
    """What of the verdicts depends on the share up to which R is taken."""
    table = at_shares(ablation, tables.against_random)
    early, late = table.loc[PAPERS], table.loc[WHOLE]
    changed = early["verdict"] != late["verdict"]
    text = (
        f"{changed.sum()} of {len(late)} effects have another verdict up to {percent(PAPERS)} "
        f"than up to {percent(WHOLE)}."
    )
    opposite = {"agrees": "disagrees", "disagrees": "agrees"}
    turned = late.index[early["verdict"].map(opposite) == late["verdict"]]
    for scope, order in turned:
        before, after = (signed(rows.loc[(scope, order), "mean"]) for rows in (early, late))
        text += (
            f" {readable(order).capitalize()} ({spaced(scope)}) changes its side: {before}, then "
            f"{after}."
        )
    small = (early["verdict"] == "negligible").groupby("scope", sort=False).all()
    if small.any():
        text += (
            f" In {listed([spaced(scope) for scope in small.index[small]])} every effect is "
            f"negligible up to {percent(PAPERS)}: what is found there comes from later steps."
        )
    return Finding(text)


def in_short(ablation: pd.DataFrame) -> Finding:
    """The answer to the notebook's question, in one sentence for each way to compare."""
    values, ranks, gaps = (
        at_shares(ablation, effect)
        for effect in (
            tables.against_random, tables.ranks_against_random, tables.against_high_first
        )
    )  # fmt: skip
    network = of_scope(values, network=True)
    low = values[values.index.get_level_values("quantity").str.endswith("low-first")]
    layers, informed = of_scope(low, network=False).loc[WHOLE], {*INFORMED}
    gaps = of_scope(gaps, network=False).loc[WHOLE]
    ranked = _directed(ranks, PAPERS, "low-first", brief=True)
    return Finding(
        f"Across the network, up to {percent(PAPERS)} removed and compared with random orders, "
        f"low values first leave {_directed(network, PAPERS, 'low-first', brief=True)}; high "
        f"values first leave {_directed(network, PAPERS, 'high-first', brief=True)}. By ranks "
        f"within the layers, low first leaves {ranked}. "
        f"Within a layer, up to {percent(WHOLE)} removed, low first leaves "
        f"{_cases(gaps, informed, brief=True)}, compared with high first; compared with random "
        f"orders, {_cases(layers, informed, brief=True)}."
    )

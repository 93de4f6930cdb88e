"""Sentences of notebook 03 about orders; more or less is what `judging.decided` finds.

Of several effects that go the same way, one number stands for all: that of mutual information if
it is among them, else the first.
"""

from collections.abc import Iterable

import pandas as pd

from utils.ablate import tables
from utils.ablate.tables import GOOD, SHARES, at_shares, of_scope
from utils.evidence.curves import retained
from utils.evidence.wording import by_quantity, listed, percent, signed, with_interval
from utils.names import INFORMED, QUANTITIES, in_order, readable, spaced
from utils.study.findings import Finding

MORE = {  # in full, and once it is said what is compared
    "agrees": ("more accuracy than {}", "more"),
    "disagrees": ("less accuracy than {}", "less"),
    "negligible": ("as much accuracy as {} (within 0.01)", "as much (within 0.01)"),
    "open": ("not clearly more or less accuracy than {}", "not clearly more or less"),
}
PAPERS, WHOLE = SHARES
RANDOM, HIGHEST = "random orders", "highest first"


def _said(
    rows: pd.DataFrame, direction: str, than: str, quantities: Iterable[str] = QUANTITIES
) -> str:
    """`less accuracy than … with entropy (…), and more with …`: rows of one direction, by verdict.

    rows : `decided` [scope, quantity], the quantities with or without a direction
    """
    cases = rows.reset_index()
    names = cases["quantity"].str.split(", ", expand=True).reindex(columns=[0, 1])
    cases["quantity"] = names[0]
    cases = cases[(names[1].isna() | names[1].eq(direction)) & names[0].isin([*quantities])]
    parts = []
    for verdict, (full, brief) in MORE.items():
        group = cases[cases["verdict"] == verdict]
        if len(group):
            text = by_quantity(group, cases["scope"])
            parts.append(f"{brief if parts else full.format(than)} with {text} ({_one(group)})")
    return ", and ".join(parts)


def _one(group: pd.DataFrame) -> str:
    """The number that stands for several, with what it is of unless it is the only one."""
    known = group[group["quantity"] == "mutual_information"]
    shown = known if len(known) else group[group["quantity"] == group["quantity"].iloc[0]]
    where = [f"{spaced(scope)} " * (len(shown) > 1) for scope in shown["scope"]]
    numbers = [
        f"{w}{with_interval(r)}" for w, r in zip(where, shown.to_dict("records"), strict=True)
    ]
    name = readable(shown["quantity"].iloc[0])
    return listed(numbers) if group["quantity"].nunique() == 1 else f"{name} {listed(numbers)}"


def across_network(ablation: pd.DataFrame) -> Finding:
    """C1 and C11, both directions, up to 40 % and 80 %."""
    table, good = (
        of_scope(at_shares(ablation, tables.against_random, *rule), network=True)
        for rule in ((), (GOOD,))
    )
    early, late = (table.loc[share] for share in SHARES)
    text = (
        f"Across the network, up to {percent(PAPERS)} of the neurons removed, lowest values first "
        f"keeps {_said(early, 'low-first', RANDOM)}. Highest values first keeps "
        f"{_said(early, 'high-first', RANDOM)}."
    )
    later = f"Up to {percent(WHOLE)}, highest first keeps {_said(late, 'high-first', RANDOM)}."
    passed = good[good["verdict"] == "agrees"].index
    if passed.empty:
        return Finding(text, "No order passes our bound of 0.01 for a good indicator.", later)
    speaks = [
        f"{readable(order).capitalize()} is a good indicator up to {percent(share)}: better than "
        "random by more than 0.01. This speaks against the paper's claim."
        for share, _, order in passed
    ]
    return Finding(text, *speaks, later)


def emptied(measured: pd.DataFrame, ablation: pd.DataFrame) -> Finding:
    """Which layer loses more than its share, and whether that explains high entropy first."""
    if measured["layer"].nunique() == 1:
        return Finding("With one hidden layer, an order across the network is one within it.")
    counts = tables.removed_by_layer(measured)
    half = counts["n"].max() // 2
    taken = {quantity: _most_taken(counts, quantity, half) for quantity in QUANTITIES}
    layers = {layer for _, layer, _ in taken.values()}
    where = f" from layer {next(iter(layers))}" if len(layers) == 1 else ""
    own = {f"{percent(own)} of layer {layer}" for _, layer, own in taken.values()}
    parts = [
        f"{percent(share)} by {readable(quantity)}"
        if where
        else f"{percent(share)} from layer {layer} by {readable(quantity)}"
        for quantity, (share, layer, _) in taken.items()
    ]
    early = round(PAPERS * counts["n"].max())
    high_first = tables.removed_by_layer(measured, low_first=False)
    share, layer, _ = _most_taken(high_first, "entropy", early)
    random = retained(ablation, PAPERS)["random", "none", "mean"].groupby("scope").mean()
    spared = max(in_order(random.index)[:-1], key=random.get)
    last = (
        f"High entropy first takes {percent(share)} of its first {early} neurons from layer "
        f"{layer}"
    )
    if spaced(spared) == f"layer {layer}":
        last += ", the layer in which random removals cost least"
    return Finding(
        f"Of its first {half} neurons, lowest values first takes{where} {listed(parts)}; equal "
        f"shares would be {listed(sorted(own))}. {last}."
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
        f"By ranks within the layers, up to {percent(WHOLE)} removed, lowest values first keeps "
        f"{_said(table.loc[WHOLE], 'low-first', RANDOM)}."
    )
    values = of_scope(at_shares(ablation, tables.against_random), network=True)
    case = (PAPERS, "network", "entropy, high-first")
    if values.loc[case, "verdict"] == "agrees" != table.loc[case, "verdict"]:
        text += (
            f" High entropy first loses its advantage: up to {percent(PAPERS)} it differs from "
            f"random orders by {with_interval(table.loc[case])}, instead of "
            f"{with_interval(values.loc[case])} by values."
        )
    early = _said(table.loc[PAPERS], "low-first", RANDOM)
    return Finding(text, f"Up to {percent(PAPERS)} removed it keeps {early}.")


def within_layers(ablation: pd.DataFrame) -> Finding:
    """C2, and the stronger question: better than random."""
    gaps, random = (
        of_scope(at_shares(ablation, effect), network=False).loc[WHOLE]
        for effect in (tables.against_high_first, tables.against_random)
    )
    return Finding(
        f"Within a layer, up to {percent(WHOLE)} removed, lowest values first keeps "
        f"{_said(gaps, 'low-first', HIGHEST, INFORMED)}.",
        f"It keeps {_said(random, 'low-first', RANDOM, INFORMED)}.",
        f"It keeps {_said(gaps, 'low-first', HIGHEST, QUANTITIES[:1])}.",
    )


def by_share(ablation: pd.DataFrame) -> Finding:
    """What of the verdicts depends on the share up to which R is taken."""
    table = at_shares(ablation, tables.against_random)
    early, late = table.loc[PAPERS], table.loc[WHOLE]
    small = (early["verdict"] == "negligible").groupby("scope", sort=False).all()
    parts = [
        f"In {listed([spaced(scope) for scope in small.index[small]])} every effect is negligible "
        f"up to {percent(PAPERS)} removed: what is found there comes from later steps."
    ] * int(small.any())
    opposite = {"agrees": "disagrees", "disagrees": "agrees"}
    for scope, order in late.index[early["verdict"].map(opposite) == late["verdict"]]:
        before, after = (signed(rows.loc[(scope, order), "mean"]) for rows in (early, late))
        parts.append(
            f"{readable(order).capitalize()} ({spaced(scope)}) changes its side: {before} up to "
            f"{percent(PAPERS)}, {after} up to {percent(WHOLE)}."
        )
    changed = (early["verdict"] != late["verdict"]).sum()
    count = f"{changed} of {len(late)} effects change their verdict between the two shares."
    return Finding(" ".join(parts), count) if parts else Finding(count)

"""Sentences of notebook 09, made from its tables, so that they cannot drift from the numbers."""

from collections import Counter

import pandas as pd

from utils.convolution.claims import against_all_errors
from utils.convolution.experiment import BORDERS
from utils.convolution.tables import NOT_ASKED, WORDS
from utils.evidence.claims import GOOD_INDICATOR
from utils.evidence.curves import final_test_accuracy
from utils.evidence.judging import CORRELATION, Rule, decided
from utils.evidence.wording import in_percent, listed, of_one, signed, with_interval
from utils.names import INFORMED, NETWORK, in_order, readable, spaced
from utils.study.findings import Finding

REST = {"disagrees": "the other way", "negligible": "negligible", "open": "open"}
AT_MOST = 1 + 1e-9  # bits; what is rounded lies no further beyond
STANDS, FAILS = ("holds", "holds mostly"), ("does not hold", "mostly not")
TO_80 = "network to 80%"


def counted(cases: pd.DataFrame) -> str:
    """`in 2 of 4 cases (1 the other way, 1 open)`: how many agree, and what the others do."""
    of = Counter(cases["verdict"])
    rest = listed(f"{of[verdict]} {word}" for verdict, word in REST.items() if of[verdict])
    noun = "case" if len(cases) == 1 else "cases"
    return f"in {of['agrees'] or 'none'} of {len(cases)} {noun}{f' ({rest})' * bool(rest)}"


def each(cases: pd.DataFrame, digits: int = 3) -> str:
    """`mutual information +0.05 [+0.04, +0.06] in layer 1 and …`; of claims or `decided`."""
    return listed(
        f"{readable(case['quantity'])} {with_interval(case, digits)} in {spaced(case['scope'])}"
        for case in cases.to_dict("records")
    )


def _of(judged: pd.DataFrame, claim: str) -> pd.DataFrame:
    return judged[judged["claim"] == claim]


def trained(training: pd.DataFrame) -> Finding:
    """How good the networks are."""
    found = final_test_accuracy(training)
    if len(found) == 1:
        return Finding(f"The network has a test accuracy of {found.iloc[0]:.4f}.")
    ends = " to ".join(f"{found.agg(end):.4f}" for end in ("min", "max"))
    return Finding(
        f"The {len(found)} networks have a test accuracy of {ends}, {found.mean():.4f} on average."
    )


def measured(measures: pd.DataFrame) -> Finding:
    """What the three quantities of one bit can say of channels, and what they say by layer."""
    one_bit = (measures["entropy"].round(3) == 1).sum()
    limited = (measures["kl_selectivity"] <= AT_MOST).sum()
    every = f"of {len(measures)} channels"
    same = ", and says nothing of them" * bool(2 * one_bit > len(measures))
    medians = measures.groupby("layer")[list(INFORMED)].median()
    parts = listed(
        f"{row[INFORMED[0]]:.2f} and {row[INFORMED[1]]:.2f} bits in layer {layer}"
        for layer, row in medians.iterrows()
    )
    silent = (measures["firing_rate"] == 0).sum()
    never = f"; {silent} fire for no image" if silent else ""
    return Finding(
        f"Entropy is 1 bit for {one_bit} {every}{same}; KL selectivity is at most 1 bit for "
        f"{limited}{never}. The medians of mutual information and KL selectivity are {parts}."
    )


def within_layers(judged: pd.DataFrame) -> Finding:
    """C2 in orders and one by one, C5, and C6 if it is asked."""
    together, alone = _of(judged, "C2"), _of(judged, "C2, one by one")
    deeper, clearer = _of(judged, "C5"), _of(judged, "C6")
    text = (
        "Within a layer, removing channels of lowest mutual information or KL selectivity first "
        f"keeps more accuracy than highest first {counted(together)}: {each(together)}."
    )
    details = [f"What the removal of one channel alone costs rises with them {counted(alone)}."]
    if len(deeper):
        details.append(f"Removing at random costs less in the deeper layer {counted(deeper)}.")
    if len(clearer):
        details.append(f"They separate channels more clearly than entropy {counted(clearer)}.")
    return Finding(text + of_one(judged), *details)


def across_network(judged: pd.DataFrame) -> Finding:
    """C1, C1b and C11: orders over the channels of all layers."""
    values, ranks = judged[judged["claim"].isin(["C1", "C11"])], _of(judged, "C1b")
    of = Counter(values["verdict"])
    known = values[(values["scope"] == TO_80) & values["quantity"].str.endswith("low-first")]
    numbers = listed(
        f"{with_interval(case)} by {readable(case['quantity']).removesuffix(', low first')}"
        for case in known.to_dict("records")
    )
    ranked = ranks[ranks["scope"] == TO_80]
    better = listed(
        f"{with_interval(case)} by {readable(case['quantity'])}"
        for case in ranked.to_dict("records")
    )
    counts = listed(
        f"{of[verdict] or 'none'} {word}"
        for verdict, word in (("disagrees", "clearly do so"), ("agrees", "clearly do not"))
    )
    return Finding(
        f"Does an order across the network beat random orders by more than {GOOD_INDICATOR:g}? Of "
        f"{len(values)} orders by value {counts}. Lowest first, R differs from that of random "
        f"orders by {numbers}. By ranks within the layers they clearly do so {counted(ranks)}: R "
        f"differs by {better}.{of_one(judged)}"
    )


def selective(correlations: pd.DataFrame) -> Finding:
    """Does selectivity say more of what a channel's removal costs its class than of all errors?"""
    gains = against_all_errors(correlations)
    clear, opposite = (gains["low"] > 0).sum(), (gains["high"] < 0).sum()
    rhos = decided(correlations, Rule("above", margin=CORRELATION)).reset_index()
    across = rhos[rhos["scope"] == NETWORK].set_index("quantity")
    parts = [
        f"{WORDS[name]}: {with_interval(across.loc[f'{name}, errors of its class'], 2)} with the "
        f"errors of its class, {with_interval(across.loc[f'{name}, all errors'], 2)} with all"
        for name in dict.fromkeys(gains["quantity"])
    ]
    return Finding(
        "How selective a channel is says clearly more of what its removal costs its class than of "
        f"what it costs in all in {clear or 'none'} of {len(gains)} cases, a scope and a "
        f"selectivity each, and clearly less in {opposite or 'none'}.{of_one(gains)}",
        *(f"Spearman's ρ across the network, {part}." for part in parts),
    )


def repaired(judged: pd.DataFrame) -> Finding:
    """C7, C9, C9b and C10: bias balancing and pruning."""
    gains, share = _of(judged, "C7"), _of(judged, "C9")
    lost, rivals = _of(judged, "C9b"), _of(judged, "C10")
    ranges = listed(
        f"{' to '.join(dict.fromkeys(signed(of.agg(end)) for end in ('min', 'max')))} in "
        f"{spaced(scope)}"
        for scope, of in gains.groupby("scope", sort=False)["estimate"]
    )
    text = (
        f"A channel's mean in its place keeps more accuracy than 0 {counted(gains)}: R differs by "
        f"{ranges}."
    )
    known = share.dropna(subset="estimate")
    alone = listed(f"{in_percent(c)} at {c['quantity']}" for c in known.to_dict("records"))
    details = [
        f"As a share of what retraining gains, it alone changes accuracy by {alone}."
        if alone
        else "What share of retraining it replaces is not defined, as retraining gains nothing."
    ]
    details += [
        f"Pruned and balanced, not retrained, a network loses no more than {GOOD_INDICATOR:g} "
        f"{counted(lost)}.",
        "Pruning by mutual information or KL selectivity is no more than "
        f"{GOOD_INDICATOR:g} worse than another method {counted(rivals)}.",
    ]
    return Finding(text + of_one(judged), *details)


def borders(costs: pd.DataFrame) -> Finding:
    """What it costs that a bias also acts where a window reaches over a map's border.

    costs : `utils.convolution.experiment.border_costs`
    """
    cases = decided(costs, Rule("apart")).reset_index()
    folded, position = BORDERS
    scopes = [scope for scope in in_order(cases["scope"]) if scope != NETWORK]

    def told(quantity: str) -> str:
        rows = cases[cases["quantity"] == quantity].set_index("scope")
        return listed(f"{with_interval(rows.loc[s], 4)} in {spaced(s)}" for s in scopes)

    return Finding(
        f"As a bias of the next layer a mean also acts beyond the border of a map; that changes R "
        f"by (map less bias) {told(folded)}. A mean of each position instead of one for the map "
        f"changes it by {told(position)}."
    )


def carried(table: pd.DataFrame) -> Finding:
    """Which claims hold of channels, those that do not first, and where that is as of neurons.

    table : `utils.convolution.tables.carried`
    """

    def those(words: tuple[str, ...]) -> str:
        chosen = table[table["channels"].isin(words)]
        return listed(f"{name} ({word})" for name, word in chosen["channels"].items())

    failed = table[table["channels"].isin(FAILS)]
    against = listed(
        f"“{row['statement'].rstrip('.')}” ({name}: {row['channels']})"
        for name, row in failed.iterrows()
    )
    rest = tuple(set(table["channels"]) - {*STANDS, *FAILS})
    parts = [
        f"{lead}: {names}."
        for lead, names in (
            ("Of channels it is not true", against),
            ("Mixed, open or negligible", those(rest)),
            ("What holds of channels", those(STANDS)),
        )
        if names
    ]
    both = table[table["neurons"] != NOT_ASKED]
    same = both["neurons"] == both["channels"]
    count = f"{same.sum()} of {len(both)}"
    text = f" For {count} claims the word is that of this run's dense networks."
    if "channels, other images" in table:
        other = table[table["channels, other images"] != NOT_ASKED]
        alike = (other["channels"] == other["channels, other images"]).sum()
        text += f" On other images it is the same for {alike} of {len(other)}."
    return Finding(" ".join(parts) + text)

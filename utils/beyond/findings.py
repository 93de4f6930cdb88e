"""Sentences of notebook 08, made from its tables, so that they cannot drift from the numbers."""

from collections import Counter

import pandas as pd

from utils.beyond.claims import BEYOND, class_losses
from utils.beyond.tables import in_word
from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import decided, overview, word
from utils.evidence.of_curves import OF_CURVES
from utils.evidence.tables import Tables
from utils.evidence.wording import signed, with_interval
from utils.names import NETWORK, spaced
from utils.study.findings import Finding

FALLEN = 0.01  # bits by which information falls while training goes on, if it is worth a word


def cases_of(name: str, tables: Tables) -> pd.DataFrame:
    """`decided` of a statement's cases, with scope and quantity as columns."""
    return decided(BEYOND[name].values(tables), BEYOND[name].rule).reset_index()


def _counts(cases: pd.DataFrame) -> str:
    """`in 2 of 8 cases, worse in 0 and no different in 6`: of cases that are better or not."""
    counts = Counter(cases["verdict"])
    text = f"in {counts['agrees']} of {len(cases)} cases, worse in {counts['disagrees']}"
    return f"{text} and negligibly different in {counts['negligible']}"


def _where(case: pd.Series) -> str:
    return f"{spaced(case['scope'])} {with_interval(case)}"


def each_case(cases: pd.DataFrame) -> str:
    return " and ".join(_where(case) for _, case in cases.iterrows())


def within_layers(tables: Tables) -> Finding:
    """B1 and B3 within layers: what joint information gains, and what there is to gain."""
    joint, greedy = cases_of("B1", tables), cases_of("B3", tables)
    greedy = greedy[greedy["scope"] != NETWORK]
    best = joint.loc[joint["mean"].idxmax()]
    order = in_word(best["quantity"]).split(" − ")[0]
    return Finding(
        "Within a layer, orders by joint information leave more accuracy than the order by mutual "
        f"information {_counts(joint)}; the largest difference is {with_interval(best)} ({order}, "
        f"{spaced(best['scope'])}). The greedy order's difference is {each_case(greedy)}."
    )


def across_network(tables: Tables, orders: pd.DataFrame) -> Finding:
    """B2, C1b and B3: joint information does or does not mend the order, and what does.

    orders : orders.csv.xz
    """
    joint, greedy = cases_of("B2", tables), cases_of("B3", tables)
    greedy = greedy[greedy["scope"] == NETWORK].iloc[0]
    least, most = (signed(end) for end in (joint["mean"].min(), joint["mean"].max()))
    verdicts = Counter(joint["verdict"])
    mends = {"holds": "mends the order", "does not hold": "does not mend the order"}
    first = (
        f"Across the network, joint information {mends.get(word(verdicts), 'settles nothing')}: "
        f"{verdicts['agrees']} of {len(joint)} orders are clearly better than random orders, by "
        f"{BEYOND['B2'].rule.bound:g} or more; the differences go from {least} to {most}."
    )
    shares = first_layer_shares(orders)
    informed = shares.drop("greedy")
    first += (
        f" In their first half, {informed.min():.0%} to {informed.max():.0%} of the neurons are "
        f"of layer 1; in the greedy order {shares['greedy']:.0%}."
    ).replace("%", " %")
    ranked = decided(OF_CURVES["C1b"](tables.retained), CLAIMS["C1b"].rule).reset_index()
    helping = [
        f"{in_word(case['quantity'])} {with_interval(case)}"
        for _, case in ranked[ranked["verdict"] == "agrees"].iterrows()
    ]
    by_rank = ", ".join(helping) or "none of the single quantities"
    return Finding(
        f"{first} Clearly better than random are, by ranks within layers, {by_rank}. The greedy "
        f"order's difference is {with_interval(greedy)}."
    )


def first_layer_shares(orders: pd.DataFrame) -> pd.Series:
    """Share of layer 1 in the first half of the orders across the network [ordering]."""
    width = orders.loc[orders["scope"] == "layer-1", "neuron"].max() + 1
    across = orders[orders["scope"] == NETWORK]
    half = across[across["place"] < (across["place"].max() + 1) / 2]
    return (half["neuron"] < width).groupby(half["ordering"], sort=False).mean()


def pruning(table: pd.DataFrame) -> Finding:
    """Methods from the best to the worst at the middle share of `utils.beyond.tables.pruned`."""
    middle = table.columns[(len(table.columns) - 1) // 2]
    ranked = table[middle].sort_values(ascending=False)
    methods = ", ".join(f"{method} {accuracy:.3f}" for method, accuracy in ranked.items())
    share = middle.replace("%", " %")
    return Finding(f"With {share} of all layers pruned, the mean accuracy is: {methods}.")


def own_class(classes: pd.DataFrame, n_selective: int) -> Finding:
    """B6: do the neurons that are selective for a class carry it?"""
    cases = cases_of("B6", Tables({"classes": classes}))
    losses = class_losses(classes)
    keys = ["scope", "selected_class", "replicate"]
    largest = losses.groupby(keys)["loss"].transform("max")
    own = losses[losses["whose"] == "own"]
    most = (own["loss"] >= largest[own.index]).groupby(own["scope"]).mean()
    verdicts = Counter(cases["verdict"])
    says = {
        "holds": "carry their class",
        "does not hold": "do not carry their class",
        "open": "may carry their class, which is not settled",
    }
    shares = " and ".join(f"{share:.0%} in {spaced(s)}" for s, share in most.items())
    return Finding(
        f"Selective neurons {says.get(word(verdicts), 'carry their class in some layers only')}: "
        f"without the {n_selective} neurons most selective for it, the difference of what a class "
        f"and the other classes lose in accuracy is {each_case(cases)}. The class itself loses "
        f"most of all in {shares.replace('%', ' %')} of the networks and classes."
    )


def training(information: pd.DataFrame) -> Finding:
    """The path of a layer's mean neuron in the information plane: start, highest I, and end."""
    quantities = ["entropy", "mutual_information"]
    means = information.groupby(["layer", "epoch"])[quantities].mean()
    parts = []
    for layer, path in means.groupby("layer"):
        path = path.droplevel("layer")
        (h_0, i_0), (h, i) = (path.iloc[place] for place in (0, -1))
        top = path["mutual_information"].idxmax()
        highest = path.loc[top, "mutual_information"]
        text = f"in layer {layer} H goes from {h_0:.2f} to {h:.2f} bits"
        text += f" and I from {i_0:.2f} to {i:.2f}"
        late = f", after {highest:.2f} at epoch {top}" if highest - i > FALLEN else ""
        parts.append(text + late)
    return Finding(f"Of the mean neuron, {'; '.join(parts)}.")


def price(bottleneck: pd.DataFrame, tables: Tables) -> Finding:
    """D3: does an order that prices entropy beat the one by mutual information, and chance?"""
    cases = cases_of("D3", Tables({"bottleneck": bottleneck}))
    across = cases["scope"] == NETWORK
    text = f"Within layers, pricing entropy is better {_counts(cases[~across])}."
    best = cases[across].loc[cases.loc[across, "mean"].idxmax()]
    text += (
        f" Across the network it is better {_counts(cases[across])}; at best {best['quantity']} "
        f"differs from I by {with_interval(best)}."
    )
    r = bottleneck[bottleneck["scope"] == NETWORK].pivot(
        index="replicate", columns="beta", values="retained"
    )
    random = tables.retained.xs(NETWORK, level="scope")["random", "none", "mean"]
    beside = (r[r.mean().idxmax()] - random).rename("value").reset_index()
    beside = decided(beside.assign(scope=NETWORK, quantity="best"), CLAIMS["C1"].rule).iloc[0]
    against = f"the best of these orders differs by {with_interval(beside)}"
    return Finding(f"{text} From random orders, {against}.")


def steady(judged: pd.DataFrame, second: pd.DataFrame | None, parts: pd.DataFrame) -> Finding:
    """Which statements hold, what differs on other images, and between halves of the networks.

    second : judged in another run; parts : `utils.evidence.halves.halves`, or empty
    """
    table = overview(judged, BEYOND)["holds"]
    text = "; ".join(
        f"*{name}*: {', '.join(of_word.index)}"
        for name, of_word in table.groupby(table, sort=False)
    )
    text = f"Here {text}."
    if second is not None:
        other = overview(second, BEYOND)["holds"].reindex(table.index)
        differ = [
            f"{name} ({table[name]}, there {other[name]})"
            for name in table.index
            if isinstance(other[name], str) and other[name] != table[name]
        ]
        keys = ["claim", *judging.CASE]
        both = judged.merge(second, on=keys, suffixes=("", "_there"))
        n_differ = (both["verdict"] != both["verdict_there"]).sum()
        text += (
            f" On other images {len(differ) or 'none'} of {other.notna().sum()} statements come "
            f"to another word{': ' if differ else ''}{', '.join(differ)}; {n_differ} of "
            f"{len(both)} cases have another verdict."
        )
    if not parts.empty:
        every = parts.loc["all"]
        text += (
            f" Between the two halves of the networks, {every['differ']:.0f} of "
            f"{every['cases']:.0f} verdicts differ; between random halves "
            f"{every['by chance']:.0f} ({every['least']:.0f} to {every['most']:.0f})."
        )
        most = parts.drop(index="all")["differ"].astype(float)
        if most.any():
            text += f" Most of them are of {most.idxmax()} ({most.max():.0f})."
    return Finding(text)

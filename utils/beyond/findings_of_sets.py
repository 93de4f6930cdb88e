"""Sentences of notebook 08 about pairs and sets of neurons, and for the curious."""

from collections import Counter

import pandas as pd

from utils.beyond.correlations import curves_and_pairs
from utils.beyond.findings import cases_of, counts, each_case
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import ABLATED_SHARE
from utils.evidence.judging import ACCURACY, decided, word
from utils.evidence.tables import Tables
from utils.evidence.wording import listed, percent, with_interval
from utils.names import NETWORK
from utils.study.findings import Finding

STANDS = ("holds", "holds mostly")
EXTREME = 0.05  # of a layer's pairs, the most redundant ones


def redundant_pairs(pairs: pd.DataFrame, loss: float) -> Finding:
    """B4: do redundant pairs cost more than the sum, and how much is it?

    loss : temperature-scaled test cross-entropy of the intact networks, in nats
    """
    cases = cases_of("B4", Tables({"pairs": pairs}))
    said = (
        "The more two neurons share, the more their removal costs beyond the sum"
        if word(Counter(cases["verdict"])) in STANDS
        else "What two neurons share does not clearly make their removal cost more than the sum"
    )
    share = (pairs["co_information"] > 0).groupby(pairs["layer"]).mean()
    shares = listed(f"{100 * value:.0f} % in layer {n}" for n, value in share.items())
    ranks = pairs.groupby(["replicate", "layer"])["co_information"].rank(pct=True)
    most = pairs[ranks > 1 - EXTREME].groupby("layer")["surplus"].mean().abs().max()
    return Finding(
        f"{said}: Spearman's ρ is {each_case(cases)}.",
        f"Of the pairs, {shares} are redundant on balance, the others synergistic.",
        f"A pair matters little: the {100 * EXTREME:.0f} % most redundant ones have a mean "
        f"surplus of at most {100 * most / loss:.2g} % of the networks' cross-entropy.",
    )


def redundant_sets(sets: pd.DataFrame, n_samples: int) -> Finding:
    """B5: do sets lose more than independent disturbances would, and what that may mean."""
    samples = pd.DataFrame({"n_samples": [n_samples]})
    cases = cases_of("B5", Tables({"sets": sets, "joint": samples}))
    verdicts = Counter(cases["verdict"])
    small = f", and differs negligibly (by less than {ACCURACY:g}) in {verdicts['negligible']}"
    reading = " Redundancy looks like this, and so do errors that add up."
    return Finding(
        f"Averaged up to {percent(ABLATED_SHARE)} removed, removing neurons together costs more "
        "accuracy than equally large but unrelated disturbances in "
        f"{verdicts['agrees'] or 'none'} of {len(cases)} orders and layers, less in "
        f"{verdicts['disagrees'] or 'none'}{small * bool(verdicts['negligible'])}."
        f"{reading * (word(verdicts) in STANDS)}"
    )


def read_off_curves(ablation: pd.DataFrame, pairs: pd.DataFrame) -> Finding:
    """D2: does the area between two curves go with how redundant a layer's pairs are?"""
    table = curves_and_pairs(ablation, pairs).dropna()
    if table.empty:
        return Finding("Too few networks to hold curves against pairs.")
    clear = ((table["low"] > 0) | (table["high"] < 0)).sum()
    return Finding(
        "Within a layer, the area between the two curves is clearly correlated with "
        f"co-information in {clear or 'none'} of {len(table)} cases."
    )


def price(bottleneck: pd.DataFrame, tables: Tables) -> Finding:
    """D3: does an order that prices entropy beat the one by mutual information, and chance?"""
    cases = cases_of("D3", Tables({"bottleneck": bottleneck}))
    across = cases["scope"] == NETWORK
    r = bottleneck[bottleneck["scope"] == NETWORK].pivot(
        index="replicate", columns="beta", values="retained"
    )
    random = tables.retained.xs(NETWORK, level="scope")["random", "none", "mean"]
    beside = (r[r.mean().idxmax()] - random).rename("value").reset_index()
    beside = decided(beside.assign(scope=NETWORK, quantity="best"), CLAIMS["C1"].rule).iloc[0]
    return Finding(
        f"Within layers, pricing entropy is {counts(cases[~across], 'I alone')}. Across the "
        f"network it is {counts(cases[across], 'I alone')}; from random orders the best of these "
        f"orders differs by {with_interval(beside)}."
    )


def estimates(sizes: pd.DataFrame) -> Finding:
    """How much of the joint information of sets is found in shuffled labels as well."""
    names = ["joint_information", "shuffled_joint_information"]
    means = sizes.groupby("size")[names].mean()
    rows = means.loc[list(dict.fromkeys([min(2, means.index[-1]), means.index[-1]]))]
    parts = [
        f"{row.iloc[1]:.3f} of {row.iloc[0]:.3f} bits at size {n}" for n, row in rows.iterrows()
    ]
    return Finding(
        f"Shuffled labels give, of the joint information of a set: {listed(parts)}, as means over "
        "layers."
    )

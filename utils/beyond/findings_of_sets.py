"""Sentences of notebook 08 about pairs and sets of neurons, made from its tables."""

from collections import Counter

import pandas as pd

from utils.beyond.claims import excess_surplus
from utils.beyond.correlations import ALL, curves_and_pairs
from utils.beyond.findings import cases_of, each_case
from utils.beyond.tables import in_word
from utils.evidence.judging import word
from utils.evidence.tables import Tables
from utils.evidence.wording import signed, with_interval
from utils.names import spaced
from utils.study.findings import Finding

EXTREME = 0.05  # of a layer's pairs, the most redundant ones


def redundant_pairs(pairs: pd.DataFrame, loss: float) -> Finding:
    """B4: do redundant pairs make up for each other's loss, and how much is it?

    loss : temperature-scaled test cross-entropy of the intact networks, in nats
    """
    cases = cases_of("B4", Tables({"pairs": pairs}))
    says = {
        "holds": "do make up for each other's loss",
        "does not hold": "do not make up for each other's loss",
        "negligible": "hardly make up for each other's loss",
    }
    says["open"] = "may make up for each other's loss, which is not settled"
    said = says.get(word(Counter(cases["verdict"])), "make up for each other in some layers only")
    share = (pairs["co_information"] > 0).groupby(pairs["layer"]).mean()
    shares = " and ".join(f"{value:.0%} in layer {n}" for n, value in share.items())
    ranks = pairs.groupby(["replicate", "layer"])["co_information"].rank(pct=True)
    extreme = pairs[ranks > 1 - EXTREME].groupby("layer")["surplus"].mean()
    sizes = " and ".join(f"{signed(1e4 * value, 1)} in layer {n}" for n, value in extreme.items())
    most = 100 * extreme.abs().max() / loss
    text = (
        f"On balance {shares} of the pairs are redundant. Redundant pairs {said}: Spearman's ρ of "
        f"co-information and surplus is {each_case(cases)}. But a pair matters little: the "
        f"surplus of the {EXTREME:.0%} most redundant ones, in 10⁻⁴ nats, is {sizes}, at most "
        f"{most:.2g}% of the networks' loss of {loss:.3f} nats."
    )
    return Finding(text.replace("%", " %"))


def redundant_sets(sets: pd.DataFrame, n_samples: int) -> Finding:
    """B5: what sets lose beyond independent disturbances, in random and in greedy orders."""
    samples = pd.DataFrame({"n_samples": [n_samples]})
    cases = cases_of("B5", Tables({"sets": sets, "joint": samples}))
    counts, order = Counter(cases["verdict"]), cases.set_index("quantity", drop=False)
    table = excess_surplus(sets, n_samples).query("ordering == 'random'")
    first = table[table["n_ablated"] == table.groupby("scope")["n_ablated"].transform("min")]
    small = " and ".join(
        f"{signed(value)} in {spaced(scope)}"
        for scope, value in first.groupby("scope", sort=False)["excess"].mean().items()
    )
    return Finding(
        f"Sets lose clearly more than independent disturbances would in {counts['agrees']} of "
        f"{len(cases)} orders and layers, and clearly less in {counts['disagrees']}. In random "
        f"orders the excess is {each_case(order.loc[['random']])}, as a mean up to 80 % of the "
        f"layer; in the smallest sets it is {small}. In the greedy order it is "
        f"{each_case(order.loc[['greedy']])}."
    )


def read_off_curves(ablation: pd.DataFrame, pairs: pd.DataFrame) -> Finding:
    """D2: does the area between two curves go with how redundant a layer's pairs are?"""
    table = curves_and_pairs(ablation, pairs).dropna()
    if table.empty:
        return Finding("Too few networks to hold curves against pairs.")
    sure = (table["low"] > 0) | (table["high"] < 0)
    alone = table.index.get_level_values("scope") != ALL
    both = [
        f"{in_word(quantity)} {with_interval(case.rename({'rho': 'mean'}), 2)}"
        for (_, quantity), case in table[~alone].iterrows()
    ]
    return Finding(
        "Within a layer, the area between the curves of low and high values first goes with the "
        f"networks' mean co-information in {(sure & alone).sum()} of {alone.sum()} cases (an "
        f"interval that leaves out 0). Over all layers together, ρ is: {', '.join(both)}."
    )


def estimates(sizes: pd.DataFrame) -> Finding:
    """How much of the joint information of sets is found in shuffled labels as well."""
    names = ["joint_information", "shuffled_joint_information", "shuffled_miller_madow"]
    means = sizes.groupby("size")[names].mean()
    parts = [
        f"with {size} neurons, {row.iloc[1]:.3f} of {row.iloc[0]:.3f} bits are found with "
        f"shuffled labels as well, and {signed(row.iloc[2])} after the correction"
        for size, row in means.loc[[min(2, means.index[-1]), means.index[-1]]].iterrows()
    ]
    return Finding(f"As a mean over layers: {'; '.join(parts)}.")

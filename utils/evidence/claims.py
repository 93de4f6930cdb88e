"""The paper's claims: what each says, and the number in each network it becomes.

R(order) is the mean test accuracy while 0 to 80 % of the neurons go (`utils.evidence.curves`),
bias-balanced unless said otherwise. C1b and "one by one" are claims of our own. SOURCES says
where the paper makes each, in its own words where our sources have them.
"""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from utils.evidence.curves import ABLATED_SHARE
from utils.evidence.effects import (
    RANDOM,
    RISES,
    against_rivals,
    balancing_gains,
    layer_differences,
    lost_when_balanced,
    of_layers,
    retraining_share,
    rise_correlations,
)
from utils.evidence.judging import ACCURACY, BITS, CORRELATION, SHARE, Claim, Claims, Rule
from utils.evidence.of_curves import OF_CURVES
from utils.evidence.tables import Tables
from utils.names import INFORMED

GOOD_INDICATOR = 0.01  # accuracy by which an order is better than chance
PAPERS_SHARE = 0.4  # of the neurons: where the paper's curves across the network end


def _to_80(name: str) -> Callable[[Tables], pd.DataFrame]:
    return lambda tables: OF_CURVES[name](tables.retained)


def _to_40_and_80(name: str) -> Callable[[Tables], pd.DataFrame]:
    """Across the network both up to where the paper's curves end and as far as elsewhere."""

    def values(tables: Tables) -> pd.DataFrame:
        parts = [
            OF_CURVES[name](tables.retained_to(share)).assign(scope=f"network to {share:.0%}")
            for share in (PAPERS_SHARE, ABLATED_SHARE)
        ]
        return pd.concat(parts, ignore_index=True)

    return values


def _c2_alone(tables: Tables) -> pd.DataFrame:
    of_rises = (
        rise_correlations(tables["measures"], tables["single"], rise, INFORMED) for rise in RISES
    )
    return pd.concat(of_rises, ignore_index=True)


def _c3(tables: Tables) -> pd.DataFrame:
    return layer_differences(tables["measures"])


def _c8(tables: Tables) -> pd.DataFrame:
    """C7 with random orders, in this run and, as the group that is subtracted, in another."""
    ours = balancing_gains(of_layers(tables.retained), RANDOM)
    parts = [ours.iloc[:0]]
    for name, other in tables.others.items():
        theirs = balancing_gains(of_layers(other.retained), RANDOM)
        shared = set(ours["scope"]) & set(theirs["scope"])
        both = pd.concat([ours.assign(group=1), theirs.assign(group=-1)])
        parts.append(both[both["scope"].isin(shared)].assign(quantity=f"this run − {name}"))
    return pd.concat(parts)


CLAIMS: Claims = {
    "C1": Claim(
        "Across the whole network none of the quantities is a good indicator of importance.",
        "R(order) − R(random), low first and high first",
        Rule("below", GOOD_INDICATOR), _to_40_and_80("C1"),
    ),
    "C1b": Claim(
        "Compared by their ranks within the layers, they are good indicators across the network.",
        "R(low rank first) − R(random)",
        Rule("above", GOOD_INDICATOR), _to_40_and_80("C1b"),
    ),
    "C2": Claim(
        "Within a layer, neurons with more mutual information or KL selectivity matter more.",
        "R(low first) − R(high first)",
        Rule("above", margin=ACCURACY), _to_80("C2"),
    ),
    "C2, one by one": Claim(
        "The same, with one neuron removed at a time.",
        "Spearman's ρ with the rise of errors, and of temperature-scaled cross-entropy",
        Rule("above", margin=CORRELATION), _c2_alone,
    ),
    "C3": Claim(
        "The quantities are distributed differently from layer to layer.",
        "difference of medians (bits)",
        Rule("apart", margin=BITS), _c3,
    ),
    "C4": Claim(
        "The deepest layer is better characterised by KL selectivity than by each other quantity.",
        "R(KL selectivity, low first) − R(other, low first)",
        Rule("above", margin=ACCURACY), _to_80("C4"),
    ),
    "C5": Claim(
        "Ablation hurts less in deeper layers.",
        "R(random) of a layer − R(random) of the layer before",
        Rule("above", margin=ACCURACY), _to_80("C5"),
    ),
    "C6": Claim(
        "Mutual information and KL selectivity separate neurons more clearly than entropy.",
        "|R(low first) − R(high first)| − the same of entropy",
        Rule("above", margin=ACCURACY), _to_80("C6"),
    ),
    "C7": Claim(
        "Bias balancing improves accuracy after removal.",
        "R(balanced) − R(zeroed)",
        Rule("above", margin=ACCURACY, counted=True), _to_80("C7"),
    ),
    "C8": Claim(
        "The benefit of bias balancing depends on the activation function.",
        "C7's number with random orders, one activation − another",
        Rule("apart", margin=ACCURACY, counted=True), _c8,
    ),
    "C9": Claim(
        "Bias balancing partly obviates retraining after pruning.",
        "share of what retraining gains",
        Rule("above", margin=SHARE, counted=True),
        lambda tables: retraining_share(tables["balancing"]),
    ),
    "C9b": Claim(
        "Pruned and bias-balanced, not retrained, a network loses no significant accuracy.",
        "accuracy − accuracy of the intact network",
        Rule("above", -GOOD_INDICATOR, counted=True),
        lambda tables: lost_when_balanced(tables["pruning"], tables["ablation"]),
    ),
    "C10": Claim(
        "Pruning by these quantities compares well with other methods.",
        "mean accuracy up to 80 % pruned − that of the other method, both bias-balanced",
        Rule("above", -GOOD_INDICATOR, counted=True),
        lambda tables: against_rivals(tables["pruning"]),
    ),
    "C11": Claim(
        "Class selectivity is a poor indicator across the network, high values first too.",
        "R(high first) − R(random)",
        Rule("below", GOOD_INDICATOR), _to_40_and_80("C11"),
    ),
}  # fmt: skip


class Source(NamedTuple):
    """The paper's own words for a claim, empty where our sources have none, and their place."""

    quote: str
    place: str

    def __str__(self) -> str:
        return f"“{self.quote}”, {self.place}" if self.quote else self.place


READING, OURS = "our reading of {}", "our own, not the paper's"
SOURCES = {
    "C1": Source(
        "looking at the neural network as a whole, none of these measures is a good indicator for "
        "classification performance", "abstract",
    ),
    "C1b": Source("", OURS),
    "C2": Source(
        "looking at specific layers separately, both mutual information and class selectivity are "
        "positively correlated with classification performance", "abstract",
    ),
    "C2, one by one": Source("", OURS),
    "C3": Source("it is ill-advised to compare these measures across layers", "abstract"),
    "C4": Source(
        "different layers may be most appropriately characterized by different measures",
        "abstract; which ones is our reading of Fig. 4",
    ),
    "C5": Source("", READING.format("Fig. 1 and 4")),
    "C6": Source("", READING.format("Fig. 4")),
    "C7": Source("", READING.format("Fig. 1")),
    "C8": Source("", "our reading; in none of its figures"),
    "C9": Source(
        "re-training after pruning can partly be obviated by a surgery step called bias balancing",
        "abstract",
    ),
    "C9b": Source("without incurring significant performance degradation", "abstract"),
    "C10": Source(
        "compare the results to a recently proposed pruning method",
        "abstract; that it compares well is our reading",
    ),
    "C11": Source("", READING.format("Morcos et al. (2018), whom the paper follows")),
}  # fmt: skip

"""The paper's claims: what each says, and the number in each network it becomes.

R(order) is the mean test accuracy while 0 to 80 % of the neurons go (`utils.evidence.curves`),
bias-balanced unless said otherwise.
"""

from itertools import pairwise

import pandas as pd

from utils.evidence.curves import compared
from utils.evidence.effects import (
    RANDOM,
    against_random,
    balancing_gains,
    direction_gaps,
    layer_differences,
    of_layers,
    of_network,
    retraining_shares,
    rise_correlations,
)
from utils.evidence.judging import Claim, Claims, Tables, long
from utils.names import DIRECTIONS, INFORMED, QUANTITIES, layer_scope

GOOD_INDICATOR = 0.01  # accuracy by which an order is better than chance


def _c1(tables: Tables) -> pd.DataFrame:
    return against_random(of_network(tables.retained))


def _c2(tables: Tables) -> pd.DataFrame:
    return long(direction_gaps(of_layers(tables.retained), INFORMED))


def _c2_alone(tables: Tables) -> pd.DataFrame:
    return rise_correlations(tables["measures"], tables["single"], INFORMED)


def _c3(tables: Tables) -> pd.DataFrame:
    return layer_differences(tables["measures"])


def _c4(tables: Tables) -> pd.DataFrame:
    """In the deepest layer, R(KL selectivity low first) minus the best other quantity's."""
    r = of_layers(tables.retained)
    depth = r.index.get_level_values("scope").nunique()
    deepest = r.xs(layer_scope(depth), level="scope", drop_level=False)
    low = pd.DataFrame({q: deepest[q, "low-first", "mean"] for q in QUANTITIES})
    margin = low["kl_selectivity"] - low.drop(columns="kl_selectivity").max(axis=1)
    return long({"kl_selectivity - best other": margin})


def _c5(tables: Tables) -> pd.DataFrame:
    random = of_layers(tables.retained)["random", "none", "mean"].unstack("scope", sort=False)
    steps = random.diff(axis=1).iloc[:, 1:]
    layers = list(random.columns)
    steps.columns = [f"{b} - {a}" for a, b in pairwise(layers)]
    return long({"random": steps.rename_axis(columns="scope").stack()})


def _c6(tables: Tables) -> pd.DataFrame:
    gaps = direction_gaps(of_layers(tables.retained))
    return long({f"{q} - entropy": gaps[q] - gaps["entropy"] for q in INFORMED})


def _c7(tables: Tables) -> pd.DataFrame:
    return balancing_gains(of_layers(tables.retained))


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


def _c9(tables: Tables) -> pd.DataFrame:
    return long(retraining_shares(tables["balancing"]))


def _c10(tables: Tables) -> pd.DataFrame:
    """All layers at equal fractions, not retrained."""
    pruning = tables["pruning"]
    accuracy = compared(pruning[pruning["retrain_epochs"] == 0])
    wide = accuracy.pivot_table(
        index=["replicate", "fraction"], columns="method", values="accuracy"
    ).reset_index("fraction")
    wide["scope"] = wide["fraction"].map("{:.0%} pruned".format)
    wide = wide.set_index("scope", append=True)
    rivals = ("entropy", "outgoing_norm", "incoming_norm", "noise_out", "random")
    return long({f"{q} - {rival}": wide[q] - wide[rival] for q in INFORMED for rival in rivals})


def _c11(tables: Tables) -> pd.DataFrame:
    orders = {f"kl_selectivity, {d}": ("kl_selectivity", d) for d in DIRECTIONS}
    return against_random(of_network(tables.retained), orders)


CLAIMS: Claims = {
    "C1": Claim(
        "Across the whole network none of the quantities is a good indicator of importance.",
        "R(low first) − R(random)", "below", GOOD_INDICATOR, _c1,
    ),
    "C2": Claim(
        "Within a layer, mutual information and KL selectivity go with performance.",
        "R(low first) − R(high first)", "above", 0, _c2,
    ),
    "C2, one by one": Claim(
        "The same, one neuron at a time.",
        "Spearman's ρ with the rise in test cross-entropy", "above", 0, _c2_alone,
    ),
    "C3": Claim(
        "The quantities are distributed differently from layer to layer.",
        "difference of medians (bits)", "apart", 0, _c3,
    ),
    "C4": Claim(
        "The deepest layer is best characterised by KL selectivity.",
        "R(KL selectivity, low first) − R(best other, low first)", "above", 0, _c4,
    ),
    "C5": Claim(
        "Ablation hurts less in deeper layers.",
        "R(random) of a layer − R(random) of the layer before", "above", 0, _c5,
    ),
    "C6": Claim(
        "Class-dependent quantities go with performance more strongly than entropy.",
        "[R(low) − R(high)] − [the same of entropy]", "above", 0, _c6,
    ),
    "C7": Claim(
        "Bias balancing improves accuracy after removal.",
        "R(balanced) − R(zeroed)", "above", 0, _c7,
    ),
    "C8": Claim(
        "The benefit of bias balancing depends on the activation function.",
        "C7's number with random orders, one activation − another", "apart", 0, _c8,
    ),
    "C9": Claim(
        "Bias balancing partly obviates retraining after pruning.",
        "share of what retraining gains", "above", 0, _c9,
    ),
    "C10": Claim(
        "Pruning by these quantities compares well with other methods.",
        "accuracy − accuracy of the other method, not retrained", "above", -GOOD_INDICATOR, _c10,
    ),
    "C11": Claim(
        "Class selectivity is a poor indicator across the network.",
        "R(order) − R(random)", "below", GOOD_INDICATOR, _c11,
    ),
}  # fmt: skip

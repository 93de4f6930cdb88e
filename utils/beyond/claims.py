"""What lies beyond the paper, as numbers with intervals over networks, and verdicts.

Statements of our own, B1 to B6, and of the paper's later version, D3, that may turn out right or
wrong, as the paper's claims
(`utils.evidence.claims`). R(order) is the mean test accuracy while 0 to 80 % of the neurons go
(`utils.evidence.curves`), bias-balanced, low values first. `Tables` hold the tables ablation and
pruning of notebooks 03 and 04, and those of 08.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from utils.beyond.correlations import partial_correlations
from utils.evidence.claims import GOOD_INDICATOR
from utils.evidence.curves import ABLATED_SHARE, with_accuracy
from utils.evidence.effects import correlations, of_layers, of_network
from utils.evidence.judging import ACCURACY, CORRELATION, Claim, Claims, Rule, long
from utils.evidence.tables import Tables
from utils.information.selection import FORMS
from utils.names import NETWORK, QUANTITIES, layer_scope, unnumbered

SINGLE = "mutual_information"  # of the single quantities, the one that joint orders must beat
ORDERINGS = (*FORMS, "greedy")  # of notebook 08; the others are those of notebook 03


def low_first(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of orders from the least important neuron on, and of random ones, named `random`."""
    rows = table[table["direction"] != "high-first"]
    return rows.assign(ordering=unnumbered(rows["ordering"]))


def set_size(share: Any, width: Any) -> Any:
    """Neurons, a whole number, that are a share of a layer of some width; of arrays as well.

    >>> set_size(np.array([0.1, 0.5]), 15).tolist()
    [2, 8]
    """
    return np.round(share * width).astype(int)


def _retained(tables: Tables) -> pd.DataFrame:
    """R [replicate, scope] by ordering, low values first; random orders have no direction."""
    r = tables.retained.xs("mean", axis=1, level="replacement")
    return r.drop(columns="high-first", level="direction", errors="ignore").droplevel(
        "direction", axis=1
    )


def _gains(table: pd.DataFrame, orderings: Iterable[str], rival: str) -> pd.DataFrame:
    """Of a table [replicate, scope] by ordering, some columns minus the rival's."""
    return long({f"{name} - {rival}": table[name] - table[rival] for name in orderings})


def _by_network(table: pd.DataFrame, columns: str, value: str) -> pd.DataFrame:
    """Mean of a value [replicate, scope] by the words of a column; scopes in the table's order."""
    wide = table.pivot_table(index=["replicate", "scope"], columns=columns, values=value)
    scopes = table["scope"].unique()
    return pd.concat([wide.xs(scope, level="scope", drop_level=False) for scope in scopes])


def _b1(tables: Tables) -> pd.DataFrame:
    return _gains(of_layers(_retained(tables)), FORMS, SINGLE)


def all_pruned(pruning: pd.DataFrame, joint_pruning: pd.DataFrame) -> pd.DataFrame:
    """Rows of both tables with all layers pruned, bias-balanced, not retrained; `accuracy`."""
    single = pruning[(pruning["scope"] == NETWORK) & (pruning["retrain_epochs"] == 0)]
    both = pd.concat([single, joint_pruning])
    return with_accuracy(both[both["repair"] == "mean"])


def _b1_pruning(tables: Tables) -> pd.DataFrame:
    table = all_pruned(tables["pruning"], tables["joint_pruning"])
    table["scope"] = table["fraction"].map("{:.0%} pruned".format)
    return _gains(_by_network(table, "method", "accuracy"), FORMS, SINGLE)


def _b2(tables: Tables) -> pd.DataFrame:
    return _gains(of_network(_retained(tables)), FORMS, "random")


def _b3(tables: Tables) -> pd.DataFrame:
    r = _retained(tables)
    layers = _gains(of_layers(r), ["greedy"], SINGLE)
    return pd.concat([layers, _gains(of_network(r), ["greedy"], "random")])


def _b4(tables: Tables) -> pd.DataFrame:
    table = tables["pairs"]
    table = table.assign(scope=table["layer"].map(layer_scope))
    return correlations(table, "co_information", "surplus", "pairs")


def _b4_sets(tables: Tables) -> pd.DataFrame:
    """Over the orders, of the sets that are half of the layer, given their mean information."""
    sets = tables["sets"]
    width = sets.groupby("scope")["n_ablated"].transform("max")
    halves = sets[sets["n_ablated"] == set_size(0.5, width)]
    columns = "co_information", "error_surplus", "mean_information"
    return partial_correlations(halves, *columns, "halves")


def excess_surplus(sets: pd.DataFrame, n_samples: int) -> pd.DataFrame:
    """Rows of low-first and random orders with `excess`, in accuracy.

    What a set loses beyond the sum of one by one, minus the same of independent disturbances.
    """
    table = low_first(sets)
    difference = table["error_surplus"] - table["independent_surplus"]
    return table.assign(excess=difference / n_samples)


def _b5(tables: Tables) -> pd.DataFrame:
    """Mean over the tenths up to 80 %."""
    table = excess_surplus(tables["sets"], tables["joint"]["n_samples"].iloc[0])
    width = table.groupby("scope")["n_ablated"].transform("max")
    wide = _by_network(table[table["n_ablated"] <= ABLATED_SHARE * width], "ordering", "excess")
    return long({name: wide[name] for name in (*QUANTITIES, *ORDERINGS, "random")})


def class_losses(classes: pd.DataFrame) -> pd.DataFrame:
    """The table with `loss` and `whose`: accuracy lost by a class, the one selected for or not."""
    own = classes["selected_class"] == classes["class"]
    return classes.assign(
        loss=(classes["n_intact"] - classes["n_correct"]) / classes["n_samples"],
        whose=np.where(own, "own", "others"),
    )


def _b6(tables: Tables) -> pd.DataFrame:
    """Loss of the class selected for minus the mean loss of the other classes."""
    losses = _by_network(class_losses(tables["classes"]), "whose", "loss")
    return long({"own class - other classes": losses["own"] - losses["others"]})


def _d3(tables: Tables) -> pd.DataFrame:
    r = _by_network(tables["bottleneck"], "beta", "retained")
    return long({f"I − {beta:g} H": r[beta] - r[0] for beta in r.columns if beta})


BEYOND: Claims = {
    "B1": Claim(
        "Within a layer, an order by joint information is better than one by mutual information.",
        "R(joint order) − R(mutual information)",
        Rule("above", margin=ACCURACY, counted=True), _b1,
    ),
    "B1, pruning": Claim(
        "The same for pruning all layers at equal fractions.",
        "accuracy − accuracy by mutual information, not retrained",
        Rule("above", margin=ACCURACY, counted=True), _b1_pruning,
    ),
    "B2": Claim(
        "Joint information mends what single quantities fail at across the network.",
        "R(joint order) − R(random)", Rule("above", GOOD_INDICATOR), _b2,
    ),
    "B3": Claim(
        "There is something to gain: the greedy order by validation cross-entropy is better.",
        "R(greedy) − R(mutual information), across the network − R(random)",
        Rule("above", margin=ACCURACY), _b3,
    ),
    "B4": Claim(
        "The more two neurons share about the class, the more both cost beyond the sum.",
        "Spearman's ρ of co-information and surplus of pairs",
        Rule("above", margin=CORRELATION), _b4,
    ),
    "B4, sets": Claim(
        "Removing half a layer: orders whose half is more redundant lose more than the sum.",
        "Spearman's partial ρ of mean co-information and surplus, given mean information",
        Rule("above", margin=CORRELATION), _b4_sets,
    ),
    "B5": Claim(
        "Sets of neurons lose more together than independent disturbances would.",
        "accuracy lost beyond the sum of one by one − the same of independent disturbances",
        Rule("above", margin=ACCURACY, counted=True), _b5,
    ),
    "B6": Claim(
        "KL selectivity names the class that is hurt.",
        "accuracy lost of the class − mean of the other classes",
        Rule("above", margin=ACCURACY), _b6,
    ),
    "D3": Claim(
        "An order that prices entropy, by I − βH, is better than one by mutual information.",
        "R(I − βH) − R(I), β = 0.1 to 1",
        Rule("above", margin=ACCURACY, counted=True), _d3,
    ),
}  # fmt: skip

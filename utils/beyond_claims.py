"""What lies beyond the paper, B1 to B6, as numbers with intervals over networks, and verdicts.

As the paper's claims (`utils.verdicts`): statements that may turn out right or wrong, each a
function from tables to scope, quantity, replicate, value. R(order) is the mean test accuracy over
the steps at which 0 to 80 % of the neurons are ablated, bias-balanced, low values first.
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from utils import claims
from utils.joint_orders import FORMS
from utils.measures import QUANTITIES
from utils.verdicts import GOOD_INDICATOR, Claim

SINGLE = "mutual_information"
KEYS = ["scope", "quantity", "replicate", "value"]


@dataclass(frozen=True)
class Tables:
    """Tables of notebooks 03 and 04, and those of notebook 08."""

    ablation: pd.DataFrame
    pruning: pd.DataFrame
    pairs: pd.DataFrame
    curves: pd.DataFrame
    sets: pd.DataFrame
    joint_pruning: pd.DataFrame
    classes: pd.DataFrame

    @cached_property
    def retained(self) -> pd.DataFrame:
        """R [replicate, scope] of each ordering, low values first, and of random orders."""
        both = claims.retained(pd.concat([self.ablation, self.curves]))
        both = both[(both["replacement"] == "mean") & (both["direction"] != "high-first")]
        return both.pivot_table(
            index=["scope", "replicate"], columns="ordering", values="retained"
        )


def _long(wide: pd.DataFrame) -> pd.DataFrame:
    """Columns that are quantities, rows [scope, replicate], as one value a row."""
    table = wide.rename_axis(columns="quantity").stack().rename("value").reset_index()
    return table[KEYS]


def _against(tables: Tables, orderings: tuple[str, ...], rival: str, whole: bool) -> pd.DataFrame:
    """R(ordering) - R(rival), of the layers or of the whole network."""
    r = tables.retained
    r = r[(r.index.get_level_values("scope") == "network") == whole]
    found = r[list(orderings)].sub(r[rival], axis=0)
    return _long(found.rename(columns=lambda name: f"{name} - {rival}"))


def _b1(tables: Tables) -> pd.DataFrame:
    return _against(tables, FORMS, SINGLE, whole=False)


def _b1_pruning(tables: Tables) -> pd.DataFrame:
    """All layers at equal fractions, bias-balanced, not retrained."""
    theirs = claims.compared(tables.pruning[tables.pruning["retrain_epochs"] == 0])
    theirs = theirs[theirs["method"] == SINGLE]
    ours = claims.with_accuracy(tables.joint_pruning.query("repair == 'mean'"))
    both = pd.concat([theirs, ours[ours["method"].isin(FORMS)]])
    both = both.assign(scope=both["fraction"].map("{:.0%} pruned".format))
    wide = both.pivot_table(index=["scope", "replicate"], columns="method", values="accuracy")
    found = wide[list(FORMS)].sub(wide[SINGLE], axis=0)
    return _long(found.rename(columns=lambda name: f"{name} - {SINGLE}"))


def _b2(tables: Tables) -> pd.DataFrame:
    return _against(tables, FORMS, "random", whole=True)


def _b3(tables: Tables) -> pd.DataFrame:
    layers = _against(tables, ("greedy",), SINGLE, whole=False)
    return pd.concat([layers, _against(tables, ("greedy",), "random", whole=True)])


def _b4(tables: Tables) -> pd.DataFrame:
    return _spearman(tables.pairs, "co_information", "surplus", "pairs")


def _spearman(table: pd.DataFrame, one: str, other: str, quantity: str) -> pd.DataFrame:
    """Spearman's rho of two columns over the rows of each layer and replicate."""
    if "scope" not in table:
        table = table.assign(scope="layer-" + table["layer"].astype(str))
    groups = table.groupby(["scope", "replicate"])[[one, other]]
    varied = groups.filter(lambda part: (part.nunique() > 1).all()).index  # else there is no rho
    groups = table.loc[varied].groupby(["scope", "replicate"])[[one, other]]
    rho = groups.apply(lambda part: part[one].corr(part[other], "spearman"))
    if rho.empty:
        return pd.DataFrame(columns=KEYS)
    return rho.rename("value").reset_index().assign(quantity=quantity)[KEYS]


def _b4_sets(tables: Tables) -> pd.DataFrame:
    """Over the orders, of the sets that are half of the layer."""
    half = tables.sets.groupby("scope")["n_ablated"].transform("max") // 2
    part = tables.sets[tables.sets["n_ablated"] == half]
    return _spearman(part, "co_information", "error_surplus", "halves")


def _b5(tables: Tables) -> pd.DataFrame:
    """Accuracy lost together minus the sum of one by one, mean over the tenths up to 80 %."""
    table = tables.sets[tables.sets["direction"] != "high-first"]
    largest = table.groupby("scope")["n_ablated"].transform("max")
    table = table[table["n_ablated"] <= claims.ABLATED_SHARE * largest]
    value = table["error_surplus"] / tables.curves["n_samples"].iloc[0]
    table = table.assign(quantity=claims.unnumbered(table["ordering"]), value=value)
    found = table.groupby(["scope", "quantity", "replicate"])["value"].mean().reset_index()
    order = pd.Categorical(found["quantity"], [*QUANTITIES, *FORMS, "greedy", "random"])
    return found.assign(order=order).sort_values(["scope", "order"], kind="stable")[KEYS]


def class_losses(classes: pd.DataFrame) -> pd.DataFrame:
    """The table with `loss`: accuracy of a class lost with the neurons selective for another."""
    loss = (classes["n_intact"] - classes["n_correct"]) / classes["n_samples"]
    return classes.assign(loss=loss)


def _b6(tables: Tables) -> pd.DataFrame:
    """Loss of the class selected for minus the mean loss of the other classes."""
    table = class_losses(tables.classes)
    table["own"] = (table["selected_class"] == table["class"]).map({True: "own", False: "other"})
    means = table.groupby(["scope", "replicate", "own"])["loss"].mean().unstack("own")
    return _long((means["own"] - means["other"]).to_frame("own class - other classes"))


BEYOND = {
    "B1": Claim(
        "Within a layer, an order by joint information is better than one by mutual information.",
        "R(joint order) − R(mutual information)", "above", 0, _b1,
    ),
    "B1, pruning": Claim(
        "The same for pruning all layers at equal fractions.",
        "accuracy − accuracy by mutual information, not retrained", "above", 0, _b1_pruning,
    ),
    "B2": Claim(
        "Joint information mends what single quantities fail at across the network.",
        "R(joint order) − R(random)", "above", GOOD_INDICATOR, _b2,
    ),
    "B3": Claim(
        "There is something to gain: the greedy order by validation cross-entropy is better.",
        "R(greedy) − R(mutual information), across the network − R(random)", "above", 0, _b3,
    ),
    "B4": Claim(
        "Two neurons that are redundant about the class make up for each other's loss.",
        "Spearman's ρ of co-information and surplus of pairs", "above", 0, _b4,
    ),
    "B4, sets": Claim(
        "The same for halves of a layer: of the orders, the more redundant lose more together.",
        "Spearman's ρ of mean co-information and surplus over orders", "above", 0, _b4_sets,
    ),
    "B5": Claim(
        "A layer is redundant: sets lose more together than the sum of one by one.",
        "accuracy lost together − sum of one by one", "above", 0, _b5,
    ),
    "B6": Claim(
        "KL selectivity names the class that is hurt.",
        "accuracy lost of the class − mean of the other classes", "above", 0, _b6,
    ),
}  # fmt: skip

"""Accuracies, ablation curves, and R: what is left while neurons go.

R(order) is the mean test accuracy over the steps at which 0 to 80 % of the neurons of a scope are
ablated.
"""

import pandas as pd

from utils.names import in_order, unnumbered

ABLATED_SHARE = 0.8
CURVE = ["scope", "ordering", "direction", "replacement"]


def with_accuracy(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the column `accuracy`."""
    return table.assign(accuracy=table["n_correct"] / table["n_samples"])


def compared(pruned: pd.DataFrame, scope: str = "network") -> pd.DataFrame:
    """Rows of a scope in which removed outputs are replaced by their mean, with `accuracy`.

    So every method is compared with one and the same repair; NoiseOut as published, which has a
    repair of its own, is left out.
    """
    return with_accuracy(pruned[(pruned["scope"] == scope) & (pruned["repair"] == "mean")])


def final_test_accuracy(training: pd.DataFrame) -> pd.Series:
    """Test accuracy of every network as it is kept, replicate 0 first."""
    kept = (training["kept"] == 1) & (training["split"] == "test")
    return with_accuracy(training[kept]).set_index("replicate")["accuracy"].sort_index()


def merge_random(ablation: pd.DataFrame) -> pd.DataFrame:
    """The ablation table with `accuracy`, and its random orders averaged into one, `random`."""
    table = with_accuracy(ablation)
    table["ordering"] = unnumbered(table["ordering"])
    keys = ["replicate", *CURVE, "n_ablated"]
    return table.groupby(keys, as_index=False)["accuracy"].mean()


def retained(ablation: pd.DataFrame, share: float = ABLATED_SHARE) -> pd.DataFrame:
    """R [replicate, scope] by (ordering, direction, replacement); layers in their order.

    share : of the neurons, up to which R is taken
    """
    table = merge_random(ablation)
    n_neurons = table.groupby("scope")["n_ablated"].transform("max")
    table = table[table["n_ablated"] <= share * n_neurons + 1e-9]
    return by_curve(table.groupby(["replicate", *CURVE])["accuracy"].mean())


def by_curve(means: pd.Series) -> pd.DataFrame:
    """Means [replicate, CURVE] as [replicate, scope] by (ordering, direction, replacement)."""
    wide = means.rename("retained").reset_index().pivot_table(
        index=["replicate", "scope"], columns=CURVE[1:], values="retained"
    )  # fmt: skip
    scopes = means.index.unique("scope")
    places = {scope: place for place, scope in enumerate(in_order(scopes))}
    return wide.sort_index(key=lambda level: level.map(places) if level.name == "scope" else level)

"""The small tables of notebook 09: one function a table, made to be read."""

import pandas as pd

from utils.convolution.claims import ASKED, asked, of_neurons
from utils.drawing import verdicts
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import with_accuracy
from utils.evidence.judging import overview
from utils.names import NAMES, NETWORK, spaced

WORDS = NAMES | {"class_selectivity": "class selectivity"}
NOT_ASKED = "–"
SHOWN = {"mean": "bias-balanced", "least_squares": "least squares"}  # repairs


def pruned(pruning: pd.DataFrame, threshold: str) -> pd.DataFrame:
    """Mean accuracy by method, repair and share of all layers pruned, not retrained.

    Every method bias-balanced, but for entropy by the median; those that have it with least
    squares, too.
    """
    rows = pruning[(pruning["scope"] == NETWORK) & (pruning["retrain_epochs"] == 0)]
    if threshold == "median":
        rows = rows[rows["method"] != "entropy"]
    table = with_accuracy(rows)
    table = table[table["repair"].isin(SHOWN)].assign(
        method=lambda rows: rows["method"].map(lambda name: NAMES.get(name, spaced(name))),
        repair=lambda rows: rows["repair"].map(SHOWN),
        pruned=lambda rows: rows["fraction"].map("{:.0%}".format),
    )
    index = ["repair", "method"]
    return table.pivot_table(index=index, columns="pruned", values="accuracy", sort=False)


def carried(
    claims: pd.DataFrame, judged: pd.DataFrame, second: pd.DataFrame | None, threshold: str
) -> pd.DataFrame:
    """A row a claim: its word for neurons of dense layers, for channels, and on other images.

    claims : claims.csv of the run, of which the cases that are asked of channels count
    judged, second : the same of channels, of this run and of one on other images
    """
    here = overview(judged, asked(threshold))
    table = here[["statement"]].copy()
    dense = overview(of_neurons(claims, threshold), CLAIMS)["holds"]
    table["neurons"] = dense.reindex(table.index).fillna(NOT_ASKED)
    table["channels"] = here["holds"]
    if second is not None:
        other = overview(second, CLAIMS)["holds"]
        table["channels, other images"] = other.reindex(table.index).fillna(NOT_ASKED)
    table["typical size"] = here["typical size"]
    return table


def cases(judged: pd.DataFrame) -> pd.DataFrame:
    """All cases, as `utils.drawing.verdicts.cases` has them."""
    return verdicts.cases(judged, list(ASKED), CLAIMS)

"""The curves of the paper's figures 1 to 4, read off its images, and how near ours come.

The files and the error of every number are described in data/published/NOTES.md. Direction and
bias balancing are as the figures say, or, for figure 3 and figure 4 (c, d), as they most likely
are: low values first in figure 3, and bias-balanced throughout.
"""

import numpy as np
import pandas as pd

from utils.evidence.curves import CURVE, by_curve, merge_random
from utils.evidence.judging import CASE
from utils.evidence.of_curves import OF_CURVES
from utils.names import NETWORK, QUANTITIES, layer_scope
from utils.paths import PUBLISHED

KEYS = ["figure", *CURVE]  # `figure` is a panel: fig1a, fig1b, fig3, fig4a … fig4d
READING_ERROR = 0.002  # bits, of figure 2's values


def _read(figure: str) -> pd.DataFrame:
    return pd.read_csv(PUBLISHED / "paper" / f"paper_{figure}.csv")


def published_curves() -> pd.DataFrame:
    """Published curves: figure, scope, ordering, direction, replacement, n_ablated, accuracy.

    Points that could not be read are left out. Figure 4 has a random curve for each direction:
    two draws of the same thing.
    """
    one, three, four = _read("fig1_full"), _read("fig3_full"), _read("fig4_full")
    parts = [
        one.assign(scope=one["layer"].map(layer_scope), direction="low_first"),
        three.assign(panel="fig3", scope=NETWORK, direction="low_first", bias_balancing=True),
        four.assign(scope=four["layer"].map(layer_scope), bias_balancing=True),
    ]
    table = pd.concat(parts).rename(columns={"panel": "figure"})
    table["direction"] = (
        table["direction"].str.replace("_", "-").mask(table["ordering"] == "random", "none")
    )
    table["replacement"] = np.where(table["bias_balancing"], "mean", "zero")
    return table.dropna(subset="accuracy")[[*KEYS, "n_ablated", "accuracy"]].reset_index(drop=True)


def published_extremes() -> pd.DataFrame:
    """Figure 2: layer, quantity, statistic (min, mode, max), bits."""
    table = _read("fig2").rename(columns={"measure": "quantity"})
    return table[["layer", "quantity", "statistic", "bits"]]


def both_curves(ablation: pd.DataFrame) -> pd.DataFrame:
    """Our curves where published ones are: KEYS, n_ablated, replicate, published, ours."""
    ours = merge_random(ablation).rename(columns={"accuracy": "ours"})
    published = published_curves().rename(columns={"accuracy": "published"})
    return published.merge(ours, on=[*CURVE, "n_ablated"])


def claim_numbers(ablation: pd.DataFrame) -> pd.DataFrame:
    """The claims' numbers from the paper's own curves, beside those of our networks.

    A row a case: claim, scope, quantity, published, mean, lowest, highest, z, inside. R is the
    mean over the points at which all published curves of a scope could be read, for both; a
    curve that stands in two figures counts once. z: distance from our mean in standard deviations
    between our networks; inside: whether it lies in the range of our single networks.
    """
    points = (
        both_curves(ablation).groupby([*CURVE, "n_ablated", "replicate"]).mean(numeric_only=True)
    )
    n_read = points.reset_index().groupby(["scope", "n_ablated", "replicate"]).size()
    n_read = n_read.reindex(points.index.droplevel(CURVE[1:])).to_numpy()
    all_read = n_read == pd.Series(n_read, points.index).groupby("scope").transform("max")
    means = points[all_read].groupby(["replicate", *CURVE])
    ours, theirs = (by_curve(means[side].mean()) for side in ("ours", "published"))
    parts = {}
    for claim, values in OF_CURVES.items():
        if claim != "C1b":  # the paper has no such order
            cases = [
                table.set_index([*CASE, "replicate"])["value"]
                for table in (values(ours), values(theirs))
            ]
            parts[claim] = pd.concat(cases, axis=1, keys=["ours", "published"])
    cases = pd.concat(parts, names=["claim"]).groupby(["claim", *CASE], sort=False)
    table = cases.agg(
        published=("published", "first"), mean=("ours", "mean"), lowest=("ours", "min"),
        highest=("ours", "max"), deviation=("ours", "std"),
    )  # fmt: skip
    table["z"] = (table["published"] - table["mean"]) / table.pop("deviation")
    table = table.dropna(subset="published")
    return table.assign(inside=table["published"].between(table["lowest"], table["highest"]))


def curve_distances(ablation: pd.DataFrame) -> pd.DataFrame:
    """Root mean square difference of each published curve from our mean one: KEYS, rmse, single.

    single: that of one of our networks from the mean of all, on average: a yardstick.
    """
    both = both_curves(ablation)
    means = both.groupby([*KEYS, "n_ablated"])["ours"].transform("mean")
    squares = {"rmse": (both["published"] - means) ** 2, "single": (both["ours"] - means) ** 2}
    table = both[KEYS].assign(**squares).groupby(KEYS, sort=False)[["rmse", "single"]].mean()
    return np.sqrt(table).reset_index()


def closeness(ablation: pd.DataFrame) -> pd.DataFrame:
    """Distance of the published curves from our mean ones, by figure and replacement.

    Number of curves, median and largest RMSE, and the median one of a single network of ours.
    """
    distances = curve_distances(ablation)
    distances["figure"] = distances["figure"].str[:4]
    return distances.groupby(["figure", "replacement"]).agg(
        curves=("rmse", "size"), median=("rmse", "median"), largest=("rmse", "max"),
        single=("single", "median"),
    )  # fmt: skip


def compare_extremes(measures: pd.DataFrame) -> pd.DataFrame:
    """Figure 2's smallest and largest values beside the range of ours, in bits."""
    by = ["quantity", "layer", "statistic"]
    extremes = measures.groupby(["replicate", "layer"])[list(QUANTITIES)].agg(["min", "max"])
    extremes = extremes.rename_axis(columns=["quantity", "statistic"])
    ours = extremes.stack(["quantity", "statistic"]).groupby(by)
    both = published_extremes().set_index(by)[["bits"]].rename(columns={"bits": "published"})
    both = both.join(ours.agg(lowest="min", mean="mean", highest="max"), how="inner")
    inside = both["published"].between(
        both["lowest"] - READING_ERROR, both["highest"] + READING_ERROR
    )
    return both.assign(inside=np.where(inside, "yes", "no"))

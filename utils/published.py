"""The curves of the paper's figures 1 to 4, read off its images, and how ours compare.

The files and the error of every number are described in data/published/NOTES.md. Direction and
bias balancing are as the figures say, or, for figure 3 and figure 4 (c, d), as they most likely
are: low values first in figure 3, and bias-balanced throughout.
"""

import numpy as np
import pandas as pd

from utils import claims
from utils.measures import QUANTITIES
from utils.paths import PUBLISHED

KEYS = ["figure", *claims.CURVE]
SHOWN = (20, 40, 60, 79)
NEAR = {"mean": 0.025, "zero": 0.06}  # RMSE of a curve that we call near


def curves() -> pd.DataFrame:
    """Published curves: figure, scope, ordering, direction, replacement, n_ablated, accuracy.

    Points that could not be read are left out.
    """
    parts = [_figure(number) for number in (1, 3, 4)]
    table = pd.concat(parts, ignore_index=True)
    return table.dropna(subset="accuracy")[[*KEYS, "n_ablated", "accuracy"]].reset_index(drop=True)


def _figure(number: int) -> pd.DataFrame:
    table = pd.read_csv(PUBLISHED / "paper" / f"paper_fig{number}_full.csv")
    table["scope"] = "layer-" + table["layer"].astype(str) if number != 3 else "network"
    direction = table.get("direction", pd.Series("low_first", table.index))
    table["direction"] = direction.str.replace("_", "-").where(
        table["ordering"] != "random", "none"
    )
    balanced = table.get("bias_balancing", pd.Series(True, table.index))
    table["replacement"] = np.where(balanced, "mean", "zero")
    # figure 4 has a random curve for each direction: two draws of the same thing
    panel = table.get("panel", pd.Series("fig3", table.index))
    return table.assign(figure=panel)


def extremes() -> pd.DataFrame:
    """Figure 2: layer, quantity, statistic (min, mode, max), bits."""
    table = pd.read_csv(PUBLISHED / "paper" / "paper_fig2.csv")
    return table.rename(columns={"measure": "quantity"})[
        ["layer", "quantity", "statistic", "bits"]
    ]


def beside(ablation: pd.DataFrame) -> pd.DataFrame:
    """Our curves where published ones are: KEYS, n_ablated, replicate, published, ours."""
    ours = claims.merge_random(ablation).rename(columns={"accuracy": "ours"})
    theirs = curves().rename(columns={"accuracy": "published"})
    return theirs.merge(ours, on=[*claims.CURVE, "n_ablated"])


def compare(ablation: pd.DataFrame) -> pd.DataFrame:
    """Root mean square difference of our mean curve from each published one: KEYS, rmse."""
    return _rmse(beside(ablation))


def _rmse(both: pd.DataFrame) -> pd.DataFrame:
    means = both.groupby([*KEYS, "n_ablated"], sort=False)[["published", "ours"]].mean()
    squares = (means["ours"] - means["published"]) ** 2
    return np.sqrt(squares.groupby(KEYS, sort=False).mean()).rename("rmse").reset_index()


def closeness(ablation: pd.DataFrame) -> pd.DataFrame:
    """Distance of our mean curves from the published ones, by figure and replacement.

    Number of curves, median and largest RMSE, the distance within which one is called near, and
    the number of curves that are further away.
    """
    distances = compare(ablation)
    distances["figure"] = distances["figure"].str[:4]
    distances["near"] = distances["replacement"].map(NEAR)
    distances["further"] = distances["rmse"] > distances["near"]
    return distances.groupby(["figure", "replacement"]).agg(
        curves=("rmse", "size"), median=("rmse", "median"), largest=("rmse", "max"),
        near=("near", "first"), further=("further", "sum"),
    )  # fmt: skip


def table(ablation: pd.DataFrame, figure: str) -> pd.DataFrame:
    """After 20, 40, 60, 79 neurons: published accuracy, ours with interval, difference.

    A row a curve of `figure` (as fig1, or one of its panels, as fig4a); the last column is the
    RMSE over the curve.
    """
    both = beside(ablation)
    both = both[both["figure"].str.startswith(figure)]
    rmse = _rmse(both).set_index(KEYS)["rmse"].round(3)
    last = both.groupby(KEYS)["n_ablated"].transform("max").clip(upper=SHOWN[-1])
    both = both[both["n_ablated"].isin(SHOWN[:-1]) | (both["n_ablated"] == last)]
    both["n_ablated"] = both["n_ablated"].where(both["n_ablated"].isin(SHOWN), SHOWN[-1])
    found = claims.summarize(both, [*KEYS, "n_ablated"], "ours")
    found["published"] = both.groupby([*KEYS, "n_ablated"], sort=False)["published"].first().values
    found["text"] = [
        f"{row.published:.3f} | {row.mean:.3f} [{row.low:.3f}, {row.high:.3f}] "
        f"{row.mean - row.published:+.3f}"
        for row in found.itertuples()
    ]
    wide = found.pivot(index=KEYS, columns="n_ablated", values="text").fillna("")
    return wide.join(rmse).rename_axis(columns="published | ours [95 %] difference, after")


def compare_extremes(measures: pd.DataFrame) -> pd.DataFrame:
    """Figure 2's smallest and largest values beside the range of ours, in bits."""
    found = measures.groupby(["replicate", "layer"])[list(QUANTITIES)].agg(["min", "max"])
    found.columns.names = ["quantity", "statistic"]
    long = found.unstack(["replicate", "layer"]).rename("bits").reset_index()
    by = ["quantity", "layer", "statistic"]
    ours = long.groupby(by, sort=False)["bits"].agg(lowest="min", mean="mean", highest="max")
    both = extremes().set_index(by)["bits"].rename("published").to_frame().join(ours, how="inner")
    inside = (both["published"] >= both["lowest"] - 0.002) & (
        both["published"] <= both["highest"] + 0.002
    )
    return both.assign(inside=np.where(inside, "yes", "no"))

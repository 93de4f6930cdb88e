"""From the curves of many settings to their distances from the paper's, and the claims at each.

A table with a row a number: SETTING, kind, name, case, value, low, high, verdict.

    distance   of our mean curves from published ones: the root mean square difference in units of
               the standard deviation between networks; of several curves the root of the mean
               square. The deviation is pooled over all settings, point by point: a setting is no
               closer for networks that differ more. name: FIT, what settings are compared by, or
               a check; FIGURE_2's is in bits
    excess     the distance of FIT minus that of the closest setting, and its 95 % bootstrap
               interval over networks, whose start and order of images all settings share
    claim      estimate, 95 % interval and verdict, of the claims about curves and layers
    accuracy   of test images, and its 95 % interval
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from utils.evidence.claims import ABLATED_SHARE, CLAIMS, PAPERS_SHARE
from utils.evidence.curves import retained, with_accuracy
from utils.evidence.intervals import summarize
from utils.evidence.judging import decided
from utils.evidence.of_curves import OF_CURVES
from utils.evidence.paper import KEYS, both_curves, compare_extremes

SETTING = ["initialization", "l2", "epochs"]
COLUMNS = [*SETTING, "kind", "name", "case", "value", "low", "high", "verdict"]
FIT, FIGURE_4, FIGURE_3 = "figure 1, odd steps of 4", "figure 4, even steps", "figure 3"
FIGURE_2 = "figure 2 (bits)"
SAME_TO = 52  # neurons to which figure 3's curve of mutual information is that of figure 1
ACROSS = ("C1", "C11")  # claims judged both up to the paper's share and up to ours
N_BOOTSTRAP, SEED = 2000, 0


def compare(ablation: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """The table above, of rows as of ablation.csv.xz (to 80 %) and measures.csv by SETTING."""
    curves, neurons = (dict(list(table.groupby(SETTING))) for table in (ablation, measures))
    tables = [_distances(curves)]
    for setting, of_setting in curves.items():
        rows = [*_judged(of_setting, neurons[setting]), _accuracy(of_setting)]
        extremes = compare_extremes(neurons[setting])
        gap = np.sqrt(((extremes["mean"] - extremes["published"]) ** 2).mean())
        rows.append({"kind": "distance", "name": FIGURE_2, "value": gap})
        tables.append(pd.DataFrame(rows).assign(**dict(zip(SETTING, setting, strict=True))))
    table = pd.concat(tables, ignore_index=True)[COLUMNS]
    return table.sort_values([*SETTING, "kind"], kind="stable", ignore_index=True)


def use(points: pd.DataFrame) -> pd.Series:
    """What each point of a published curve is for: FIT, FIGURE_4 or FIGURE_3; NaN for none.

    Curves that stand in two figures are used once: in figure 4 (a, b) those of mutual information
    and of random orders are figure 1's, as are the first steps of figure 3's mutual information.
    """
    figure, ordering = points["figure"], points["ordering"]
    of_1 = figure.isin(["fig4a", "fig4b"]) & ordering.isin(["mutual_information", "random"])
    same = (ordering == "mutual_information") & (points["n_ablated"] <= SAME_TO)
    odd = points["n_ablated"] % 2 == 1
    chosen = np.select(
        [figure.str.startswith("fig1"), of_1, figure == "fig3", odd],
        [FIT, "", np.where(same, "", FIGURE_3), FIT],
        FIGURE_4,
    )
    return pd.Series(chosen, points.index).replace("", np.nan)


def _distances(curves: dict[tuple, pd.DataFrame]) -> pd.DataFrame:
    """Rows of the kinds distance, but for figure 2, and excess."""
    points = pd.concat({setting: both_curves(part) for setting, part in curves.items()},
                       names=SETTING)  # fmt: skip
    points = points.assign(use=use(points)).dropna(subset="use")
    wide = points.pivot_table(
        index=["use", *KEYS, "n_ablated", "published"], columns=[*SETTING, "replicate"],
        values="ours",
    )  # fmt: skip
    settings = wide.columns.droplevel("replicate").unique()
    wide = wide.reindex(columns=_every(settings, wide.columns.unique("replicate")))
    if wide.isna().to_numpy().any():
        raise ValueError("the settings do not have the same networks: remake the missing ones")
    ours = wide.to_numpy().reshape(len(wide), len(settings), -1)  # [points, settings, networks]
    published = wide.index.get_level_values("published").to_numpy()[:, None]
    deviation = np.sqrt(ours.var(axis=2, ddof=1).mean(axis=1, keepdims=True))
    # a curve counts as one, however many of its points could be read
    share = (1 / wide.groupby(["use", *KEYS]).transform("size")).to_numpy()
    places = wide.groupby("use").indices

    def distance(name: str, weights: np.ndarray) -> np.ndarray:
        """Of every setting, networks weighted by `weights` [networks]."""
        at = places[name]
        gaps = (ours[at] @ weights - published[at]) / deviation[at]
        return np.sqrt(share[at] @ gaps**2 / share[at].sum())

    n_networks = ours.shape[2]
    even = np.full(n_networks, 1 / n_networks)
    values = {("distance", name): distance(name, even) for name in (FIT, FIGURE_4, FIGURE_3)}
    closest = values["distance", FIT].argmin()
    drawn = np.random.default_rng(SEED).multinomial(n_networks, even, N_BOOTSTRAP) / n_networks
    excess = np.array([(d := distance(FIT, weights)) - d[closest] for weights in drawn])
    values["excess", FIT] = values["distance", FIT] - values["distance", FIT][closest]
    table = pd.DataFrame(values, settings).rename_axis(columns=["kind", "name"])
    table = table.stack(["kind", "name"]).rename("value").reset_index()
    limits = pd.DataFrame(np.quantile(excess, [0.025, 0.975], axis=0).T, settings, ["low", "high"])
    is_excess = table["kind"] == "excess"
    ordered = limits.loc[pd.MultiIndex.from_frame(table.loc[is_excess, SETTING])]
    table.loc[is_excess, ["low", "high"]] = ordered.to_numpy()
    return table


def _every(settings: pd.MultiIndex, replicates: pd.Index) -> pd.MultiIndex:
    """Every network at every setting."""
    every = [(*setting, replicate) for setting in settings for replicate in replicates]
    return pd.MultiIndex.from_tuples(every, names=[*SETTING, "replicate"])


def _judged(ablation: pd.DataFrame, measures: pd.DataFrame) -> Iterator[dict]:
    """Rows of the kind claim at one setting."""
    ends = {"": 1.0, "to 40 %": PAPERS_SHARE / ABLATED_SHARE}  # the curves end at 80 %
    r = {label: retained(ablation, share) for label, share in ends.items()}
    values = {("C3", ""): CLAIMS["C3"].values({"measures": measures})}
    for claim, of_curves in OF_CURVES.items():
        if claim != "C1b":  # its orders were not followed
            values |= {
                (claim, end): of_curves(r[end]) for end in ends if claim in ACROSS or not end
            }
    for (claim, end), of_claim in values.items():
        cases = decided(of_claim, CLAIMS[claim].rule).rename(columns={"mean": "value"})
        for case, row in cases.iterrows():
            numbers = row[["value", "low", "high", "verdict"]].to_dict()
            yield {
                "kind": "claim",
                "name": claim,
                "case": " ".join([*case, end]).strip(),
            } | numbers


def _accuracy(ablation: pd.DataFrame) -> dict:
    """The row of the kind accuracy at one setting."""
    intact = with_accuracy(ablation[ablation["n_ablated"] == 0]).drop_duplicates("replicate")
    interval = summarize(intact.assign(kind="accuracy"), ["kind"], "accuracy").iloc[0]
    return {"kind": "accuracy", "value": interval["mean"], **interval[["low", "high"]]}

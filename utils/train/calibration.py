"""How close networks trained with other L2 strengths and numbers of epochs come to the paper.

    python -m utils.train.calibration one params/calibration.yml 1e-05 out.csv
    python -m utils.train.calibration all data/calibration.csv out.csv …

One training for each network, looked at after several numbers of epochs. The table has one row a
number: l2, epochs, n_replicates, kind, figure, curve, value. `rmse` is the root mean square
difference of our mean curve from a published one, in accuracy; for fig2 that of the smallest and
largest value of each quantity and layer, in bits. `effect` is a difference of mean accuracies as
in `utils.evidence.effects`, `accuracy` the test accuracy, each a mean over networks.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from utils import paths
from utils.evidence import effects
from utils.evidence.curves import CURVE, retained, with_accuracy
from utils.evidence.judging import long
from utils.evidence.paper import compare_extremes, curve_distances
from utils.information.neurons import measure
from utils.networks import datasets
from utils.networks.datasets import Dataset, Split
from utils.networks.network import Network
from utils.networks.training import Recipe, replicate_course
from utils.removal.curves import quantity_curves
from utils.study import parallel

COLUMNS = ["l2", "epochs", "n_replicates", "kind", "figure", "curve", "value"]


def calibrate(settings: dict, l2: float) -> pd.DataFrame:
    """The rows of one L2 strength; `settings` as in params/calibration.yml."""
    data, n_test = datasets.load(settings["dataset"]), settings["n_test"]
    data = replace(data, test=Split(data.test.images[:n_test], data.test.labels[:n_test]))
    recipe = Recipe(tuple(settings["hidden"]), settings["activation"], l2)
    epochs, numbers = settings["epochs"], range(settings["n_replicates"])

    def by_epoch(replicate: int) -> dict[int, tuple[pd.DataFrame, pd.DataFrame]]:
        course = replicate_course(data, recipe, max(epochs), settings["seed"], replicate)
        return {
            epoch: _measures_and_curves(network, data, settings, replicate)
            for epoch, (network, _, _) in enumerate(course)
            if epoch in epochs
        }

    replicates = parallel.run(by_epoch, numbers, f"l2 {l2}")
    rows = []
    for epoch in epochs:
        measures, curves = (
            pd.concat(tables, keys=numbers, names=["replicate"]).reset_index("replicate")
            for tables in zip(*(tables[epoch] for tables in replicates), strict=True)
        )
        rows += [(l2, epoch, len(numbers), *row) for row in _results(measures, curves)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _measures_and_curves(
    network: Network, data: Dataset, settings: dict, replicate: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of measures.csv and of ablation.csv.gz of one network at one epoch."""
    measures = measure(network, data.validation.images, data.validation.labels, 2, data.n_classes)
    # 3: as for the random orders of notebook 03, see its `draws` in `utils.study.stages`
    seed = int(np.random.SeedSequence([settings["seed"], replicate, 3]).generate_state(1)[0])
    n_orders = settings["n_random_orders"]
    return measures, quantity_curves(network, measures, data.test, n_orders, seed)


def _results(measures: pd.DataFrame, curves: pd.DataFrame) -> list[tuple]:
    """Distances, effects and accuracy of all networks at one epoch: kind, figure, curve, value."""
    from_paper = curve_distances(curves)
    names, figures = from_paper[CURVE].agg(" ".join, axis=1), from_paper["figure"].str[:4]
    rows = [("rmse", *row) for row in zip(figures, names, from_paper["rmse"], strict=True)]
    extremes = compare_extremes(measures)
    gap = np.sqrt(((extremes["mean"] - extremes["published"]) ** 2).mean())
    rows.append(("rmse", "fig2", "smallest and largest", gap))
    r = retained(curves)
    differences = {
        "low - random": effects.against_random(r),
        "low - high": long(effects.direction_gaps(r)),
        "balanced - zeroed": effects.balancing_gains(r, effects.LOW_FIRST | effects.RANDOM),
    }
    values = pd.concat(differences, names=["effect"])
    means = values.groupby(["effect", "scope", "quantity"])["value"].mean()
    rows += [("effect", effect, f"{s} {q}", value) for (effect, s, q), value in means.items()]
    start = with_accuracy(curves[curves["n_ablated"] == 0])
    rows.append(("accuracy", "", "", start.groupby("replicate")["accuracy"].first().mean()))
    return rows


def table() -> pd.DataFrame:
    """The committed calibration, data/calibration.csv."""
    return pd.read_csv(paths.DATA / "calibration.csv")


def distances(calibration: pd.DataFrame) -> pd.DataFrame:
    """Mean RMSE over the curves of each figure, [l2, epochs] by figure, the closest first.

    `score`: what settings are chosen by. It is the mean of figure 1's and figure 2's distance,
    each relative to the smallest of all settings; figures 3 and 4 have no part in it.
    """
    rmse = calibration[calibration["kind"] == "rmse"]
    wide = rmse.pivot_table(index=["l2", "epochs"], columns="figure", values="value")
    relative = wide[["fig1", "fig2"]] / wide[["fig1", "fig2"]].min()
    return wide.assign(score=relative.mean(axis=1)).sort_values("score", kind="stable")


def sensitivity(calibration: pd.DataFrame) -> pd.DataFrame:
    """How the effects move with the setting: at the closest one, and smallest to largest."""
    effects = calibration[calibration["kind"] == "effect"]
    effects = effects.set_index(["figure", "curve"]).rename_axis(["effect", "where"])
    shown = {"low - random": "network", "low - high": "layer", "balanced - zeroed": "layer"}
    effects = effects[[where.startswith(shown[effect]) for effect, where in effects.index]]
    l2, epochs = distances(calibration).index[0]
    closest = effects[(effects["l2"] == l2) & (effects["epochs"] == epochs)]["value"]
    span = effects.groupby(level=[0, 1], sort=False)["value"]
    return pd.DataFrame({"closest": closest, "smallest": span.min(), "largest": span.max()})


if __name__ == "__main__":
    if sys.argv[1] == "one":
        settings = yaml.safe_load(Path(sys.argv[2]).read_text())
        rows, path = calibrate(settings, float(sys.argv[3])), sys.argv[4]
    else:
        rows, path = pd.concat([pd.read_csv(part) for part in sys.argv[3:]]), sys.argv[2]
    rows.to_csv(path, index=False, float_format="%.5g", lineterminator="\n")

"""How close networks trained with other L2 strengths and numbers of epochs come to the paper.

    python -m utils.calibration one params/sweeps/calibration.yml 1e-05 out.csv
    python -m utils.calibration all data/calibration.csv out.csv …

One training for each network, looked at after several numbers of epochs. The table has one row a
number: l2, epochs, n_replicates, kind, figure, curve, value. `rmse` is the root mean square
difference of our mean curve from a published one, in accuracy; for fig2 that of the smallest and
largest value of each quantity and layer, in bits. `effect` is a difference of mean accuracies as
in `utils.claims`, `accuracy` the test accuracy, each a mean over networks.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from utils import (
    claims,
    datasets,
    experiments,
    measures,
    parallel,
    paths,
    published,
    training,
)
from utils.datasets import Dataset
from utils.networks import Network

TABLE = paths.DATA / "calibration.csv"
COLUMNS = ["l2", "epochs", "n_replicates", "kind", "figure", "curve", "value"]


def calibrate(settings: dict, l2: float) -> pd.DataFrame:
    """The rows of one L2 strength; `settings` as in params/sweeps/calibration.yml."""
    data = datasets.load(settings["dataset"])
    recipe = training.Recipe(tuple(settings["hidden"]), settings["activation"], l2)
    epochs = settings["epochs"]

    def one(replicate: int) -> dict[int, tuple[pd.DataFrame, pd.DataFrame]]:
        course = training.replicate_course(data, recipe, max(epochs), settings["seed"], replicate)
        return {
            epoch: _look(network, data, settings, replicate)
            for epoch, (network, _, _) in enumerate(course)
            if epoch in epochs
        }

    found = parallel.run(one, range(settings["n_replicates"]), f"l2 {l2}")
    rows = []
    for epoch in epochs:
        measured, curves = (
            pd.concat([looks[epoch][part].assign(replicate=k) for k, looks in enumerate(found)])
            for part in (0, 1)
        )
        rows += [(l2, epoch, len(found), *row) for row in _distances(measured, curves)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _look(
    network: Network, data: Dataset, settings: dict, replicate: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measures, and the ablation curves, of one network at one epoch."""
    measured = measures.measure(
        network, data.validation.images, data.validation.labels, 2, data.n_classes
    )
    few = datasets.Split(
        data.test.images[: settings["n_test"]], data.test.labels[: settings["n_test"]]
    )
    seed = int(np.random.SeedSequence([settings["seed"], replicate, 3]).generate_state(1)[0])
    return measured, experiments.ablate(network, measured, few, settings["n_random_orders"], seed)


def _distances(measured: pd.DataFrame, curves: pd.DataFrame) -> list[tuple]:
    rows: list[tuple] = []
    for _, row in published.compare(curves).iterrows():
        curve = f"{row['scope']} {row['ordering']} {row['direction']} {row['replacement']}"
        rows.append(("rmse", row["figure"][:4], curve, row["rmse"]))
    extremes = published.compare_extremes(measured)
    gap = np.sqrt(((extremes["mean"] - extremes["published"]) ** 2).mean())
    rows.append(("rmse", "fig2", "smallest and largest", gap))
    effects = claims.effects(curves).groupby(["effect", "scope", "quantity"])["value"].mean()
    rows += [("effect", effect, f"{s} {q}", value) for (effect, s, q), value in effects.items()]
    start = claims.with_accuracy(curves[curves["n_ablated"] == 0])
    rows.append(("accuracy", "", "", start.groupby("replicate")["accuracy"].first().mean()))
    return rows


def table() -> pd.DataFrame:
    """The committed calibration, data/calibration.csv."""
    return pd.read_csv(TABLE)


def distances(calibration: pd.DataFrame) -> pd.DataFrame:
    """Mean RMSE over the curves of each figure, [l2, epochs] by figure, the closest first.

    `score`: what settings are chosen by. It is the mean of figure 1's and figure 2's distance,
    each relative to the smallest of all settings; figures 3 and 4 have no part in it.
    """
    rmse = calibration[calibration["kind"] == "rmse"]
    wide = rmse.pivot_table(index=["l2", "epochs"], columns="figure", values="value")
    chosen_by = wide[["fig1", "fig2"]]
    score = (chosen_by / chosen_by.min()).mean(axis=1)
    return wide.assign(score=score).sort_values("score", kind="stable")


def sensitivity(calibration: pd.DataFrame) -> pd.DataFrame:
    """How the effects move with the setting: at the closest one, and smallest to largest."""
    l2, epochs = distances(calibration).index[0]
    effects = calibration[calibration["kind"] == "effect"]
    here = effects[(effects["l2"] == l2) & (effects["epochs"] == epochs)]
    by = ["figure", "curve"]
    span = effects.groupby(by, sort=False)["value"].agg(smallest="min", largest="max")
    span.insert(0, "closest", here.set_index(by)["value"])
    wanted = [("low - random", "network"), ("low - high", "layer"), ("balanced - zeroed", "layer")]
    keep = [any(e == w and c.startswith(s) for w, s in wanted) for e, c in span.index]
    return span[keep].rename_axis(["effect", "where"])


if __name__ == "__main__":
    if sys.argv[1] == "one":
        settings = yaml.safe_load(Path(sys.argv[2]).read_text())
        found, path = calibrate(settings, float(sys.argv[3])), sys.argv[4]
    else:
        found, path = pd.concat([pd.read_csv(part) for part in sys.argv[3:]]), sys.argv[2]
    found.to_csv(path, index=False, float_format="%.5g", lineterminator="\n")

"""How close networks trained with other L2 strengths and numbers of epochs come to the paper.

    python -m utils.calibration params/sweeps/calibration.yml 1e-05 out.csv

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

from utils import claims, datasets, experiments, measures, parallel, published, training
from utils.datasets import Dataset
from utils.networks import Network

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


if __name__ == "__main__":
    parameters = yaml.safe_load(Path(sys.argv[1]).read_text())
    calibrate(parameters, float(sys.argv[2])).to_csv(
        sys.argv[3], index=False, float_format="%.5g", lineterminator="\n"
    )

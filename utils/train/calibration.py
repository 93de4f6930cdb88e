"""How close networks with other settings come to the paper: `make calibrate`, hours of training.

    python -m utils.train.calibration one params/calibration.yml 1e-06 glorot_uniform 3 folder
    python -m utils.train.calibration all data/calibration.csv folder…

`one` trains a network and looks at it after several numbers of epochs: it writes ablation.csv.xz
and measures.csv.xz, columns as of a run's tables with SETTING, into a folder of its own. `all`
makes of these what `utils.train.closeness` describes.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from threadpoolctl import threadpool_limits

from utils import files
from utils.evidence.curves import ABLATED_SHARE
from utils.information.neurons import measure
from utils.names import NETWORK
from utils.networks import datasets
from utils.networks.network import Network
from utils.networks.recipes import Recipe
from utils.networks.training import best_of_last, replicate_course
from utils.removal.curves import ablation_table
from utils.removal.orders import quantity_orders
from utils.train import closeness

LOOKS = ("ablation", "measures")


def look(
    settings: dict, l2: float, initialization: str, replicate: int
) -> dict[str, pd.DataFrame]:
    """A network's two tables, by name; `settings` as in params/calibration.yml."""
    data, seed = datasets.load(settings["dataset"]), settings["seed"]
    recipe = Recipe(
        tuple(settings["hidden"]), settings["activation"], l2, initialization=initialization
    )
    course = replicate_course(data, recipe, max(settings["epochs"]), seed, replicate)
    images, labels = data.validation.images, data.validation.labels
    scored = (
        (epoch, network, network.n_correct(images, labels))
        for epoch, (network, _, _) in enumerate(course)
        if epoch
    )
    # 3: as for the random orders of notebook 03, see its `draws` in `utils.study.stages`
    draws = int(np.random.SeedSequence([seed, replicate, 3]).generate_state(1)[0])
    looks = []
    for epochs, (_, network) in enumerate(best_of_last(scored, settings["kept_of_last"]), 1):
        if epochs in settings["epochs"]:
            measures = measure(network, images, labels, 2, data.n_classes)
            curves = _curves(network, measures, data.test, settings["n_random_orders"], draws)
            looks.append([part.assign(epochs=epochs) for part in (curves, measures)])
    name = {"initialization": initialization, "l2": l2, "replicate": replicate}
    return {
        table: pd.concat(parts, ignore_index=True).assign(**name)
        for table, parts in zip(LOOKS, zip(*looks, strict=True), strict=True)
    }


def _curves(
    network: Network, measures: pd.DataFrame, test: datasets.Split, n_random: int, seed: int
) -> pd.DataFrame:
    """The curves that published ones are of, up to 80 %: across the network bias-balanced only."""
    orders = {
        scope: {name: order[: round(ABLATED_SHARE * len(order))] for name, order in named.items()}
        for scope, named in quantity_orders(measures, network.hidden, n_random, seed).items()
    }
    whole, means = {NETWORK: orders.pop(NETWORK)}, measures["mean_output"].to_numpy()
    parts = [
        ablation_table(network, test, orders, means),
        ablation_table(network, test, whole, means, replacements=("mean",)),
    ]
    return pd.concat(parts)


if __name__ == "__main__":
    if sys.argv[1] == "one":
        path, l2, initialization, replicate, folder = sys.argv[2:]
        settings = yaml.safe_load(Path(path).read_text())
        files.make_folder(Path(folder))
        with threadpool_limits(1):
            tables = look(settings, float(l2), initialization, int(replicate))
        for name, table in tables.items():
            files.write_csv(Path(folder) / f"{name}.csv.xz", table, float_format="%.6g")
    else:
        ablation, measures = (
            pd.concat(pd.read_csv(Path(folder) / f"{name}.csv.xz") for folder in sys.argv[3:])
            for name in LOOKS
        )
        table = closeness.compare(ablation, measures)
        files.write_csv(Path(sys.argv[2]), table, float_format="%.5g")

"""The images of a run, how well its networks classify them, and the setting beside the paper's."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils.evidence.curves import with_accuracy
from utils.networks.datasets import SPLITS, Dataset
from utils.networks.network import Network
from utils.removal import costs
from utils.study.runs import Stage
from utils.train.choice import INITIALIZATIONS, short
from utils.train.models import fronts as model_fronts

PAPERS_ACCURACY = 0.9765  # of test images, where the paper's curves start
SPIKE = 0.003  # of accuracy, by which an epoch is clearly worse than its neighbours


def class_counts(data: Dataset) -> pd.DataFrame:
    """Images of each class in each split."""
    counts = {
        name: np.bincount(getattr(data, name).labels, minlength=data.n_classes) for name in SPLITS
    }
    table = pd.DataFrame(counts).T.rename_axis(columns="class")
    return table.assign(all=table.sum(axis=1))


def final_accuracy(training: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and cross-entropy of the networks kept: mean, smallest, largest over networks."""
    kept = with_accuracy(training[training["kept"] == 1])
    by_split = kept.groupby("split", sort=False)[["accuracy", "loss"]]
    table = by_split.agg(["mean", "min", "max"]).round(4)
    return table.rename(columns={"loss": "cross-entropy", "min": "smallest", "max": "largest"})


def spikes(training: pd.DataFrame, n_epochs: int) -> pd.DataFrame:
    """Of each network's last epochs those with a test accuracy clearly below the neighbours'.

    A row an epoch, the deepest first: epoch, replicate, and how far it lies below the lower of
    the epochs before and after it (of the last: below the one before), more than SPIKE.
    """
    test = with_accuracy(training[(training["split"] == "test") & (training["epoch"] > 0)])
    wide = test.pivot(index="epoch", columns="replicate", values="accuracy")
    lower = np.minimum(wide.shift(1), wide.shift(-1).fillna(np.inf))
    below = (lower - wide).tail(n_epochs).stack().rename("below").round(6)
    return below[below > SPIKE].sort_values(ascending=False, kind="stable").reset_index()


def sizes(stage: Stage, networks: Sequence[Network]) -> pd.DataFrame:
    """What the networks are: a row for all that are trained here, or one for each model read.

    front : what stands before the layers that are studied, in the models' own words
    """
    fronts = model_fronts(stage) or {"each network": ""}
    rows = {}
    for (name, front), network in zip(fronts.items(), networks, strict=False):
        rows[name] = {
            "front": front or "none",
            "studied": "-".join(map(str, network.sizes)),
            "activations": ", ".join(dict.fromkeys(network.activations)),
            "weights and biases": costs.sizes(network)["n_parameters"],
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def setting(stage: Stage, training: pd.DataFrame) -> pd.DataFrame:
    """What the paper states of its setting, and this run's."""
    p = stage.parameters
    accuracy = final_accuracy(training).loc["test", "accuracy"]
    splits = " / ".join(f"{n_images:,}" for n_images in class_counts(stage.dataset)["all"])
    rows = [
        ("data set", "MNIST", p.dataset),
        ("train / validation / test", "50,000 / 10,000 / 10,000", splits),
        ("layers", "784-100-100-10", "-".join(map(str, stage.networks[0].sizes))),
        ("activation", "sigmoid", ", ".join(dict.fromkeys(stage.networks[0].activations))),
        ("Adam: rate, batch", "0.001, 32", f"{p.learning_rate}, {p.batch_size}"),
        ("L2 strength", "not known to us", f"{short(p.l2)} (assumed)"),
        (
            "start of the weights",
            "not known to us",
            f"{INITIALIZATIONS[p.initialization]} (assumed)",
        ),
        ("epochs", "not known to us", f"{p.epochs} (assumed)"),
        ("network kept", "not known to us", f"best validation of last {p.kept_of_last}"),
        ("networks", "not known to us", str(p.n_replicates)),
        (
            "test accuracy",
            f"{PAPERS_ACCURACY}",
            "{mean:.4f} ({smallest:.4f} to {largest:.4f})".format(**accuracy),
        ),
    ]
    table = pd.DataFrame(rows, columns=["", "paper", "this run"]).set_index("")
    if p.models:  # what their training was is not known here
        table.loc["Adam: rate, batch":"network kept", "this run"] = "trained elsewhere"
    return table

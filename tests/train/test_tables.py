"""Tables of notebook 01 on small data with known answers."""

from types import SimpleNamespace

import pandas as pd

from utils.study.parameter_models import Train
from utils.train import tables

KEPT = (2, 2, 1)  # the last network was better an epoch earlier
TRAINING = pd.DataFrame(
    [
        (k, epoch, split, 1.0 - epoch / 4 + k / 4, 50 + 10 * epoch + k, 100, int(epoch == KEPT[k]))
        for k in range(3)
        for epoch in range(3)
        for split in ("train", "validation", "test")
        if epoch or split != "train"
    ],
    columns=["replicate", "epoch", "split", "loss", "n_correct", "n_samples", "kept"],
)


def test_every_image_is_counted_once(small_digits):
    counts = tables.class_counts(small_digits)
    assert counts["all"].to_dict() == {"train": 200, "validation": 120, "test": 100}
    assert counts.loc["test"].iloc[:-1].sum() == 100
    assert counts.loc["test", 3] == (small_digits.test.labels == 3).sum()


def test_accuracy_is_that_of_the_networks_kept():
    table = tables.final_accuracy(TRAINING)
    assert table.index.tolist() == ["train", "validation", "test"]
    assert table.loc["test", "accuracy"].tolist() == [0.6767, 0.62, 0.71]
    assert table["accuracy"].columns.tolist() == ["mean", "smallest", "largest"]
    assert table.loc["train", "cross-entropy"].tolist() == [0.8333, 0.5, 1.25]


def test_the_setting_is_told_beside_the_papers(small_digits, random_network):
    parameters = Train(
        run="small", dataset="mnist-5k", n_replicates=3, first_replicate=0, seed=0, hidden=[6],
        activation="relu",
        initialization="pytorch_uniform", epochs=2, kept_of_last=2, learning_rate=0.01,
        batch_size=8, l2=1e-5, dropout=0.0, batch_normalization=False,
    )  # fmt: skip
    stage = SimpleNamespace(
        parameters=parameters, dataset=small_digits, networks=[random_network((49, 6, 10), "relu")]
    )
    assert tables.setting(stage, TRAINING)["this run"].tolist() == [
        "mnist-5k", "200 / 120 / 100", "49-6-10", "relu", "0.01, 8", "1e-5 (assumed)",
        "PyTorch uniform (assumed)", "2 (assumed)", "best validation of last 2", "3",
        "0.6767 (0.6200 to 0.7100)",
    ]  # fmt: skip

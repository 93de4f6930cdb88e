"""The small tables of notebook 09: words for what the tables of the run have."""

import numpy as np
import pandas as pd
import pytest

from utils.convolution import tables


def test_pruned_networks_that_are_not_retrained():
    rows = [
        (0, scope, method, repair, fraction, epochs, kept, 100)
        for scope in ("layer-1", "network")
        for method, hits in (("mutual_information", 80), ("random", 60), ("entropy", 10))
        for repair in ("mean", "zero", *["least_squares"] * (method == "random"))
        for fraction in (0.2, 0.4)
        for epochs in (0, 1)
        for kept in [hits - 100 * fraction * (1 - epochs) - 5 * (repair == "zero")]
    ]
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    pruning = pd.DataFrame(rows, columns=columns.split())
    table = tables.pruned(pruning, "median")
    assert table.columns.tolist() == ["20%", "40%"]
    assert table.loc[("bias-balanced", "mutual information")].tolist() == pytest.approx([0.6, 0.4])
    assert table.loc[("bias-balanced", "random")].tolist() == pytest.approx([0.4, 0.2])
    assert table.index[-1] == ("least squares", "random")
    assert len(table) == 3
    assert len(tables.pruned(pruning, "mean")) == 4


def _cases(judged_of, c1: str, c2: str) -> pd.DataFrame:
    return judged_of(
        ("C1", "network to 80%", "entropy, high-first", 0.1, "disagrees"),
        ("C1", "network to 80%", "mutual_information, low-first", -0.1, c1),
        ("C2", "layer-1", "mutual_information", 0.2, c2),
        ("C8", "layer-1", "this run − relu", 0.2, "agrees"),
    )  # fmt: skip


def test_words_of_neurons_and_channels_are_of_the_same_cases(judged_of):
    claims = _cases(judged_of, "agrees", "agrees")
    channels = claims[claims["claim"].isin(["C1", "C2"])]
    here = channels[~channels["quantity"].str.startswith("entropy")]
    here = here.assign(verdict=["agrees", "disagrees"])
    table = tables.carried(claims, here, None, "median")
    assert table.index.tolist() == ["C1", "C2"]
    assert table["neurons"].tolist() == ["holds", "holds"]
    assert table["channels"].tolist() == ["holds", "does not hold"]
    assert table["typical size"].tolist() == [-0.1, 0.2]
    every = tables.carried(claims, channels, here, "mean")
    assert every["neurons"].tolist() == ["mixed", "holds"]
    assert every["channels, other images"].tolist() == ["holds", "does not hold"]
    unlike = tables.carried(claims[claims["claim"] == "C2"], here, here[1:], "median")
    assert unlike["neurons"].tolist() == ["–", "holds"]
    assert unlike["channels, other images"].tolist() == ["–", "does not hold"]


def test_all_cases_are_in_words(judged_of):
    shown = tables.cases(_cases(judged_of, "agrees", "open"))
    assert shown.index.get_level_values("claim").tolist() == ["C1", "C1", "C2"]
    assert shown.index[1] == ("C1", "network to 80%", "mutual information, low first")
    assert np.isclose(shown["estimate"], [0.1, -0.1, 0.2]).all()

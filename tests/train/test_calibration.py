"""By what the settings of training are chosen, and the table it is read from."""

import pandas as pd
import pytest
import yaml

from utils import paths
from utils.train import calibration


def test_the_setting_is_chosen_by_figures_1_and_2_alone():
    rows = [
        (l2, 10, 3, "rmse", figure, "x", value)
        for l2, values in ((0.0, (1, 1, 9, 9)), (0.1, (2, 2, 1, 1)))
        for figure, value in zip(("fig1", "fig2", "fig3", "fig4"), values, strict=True)
    ]
    distances = calibration.distances(pd.DataFrame(rows, columns=calibration.COLUMNS))
    assert distances.index[0] == (0.0, 10)
    assert distances["score"].tolist() == [1, 2]


def test_a_setting_has_the_rows_of_the_committed_table(small_digits, monkeypatch):
    monkeypatch.setattr(calibration.datasets, "load", lambda name: small_digits)
    settings = {
        "dataset": "small", "hidden": [4, 4], "activation": "sigmoid", "seed": 0, "n_test": 60,
        "n_replicates": 2, "n_random_orders": 1, "epochs": [1, 2],
    }  # fmt: skip
    table = calibration.calibrate(settings, 1e-4)
    assert set(zip(table["l2"], table["epochs"], table["n_replicates"], strict=True)) == {
        (1e-4, 1, 2), (1e-4, 2, 2),
    }  # fmt: skip
    names = ["kind", "figure", "curve"]
    committed = calibration.table().fillna("")
    first = committed[(committed["l2"] == 0) & (committed["epochs"] == 5)]
    for epochs in (1, 2):
        ours = table.loc[table["epochs"] == epochs, names]
        assert ours.to_numpy().tolist() == first[names].to_numpy().tolist()
    accuracy = table.loc[table["kind"] == "accuracy", "value"]
    assert (accuracy * 60 * 2 % 1).to_numpy() == pytest.approx(0, abs=1e-9)


def test_the_settings_of_the_committed_table_are_those_of_the_file():
    settings = yaml.safe_load((paths.ROOT / "params" / "calibration.yml").read_text())
    committed = calibration.table()
    assert sorted(settings["l2"]) == sorted(committed["l2"].unique())
    assert settings["epochs"] == sorted(committed["epochs"].unique())
    assert set(committed["n_replicates"]) == {settings["n_replicates"]}


def test_effects_are_shown_where_the_claims_are_made():
    rows = [
        (l2, 10, 3, kind, figure, curve, value + l2)
        for l2 in (0.0, 1.0)
        for kind, figure, curve, value in (
            ("rmse", "fig1", "x", 1),
            ("rmse", "fig2", "x", 1),
            ("effect", "low - random", "network entropy", -0.1),
            ("effect", "low - random", "layer-1 entropy", -0.2),
            ("effect", "low - high", "layer-1 entropy", 0.3),
            ("effect", "balanced - zeroed", "network random", 0.4),
        )
    ]
    shown = calibration.sensitivity(pd.DataFrame(rows, columns=calibration.COLUMNS))
    assert shown.index.tolist() == [
        ("low - random", "network entropy"),
        ("low - high", "layer-1 entropy"),
    ]
    assert shown["closest"].tolist() == shown["smallest"].tolist() == [-0.1, 0.3]
    assert shown["largest"].tolist() == [0.9, 1.3]

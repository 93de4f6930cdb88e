"""Statements of our own, on the tables of small networks and on tables made by hand."""

import warnings

import numpy as np
import pandas as pd
import pytest

from utils.beyond.claims import (
    BEYOND,
    class_losses,
    excess_surplus,
    set_size,
)
from utils.evidence import judging
from utils.evidence.tables import Tables
from utils.names import layer_scope


@pytest.mark.parametrize(("width", "half"), [(11, 6), (15, 8), (35, 18), (75, 38), (100, 50)])
def test_half_of_a_layer_is_rounded_as_the_tenths_are(width, half):
    assert set_size(0.5, width) == half
    assert set_size(np.arange(1, 11) / 10, width)[4] == half
    assert set_size(0.5, pd.Series([width])).tolist() == [half]


def test_nothing_is_said_of_sets_that_all_lose_the_same(small):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        equal = Tables({"sets": small.sets.assign(error_surplus=3)})
        assert BEYOND["B4, sets"].values(equal)["value"].isna().all()


def test_differences_of_statements(tables):
    judged = judging.judge(tables, BEYOND)
    assert list(judged.columns) == judging.COLUMNS
    assert list(dict.fromkeys(judged["claim"])) == list(BEYOND)
    pruning = judged[judged["claim"] == "B1, pruning"].set_index(["scope", "quantity"])["estimate"]
    assert pruning["50% pruned", "jmi - mutual_information"] == 0  # the stand-in is jmi itself
    retained = tables.retained.xs("network", level="scope")
    cmim = retained["cmim", "low-first", "mean"]
    b2 = judged[judged["claim"] == "B2"].set_index("quantity")["estimate"]
    expected = (cmim - retained["random", "none", "mean"]).mean()
    assert b2["cmim - random"] == pytest.approx(expected, abs=1e-5)
    curve = tables["joint"].query(
        "scope == 'network' and ordering == 'cmim' and direction == 'low-first' and replicate == 0"
    )
    kept = curve.loc[curve["n_ablated"] <= 0.8 * 14, "n_correct"].mean() / 100
    assert cmim.loc[0] == pytest.approx(kept)
    assert list(judging.overview(judged, BEYOND).index) == list(BEYOND)


def _classes(scopes: list[str]) -> pd.DataFrame:
    """Of three networks: removal costs the class selected for 30 more of its 100 images."""
    rows = [
        (k, scope, selected, label, 90 - 30 * (selected == label) + k, 95, 100)
        for k in range(3)
        for scope in scopes
        for selected in range(4)
        for label in range(4)
    ]
    columns = "replicate scope selected_class class n_correct n_intact n_samples"
    return pd.DataFrame(rows, columns=columns.split())


def test_a_class_that_alone_is_hurt_is_named():
    classes = _classes(["layer-1"])
    value = BEYOND["B6"].values(Tables({"classes": classes}))["value"]
    np.testing.assert_allclose(value, 0.3)
    assert class_losses(classes)["whose"].value_counts().to_dict() == {"others": 36, "own": 12}


def test_layers_are_listed_by_their_number():
    scopes = [layer_scope(layer) for layer in range(1, 12)]
    values = BEYOND["B6"].values(Tables({"classes": _classes(scopes)}))
    assert (
        list(judging.decided(values, BEYOND["B6"].rule).index.get_level_values("scope")) == scopes
    )


def test_correlation_of_pairs_by_layer_and_network():
    pairs = pd.DataFrame(
        {
            "replicate": [0] * 4 + [1] * 4,
            "layer": 1,
            "co_information": [1, 2, 3, 4] * 2,
            "surplus": [1, 2, 3, 4, 4, 3, 2, 1],
        }
    )
    found = BEYOND["B4"].values(Tables({"pairs": pairs}))
    assert found["value"].tolist() == [1, -1]
    assert found["scope"].unique().tolist() == ["layer-1"]


def test_what_independent_disturbances_cost_is_taken_off(small):
    sets = small.sets.assign(error_surplus=9, independent_surplus=4)
    assert (excess_surplus(sets, 100)["excess"] == 0.05).all()

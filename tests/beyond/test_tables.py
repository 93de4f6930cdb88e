"""The small tables of notebook 08, and the decomposition of pairs."""

import numpy as np
import pandas as pd
import pytest

from utils.beyond import sets
from utils.beyond import tables as shown
from utils.beyond.claims import BEYOND
from utils.evidence import judging
from utils.information import decomposition
from utils.study.parallel import rows_of


@pytest.mark.parametrize(
    ("levels", "labels", "parts"),
    [
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], (0, 0, 0, 1)),
        ([[0, 0], [0, 0], [1, 1], [1, 1]], [0, 0, 1, 1], (1, 0, 0, 0)),
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 1, 1], (0, 1, 0, 0)),
    ],
)
def test_parts_of_known_pairs(levels, labels, parts):
    found = decomposition.decompose(np.array(levels), np.array(labels))
    assert list(found.values()) == pytest.approx(list(parts), abs=1e-9)


def test_parts_add_up_to_joint_information_and_to_co_information(stage, small):
    table = shown.extreme_pairs(stage, stage.replicates[0], rows_of(small.pairs, 0))
    assert table.loc[1].shape == (6, 5)
    for measure in ("", " (MMI)"):
        difference = table[f"redundant{measure}"] - table[f"synergistic{measure}"]
        np.testing.assert_allclose(difference, table["co-information"], atol=1e-5)
    assert (table["redundant (MMI)"] >= table["redundant"] - 1e-9).all()
    layer = table.loc[1]["co-information"].to_numpy()
    everything = rows_of(small.pairs, 0).query("layer == 1")["co_information"]
    assert layer[0] == everything.max()
    assert layer[3] == everything.min()


def test_tables_are_in_words(small, tables):
    pruned = shown.pruned(small.pruning, small.joint_pruning)
    assert pruned.loc["JMI"].notna().all()
    assert pruned.index[0] == "mutual information"
    assert pruned.columns.tolist() == ["25%", "50%"]
    judged = judging.judge(tables, BEYOND)
    assert "JMI − mutual information" in shown.cases(judged).index.get_level_values("quantity")


def test_the_words_of_a_second_run_stand_beside(tables):
    judged = judging.judge(tables, BEYOND)
    beside = shown.overview(judged, judged.assign(verdict="disagrees"))
    assert list(beside.index) == list(BEYOND)
    assert set(beside["on other images"]) == {"does not hold"}
    alone = shown.overview(judged, None)
    assert alone.columns.tolist() == ["statement", "verdict", "typical size"]


def test_estimates_and_paths_are_means_in_words(stage, information):
    parts = [
        sets.set_information(stage, one).assign(replicate=one.number) for one in stage.replicates
    ]
    table = shown.estimates(pd.concat(parts))
    assert table.loc[("layer 2", 6), "bits"] == pytest.approx(
        np.mean(
            [part.query("scope == 'layer-2' and size == 6")["joint_information"] for part in parts]
        )
    )
    assert "bias at most" in table
    paths = shown.paths(information)
    assert paths.index.tolist() == [0, 1, 2]
    assert (paths["mutual information", 1].diff().dropna() > 0).all()
    assert paths["entropy", 2].nunique() == 1

"""The small tables of notebook 08, and the decomposition of pairs."""

import numpy as np
import pytest

from utils.beyond import tables
from utils.beyond.claims import BEYOND
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
    table = tables.extreme_pairs(stage, stage.networks[0], rows_of(small.pairs, 0))
    assert table.loc[1].shape == (6, 7)
    for measure in ("", " (MMI)"):
        difference = table[f"redundant{measure}"] - table[f"synergistic{measure}"]
        np.testing.assert_allclose(difference, table["co-information"], atol=1e-5)
    assert (table["redundant (MMI)"] >= table["redundant"] - 1e-9).all()
    layer = table.loc[1]["co-information"].to_numpy()
    everything = rows_of(small.pairs, 0).query("layer == 1")["co_information"]
    assert layer[0] == everything.max()
    assert layer[3] == everything.min()


def test_every_table_without_a_warning(stage, small, strict_figures):
    shuffled = tables.shuffled_pairs(stage, stage.networks[0])
    assert (
        (shuffled.loc[("layer-1", "right"), "plug-in"])
        > shuffled.loc[("layer-1", "shuffled"), "plug-in"]
    )
    pruned = tables.pruned(small.pruning, small.joint_pruning)
    assert pruned.loc["jmi"].notna().all()
    assert pruned.index[0] == "mutual_information"
    assert len(tables.statements()) == len(BEYOND)
    assert (tables.information_of_pairs(small.pairs)["share above 0"] <= 1).all()

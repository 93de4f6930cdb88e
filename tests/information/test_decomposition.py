"""Parts of what two neurons know, against their definitions."""

import dit
import numpy as np
import pandas as pd
import pytest
from dit.pid import PID_MMI, PID_WB
from sklearn.metrics import mutual_info_score

from utils.information import decomposition
from utils.information.decomposition import PARTS, decompose, extreme_pairs


def _information(one: np.ndarray, other: np.ndarray) -> float:
    return mutual_info_score(one, other) / np.log(2)


def _specific(column: np.ndarray, labels: np.ndarray, label: int) -> float:
    """D(P(T|Y=y) || P(T)) in bits."""
    given, everywhere = np.bincount(column[labels == label], minlength=3), np.bincount(column)
    p, q = (x / x.sum() for x in (given, np.resize(everywhere, 3)))
    return float(sum(a * np.log2(a / b) for a, b in zip(p, q, strict=True) if a))


def _sample(seed: int, n: int = 90, m: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Levels [n, m], all of 0 to 2 in each column, that depend on labels [n] of three classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    noise = rng.integers(0, 3, (n, m))
    levels = np.where(rng.random((n, m)) < rng.random(m), labels[:, None], noise)
    levels[:3] = np.arange(3)[:, None]
    return levels, labels


@pytest.mark.parametrize("seed", range(3))
def test_the_parts_are_those_of_i_min_and_add_up(seed):
    levels, labels = _sample(seed)
    parts = decompose(levels, labels)
    assert list(parts) == list(PARTS)
    first, second = levels.T
    redundant = sum(
        (labels == y).mean() * min(_specific(column, labels, y) for column in levels.T)
        for y in np.unique(labels)
    )
    assert parts["redundant"] == pytest.approx(redundant, abs=1e-9)
    for column, name in ((first, "unique_1"), (second, "unique_2")):
        assert parts["redundant"] + parts[name] == pytest.approx(_information(column, labels))
    assert sum(parts.values()) == pytest.approx(_information(3 * first + second, labels))
    least = min(_information(column, labels) for column in levels.T)
    assert decompose(levels, labels, "mmi")["redundant"] == pytest.approx(least)


@pytest.mark.parametrize(("measure", "theirs"), [("i_min", PID_WB), ("mmi", PID_MMI)])
def test_the_same_as_dit(measure, theirs):
    levels, labels = _sample(3)
    outcomes, counts = np.unique(np.column_stack([levels, labels]), axis=0, return_counts=True)
    seen = dit.Distribution([tuple(row) for row in outcomes.tolist()], counts / len(labels))
    lattice = theirs(seen, [[0], [1]], [2])
    places = ((0,), (1,)), ((0,),), ((1,),), ((0, 1),)
    expected = [float(lattice[place]) for place in places]
    assert list(decompose(levels, labels, measure).values()) == pytest.approx(expected, abs=1e-9)


def test_a_measure_that_is_unknown_is_refused():
    with pytest.raises(ValueError, match=r"measure 'wb'; allowed are i_min, mmi"):
        decompose(*_sample(0), "wb")


def test_the_most_redundant_come_first_and_the_most_synergistic_from_the_last(monkeypatch):
    """What `decompose` is asked for is told apart by a number instead, for speed."""

    def asked(levels: np.ndarray, labels: np.ndarray, measure: str) -> dict[str, float]:
        number = (levels * [1, 100]).sum() + (measure == "mmi") / 2
        return {part: number + place / 10 for place, part in enumerate(PARTS)}

    monkeypatch.setattr(decomposition, "decompose", asked)
    levels, labels = _sample(0, 200, 5)
    first, second = np.triu_indices(5, 1)
    values = np.array([0.0, -3, 5, 1, 2, -1, 5, -4, 3, -2])
    rows = pd.DataFrame({"neuron_1": first, "neuron_2": second, "co_information": values})
    found = extreme_pairs(rows, levels, labels)
    chosen = [2, 6, 8, 7, 1, 9]  # of equal ones the first
    assert found.index.tolist() == [(first[k], second[k]) for k in chosen]
    assert found["co_information"].tolist() == values[chosen].tolist()
    assert list(found) == ["co_information", *PARTS, "redundant_mmi", "synergistic_mmi"]
    for pair, row in found.iterrows():
        both = levels[:, pair]
        assert row[list(PARTS)].to_dict() == asked(both, labels, "i_min")
        assert row["redundant_mmi"] == asked(both, labels, "mmi")["redundant"]
        assert row["synergistic_mmi"] == asked(both, labels, "mmi")["synergistic"]
    assert len(extreme_pairs(rows, levels, labels, n=1)) == 2


def test_two_neurons_that_never_change_know_nothing():
    for measure in decomposition.MEASURES:
        parts = decomposition.decompose(np.zeros((4, 2), np.int8), np.array([0, 1, 1, 0]), measure)
        assert list(parts.values()) == [0, 0, 0, 0]

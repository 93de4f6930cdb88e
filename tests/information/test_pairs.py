"""Joint information of pairs and sets: dit, scikit-learn, and what must always hold."""

import dit
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from sklearn.metrics import mutual_info_score

from utils.information import pairs
from utils.information.neurons import (
    entropy,
    independent_bias,
    joint_counts,
    mutual_information,
    quantize,
)
from utils.networks.datasets import Dataset

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
COPY = np.array([[0, 0], [0, 0], [1, 1], [1, 1]]), np.array([0, 0, 1, 1])
AND = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1])


@st.composite
def samples(draw):
    """Levels [n, m], labels [n], number of levels and of classes; a class may be absent."""
    n_levels, n_classes = draw(st.integers(2, 4)), draw(st.integers(2, 5))
    n, m = draw(st.integers(2, 60)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.integers(0, n_classes, n)
    levels = rng.integers(0, n_levels, (n, m))
    dependent = rng.random((n, m)) < draw(st.floats(0, 1))
    levels = np.where(dependent, labels[:, None] % n_levels, levels)
    return levels.astype(np.int8), labels, n_levels, n_classes


def _distribution(levels: np.ndarray, labels: np.ndarray) -> dit.Distribution:
    outcomes, counts = np.unique(np.column_stack([levels, labels]), axis=0, return_counts=True)
    return dit.Distribution([tuple(row) for row in outcomes.tolist()], counts / len(labels))


@pytest.mark.parametrize(
    ("case", "joint", "co_information"), [(XOR, 1, -1), (COPY, 1, 1), (AND, 0.811278, -0.188722)]
)
def test_known_pairs(case, joint, co_information):
    found = pairs.measure_pairs(*case, 2, 2)
    assert found.joint[0, 1] == pytest.approx(joint, abs=1e-6)
    assert found.co_information[0, 1] == pytest.approx(co_information, abs=1e-6)


@pytest.mark.parametrize("n_levels", [2, 3, 5])
def test_the_same_as_dit(n_levels):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 200)
    levels = rng.integers(0, n_levels, (200, 3))
    levels[:, 2] = (labels + levels[:, 0]) % n_levels
    found = pairs.measure_pairs(levels, labels, n_levels, 4)
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        both = _distribution(levels[:, [i, j]], labels)
        oracle = dit.shannon.mutual_information(both, [0, 1], [2])
        assert found.joint[i, j] == pytest.approx(oracle, abs=1e-9)
        assert found.co_information[i, j] == pytest.approx(
            dit.multivariate.coinformation(both, [[0], [1], [2]]), abs=1e-9
        )
        between = dit.shannon.mutual_information(both, [0], [1])
        assert found.between[i, j] == pytest.approx(between, abs=1e-9)


@given(samples())
def test_the_same_as_scikit_learn_on_joint_codes(case):
    levels, labels, n_levels, _ = case
    found = pairs.measure_pairs(*case)
    m = levels.shape[1]
    for i in range(m):
        for j in range(m):
            code = levels[:, i].astype(int) * n_levels + levels[:, j]
            oracle = mutual_info_score(code, labels) / np.log(2)
            assert found.joint[i, j] == pytest.approx(oracle, abs=1e-9)
    code = levels.astype(int) @ n_levels ** np.arange(m)
    counts = pairs.set_counts(*case)
    assert counts.sum() == len(labels)
    oracle = mutual_info_score(code, labels) / np.log(2)
    assert mutual_information(counts) == pytest.approx(oracle, abs=1e-9)


@given(samples())
def test_bounds_and_symmetry(case):
    _, labels, _, n_classes = case
    found = pairs.measure_pairs(*case)
    shares = np.bincount(labels) / len(labels)
    class_entropy = -(shares[shares > 0] * np.log2(shares[shares > 0])).sum()
    np.testing.assert_allclose(found.joint, found.joint.T, atol=1e-12)
    np.testing.assert_allclose(found.between, found.between.T, atol=1e-12)
    largest = np.maximum(found.information[:, None], found.information)
    assert (found.joint >= largest - 1e-12).all()
    assert (found.joint <= class_entropy + 1e-12).all()
    smallest = np.minimum(found.information[:, None], found.information)
    assert (found.co_information <= smallest + 1e-12).all()
    assert (found.co_information <= found.between + 1e-12).all()
    assert (found.conditional >= 0).all()
    assert (found.correction >= -(n_classes - 1) / (2 * len(labels) * np.log(2))).all()


@given(samples(), st.randoms(use_true_random=False))
def test_order_of_samples_and_names_of_classes_levels_and_neurons_do_not_matter(case, random):
    levels, labels, n_levels, n_classes = case
    found = pairs.measure_pairs(*case)
    order = np.array(random.sample(range(len(labels)), len(labels)))
    classes = np.array(random.sample(range(n_classes), n_classes))
    names = np.array(random.sample(range(n_levels), n_levels))
    neurons = np.array(random.sample(range(levels.shape[1]), levels.shape[1]))
    again = pairs.measure_pairs(
        names[levels][order][:, neurons], classes[labels][order], n_levels, n_classes
    )
    for name in ("joint", "co_information", "between", "correction"):
        expected = getattr(found, name)[np.ix_(neurons, neurons)]
        np.testing.assert_allclose(getattr(again, name), expected, atol=1e-12)


def test_real_neurons_agree_with_the_quantities_of_single_ones(digits: Dataset, random_network):
    network = random_network((784, 12, 10), seed=3)
    split = digits.validation
    levels = quantize(network.forward(split.images)[1], 2, "sigmoid")
    found = pairs.measure_pairs(levels, split.labels, 2, 10)
    counts = joint_counts(levels, split.labels, 2, 10)
    np.testing.assert_allclose(found.information, mutual_information(counts), atol=1e-12)
    np.testing.assert_allclose(found.between.diagonal(), entropy(counts), atol=1e-12)
    np.testing.assert_allclose(found.co_information.diagonal(), found.information, atol=1e-12)


def test_a_constant_neuron_adds_nothing():
    rng = np.random.default_rng(0)
    levels = np.column_stack([rng.integers(0, 2, 90), np.ones(90, int)])
    found = pairs.measure_pairs(levels, rng.integers(0, 3, 90), 2, 3)
    assert found.joint[0, 1] == pytest.approx(found.information[0], abs=1e-12)
    assert abs(found.co_information[0, 1]) < 1e-12


def test_the_correction_takes_most_of_the_bias_away_within_its_bounds():
    rng = np.random.default_rng(0)
    plain, corrected, by_pairs = [], [], []
    for _ in range(300):
        levels, labels = rng.integers(0, 2, (1000, 2)), rng.integers(0, 10, 1000)
        counts = pairs.set_counts(levels, labels, 2, 10)
        plain.append(float(mutual_information(counts)))
        corrected.append(pairs.miller_madow(counts))
        found = pairs.measure_pairs(levels, labels, 2, 10)
        by_pairs.append(found.joint[0, 1] - found.correction[0, 1])
    np.testing.assert_allclose(by_pairs, corrected, atol=1e-12)
    low, high = pairs.bias_bounds(1000, 4, 10)
    expected = independent_bias(1000, 4, 10)
    assert np.mean(plain) == pytest.approx(expected, rel=0.05)
    assert low < np.mean(plain) < high
    assert abs(np.mean(corrected)) < 0.05 * expected


def test_twelve_neurons_are_measured_and_more_are_refused():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 50)
    levels = rng.integers(0, 16, (50, 13))
    counts = pairs.set_counts(levels[:, :12], labels, 16, 3)
    assert counts.shape == (50, 3)  # each state is seen once
    with pytest.raises(ValueError, match="a set of 13 neurons; at most 12"):
        pairs.set_counts(levels, labels, 16, 3)


def test_the_rows_of_pairs_are_a_matrix_that_is_its_own_mirror_image():
    values = np.array([[0, 1.5, -2], [1.5, 0, 3], [-2, 3, 0]])
    first, second = np.triu_indices(3, 1)
    rows = pd.DataFrame({"neuron_1": first, "neuron_2": second})
    assert pairs.pair_matrix(rows.assign(co_information=values[first, second]), 3).tolist() == (
        values.tolist()
    )

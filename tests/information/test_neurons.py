"""Entropy, mutual information and KL selectivity against other people's code."""

from collections.abc import Callable
from typing import Any

import dit
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from utils.information import neurons
from utils.information.neurons import (
    independent_bias,
    joint_counts,
    kl_selectivity,
    measure,
    mutual_information,
    quantize,
    share_of_mean,
)
from utils.networks.datasets import Dataset
from utils.networks.network import Network

NOTHING_OF_A_CLASS = "ignore:no samples of class"


def counts_of(levels: Any, labels: Any, n_levels: int = 2, n_classes: int = 2) -> np.ndarray:
    """Joint counts [levels, classes] of one neuron."""
    one_neuron = np.asarray(levels)[:, None]
    return joint_counts(one_neuron, np.asarray(labels), n_levels, n_classes)[0]


def quantities(counts: np.ndarray) -> tuple[float, float, float, int]:
    selectivity, selective_class = kl_selectivity(counts)
    information = mutual_information(counts)
    return float(neurons.entropy(counts)), float(information), float(selectivity), selective_class


def selectivity_by_scipy(
    levels: np.ndarray, labels: np.ndarray, n_levels: int
) -> dict[int, float]:
    """D(P(T|Y=y) || P(T)) in bits of every class there is."""
    everywhere = np.bincount(levels, minlength=n_levels)
    return {
        int(y): scipy.stats.entropy(
            np.bincount(levels[labels == y], minlength=n_levels), everywhere, base=2
        )
        for y in np.unique(labels)
    }


@pytest.mark.parametrize(
    ("levels", "labels", "expected"),
    [
        ([1, 1, 1, 0, 0], [1, 0, 1, 1, 0], (0.970951, 0.019973, 0.029447, 0)),
        ([0, 0, 1], [0, 1, 1], (0.918296, 0.251629, 0.584963, 0)),
    ],
)
def test_published_disputes(levels: list[int], labels: list[int], expected: tuple) -> None:
    counts = counts_of(levels, labels)
    assert quantities(counts) == pytest.approx(expected, abs=1e-6)

    shuffled = np.random.default_rng(0).permutation(len(levels))
    assert np.array_equal(
        counts_of(np.array(levels)[shuffled], np.array(labels)[shuffled]), counts
    )

    with pytest.warns(UserWarning, match="class 0, 1, 3, 4"):
        renamed = counts_of(levels, np.array([5, 2])[labels], n_classes=6)
    assert quantities(renamed) == pytest.approx((*expected[:3], 5), abs=1e-6)


def test_counts_are_by_level_and_class() -> None:
    assert counts_of([1, 1, 1, 0, 0], [1, 0, 1, 1, 0]).tolist() == [[1, 1], [1, 2]]


@pytest.mark.parametrize(
    ("n_samples", "information", "selectivity", "selective_class"),
    [(500, 0.010783, 0.025505, 1), (10_000, 0.000535, 0.001549, 0)],
)
def test_independent_samples_give_the_plug_in_value(
    n_samples: int, information: float, selectivity: float, selective_class: int
) -> None:
    rng = np.random.default_rng(0)
    levels, labels = rng.integers(0, 2, n_samples), rng.integers(0, 10, n_samples)
    found = quantities(counts_of(levels, labels, n_classes=10))[1:]
    assert found == pytest.approx((information, selectivity, selective_class), abs=1e-6)


@pytest.mark.parametrize(
    ("n_samples", "bias", "upper"),
    [(500, 0.012984, 0.0252), (5_000, 0.001298, None), (10_000, 0.000649, 0.0012)],
)
def test_bias_on_independent_samples(n_samples: int, bias: float, upper: float | None) -> None:
    assert independent_bias(n_samples, 2, 10) == pytest.approx(bias, abs=1e-6)
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, n_samples)
    levels = rng.integers(0, 2, (n_samples, 2_000), dtype=np.int8)
    found = mutual_information(joint_counts(levels, labels, 2, 10))
    assert found.min() >= 0
    assert found.mean() == pytest.approx(bias, rel=0.05)
    if upper:
        assert np.mean(found < upper) == pytest.approx(0.95, abs=0.02)


@st.composite
def samples(draw: Callable) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Levels [n], labels [n], the number of levels (2 to 5) and of classes (2 to 10)."""
    n_levels, n_classes = draw(st.integers(2, 5)), draw(st.integers(2, 10))
    pair = st.tuples(st.integers(0, n_levels - 1), st.integers(0, n_classes - 1))
    pairs = np.array(draw(st.lists(pair, min_size=1, max_size=80)))
    return pairs[:, 0], pairs[:, 1], n_levels, n_classes


@pytest.mark.filterwarnings(NOTHING_OF_A_CLASS)
@given(samples())
def test_values_are_those_of_scikit_learn_and_scipy(given_samples: tuple) -> None:
    levels, labels, n_levels, _ = given_samples
    entropy, information, selectivity, selective_class = quantities(counts_of(*given_samples))
    per_class = selectivity_by_scipy(levels, labels, n_levels)
    assert entropy == pytest.approx(scipy.stats.entropy(np.bincount(levels), base=2), abs=1e-12)
    assert information == pytest.approx(mutual_info_score(levels, labels) / np.log(2), abs=1e-12)
    assert selectivity == pytest.approx(max(per_class.values()), abs=1e-12)
    if selective_class == -1:  # a bit that says nothing of any class
        assert selectivity == 0
    else:
        assert per_class[int(selective_class)] == pytest.approx(selectivity, abs=1e-12)


@pytest.mark.filterwarnings(NOTHING_OF_A_CLASS)
@given(samples())
def test_bounds(given_samples: tuple) -> None:
    *_, n_classes = given_samples
    entropy, information, selectivity, _ = quantities(counts_of(*given_samples))
    assert 0 <= information <= min(entropy, np.log2(n_classes)) + 1e-12
    assert information <= selectivity + 1e-12
    assert entropy >= 0


@pytest.mark.filterwarnings(NOTHING_OF_A_CLASS)
@given(samples(), st.randoms(use_true_random=False))
def test_order_of_samples_and_names_of_classes_do_not_matter(
    given_samples: tuple, random: Any
) -> None:
    levels, labels, n_levels, n_classes = given_samples
    order = random.sample(range(len(levels)), len(levels))
    names = np.array(random.sample(range(n_classes), n_classes))
    before = quantities(counts_of(*given_samples))
    after = quantities(counts_of(levels[order], names[labels[order]], n_levels, n_classes))
    assert after[:3] == pytest.approx(before[:3], abs=1e-12)
    top_two = sorted(selectivity_by_scipy(levels, labels, n_levels).values())[-2:]
    if len(top_two) == 2 and top_two[1] - top_two[0] > 1e-9:
        assert after[3] == names[before[3]]


@pytest.mark.filterwarnings(NOTHING_OF_A_CLASS)
@given(samples(), st.integers(0, 4))
def test_constant_neuron_has_exactly_nothing(given_samples: tuple, level: int) -> None:
    levels, labels, n_levels, n_classes = given_samples
    constant = np.full_like(levels, level % n_levels)
    assert quantities(counts_of(constant, labels, n_levels, n_classes))[:3] == (0, 0, 0)


def test_values_are_those_of_dit() -> None:
    counts = np.array([[7, 1, 4], [2, 9, 4], [1, 0, 5]])
    outcomes = [(t, y) for t in range(3) for y in range(3)]
    joint = dit.Distribution(outcomes, counts.ravel() / counts.sum())
    marginal, given_class = joint.condition_on([1])
    of_level = joint.marginal([0])
    divergences = [
        dit.divergences.kullback_leibler_divergence(conditional, of_level)
        for conditional in given_class
    ]
    assert list(marginal.outcomes) == [0, 1, 2]
    assert quantities(counts) == pytest.approx(
        (
            dit.shannon.entropy(joint, [0]),
            dit.shannon.mutual_information(joint, [0], [1]),
            max(divergences),
            int(np.argmax(divergences)),
        ),
        abs=1e-12,
    )


def test_perfect_neuron_knows_the_class() -> None:
    labels = np.repeat(np.arange(4), 25)
    counts = counts_of(labels, labels, 4, 4)
    assert quantities(counts) == (2, 2, 2, 0)  # bits; the lowest class of four that tie


def test_many_neurons_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    levels, labels = rng.integers(0, 3, (200, 6)), rng.integers(0, 4, 200)
    counts = joint_counts(levels, labels, 3, 4)
    assert counts.shape == (6, 3, 4)
    assert counts.dtype == np.int64
    for neuron in range(6):
        expected = np.histogram2d(levels[:, neuron], labels, bins=(range(4), range(5)))[0]
        assert np.array_equal(counts[neuron], expected)
    selectivity, selective_class = kl_selectivity(counts)
    for neuron in range(6):
        assert quantities(counts[neuron]) == (
            neurons.entropy(counts)[neuron],
            mutual_information(counts)[neuron],
            selectivity[neuron],
            selective_class[neuron],
        )


def test_absent_class_is_named_and_skipped() -> None:
    rng = np.random.default_rng(4)
    labels = rng.choice([0, 1, 3], 300)
    levels = rng.integers(0, 2, 300)
    with pytest.warns(UserWarning, match="no samples of class 2: left out") as caught:
        counts = joint_counts(levels[:, None], labels, 2, 4)[0]
    assert caught[0].filename == __file__, "the warning is about who called"
    dense = counts_of(levels, np.array([0, 1, -1, 2])[labels], n_classes=3)
    found, expected = quantities(counts), quantities(dense)
    assert np.isfinite(found).all()
    assert found[:3] == pytest.approx(expected[:3], abs=1e-15)
    assert found[3] == [0, 1, 3][expected[3]]


def test_all_classes_there_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    counts_of([0, 1], [0, 1])
    assert len(recwarn) == 0


OUTPUTS = np.array([0, 0, 0.2, 3, 10, 0.5, 0.49])
LABELS = [0, 0, 0, 1, 1, 1, 1]


def test_relu_is_cut_at_zero() -> None:
    levels = quantize(OUTPUTS[:, None], 2, "relu")[:, 0]
    assert levels.tolist() == [0, 0, 1, 1, 1, 1, 1]
    assert levels.mean() == pytest.approx(0.714286, abs=1e-6)
    expected = (0.863121, 0.469565, 0.485427, 1)
    assert quantities(counts_of(levels, LABELS)) == pytest.approx(expected, abs=1e-6)


def test_sigmoid_is_cut_at_a_half() -> None:
    levels = quantize(OUTPUTS[:, None], 2, "sigmoid")[:, 0]
    assert levels.tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert quantities(counts_of(levels, LABELS))[1] == pytest.approx(0.291692, abs=1e-6)


@pytest.mark.parametrize(
    ("activation", "outputs", "expected"),
    [
        ("sigmoid", [0.5, 0.5000001, 0.4999999, 1.0], [0, 1, 0, 1]),
        ("tanh", [-0.0, 0.0, 1e-30, -1e-30], [0, 0, 1, 0]),
        ("relu", [-0.0, 0.0, 1e-30, 1e30], [0, 0, 1, 1]),
    ],
)
def test_strictly_above_the_threshold(
    activation: str, outputs: list[float], expected: list[int]
) -> None:
    levels = quantize(np.array(outputs, np.float32)[:, None], 2, activation)
    assert levels[:, 0].tolist() == expected


@pytest.mark.parametrize(
    ("activation", "n_levels", "outputs", "expected"),
    [
        ("sigmoid", 4, [0, 0.1, 0.25, 0.26, 0.5, 0.75, 0.76, 1], [0, 0, 0, 1, 1, 2, 3, 3]),
        ("sigmoid", 5, [0, 0.19, 0.21, 0.5, 0.79, 0.81, 1], [0, 0, 1, 2, 3, 4, 4]),
        ("tanh", 4, [-1, -0.5, -0.4, 0, 0.1, 0.5, 0.6, 1], [0, 0, 1, 1, 2, 2, 3, 3]),
        ("tanh", 3, [-1, -0.4, -0.3, 0.3, 0.4, 1], [0, 0, 1, 1, 2, 2]),
        ("relu", 3, [0, 1e-9, 5, 5.1, 10], [0, 1, 1, 2, 2]),
        ("relu", 5, [0, 0.1, 2, 2.1, 4, 6, 6.1, 8], [0, 1, 1, 2, 2, 3, 4, 4]),
        ("relu", 4, [0, 0, 0], [0, 0, 0]),
    ],
)
def test_more_levels_share_the_range(
    activation: str, n_levels: int, outputs: list[float], expected: list[int]
) -> None:
    levels = quantize(np.array(outputs, np.float32)[:, None], n_levels, activation)
    assert levels[:, 0].tolist() == expected


def test_relu_levels_are_each_neurons_own() -> None:
    outputs = np.array([[0, 0], [1, 100], [2, 200], [4, 400]], float)
    levels = quantize(outputs, 5, "relu")
    assert levels.tolist() == [[0, 0], [1, 1], [2, 2], [4, 4]]


def test_one_level_is_refused() -> None:
    with pytest.raises(ValueError, match="1 levels; at least 2"):
        quantize(OUTPUTS[:, None], 1, "relu")


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("n_levels", [2, 4])
def test_table_of_a_network(
    activation: str,
    n_levels: int,
    digits: Dataset,
    random_network: Callable[..., Network],
) -> None:
    network = random_network((784, 12, 9, 10), activation, dtype=np.float32)
    images, labels = digits.validation.images, digits.validation.labels
    table = measure(network, images, labels, n_levels, 10)
    assert list(table.columns) == [
        *("layer", "neuron", "entropy", "mutual_information", "kl_selectivity"),
        *("selective_class", "firing_rate", "mean_output", "output_variance"),
    ]
    assert table["layer"].tolist() == [1] * 12 + [2] * 9
    assert table["neuron"].tolist() == [*range(12), *range(9)]
    assert table["selective_class"].between(-1, 9).all()
    assert ((table["selective_class"] == -1) == (table["kl_selectivity"] == 0)).all()
    assert table["entropy"].between(0, np.log2(n_levels) + 1e-12).all()
    assert (table["mutual_information"] <= table["entropy"] + 1e-12).all()
    assert (table["mutual_information"] <= table["kl_selectivity"] + 1e-12).all()
    assert table["mutual_information"].min() >= 0
    assert table["mutual_information"].max() > 0.05

    outputs = np.concatenate(network.forward(images)[1:-1], axis=1)
    threshold = 0.5 if activation == "sigmoid" else 0
    assert table["firing_rate"].tolist() == (outputs > threshold).mean(axis=0).tolist()
    np.testing.assert_allclose(table["mean_output"], outputs.astype(float).mean(axis=0))
    np.testing.assert_allclose(
        table["output_variance"], outputs.astype(float).var(axis=0), rtol=1e-5, atol=1e-12
    )
    levels = np.concatenate(
        [quantize(h, n_levels, activation) for h in network.forward(images)[1:-1]], axis=1
    )
    information = [mutual_info_score(column, labels) / np.log(2) for column in levels.T]
    np.testing.assert_allclose(table["mutual_information"], information, atol=1e-12)


def test_table_when_validation_lacks_a_class(
    digits: Dataset, random_network: Callable[..., Network]
) -> None:
    network = random_network((784, 12, 10))
    kept = digits.validation.labels != 7
    with pytest.warns(UserWarning, match="no samples of class 7"):
        table = measure(
            network, digits.validation.images[kept], digits.validation.labels[kept], 2, 10
        )
    assert np.isfinite(table.to_numpy()).all()
    assert not (table["selective_class"] == 7).any()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 0, 1, 3.5, 2], r"label 3\.5 of sample 3 is no class.* 0 to 2"),
        ([0, 0, -1, 1, 2], "label -1 of sample 2"),
        ([0, 3, 1, 1, 2], "label 3 of sample 1"),
        ([0, 1, 9, 7, 2], "label 9 of sample 2"),
        (np.eye(5, 3), r"labels of shape \(5, 3\); expected \(5,\)"),
        ([0, 1], r"labels of shape \(2,\)"),
        ([0, 1, 2, np.nan, 1], "label nan of sample 3"),
    ],
)
def test_labels_that_are_no_classes_are_named(labels: object, message: str) -> None:
    levels = np.array([[0], [1], [0], [1], [1]])
    with pytest.raises(ValueError, match=message):
        joint_counts(levels, np.array(labels), 2, 3)


def test_labels_in_a_column_are_flattened() -> None:
    levels, labels = np.array([[0], [1], [0], [1], [1]]), np.array([0, 0, 1, 1, 2])
    in_a_column = joint_counts(levels, labels[:, None], 2, 3)
    assert np.array_equal(in_a_column, joint_counts(levels, labels, 2, 3))


def test_a_constant_neuron_is_selective_for_no_class() -> None:
    counts = joint_counts(np.zeros((5, 1), int), np.array([0, 0, 1, 1, 2]), 2, 3)
    selectivity, selective_class = kl_selectivity(counts)
    assert (selectivity[0], selective_class[0]) == (0, -1)


def test_the_share_of_the_mean_is_what_balancing_takes_from_the_error_of_zeroing() -> None:
    outputs = np.random.default_rng(0).normal(1, 2, (50, 3)) * [1, 5, 0]
    measured = pd.DataFrame({
        "mean_output": outputs.mean(axis=0), "output_variance": outputs.var(axis=0),
    })  # fmt: skip
    zeroed, balanced = (outputs**2).mean(axis=0), outputs.var(axis=0)
    found = share_of_mean(measured)
    assert found[:2].tolist() == pytest.approx((1 - balanced[:2] / zeroed[:2]).tolist())
    assert np.isnan(found[2])

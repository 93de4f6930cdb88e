"""Forward selection: textbook forms step by step, and sets measured exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mutual_info_score

from utils.information import pairs, selection
from utils.information.neurons import independent_bias, network_levels


def _information(*parts: np.ndarray) -> float:
    """I(first parts jointly; last) in bits by scikit-learn."""
    *parts, last = parts
    code = np.unique(np.column_stack(parts), axis=0, return_inverse=True)[1]
    return mutual_info_score(code, last) / np.log(2)


@st.composite
def samples(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_levels, n = draw(st.integers(2, 3)), draw(st.integers(20, 80))
    labels = rng.integers(0, 3, n)
    levels = rng.integers(0, n_levels, (n, 6))
    levels[:, :2] = (labels[:, None] + (rng.random((n, 2)) < 0.3)) % n_levels
    return levels, labels, n_levels


def _score(form, levels, labels, i, chosen):
    t = levels.T
    if form == "mrmr":
        between = [_information(t[i], t[j]) for j in chosen]
        return _information(t[i], labels) - np.mean(between)
    if form == "jmi":
        return sum(_information(t[i], t[j], labels) for j in chosen)
    if form == "cmim":
        return min(_information(t[i], t[j], labels) - _information(t[j], labels) for j in chosen)
    return _information(t[i], *t[chosen], labels)


@pytest.mark.parametrize("form", selection.FORMS)
@given(samples())
@settings(max_examples=20)
def test_every_choice_is_the_best_by_definition(form, case):
    levels, labels, n_levels = case
    order = selection.joint_orders(levels, labels, n_levels, 3)[form][::-1].tolist()
    assert sorted(order) == list(range(6))
    alone = [_information(column, labels) for column in levels.T]
    assert alone[order[0]] == pytest.approx(max(alone), abs=1e-9)
    for step in range(1, 5):
        left = [i for i in range(6) if i not in order[:step]]
        scores = {i: _score(form, levels, labels, i, order[:step]) for i in left}
        assert scores[order[step]] == pytest.approx(max(scores.values()), abs=1e-9)


def test_a_copy_goes_first_and_half_of_an_exclusive_or_stays():
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(0, 2, (3, 4000))
    labels = 4 * c + 2 * (a ^ b) + (rng.random(4000) < 0.5)
    noise = rng.integers(0, 2, 4000)
    levels = np.column_stack([noise, a, b, c, c])
    orders = selection.joint_orders(levels, labels, 2, 8)
    assert orders["joint_information"][-3:].tolist() in ([2, 1, 3], [1, 2, 3])
    for form in ("mrmr", "jmi", "cmim"):
        assert orders[form][-1] == 3
    assert orders["cmim"][0] == 4


@pytest.mark.parametrize("form", selection.FORMS)
def test_of_equal_neurons_the_one_with_the_lower_number_is_chosen_first(form):
    """Columns 0 and 1 are copies, as are 2 and 3; any two that differ know the class exactly."""
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]).repeat(5, axis=0)
    labels = 2 * bits[:, 0] + bits[:, 1]
    order = selection.joint_orders(bits[:, [0, 0, 1, 1]], labels, 2, 4)[form][::-1]
    assert order[:2].tolist() == [0, 2]


def test_after_twelve_the_rest_follows_by_pairs():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 300)
    levels = (rng.random((300, 15)) < 0.2 + 0.2 * labels[:, None]).astype(int)
    chosen = selection.grow(levels, labels, 2, 4, pairs.MAX_SET)
    order = selection.joint_orders(levels, labels, 2, 4)["joint_information"][::-1]
    assert len(chosen) == 12
    assert order[:12].tolist() == chosen
    joint = pairs.measure_pairs(levels, labels, 2, 4).joint
    left = order[12:]
    assert joint[left[0], chosen].sum() == pytest.approx(joint[np.ix_(left, chosen)].sum(1).max())


def test_sets_grow_in_information_and_shuffled_labels_show_the_bias():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 2000)
    levels = (rng.random((2000, 20)) < 0.05 + 0.09 * labels[:, None]).astype(int)
    table = selection.set_information(levels, labels, 2, 10, seed=0)
    assert table["size"].tolist() == list(range(1, 13))
    assert table["joint_information"].is_monotonic_increasing
    assert (table["miller_madow"] <= table["joint_information"]).all()
    pair = table[table["size"] == 2].iloc[0]
    assert pair["shuffled_joint_information"] < 3 * independent_bias(2000, 4, 10)
    assert abs(pair["shuffled_miller_madow"]) < pair["bias_high"] - pair["bias_low"]
    last = table.iloc[-1]
    assert last["shuffled_joint_information"] > 0.5  # chance alone, with so many states


def test_levels_of_all_layers_by_their_own_activation(random_network):
    network = random_network((7, 4, 3, 2), "tanh")
    images = np.random.default_rng(0).normal(size=(20, 7))
    levels = network_levels(network, images, 2)
    outputs = np.hstack(network.forward(images)[1:-1])
    np.testing.assert_array_equal(levels, outputs > 0)

"""NoiseOut: which neuron of a pair goes, and what stands in for it."""

import numpy as np
import pytest
from scipy import stats

from utils.networks.network import NetworkError
from utils.removal.noise_out import noise_out
from utils.removal.surgery import Moments


def _columns(*columns: np.ndarray) -> Moments:
    return Moments(np.column_stack(columns))


def test_the_most_correlated_pair_is_merged_by_its_line():
    rng = np.random.default_rng(0)
    first, other = rng.random(100), rng.random(100)
    second = 3 * first + 1 + 0.01 * rng.random(100)
    found = noise_out(_columns(first, other, second), np.array([[4.0], [1], [1]]), 1)
    assert found.gone.tolist() == [2]
    fit = stats.linregress(first, second)
    assert found.weights[:, 0] == pytest.approx([fit.slope, 0])
    assert found.constants == pytest.approx([fit.intercept])


@pytest.mark.parametrize(
    ("kernel", "goes"),
    [
        ([[2, 2], [1, 0]], 0),  # variances 1 and 9 times squared weights 8 and 1
        ([[2, 3], [1, 0]], 1),  # 13 and 9
        ([[3, 0], [0, 1]], 1),  # equal: the later
    ],
)
def test_the_one_with_less_outgoing_variance_goes(kernel, goes):
    one = np.array([1.0, -1, 1, -1])
    found = noise_out(_columns(one, 3 * one), np.array(kernel, float), 1)
    assert found.gone.tolist() == [goes]


def test_a_neuron_has_the_outgoing_weights_of_those_merged_into_it():
    """b is merged into a, and outweighs c then: 1 + 1 against 1.5."""
    a = np.random.default_rng(0).normal(size=200)
    c = a + 0.1 * np.random.default_rng(1).normal(size=200)
    kernel = np.array([[1.0], [1], [1.5]])
    assert noise_out(_columns(a, a, c / c.std() * a.std()), kernel, 2).gone.tolist() == [1, 2]
    assert noise_out(_columns(a, c / c.std() * a.std()), kernel[::2], 1).gone.tolist() == [0]


def test_what_a_merged_neuron_stood_in_for_is_carried_on():
    """A chain: c is a line of b, and b of a; with two gone, both are lines of the third."""
    a = np.random.default_rng(0).random(100)
    outputs = np.column_stack([a, 2 * a + 1, -(2 * a + 1)])
    for kernel in np.random.default_rng(1).normal(size=(9, 3, 2)):
        found = noise_out(Moments(outputs), kernel, 2)
        values = outputs[:, found.kept] @ found.weights + found.constants
        np.testing.assert_allclose(values, outputs[:, found.gone], atol=1e-12)


def test_the_choice_of_fewer_is_the_beginning_of_the_choice_of_more():
    rng = np.random.default_rng(0)
    moments, kernel = Moments(rng.random((50, 9))), rng.normal(size=(9, 4))
    order = noise_out(moments, kernel, 8).gone.tolist()
    for n_removed in range(8):
        assert noise_out(moments, kernel, n_removed).gone.tolist() == order[:n_removed]


def test_constant_neurons_go_first_however_strong_their_weights():
    column = np.random.default_rng(0).random(50)
    for place in (0, 2):
        columns = [column, column]
        columns.insert(place, np.full(50, 0.7))
        found = noise_out(_columns(*columns), np.where(np.arange(3) == place, 9.0, 1)[:, None], 1)
        assert (found.gone.tolist(), found.constants.tolist()) == ([place], [pytest.approx(0.7)])
        assert not found.weights.any()
    everything_constant = noise_out(Moments(np.ones((5, 3))), np.ones((3, 2)), 2)
    assert everything_constant.constants.tolist() == [1, 1]


def test_one_neuron_must_be_left():
    with pytest.raises(NetworkError, match="5 of 5 neurons to remove; 0 to 4 can"):
        noise_out(Moments(np.ones((9, 5))), np.ones((5, 2)), 5)

"""Temperature: over-confidence of a known size is found, and taken away."""

from collections.abc import Callable

import numpy as np
import pytest

from utils.networks.datasets import Dataset
from utils.networks.network import Network
from utils.networks.temperature import LARGEST, at_temperature, best_temperature, temperature
from utils.networks.training import score


@pytest.fixture(scope="module")
def calibrated() -> tuple[np.ndarray, np.ndarray]:
    """Logits [20,000 x 4] whose softmax is the distribution of their labels."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (20_000, 4))
    return logits, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_a_known_temperature_is_found(calibrated: tuple, factor: float) -> None:
    logits, labels = calibrated
    found = temperature(factor * logits, labels)
    assert found == pytest.approx(factor, rel=0.03)
    assert found == pytest.approx(factor * temperature(logits, labels), rel=1e-4)


def test_no_other_temperature_has_a_smaller_cross_entropy(calibrated: tuple) -> None:
    logits, labels = calibrated
    found = temperature(3 * logits, labels)
    others = np.geomspace(0.1, 30, 60)
    losses = [score(3 * logits / other, labels)[1] for other in others]
    assert score(3 * logits / found, labels)[1] <= min(losses)


def test_where_the_best_temperature_is_0_or_infinite_one_within_bounds_comes_back() -> None:
    assert 1 / LARGEST <= temperature(np.eye(3), np.arange(3)) < 0.1
    assert 10 < temperature(np.eye(3), np.roll(np.arange(3), 1)) <= LARGEST


@pytest.mark.parametrize("sizes", [(49, 8, 10), (49, 8, 6, 10)])
def test_a_network_at_its_temperature(
    sizes: tuple,
    small_digits: Dataset,
    random_network: Callable[..., Network],
    fitted: Callable[..., Network],
) -> None:
    """The same predictions, logits divided; nothing is left to scale."""
    network, split = fitted(random_network(sizes, "relu"), small_digits), small_digits.validation
    value = best_temperature(network, split)
    scaled = at_temperature(network, value)
    assert np.array_equal(scaled.predict(split.images), network.predict(split.images))
    logits, divided = (one.forward(split.images)[-1] for one in (network, scaled))
    np.testing.assert_allclose(divided, logits / value, rtol=0, atol=1e-12)
    assert score(divided, split.labels)[1] < score(logits, split.labels)[1]
    assert best_temperature(scaled, split) == pytest.approx(1, rel=1e-4)

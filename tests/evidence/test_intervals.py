"""Intervals of means over networks."""

import numpy as np
import pytest

from utils.evidence.intervals import interval


def test_interval_of_one_value_and_of_equal_values():
    mean, low, high = interval(np.array([0.25]))
    assert mean == 0.25
    assert np.isnan([low, high]).all()
    assert interval(np.full(10, 0.25)) == (0.25, 0.25, 0.25)
    assert interval(np.full(10, 0.004)) == pytest.approx((0.004, 0.004, 0.004))


def test_interval_contains_the_mean_and_is_repeatable():
    values = np.random.default_rng(3).normal(0.1, 0.02, 10)
    mean, low, high = interval(values)
    assert low < mean < high
    assert interval(values) == (mean, low, high)

"""How many networks would decide a case."""

from bisect import bisect_left

import numpy as np
from statsmodels.stats.power import TTestPower

LEVEL, POWER = 0.05, 0.8
MOST = 1_000_000  # networks; more are not told apart


def n_to_decide(distance: float, deviation: float, margin: float | None) -> int:
    """Networks with which a case would be decided with a probability of 0.8, at the least.

    By the two-sided 5 % t-test, if the estimate is the truth (`distance` from the bound, standard
    `deviation` between networks), or, where there is a margin, as negligible, if the truth is 0.
    0 where that cannot be said: one network, or an estimate at a bound without a margin.

    >>> n_to_decide(0.5, 1.0, None), n_to_decide(0.0, 1.0, 0.5)
    (34, 36)
    """
    if np.isnan(deviation):
        return 0
    tests = [(abs(distance), POWER, "two-sided")]
    if margin is not None:  # both one-sided tests must reject
        tests.append((margin, (1 + POWER) / 2, "larger"))
    return min((_n_of_test(size, deviation, *how) for size, *how in tests if size), default=0)


def _n_of_test(size: float, deviation: float, power: float, alternative: str) -> int:
    if deviation <= size * 1e-3:
        return 2
    test, effect = TTestPower(), size / deviation
    numbers = range(2, MOST)
    return numbers[0] + bisect_left(
        numbers, power, key=lambda n: test.power(effect, n, LEVEL, alternative=alternative)
    )

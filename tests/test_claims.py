"""Effect sizes on tables with known answers."""

import numpy as np
import pandas as pd
import pytest

from utils import claims
from utils.measures import QUANTITIES


def _ablation(low: float, high: float, random: float) -> pd.DataFrame:
    """Three networks of one layer with ten neurons whose curves are flat, random ones twofold."""
    rows = []
    for replicate in range(3):
        for replacement in ("zero", "mean"):
            curves = [(q, "low-first", low) for q in QUANTITIES]
            curves += [(q, "high-first", high) for q in QUANTITIES]
            curves += [("random-00", "none", random - 0.1), ("random-01", "none", random + 0.1)]
            for ordering, direction, accuracy in curves:
                for n_ablated in range(11):
                    level = 0.1 if n_ablated > 8 else accuracy - 0.05 * (replacement == "zero")
                    rows.append(
                        (replicate, "layer-1", ordering, direction, replacement, n_ablated,
                         round(1000 * level), 1000, 0.0)
                    )  # fmt: skip
    columns = "replicate scope ordering direction replacement n_ablated n_correct n_samples"
    return pd.DataFrame(rows, columns=[*columns.split(), "cross_entropy"])


def test_effects_are_the_differences_of_mean_accuracy_up_to_80_percent():
    effects = claims.effects(_ablation(low=0.8, high=0.5, random=0.7))
    values = effects.groupby(["effect", "quantity"])["value"].agg(["min", "max"])
    for quantity in QUANTITIES:
        assert values.loc[("low - high", quantity)].tolist() == pytest.approx([0.3, 0.3])
        assert values.loc[("low - random", quantity)].tolist() == pytest.approx([0.1, 0.1])
    for quantity in (*QUANTITIES, "random"):
        assert values.loc[("balanced - zeroed", quantity)].tolist() == pytest.approx([0.05, 0.05])


def test_interval_of_one_value_and_of_equal_values():
    mean, low, high = claims.interval(np.array([0.25]))
    assert mean == 0.25
    assert np.isnan([low, high]).all()
    assert claims.interval(np.full(10, 0.25)) == (0.25, 0.25, 0.25)
    assert claims.interval(np.full(10, 0.004)) == pytest.approx((0.004, 0.004, 0.004))


def test_interval_contains_the_mean_and_is_repeatable():
    values = np.random.default_rng(3).normal(0.1, 0.02, 10)
    mean, low, high = claims.interval(values)
    assert low < mean < high
    assert claims.interval(values) == (mean, low, high)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([0.1, 0.12, 0.09, 0.11], "agrees"),
        ([-0.1, -0.12, -0.09, -0.11], "disagrees"),
        ([0.1, -0.12, 0.09, -0.11], "inconclusive"),
        ([0.1], "inconclusive"),
    ],
)
def test_verdicts(values, word):
    _, low, high = claims.interval(np.array(values))
    assert claims.verdict(low, high) == word

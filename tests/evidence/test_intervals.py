"""Intervals of means over networks: t, Welch, of a ratio, and how often they hold the truth."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from utils.evidence.intervals import Interval, bands, interval, ratio_values, summarize


def test_interval_of_one_value_and_of_equal_values():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = interval(np.array([0.25]))
        none = interval(np.array([]))
        equal = interval(np.full(10, 0.25))
    assert one.mean == 0.25
    assert np.isnan(one[1:6]).all()
    assert one.n_replicates == 1
    assert np.isnan(none.mean)
    assert none.n_replicates == 0
    assert equal[:5] == (0.25,) * 5
    assert equal.p == 0
    assert interval(np.full(10, 0.25), bound=0.25).p == 1


def test_the_interval_is_scipys_and_that_of_the_p_value():
    values = np.random.default_rng(3).normal(0.1, 0.02, 10)
    ours = interval(values, bound=0.09)
    low, high = stats.t.interval(0.95, 9, values.mean(), stats.sem(values))
    assert (ours.low, ours.high) == pytest.approx((low, high))
    assert ours.p == pytest.approx(stats.ttest_1samp(values, 0.09).pvalue)
    assert ours.low < ours.low_90 < ours.mean < ours.high_90 < ours.high
    assert interval(values, bound=ours.low).p == pytest.approx(0.05)


def test_two_runs_are_not_paired():
    rng = np.random.default_rng(0)
    first, second = rng.normal(1, 0.1, 10), rng.normal(0, 0.3, 5)
    ours = interval(first, second, bound=0.5)
    welch = stats.ttest_ind(first - 0.5, second, equal_var=False)
    assert ours.mean == pytest.approx(first.mean() - second.mean())
    assert ours.p == pytest.approx(welch.pvalue)
    limits = welch.confidence_interval()
    assert (ours.low, ours.high) == pytest.approx((limits.low + 0.5, limits.high + 0.5))
    assert (ours.n_replicates, ours.n_other) == (10, 5)
    table = pd.DataFrame({
        "case": "x", "value": [*first, *second], "group": [1] * 10 + [-1] * 5,
    })  # fmt: skip
    row = summarize(table, ["case"], bound=0.5).iloc[0]
    assert row["low"] == ours.low
    assert row["n_other"] == 5


def test_networks_without_a_value_are_left_out():
    table = pd.DataFrame({"case": list("aaab"), "value": [1.0, 3.0, np.nan, np.nan]})
    cases = summarize(table, ["case"]).set_index("case")
    assert cases.loc["a", "mean"] == 2
    assert cases["n_replicates"].tolist() == [2, 0]
    assert np.isnan(cases.loc["b", "mean"])
    assert cases.loc["a", "p"] == interval(np.array([1.0, 3.0])).p  # that it is not 0


def test_a_band_is_the_same_interval():
    table = pd.DataFrame({"x": np.repeat([0, 1], 6), "y": np.random.default_rng(1).random(12)})
    band = bands(table, ["x"], "y").loc[1]
    ours = interval(table.loc[table["x"] == 1, "y"].to_numpy())
    assert band.tolist() == pytest.approx([ours.mean, ours.low, ours.high])


def test_a_ratio_of_means_is_no_mean_of_ratios():
    gains, losses = pd.Series([1.0, 2.0, 3.0]), pd.Series([3.0, 5.0, 4.0])
    values = ratio_values(gains, losses)
    assert values.mean() == pytest.approx(0.5)
    residuals = (gains - 0.5 * losses).to_numpy() / 4
    assert interval(values.to_numpy()).low == pytest.approx(interval(residuals + 0.5).low)
    nothing = pd.Series([0.1, -0.1, 0.0])
    assert ratio_values(gains, nothing).isna().all()
    assert ratio_values(gains[:1], losses[:1]).item() == pytest.approx(1 / 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ratio_values(gains[:1], nothing[2:]).isna().all()  # one network, which gains 0


def _skewed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return 2 - rng.gamma(4.0, 0.5, shape)  # mean 0, skewness -1


def _spiky(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """12 % of the networks lie four standard deviations low, as in a spike of training."""
    return rng.normal(size=shape) - 4 * (rng.random(shape) < 0.12) + 0.48


@pytest.mark.parametrize("n", [2, 3, 5, 10, 20])
def test_the_truth_is_inside_as_often_as_said(n):
    """Of 4,000 simulated studies of n networks: normal 0.95 within 0.01, others at least 0.85."""
    rng, cover = np.random.default_rng(n), {}
    draws = {
        "normal": lambda: rng.normal(size=(n, 4000)),
        "skewed": lambda: _skewed(rng, (n, 4000)),
        "spiky": lambda: _spiky(rng, (n, 4000)),
    }
    for name, draw in draws.items():
        values = draw()
        limits = bands(pd.DataFrame(values).melt(var_name="study", value_name="y"), ["study"], "y")
        cover[name] = ((limits["low"] < 0) & (limits["high"] > 0)).mean()
    assert cover["normal"] == pytest.approx(0.95, abs=0.01)
    assert min(cover.values()) >= 0.85, cover


def test_fields_are_those_of_the_tables():
    assert set(Interval._fields) >= {"mean", "low", "high", "p", "n_replicates", "n_other"}

"""Partial rank correlations, and correlations over networks."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from utils.beyond.correlations import curves_and_pairs, partial_correlations


def _partial(x, y, z) -> float:
    table = pd.DataFrame({"scope": "layer-1", "replicate": 0, "x": x, "y": y, "z": z})
    return partial_correlations(table, "x", "y", "z", "these")["value"].item()


def test_partial_correlation_is_that_of_what_a_line_in_the_ranks_leaves():
    rng = np.random.default_rng(0)
    z = rng.normal(size=40)
    x, y = np.exp(z + rng.normal(size=40)), z**3 + rng.normal(size=40)
    ranks = [stats.rankdata(values) for values in (x, y, z)]
    left = [r - np.polyval(np.polyfit(ranks[2], r, 1), ranks[2]) for r in ranks[:2]]
    assert _partial(x, y, z) == pytest.approx(np.corrcoef(*left)[0, 1])


def test_what_goes_through_the_third_column_alone_is_gone():
    rng = np.random.default_rng(1)
    z = np.arange(2000.0)
    x, y = (z + 500 * rng.normal(size=2000) for _ in range(2))
    assert stats.spearmanr(x, y).statistic > 0.5
    assert abs(_partial(x, y, z)) < 0.06
    assert np.isnan(_partial(z, y, z))
    assert np.isnan(_partial(x, np.ones(2000), z))


def _tables(n: int, ablation_of) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Networks that are more redundant the wider their gap is; in layer 2 the less."""

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        gap = 5000 + replicate if scope == "layer-1" else 2000 - replicate
        return 2000 + gap * (direction == "low-first")

    pairs = [(k, layer, 0.01 * k + 0.1 * (layer == 1)) for k in range(n) for layer in (1, 2)]
    columns = ["replicate", "layer", "co_information"]
    ablation = ablation_of(n_correct, ["layer-1", "layer-2"])
    return ablation[ablation["replicate"] < n], pd.DataFrame(pairs, columns=columns)


def test_curves_are_held_against_pairs_over_networks(ablation_of):
    found = curves_and_pairs(*_tables(6, ablation_of))
    assert found.index.unique("scope").tolist() == ["layer-1", "layer-2"]
    assert found.loc["layer-1", "rho"].tolist() == pytest.approx([1] * 3)
    assert found.loc["layer-2", "rho"].tolist() == pytest.approx([-1] * 3)
    ablation, pairs = _tables(6, ablation_of)
    shuffled = pairs["replicate"].map(dict(enumerate([3, 0, 5, 1, 4, 2])))
    some = curves_and_pairs(ablation, pairs.assign(co_information=shuffled)).loc["layer-1"]
    expected = stats.spearmanr(range(6), [3, 0, 5, 1, 4, 2]).statistic
    assert some["rho"].tolist() == pytest.approx([expected] * 3)
    assert (some["low"] < expected).all()
    assert (some["high"] > expected).all()


def test_no_correlation_of_two_networks_or_of_values_that_are_all_the_same(ablation_of):
    assert curves_and_pairs(*_tables(2, ablation_of))["rho"].isna().all()
    ablation, pairs = _tables(6, ablation_of)
    assert curves_and_pairs(ablation, pairs.assign(co_information=0))["rho"].isna().all()

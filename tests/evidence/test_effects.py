"""Effect sizes on tables with known answers."""

import pytest

from utils.evidence import effects
from utils.evidence.curves import retained
from utils.names import QUANTITIES


@pytest.fixture(scope="module")
def r(ablation_of):
    """R of three networks of one layer with ten neurons whose curves are flat, random twofold."""
    levels = {"low-first": 0.8, "high-first": 0.5}
    random = {"random-00": 0.6, "random-01": 0.8}

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        level = levels.get(direction) or random[ordering]
        if replacement == "zero":
            level -= 0.05
        return round(100_000 * (level if n_ablated <= 8 else 0.1))

    return retained(ablation_of(n_correct, ["layer-1"], 3, n_neurons=10, n_random_orders=2))


def test_effects_are_the_differences_of_mean_accuracy_up_to_80_percent(r):
    assert r.shape[0] == 3
    for quantity, gaps in effects.direction_gaps(r).items():
        assert quantity in QUANTITIES
        assert gaps.tolist() == pytest.approx([0.3] * 3)
    against = effects.against_random(r).groupby("quantity")["value"].apply(list)
    gains = effects.balancing_gains(r).groupby("quantity")["value"].apply(list)
    for quantity in QUANTITIES:
        assert against[quantity] == pytest.approx([0.1] * 3)
    orders = [f"{q}, {direction}-first" for q in QUANTITIES for direction in ("low", "high")]
    assert set(gains.index) == {*orders, "random"}
    for order in gains.index:
        assert gains[order] == pytest.approx([0.05] * 3)

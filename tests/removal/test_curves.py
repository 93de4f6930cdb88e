"""Orders by ranks within layers, and what the tables of curves and of single removals hold."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from utils.information.neurons import measure
from utils.names import NETWORK, QUANTITIES, RANKS, REPLACEMENTS, unnumbered
from utils.networks.datasets import Dataset
from utils.networks.network import Network, layer_scopes
from utils.networks.temperature import best_temperature
from utils.networks.training import score
from utils.removal.curves import quantity_curves, single_table
from utils.removal.orders import order_by, quantity_orders, rank_orders

N_RANDOM, SEED = 2, 5


@pytest.fixture(scope="module")
def network(
    random_network: Callable[..., Network], fitted: Callable[..., Network], small_digits: Dataset
) -> Network:
    return fitted(random_network((49, 8, 6, 10), seed=1), small_digits)


@pytest.fixture(scope="module")
def measures(network: Network, small_digits: Dataset) -> pd.DataFrame:
    split = small_digits.validation
    return measure(network, split.images, split.labels, 2, 10)


@pytest.fixture(scope="module")
def curves(network: Network, measures: pd.DataFrame, small_digits: Dataset) -> pd.DataFrame:
    return quantity_curves(network, measures, small_digits.test, N_RANDOM, SEED)


@pytest.fixture(scope="module")
def alone(network: Network, measures: pd.DataFrame, small_digits: Dataset) -> pd.DataFrame:
    return single_table(network, measures, small_digits.test, small_digits.validation)


def test_ranks_by_hand_ties_to_the_lower_layer() -> None:
    """Shares 1/8, 3/8, 5/8, 7/8 of layer 1, 1/4, 3/4 of layer 2, 1/8, … of layer 3."""
    key = ("entropy", "low-first")
    orders = {
        "layer-1": {key: np.array([2, 0, 3, 1])},
        "layer-2": {key: np.array([1, 0])},
        "layer-3": {key: np.array([3, 2, 1, 0])},
    }
    merged = rank_orders(orders, (4, 2, 4))
    assert list(merged) == [("entropy_ranks", "low-first")]
    assert merged["entropy_ranks", "low-first"].tolist() == [2, 9, 5, 0, 8, 3, 7, 4, 1, 6]


def test_ranks_keep_the_layers_orders_and_take_equal_shares(measures: pd.DataFrame) -> None:
    hidden = (8, 6)
    orders = quantity_orders(measures, hidden, N_RANDOM, SEED)
    before = {scope: list(part) for scope, part in orders.items()}
    merged = rank_orders(orders, hidden)
    assert {scope: list(part) for scope, part in orders.items()} == before
    assert [(name.replace(RANKS, ""), way) for name, way in merged] == before[NETWORK]
    for (name, direction), order in merged.items():
        assert sorted(order) == list(range(14))
        gone = []
        for scope, neurons in layer_scopes(hidden).items():
            inside = np.isin(order, neurons)
            layer_order = orders[scope][name.replace(RANKS, ""), direction]
            assert order[inside].tolist() == neurons[layer_order].tolist()
            gone.append(inside.cumsum() / len(neurons))
        assert np.abs(gone[0] - gone[1]).max() <= 1 / 6


def test_of_one_layer_the_ranks_are_its_order(measures: pd.DataFrame) -> None:
    of_first = measures[measures["layer"] == 1]
    orders = quantity_orders(of_first, (8,), N_RANDOM, SEED)
    merged = rank_orders(orders, (8,))
    assert [order.tolist() for order in merged.values()] == [
        order.tolist() for order in orders["layer-1"].values()
    ]


def test_curves_by_ranks_come_last_and_are_bias_balanced(curves: pd.DataFrame) -> None:
    by_ranks = unnumbered(curves["ordering"]).str.endswith(RANKS)
    assert by_ranks.is_monotonic_increasing
    ranked = curves[by_ranks]
    assert set(ranked["scope"]) == {NETWORK}
    assert set(ranked["replacement"]) == {"mean"}
    assert ranked["ordering"].unique().tolist() == [
        *(quantity + RANKS for quantity in QUANTITIES), "random_ranks-00", "random_ranks-01",
    ]  # fmt: skip
    # with nothing and with everything ablated the order is of no matter
    network = curves[(curves["scope"] == NETWORK) & (curves["replacement"] == "mean")]
    for step in (0, 14):
        assert network.loc[network["n_ablated"] == step, "n_correct"].nunique() == 1


def test_curves_of_one_layer_are_those_of_the_network(
    small_digits: Dataset, random_network: Callable[..., Network]
) -> None:
    network, split = random_network((49, 7, 10), "relu"), small_digits.validation
    measures = measure(network, split.images, split.labels, 2, 10)
    table = quantity_curves(network, measures, small_digits.test, N_RANDOM, SEED)
    layer = table[(table["scope"] == "layer-1") & (table["replacement"] == "mean")]
    ranked = table[unnumbered(table["ordering"]).str.endswith(RANKS)]
    ranked = ranked.assign(ordering=ranked["ordering"].str.replace(RANKS, ""))
    kept = ranked[~ranked["ordering"].str.startswith("random")].drop(columns="scope")
    same = layer[~layer["ordering"].str.startswith("random")].drop(columns="scope")
    assert kept.reset_index(drop=True).equals(same.reset_index(drop=True))


def test_one_by_one_the_counts_are_those_of_the_network_as_it_is(
    measures: pd.DataFrame, curves: pd.DataFrame, alone: pd.DataFrame
) -> None:
    """The first neuron of an order is removed alone."""
    first = order_by(measures["entropy"].to_numpy()[:8])[0]
    early = curves[(curves["scope"] == "layer-1") & (curves["n_ablated"] < 2)]
    low = early[(early["ordering"] == "entropy") & (early["direction"] == "low-first")]
    rows = alone[(alone["layer"] == 1) & (alone["neuron"] == first)].set_index("replacement")
    for replacement, hits in low.groupby("replacement")["n_correct"]:
        assert rows.loc[replacement, "error_rise"] == -np.diff(hits)[0]
    assert rows.index.tolist() == list(REPLACEMENTS)
    for _, part in alone.groupby("replacement"):
        assert part[["layer", "neuron"]].equals(measures[["layer", "neuron"]])
    assert alone["error_rise"].nunique() > 5


def test_one_by_one_the_temperature_is_that_of_the_intact_network(
    network: Network, measures: pd.DataFrame, alone: pd.DataFrame, small_digits: Dataset
) -> None:
    test, value = small_digits.test, best_temperature(network, small_digits.validation)
    assert abs(np.log(value)) > 0.1
    *_, outputs, intact = network.forward(test.images)
    constant = {"zero": 0, "mean": measures["mean_output"].iloc[8 + 3]}  # neuron 3 of layer 2
    row = alone[(alone["layer"] == 2) & (alone["neuron"] == 3)].set_index("replacement")
    for replacement in REPLACEMENTS:
        masked = outputs.copy()
        masked[:, 3] = constant[replacement]
        logits = masked @ network.kernels[-1] + network.biases[-1]
        for name, divisor in (("cross_entropy_rise", 1), ("scaled_cross_entropy_rise", value)):
            rise = np.subtract(*(score(x / divisor, test.labels)[1] for x in (logits, intact)))
            assert row.loc[replacement, name] == pytest.approx(rise, abs=1e-6)

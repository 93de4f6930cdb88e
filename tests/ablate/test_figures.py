"""Figures of notebook 03: differences from random orders, layers of the removed, lost classes."""

import pandas as pd
import pytest

from utils.ablate import figures, figures_of_neurons, tables
from utils.drawing.differences import minus_random

pytestmark = pytest.mark.usefixtures("strict_figures")


def _falling(replicate, scope, ordering, direction, replacement, n_ablated):
    return 90_000 - 8000 * n_ablated + 100 * replicate - 50 * (direction == "high-first")


@pytest.fixture
def table(ablation_of, with_ranks) -> pd.DataFrame:
    return with_ranks(ablation_of(_falling, n_neurons=10, n_random_orders=2), -500)


def test_differences_are_from_random_orders_of_the_same_kind(table):
    differences = minus_random(table)
    expected = differences["direction"].map({"low-first": 0, "high-first": -0.0005, "none": 0})
    assert differences["difference"].to_numpy() == pytest.approx(expected.to_numpy())
    assert differences.loc[differences["ranks"], "ordering"].str.endswith("_ranks").all()


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_bands_only_where_there_are_networks_to_compare(n_replicates, ablation_of):
    for ax in figures.layer_curves(ablation_of(_falling, n_replicates=n_replicates)).axes:
        assert len(ax.collections) == (4 if n_replicates > 1 else 0)


def test_low_first_is_solid_high_first_dotted_random_dashed_and_the_paper_wide(table):
    low, high = figures.network_curves(table).axes
    lines = {line.get_label(): line for line in low.get_lines()}
    assert lines["random"].get_linestyle() == "--"
    assert lines["entropy"].get_linestyle() == "-"
    assert lines["the paper's"].get_linewidth() > 3
    dotted = [line for line in high.get_lines() if line.get_linestyle() == ":"]
    assert len(dotted) == 3
    assert dotted[0].get_ydata() == pytest.approx(-0.0005)


def test_orders_by_ranks_stand_beside_those_by_values(table, ablation_of):
    axes = figures.ranks_beside_values(table).axes
    assert len(axes) == 3
    for ax in axes:
        assert [line.get_label() for line in ax.get_lines()[1:]] == ["by values", "by ranks"]
    with pytest.raises(ValueError, match="no rows"):
        figures.ranks_beside_values(ablation_of(_falling))  # nothing by ranks


def test_layers_stand_in_the_order_of_their_numbers(ablation_of):
    scopes = [*(f"layer-{layer}" for layer in (11, 2, 1, 10)), "network"]
    table = ablation_of(_falling, scopes, n_replicates=1, n_neurons=3)
    titles = [ax.get_title(loc="left") for ax in figures.layer_curves(table).axes]
    assert titles == ["layer 1", "layer 2", "layer 10", "layer 11"]
    titles = [ax.get_title(loc="left") for ax in figures.by_share(table).axes]
    assert titles == ["layer 1", "layer 2", "layer 10", "layer 11", "network"]


@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_areas_are_the_layers_of_the_removed(n_layers):
    keys = [(k, layer, n) for k in (0, 1) for layer in range(1, n_layers + 1) for n in range(4)]
    measured = pd.DataFrame(keys, columns=["replicate", "layer", "neuron"])
    values = measured["neuron"] + 10.0 * measured["layer"]
    measured = measured.assign(entropy=values, mutual_information=values, kl_selectivity=values)
    ax, *_ = figures_of_neurons.where_from(tables.removed_by_layer(measured)).axes
    assert len(ax.collections) == n_layers + 1
    assert ax.texts[0].get_text().startswith(f"{min(2 * n_layers, 4)} of the first {2 * n_layers}")


def test_a_mark_for_every_predictor_and_for_every_class():
    index = pd.MultiIndex.from_product(
        [["errors", "scaled cross-entropy"], ["layer-1", "layer-2"], tables.PREDICTORS],
        names=["rise", "scope", "quantity"],
    )
    cases = pd.DataFrame({"mean": 0.5, "low": 0.4, "high": 0.7}, index=index)
    for ax in figures_of_neurons.predictors(cases).axes:
        assert [len(line.get_xdata()) for line in ax.get_lines()[1:]] == [5, 5]
    lost = pd.DataFrame({"ordering": ["mutual_information", "random-00"], "lost": [0.5, 0.25]})
    lost = pd.concat([lost.assign(replicate=0, **{"class": k}) for k in (0, 1, 2)])
    names = [f"kind {number}" for number in range(10)]
    (ax,) = figures_of_neurons.class_losses(tables.lost_by_class(lost), names).axes
    assert ax.get_xticklabels()[-1].get_text().startswith("kind ")
    assert ax.containers[0].lines[0].get_ydata().tolist() == [50, 50, 50]
    assert ax.containers[1].lines[0].get_ydata().tolist() == [25, 25, 25]

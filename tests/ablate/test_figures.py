"""Figures of ablation curves: a panel a scope and direction, a line an ordering."""

import pytest

from utils.ablate.figures import layer_curves, network_curves

pytestmark = pytest.mark.usefixtures("strict_figures")


def _falling(replicate, scope, ordering, direction, replacement, n_ablated):
    return 90_000 - 8000 * n_ablated + 100 * replicate


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_curves_have_bands_only_where_there_are_networks_to_compare(n_replicates, ablation_of):
    axes = layer_curves(ablation_of(_falling, n_replicates=n_replicates, n_neurons=10)).axes
    assert len(axes) == 4
    for ax in axes:
        assert len(ax.collections) == (4 if n_replicates > 1 else 0)
        colours = {line.get_color() for line in ax.get_lines()}
        assert len(ax.get_lines()) == len(colours) == 4


def test_solid_lines_remove_low_values_first_and_dotted_lines_high_values(ablation_of, with_ranks):
    axes = network_curves(with_ranks(ablation_of(_falling, n_random_orders=2), -500)).axes
    assert [ax.get_title(loc="left") for ax in axes] == [
        "network, low first", "ranks within layers, low first",
        "network, high first", "ranks within layers, high first",
    ]  # fmt: skip
    for ax, style in zip(axes, "--::", strict=True):
        lines = {line.get_label(): line.get_linestyle() for line in ax.get_lines()}
        assert lines.pop("random") == "--"
        assert set(lines) == {"entropy", "mutual information", "KL selectivity"}
        assert set(lines.values()) == {style}
    for values, ranks in (axes[:2], axes[2:]):
        for one, other in zip(values.get_lines(), ranks.get_lines(), strict=True):
            assert one.get_color() == other.get_color()
            assert one.get_ydata() - other.get_ydata() == pytest.approx(0.005)


def test_layers_stand_in_the_order_of_their_numbers(ablation_of):
    scopes = [*(f"layer-{layer}" for layer in (11, 2, 1, 10)), "network"]
    table = ablation_of(_falling, scopes, n_replicates=1, n_neurons=3)
    titles = [ax.get_title(loc="left") for ax in layer_curves(table).axes]
    assert titles == [
        f"layer {layer}, {direction} first"
        for direction in ("low", "high")
        for layer in (1, 2, 10, 11)
    ]
    assert len(layer_curves(table[table["scope"].isin(["layer-1", "network"])]).axes) == 2


def test_bands_stay_within_possible_accuracies(ablation_of, with_ranks):
    table = ablation_of(_falling, n_replicates=2, n_neurons=10)
    table.loc[(table["replicate"] == 1) & (table["n_ablated"] == 0), "n_correct"] = 99_900
    low, *_ = network_curves(with_ranks(table)).axes
    assert low.collections
    for band in low.collections:
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() >= 0
        assert heights.max() <= 1


def test_an_empty_table_is_refused(ablation_of):
    with pytest.raises(ValueError, match="no rows"):
        network_curves(ablation_of(_falling).iloc[:0])
    with pytest.raises(ValueError, match="no rows"):
        network_curves(ablation_of(_falling))  # nothing by ranks

"""The figures of notebook 09."""

import numpy as np
import pandas as pd
import pytest

from utils.convolution import figures

pytestmark = pytest.mark.usefixtures("strict_figures")


def _falling(replicate, scope, ordering, direction, replacement, n_ablated):
    return 90_000 - 8000 * n_ablated + 100 * replicate - 50 * (direction == "high-first")


def test_shares_of_channels_rise_to_one_a_line_a_layer(of_channels):
    for ax, quantity in zip(
        figures.measured(of_channels).axes, ["mutual_information", "kl_selectivity"], strict=True
    ):
        lines = ax.get_lines()
        assert [line.get_label() for line in lines] == ["layer 1", "layer 2"]
        for line, layer in zip(lines, (1, 2), strict=True):
            expected = np.sort(of_channels.loc[of_channels["layer"] == layer, quantity])
            assert line.get_xdata()[1:].tolist() == expected.tolist()
            assert line.get_ydata()[[0, 1, -1]] == pytest.approx([0, 1 / 6, 1])
        assert lines[0].get_color() != lines[1].get_color()
    with pytest.raises(ValueError, match="no rows"):
        figures.measured(of_channels[:0])


@pytest.mark.parametrize("scopes", [("layer-1", "network"), ("layer-1", "layer-2", "network")])
def test_curves_have_a_panel_a_layer(scopes, ablation_of):
    axes = figures.layer_curves(ablation_of(_falling, scopes)).axes
    assert [ax.get_title(loc="left") for ax in axes] == ["layer 1", "layer 2"][: len(axes)]
    assert len(axes) == len(scopes) - 1
    for ax in axes:
        dotted = [line for line in ax.get_lines() if line.get_linestyle() == ":"]
        assert len(dotted) == 2
        assert dotted[0].get_ydata() == pytest.approx(-0.0005)


def test_across_the_network_ranks_stand_beside_values(ablation_of):
    table = ablation_of(_falling)
    ranked = table[(table["scope"] == "network") & (table["replacement"] == "mean")]
    names = ranked["ordering"].str.replace(r"(-\d+)?$", r"_ranks\1", n=1, regex=True)
    raised = ranked["n_correct"] + 700 * ~ranked["ordering"].str.startswith("random")
    both = pd.concat([table, ranked.assign(ordering=names, n_correct=raised)])
    axes = figures.network_curves(both).axes
    assert [ax.get_title(loc="left") for ax in axes] == ["mutual information", "KL selectivity"]
    for ax in axes:
        _, values, ranks = ax.get_lines()
        assert values.get_ydata() == pytest.approx(0)
        assert ranks.get_ydata() == pytest.approx(0.007)
        assert ax.get_xlabel() == "channels removed"


def test_both_correlations_of_a_selectivity_have_a_mark(rhos):
    table = rhos(0.5, 0.2)
    table.loc[table["quantity"].eq("kl_selectivity, all errors"), "value"] = np.nan
    first, network = figures.selective(table).axes
    assert [label.get_text() for label in first.get_yticklabels()] == [
        "KL selectivity", "class selectivity"
    ]  # fmt: skip
    own, every = (line.get_xdata() for line in network.get_lines()[1:])
    assert own == pytest.approx([0.5, 0.5])
    assert every[1] == pytest.approx(0.215)
    assert np.isnan(every[0])

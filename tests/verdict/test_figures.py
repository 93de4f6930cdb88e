"""The figures of notebook 06."""

import pandas as pd
import pytest

from utils.verdict import figures

pytestmark = pytest.mark.usefixtures("strict_figures")


def test_the_picture_of_the_answer_has_a_panel_a_scope_and_the_papers_curves(ablation_of):
    ablation = ablation_of(lambda *key: 90_000 - 1000 * key[-1], ("layer-1", "network"), 3)
    network, layer = figures.hero(ablation).axes
    assert len(network.get_lines()) == 4  # low first and random, ours and the paper's
    assert len(layer.get_lines()) == 6 + 4  # and high first; the legend's
    assert len(network.get_lines()[0].get_xdata()) > 30
    (alone,) = figures.hero(ablation[ablation["scope"] == "layer-1"]).axes
    assert alone.get_title(loc="left") == "Layer 1 alone"


def test_a_tile_a_rival_and_repair_bold_where_it_is_decided():
    rows = [
        (quantity, rival, column, 0.02, verdict)
        for quantity in ("mutual information", "KL selectivity")
        for rival, verdict in (("random", "agrees"), ("NoiseOut", "open"))
        for column in ("zeroed", "affine")
    ]
    table = pd.DataFrame(rows, columns=["quantity", "rival", "column", "mean", "verdict"])
    axes = figures.rivals(table, table).axes
    assert len(axes) == 4
    assert [text.get_text() for text in axes[0].texts] == ["+2"] * 4
    assert [text.get_weight() for text in axes[0].texts] == ["bold"] * 2 + ["normal"] * 2

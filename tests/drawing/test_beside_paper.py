"""Our curves beside the paper's: equal ones differ nowhere."""

import pandas as pd
import pytest

from utils.drawing.beside_paper import accuracies, beside_paper
from utils.evidence import paper

pytestmark = pytest.mark.usefixtures("strict_figures")


@pytest.fixture
def equal() -> pd.DataFrame:
    """The ablation table of two networks that have the curves of figures 1 and 3."""
    curves = paper.published_curves().query("figure in ('fig1a', 'fig3')").drop(columns="figure")
    hits = curves.assign(n_correct=curves["accuracy"] * 1e6, n_samples=1e6)
    return pd.concat([hits.assign(replicate=k) for k in range(2)]).drop(columns="accuracy")


def test_a_row_a_curve_and_a_column_a_number_of_neurons(equal):
    table = accuracies(equal, "fig3")
    assert list(table.columns) == ["after 20", "after 40", "after 60", "last step", "RMSE"]
    assert len(table) == 4
    assert (table["RMSE"] == 0).all()
    assert table["after 40"].str.endswith("(0.000)").all()
    assert table.index[0] == ("Fig. 3", "network, mutual information, low first, bias-balanced")
    early = accuracies(equal[equal["n_ablated"] <= 50], "fig3")
    assert early.columns.tolist() == ["after 20", "after 40", "last step", "RMSE"]
    assert "[" not in accuracies(equal[equal["replicate"] == 0], "fig3").iloc[0, 0]


def test_the_last_step_says_where_a_curve_ends(equal):
    assert accuracies(equal, "fig3")["last step"].str.startswith("after 78: ").all()
    ends = accuracies(equal, "fig1a")["last step"].str.extract(r"after (\d+): ")[0]
    assert set(ends) == {"76", "79"}


def test_a_panel_shows_what_is_left_and_the_range_of_single_networks(equal):
    more = equal.assign(n_correct=equal["n_correct"] + 1e4 * equal["replicate"])
    first, third = beside_paper(more, ("fig1", "fig3")).axes
    assert third.get_title(loc="left") == "Fig. 3: network,\nlow first"
    _, *lines = third.get_lines()
    assert len(lines) == 4
    for line in lines:
        assert line.get_ydata() == pytest.approx(0.005)
    heights = third.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (pytest.approx(0), pytest.approx(0.01))
    widths = {line.get_linewidth() for line in first.get_lines()[1:]}
    assert widths == {0.9, 2.4}  # zeroed thin, bias-balanced thick

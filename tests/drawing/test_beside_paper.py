"""Our curves beside the paper's: equal ones differ nowhere."""

import pandas as pd
import pytest

from utils.drawing.beside_paper import LAST, accuracies, beside_paper
from utils.evidence import paper

pytestmark = pytest.mark.usefixtures("strict_figures")


@pytest.fixture
def equal() -> pd.DataFrame:
    """The ablation table of two networks that have the curves of figure 3."""
    curves = paper.published_curves().query("figure == 'fig3'").drop(columns="figure")
    hits = curves.assign(n_correct=curves["accuracy"] * 1e6, n_samples=1e6, cross_entropy=0.0)
    return pd.concat([hits.assign(replicate=k) for k in range(2)]).drop(columns="accuracy")


def test_a_row_a_curve_and_a_column_a_number_of_neurons(equal):
    table = accuracies(equal, "fig3")
    assert list(table.columns) == [20, 40, 60, LAST, "rmse"]
    assert len(table) == 4
    assert (table["rmse"] == 0).all()
    assert table[LAST].str.endswith("+0.000").all()
    assert accuracies(equal[equal["n_ablated"] <= 50], "fig3").columns.tolist() == [20, 40, "rmse"]


def test_a_panel_a_curve(equal):
    figure = beside_paper(equal, "fig3")
    names = ("entropy", "KL selectivity", "mutual information", "random")
    titles = [ax.get_title(loc="left").split("\n")[0] for ax in figure.axes]
    assert titles == [f"network: {name}" for name in names]
    for ax in figure.axes:
        ours, theirs = ax.get_lines()[:2]
        assert ours.get_ydata() == pytest.approx(theirs.get_ydata())
        assert theirs.get_linestyle() == "--"

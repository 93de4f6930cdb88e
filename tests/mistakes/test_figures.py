"""The figures of mistakes."""

import pandas as pd
import pytest

from utils.mistakes import figures

pytestmark = pytest.mark.usefixtures("strict_figures")


def test_curves_are_drawn_over_the_share_of_the_layer_with_the_earlier_one():
    rows = [(k, case, n, 0.9 - n / 20) for k in (0, 1) for case in "ab" for n in (0, 10)]
    table = pd.DataFrame(rows, columns=["replicate", "case", "n_removed", "accuracy"])
    (ax,) = figures.curves(table, pd.Series([0.9, 0.5], index=[1, 100])).axes
    assert [line.get_xdata()[-1] for line in ax.get_lines()] == [1, 1, 0.5]
    assert len(figures.curves(table).axes[0].get_lines()) == 2


def test_quartiles_stand_below_each_other_with_the_bound():
    index = pd.MultiIndex.from_product(
        [[1, 2], ["q25", "median", "q75"]], names=["layer", "statistic"]
    )
    table = pd.DataFrame({"right": 0.2, "wrong": 1.3, "earlier": [1.2] * 3 + [None] * 3}, index)
    (ax,) = figures.signs(table.astype(float), 1.0).axes
    assert ax.get_lines()[-1].get_xdata() == [1, 1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["layer 1", "layer 2"]


@pytest.mark.parametrize("n_replicates", [1, 2])
def test_a_bar_a_tenth(n_replicates):
    rows = [(k, part, 10.0 * part) for k in range(n_replicates) for part in range(10)]
    table = pd.DataFrame(rows, columns=["replicate", "part", "percent"])
    (ax,) = figures.undefined(table).axes
    assert [bar.get_height() for bar in ax.patches] == [10 * part for part in range(10)]

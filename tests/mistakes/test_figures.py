"""The figure of mistakes."""

import pandas as pd
import pytest

from utils.mistakes.figures import mistake

pytestmark = pytest.mark.usefixtures("strict_figures")


def test_a_mistake_is_drawn_over_the_share_of_the_layer_with_the_earlier_curve():
    curves = pd.DataFrame({"right": [0.9, 0.8], "wrong": [0.9, 0.7]}, index=[0, 10])
    (ax,) = mistake(curves, 20, pd.Series([0.9, 0.5], index=[1, 100])).axes
    ends = [line.get_xdata()[-1] for line in ax.get_lines()]
    assert ends == [0.5, 0.5, 0.5]
    assert ax.get_lines()[-1].get_linestyle() == "--"

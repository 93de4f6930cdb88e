"""The figures of notebook 08."""

import pandas as pd
import pytest

from utils.beyond import figures
from utils.beyond.claims import ORDERINGS


def test_every_figure_without_a_warning(small, strict_figures):
    drawn = [figures.set_surplus(small.sets, 100), figures.class_matrix(small.classes, range(10))]
    for figure in drawn:
        assert [ax.get_title(loc="left") for ax in figure.axes[:2]] == ["layer 1", "layer 2"]
    curves = figures.joint_curves(small.ablation, small.joint)
    assert [len(ax.get_lines()) for ax in curves.axes] == [len(figures.LOOKS) + 1] * 3
    titles = [ax.get_title(loc="left") for ax in curves.axes]
    assert titles == ["layer 1", "layer 2", "network"]


def test_few_orders_are_in_colour_and_the_others_grey():
    assert set(ORDERINGS) < set(figures.LOOKS)
    colours = [str(look["color"]) for look in figures.LOOKS.values() if look["color"] != "0.7"]
    assert len(set(colours)) == len(colours) == 4
    with pytest.raises(ValueError, match="no rows"):
        figures.class_matrix(pd.DataFrame(columns=["n_correct"]), [])

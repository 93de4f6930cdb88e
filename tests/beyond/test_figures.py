"""The figures of notebook 08."""

import pandas as pd
import pytest
from matplotlib.figure import Figure

from utils.beyond import figures, sets
from utils.beyond.claims import ORDERINGS
from utils.study.parallel import Replicate, rows_of


def test_every_figure_without_a_warning(stage, small, strict_figures):
    network, pairs = stage.networks[0], rows_of(small.pairs, 0)
    sizes = sets.set_information(stage, Replicate(0, network, 0)).assign(replicate=0)
    maps = figures.pair_maps(pairs, rows_of(small.measures, 0))
    assert [ax.get_title(loc="left") for ax in maps.axes[:2]] == ["layer 1", "layer 2"]
    drawn = [
        figures.pair_scatter(small.pairs),
        figures.set_surplus(small.sets, 100),
        figures.class_matrix(small.classes),
    ]
    assert all(isinstance(figure, Figure) for figure in drawn)
    information = figures.set_information(sizes)
    highest = sizes["joint_information"].max()
    assert all(ax.get_ylim()[1] > highest for ax in information.axes)
    curves = figures.joint_curves(small.ablation, small.joint)
    assert [len(ax.get_lines()) for ax in curves.axes] == [len(figures.LOOKS) + 1] * 3
    titles = [ax.get_title(loc="left") for ax in curves.axes]
    assert titles == ["layer 1", "layer 2", "network"]


def test_few_orders_are_in_colour_and_the_others_grey():
    assert set(ORDERINGS) < set(figures.LOOKS)
    colours = [str(look["color"]) for look in figures.LOOKS.values() if look["color"] != "0.7"]
    assert len(set(colours)) == len(colours) == 4
    with pytest.raises(ValueError, match="no rows"):
        figures.class_matrix(pd.DataFrame(columns=["n_correct"]))

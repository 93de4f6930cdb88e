"""Figures of notebook 01."""

import pandas as pd
import pytest

from utils.train import choice, closeness, figures

pytestmark = pytest.mark.usefixtures("strict_figures")


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_learning_curves_start_after_the_first_epoch(n_replicates):
    rows = [
        (k, epoch, split, 1 / (epoch + 1) + k / 50, 965 + 5 * epoch - k, 1000, int(epoch == 2))
        for k in range(n_replicates)
        for epoch in range(4)
        for split in ("train", "validation", "test")
        if epoch or split != "train"
    ]
    columns = ["replicate", "epoch", "split", "loss", "n_correct", "n_samples", "kept"]
    left, right = figures.learning_curves(pd.DataFrame(rows, columns=columns)).axes
    assert left.get_ylabel() == "cross-entropy (nats)"
    assert [line.get_label() for line in left.get_lines()] == ["train", "validation", "test"]
    assert len(left.collections) == (3 if n_replicates > 1 else 0)
    *singles, kept, paper = right.get_lines()
    assert len(singles) == n_replicates
    for line in (*left.get_lines(), *singles):
        assert line.get_xdata().tolist() == [1, 2, 3]
    assert kept.get_xdata().tolist() == [2] * n_replicates
    assert kept.get_ydata().tolist() == [0.975 - k / 1000 for k in range(n_replicates)]
    assert set(paper.get_ydata()) == {0.9765}
    low, high = right.get_ylim()
    assert low < kept.get_ydata().min() - 0.01
    assert high > 0.98


def test_a_table_without_epochs_is_refused():
    columns = ["replicate", "epoch", "split", "loss", "n_correct", "n_samples", "kept"]
    with pytest.raises(ValueError, match="no rows"):
        figures.learning_curves(pd.DataFrame(columns=columns))


@pytest.mark.parametrize(
    ("this", "label"),
    [
        (("glorot_uniform", 3e-7, 20), "the one taken, this run's"),
        (("truncated_normal", 1e-6, 40), "this run's"),
        (("glorot_uniform", 0.5, 20), "the one taken"),
    ],
)
def test_settings_have_a_row_of_tiles_a_figure_and_a_dot_where_alike(this, label):
    distances = choice.distances(choice.table())
    taken = tuple(choice.chosen(choice.table()).values())
    figure = figures.calibration(distances, taken, this)
    (legend,) = figure.legends
    assert legend.get_texts()[-1].get_text() == label
    table = distances.reset_index()
    tiles = [ax for ax in figure.axes if ax.images]
    assert len(tiles) == 3 * 3
    for ax, start in zip(tiles, 3 * list(choice.INITIALIZATIONS), strict=True):
        dots, star, square, *_ = ax.get_lines()
        part = table[table["initialization"] == start]
        assert ax.images[0].get_array().shape == (5, 8)
        assert len(dots.get_xdata()) == part["same"].sum() - (taken[0] == start)
        assert len(star.get_xdata()) == (taken[0] == start)
        assert len(square.get_xdata()) == (start == this[0] and label == "this run's")
    first = tiles[0].images[0].get_array()
    glorot = distances.loc["glorot_uniform"]
    assert first[1, 2] == pytest.approx(glorot.loc[(3e-7, 30), closeness.FIT])
    assert tiles[-3].get_xlabel() == "epochs\nGlorot uniform"
    places = [int(distances[name].rank(method="min")[taken]) for name in figures.ROWS]
    for ax, place in zip(tiles[::3], places, strict=True):
        assert ax.texts[0].get_text().endswith(f"; the star ranks {place} of 120")
    one, other = (ax.images[0].norm for ax in (tiles[0], tiles[3]))
    assert (one.vmin, one.vmax) == (other.vmin, other.vmax)  # one unit, one scale

"""Figures of notebook 01."""

import numpy as np
import pandas as pd
import pytest

from utils.train import calibration, figures

pytestmark = pytest.mark.usefixtures("strict_figures")


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_learning_curves_start_after_the_first_epoch(n_replicates):
    rows = [
        (k, epoch, split, 1 / (epoch + 1) + k / 50, 50 + 10 * epoch - k, 100)
        for k in range(n_replicates)
        for epoch in range(4)
        for split in ("train", "validation", "test")
        if epoch or split != "train"
    ]
    columns = ["replicate", "epoch", "split", "loss", "n_correct", "n_samples"]
    axes = figures.learning_curves(pd.DataFrame(rows, columns=columns)).axes
    assert [ax.get_ylabel() for ax in axes] == ["cross-entropy (nats)", "accuracy"]
    for ax in axes:
        assert [line.get_label() for line in ax.get_lines()] == ["train", "validation", "test"]
        assert all(line.get_xdata().tolist() == [1, 2, 3] for line in ax.get_lines())
        assert len(ax.collections) == (3 if n_replicates > 1 else 0)


def test_a_table_without_epochs_is_refused():
    columns = ["replicate", "epoch", "split", "loss", "n_correct", "n_samples"]
    with pytest.raises(ValueError, match="no rows"):
        figures.learning_curves(pd.DataFrame(columns=columns))


def test_only_errors_are_coloured_and_written():
    counts = pd.DataFrame(np.array([[8, 2], [1, 3]]))
    ax, _ = figures.confusion(counts).axes
    assert [text.get_text() for text in ax.texts] == ["20.0", "25.0"]
    assert np.ma.getmaskarray(ax.collections[0].get_array()).ravel().tolist() == [1, 0, 0, 1]


def test_distances_have_a_panel_a_figure_and_a_line_a_strength():
    distances = calibration.distances(calibration.table())
    axes = figures.calibration_distances(distances).axes
    assert [ax.get_title(loc="left") for ax in axes] == [f"figure {k}" for k in range(1, 5)]
    strengths = sorted(distances.reset_index()["l2"].unique())
    for ax in axes:
        assert [line.get_label() for line in ax.get_lines()] == [f"{l2:g}" for l2 in strengths]
        assert ax.get_lines()[0].get_xdata().tolist() == [5, 10, 15, 20, 30, 40, 50, 60]
    zero = distances.loc[0.0, "fig2"].sort_index()
    assert axes[1].get_lines()[0].get_ydata().tolist() == zero.tolist()

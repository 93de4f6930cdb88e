"""Figures of notebook 01."""

import numpy as np
import pandas as pd
import pytest

from utils.train import choice, closeness, figures

pytestmark = pytest.mark.usefixtures("strict_figures")


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_learning_curves_start_after_the_first_epoch(n_replicates):
    rows = [
        (k, epoch, split, 1 / (epoch + 1) + k / 50, 50 + 10 * epoch - k, 100, 0)
        for k in range(n_replicates)
        for epoch in range(4)
        for split in ("train", "validation", "test")
        if epoch or split != "train"
    ]
    columns = ["replicate", "epoch", "split", "loss", "n_correct", "n_samples", "kept"]
    axes = figures.learning_curves(pd.DataFrame(rows, columns=columns)).axes
    assert [ax.get_ylabel() for ax in axes] == ["cross-entropy (nats)", "accuracy"]
    for ax, n_single in zip(axes, (0, n_replicates), strict=True):
        labels = [line.get_label() for line in ax.get_lines()]
        assert labels[:3] == ["train", "validation", "test"]
        assert len(labels) == 3 + n_single
        assert all(line.get_xdata().tolist() == [1, 2, 3] for line in ax.get_lines())
        assert len(ax.collections) == (3 if n_replicates > 1 else 0)


def test_a_table_without_epochs_is_refused():
    columns = ["replicate", "epoch", "split", "loss", "n_correct", "n_samples", "kept"]
    with pytest.raises(ValueError, match="no rows"):
        figures.learning_curves(pd.DataFrame(columns=columns))


def test_only_errors_are_coloured_and_written():
    counts = pd.DataFrame(np.array([[8, 2], [1, 3]]))
    ax, _ = figures.confusion(counts).axes
    assert [text.get_text() for text in ax.texts] == ["20.0", "25.0"]
    assert np.ma.getmaskarray(ax.collections[0].get_array()).ravel().tolist() == [1, 0, 0, 1]


def test_distances_have_a_panel_a_start_of_the_weights_and_a_line_a_strength():
    distances = choice.distances(choice.table())
    axes = figures.calibration_distances(distances).axes
    table = distances.reset_index()
    assert len(axes) == table["initialization"].nunique() == 3
    for ax, (name, part) in zip(axes, table.groupby("initialization", sort=False), strict=True):
        assert ax.get_title(loc="left") == name.replace("_", " ")
        lines = {line.get_label(): line for line in ax.get_lines() if line.get_label()[0] != "_"}
        for l2, of_strength in part.sort_values("epochs").groupby("l2"):
            line = lines[f"{l2:g}"]
            assert line.get_xdata().tolist() == of_strength["epochs"].tolist()
            assert line.get_ydata().tolist() == of_strength[closeness.FIT].tolist()
        (dots,) = ax.collections
        assert len(dots.get_offsets()) == part["same"].sum()
        assert ax.get_ylim()[0] == 0
        assert ax.get_ylim()[1] >= part[closeness.FIT].max()

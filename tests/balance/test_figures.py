"""Figures of bias balancing: a panel a scope or share, a line a repair."""

from itertools import product

import pandas as pd
import pytest

from utils.balance.figures import repair_curves, replacement_curves, start_curves
from utils.balance.schematic import zeroing_and_balancing
from utils.drawing.style import WIDTHS
from utils.names import REPAIRS

pytestmark = pytest.mark.usefixtures("strict_figures")


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_curves_have_bands_only_where_there_are_networks_to_compare(n_replicates, ablation_of):
    layers = [f"layer-{layer}" for layer in (10, 2, 1)]
    table = ablation_of(
        lambda replicate, *curve: 90_000 - 8000 * curve[-1] + 100 * replicate,
        [*layers, "network"],
        n_replicates,
        n_neurons=10,
    )
    axes = replacement_curves(table).axes
    assert [ax.get_title(loc="left") for ax in axes] == ["layer 1", "layer 2", "layer 10"]
    for ax in axes:
        widths = [line.get_linewidth() for line in ax.get_lines()]
        assert widths == [WIDTHS["mean"], WIDTHS["zero"]] * 2
        assert [line.get_linestyle() for line in ax.get_lines()] == ["-", "-", "--", "--"]
        assert len(ax.collections) == (4 if n_replicates > 1 else 0)


@pytest.mark.parametrize(("n_replicates", "n_layers"), [(1, 1), (3, 2), (2, 3)])
def test_repairs_and_retraining_have_a_line_a_repair(n_replicates, n_layers, ablation_of):
    scopes = [*(f"layer-{k + 1}" for k in range(n_layers)), "network"]
    rows = [
        (k, scope, method, repair, fraction, epochs, hits - 300 * fraction + k, 1000)
        for k, scope, (method, hits), repair, fraction, epochs in product(
            range(n_replicates), scopes, (("mutual_information", 900), ("random", 500)), REPAIRS,
            (0.3, 0.6), (0, 2),
        )
        if epochs == 0 or (scope, method) == ("network", "mutual_information")
    ]  # fmt: skip
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples"
    table = pd.DataFrame(rows, columns=columns.split())
    ablation = ablation_of(lambda *case: 97_000, n_replicates=n_replicates)
    ladder = repair_curves(table, ablation).axes
    assert [len(ax.get_lines()) for ax in ladder] == [4] * (n_layers + 1)
    for line in (line for ax in ladder for line in ax.get_lines()):
        assert line.get_xdata().tolist() == [0, 0.3, 0.6]
        assert line.get_ydata()[0] == pytest.approx(0.97)
        assert line.get_ydata().min() > 0.7
    courses = start_curves(table).axes
    assert [ax.get_title(loc="left") for ax in courses] == ["30% pruned", "60% pruned"]
    assert [[p.get_y() + p.get_height() for p in ax.patches] for ax in courses] == [[0.01]] * 2
    repaired = courses[0].get_lines()[:3]
    assert [line.get_xdata().tolist() for line in repaired] == [[2]] * 3
    assert all(line.get_ydata() == pytest.approx([0]) for line in repaired)


def test_the_drawing_has_the_mean_in_the_bias_of_its_last_panel():
    axes = zeroing_and_balancing().axes
    words = [" ".join(text.get_text() for text in ax.texts) for ax in axes]
    assert ["bar{h}_2" in text for text in words] == [False, False, True]
    assert ["$w_2$" in text for text in words] == [True, False, False]

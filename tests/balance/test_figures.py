"""Figures of bias balancing: a panel a scope or fraction, a line a repair."""

from itertools import product

import pandas as pd
import pytest

from utils.balance.figures import repair_curves, replacement_curves, retraining_curves
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
        assert len(ax.get_lines()) == 4
        assert len(ax.collections) == (4 if n_replicates > 1 else 0)


@pytest.mark.parametrize(("n_replicates", "n_layers"), [(1, 1), (3, 2), (2, 3)])
def test_repairs_and_retraining_have_a_line_a_repair(n_replicates, n_layers):
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
    ladder = repair_curves(table).axes
    assert [len(ax.get_lines()) for ax in ladder] == [4] * (n_layers + 1)
    assert all(line.get_ydata().min() > 0.7 for ax in ladder for line in ax.get_lines())
    courses = retraining_curves(table).axes
    assert [line.get_xdata().tolist() for line in courses[0].get_lines()] == [[0, 2]] * 4

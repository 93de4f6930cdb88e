"""Figures of pruning: a panel a scope, a line a method."""

import pandas as pd
import pytest

from utils.names import REPAIRS
from utils.prune.figures import pareto, pruning_curves
from utils.removal.importance import METHODS

pytestmark = pytest.mark.usefixtures("strict_figures")


def _pruning(n_replicates: int, n_layers: int) -> pd.DataFrame:
    scopes = [*(f"layer-{k + 1}" for k in range(n_layers)), "network"]
    cases = [
        (scope, method, repair, fraction, epochs)
        for scope in scopes
        for method in (*METHODS, "noise_out", "noise_out_merged")
        for repair in (("affine",) if method == "noise_out_merged" else REPAIRS)
        for fraction in (0.3, 0.6)
        for epochs in (0, 2)
        if epochs == 0 or scope == "network"
    ]
    rows = [
        (k, *case, 900 - 300 * case[3] + k, 1000, 7000 * (1 - case[3]))
        for k in range(n_replicates)
        for case in cases
    ]
    columns = "replicate scope method repair fraction retrain_epochs n_correct n_samples n_macs"
    return pd.DataFrame(rows, columns=columns.split())


@pytest.mark.parametrize(("n_replicates", "n_layers"), [(1, 1), (3, 2), (2, 3), (1, 11)])
def test_pruning_figures_have_a_panel_a_scope_and_a_line_a_way(n_replicates, n_layers):
    table = _pruning(n_replicates, n_layers)
    drawn = [ax for ax in pruning_curves(table).axes if ax.get_lines()]
    assert len(drawn) == n_layers + 2
    assert all(len(ax.get_lines()) == len(METHODS) + 1 for ax in drawn)
    layers = [ax.get_title(loc="left").split(" alone")[0] for ax in drawn[:-2]]
    assert layers == [f"layer {k}" for k in range(1, n_layers + 1)]
    latency = pd.DataFrame({"fraction": [0.0, 0.3, 0.6], "batch": 1000, "latency_ms": [9, 6, 3]})
    macs, milliseconds = pareto(table, latency, (0.95, 7000)).axes
    assert macs.get_lines()[-1].get_xdata().tolist() == [7000]
    assert milliseconds.get_lines()[0].get_xdata().tolist() == [3, 6]

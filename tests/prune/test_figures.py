"""Figures of pruning: a panel a scope or state, a line a method."""

import pytest

from utils.names import NAMES
from utils.prune.figures import SHOWN, beside_random, pareto, pruning_curves
from utils.removal.importance import METHODS

pytestmark = pytest.mark.usefixtures("strict_figures")


def _accuracy(replicate, scope, method, repair, fraction, epochs):
    return 0.9 - 0.3 * fraction + 0.001 * replicate + 0.01 * (method == "outgoing_norm")


@pytest.mark.parametrize(("n_replicates", "n_layers"), [(1, 1), (3, 2), (2, 3), (1, 11)])
def test_a_panel_a_scope_and_a_line_a_method(pruning_of, n_replicates, n_layers):
    table = pruning_of(_accuracy, n_replicates, n_layers)
    figure = pruning_curves(table)
    drawn = [ax for ax in figure.axes if ax.get_title(loc="left")]
    layers = [ax.get_title(loc="left").split(" alone")[0] for ax in drawn]
    assert layers == [*(f"layer {k}" for k in range(1, n_layers + 1)), "all layers"]
    assert all(len(ax.get_lines()) == len(METHODS) + 1 for ax in drawn[1:])
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(words) == sorted([*(NAMES[method] for method in SHOWN), "other choices"])


@pytest.mark.parametrize("retrained", [0, 1, 3])
def test_beside_random_choice_a_panel_has_a_state(pruning_of, retrained):
    axes = beside_random(pruning_of(_accuracy, retrained=retrained)).axes
    titles = [ax.get_title(loc="left") for ax in axes]
    after = {0: [], 1: ["retrained, 1 epoch"], 3: ["retrained, 3 epochs"]}
    assert titles == ["bias-balanced", "least squares", *after[retrained]]
    label = NAMES["outgoing_norm"]
    line = next(line for line in axes[0].get_lines() if line.get_label() == label)
    assert line.get_ydata() == pytest.approx([0.01, 0.01])
    words = [text.get_text() for text in axes[0].figure.legends[0].get_texts()]
    assert {NAMES["kl_selectivity"], "negligible"} <= set(words)
    assert all([p.get_y() + p.get_height() for p in ax.patches] == [0.01] for ax in axes)


@pytest.mark.parametrize("retrained", [0, 2])
def test_accuracy_against_cost_ends_at_the_full_network(pruning_of, retrained):
    ax = pareto(pruning_of(_accuracy, retrained=retrained), (0.95, 7000)).axes[0]
    lines = ax.get_lines()
    assert len(lines) == (9 if retrained else 8)
    assert lines[-1].get_xdata().tolist() == [7000]
    assert lines[0].get_xdata() == pytest.approx([2800, 4900])

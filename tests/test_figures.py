"""Figures of odd tables: a figure or a clear error, never an empty axes without a word."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from utils import figures, pruning, pruning_figures, style, surgery
from utils.measures import QUANTITIES


def _measures(n_replicates: int, n_neurons: int, n_layers: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [range(n_replicates), range(1, n_layers + 1), range(n_neurons)],
        names=["replicate", "layer", "neuron"],
    )
    return pd.DataFrame(rng.random((len(index), 3)), index, list(QUANTITIES)).reset_index()


def _ablation(n_replicates: int) -> pd.DataFrame:
    orders = [(q, d) for q in QUANTITIES for d in ("low-first", "high-first")]
    orders += [("random-00", "none"), ("random-01", "none")]
    rows = [
        (k, scope, o, d, r, n, 900 - 80 * n + k, 1000, 1.0)
        for k in range(n_replicates)
        for scope in ("layer-1", "layer-2", "network")
        for o, d in orders
        for r in ("zero", "mean")
        for n in range(11)
    ]
    columns = "replicate scope ordering direction replacement n_ablated n_correct n_samples"
    return pd.DataFrame(rows, columns=[*columns.split(), "cross_entropy"])


@pytest.fixture(autouse=True)
def strict():
    """Warnings are errors, and every figure is drawn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
        for number in plt.get_fignums():
            plt.figure(number).canvas.draw()
    plt.close("all")


@pytest.mark.parametrize("shape", [(1, 5, 2), (3, 1, 2), (3, 5, 1), (2, 4, 4)])
def test_quantities_of_few_networks_neurons_and_layers(shape):
    measures = _measures(*shape)
    axes = figures.violins(measures)
    assert len(axes) == 3
    assert all(ax.get_ylim()[0] == 0 for ax in axes)
    assert len(figures.joint_scatter(measures)) == shape[2]


def test_a_layer_of_constant_neurons():
    measures = _measures(2, 5, 2)
    measures.loc[measures["layer"] == 1, list(QUANTITIES)] = 0.0
    figures.violins(measures)


@pytest.mark.parametrize("n_replicates", [1, 3])
def test_curves_have_bands_only_where_there_are_networks_to_compare(n_replicates):
    axes = figures.ablation_curves(
        _ablation(n_replicates), ["layer-1", "layer-2"], "mean", ["low-first", "high-first"]
    )
    assert axes.shape == (2, 2)
    assert len(axes[0, 0].collections) == (4 if n_replicates > 1 else 0)
    colours = {line.get_color() for line in axes[0, 0].get_lines()}
    assert len(axes[0, 0].get_lines()) == len(colours) == 4
    pruning_figures.replacement_curves(_ablation(n_replicates), ["layer-1", "layer-2"])


def _pruning(n_replicates: int, n_layers: int) -> pd.DataFrame:
    scopes = [*(f"layer-{k + 1}" for k in range(n_layers)), "network"]
    cases = [
        (scope, method, repair, fraction, epochs)
        for scope in scopes
        for method in (*pruning.METHODS, "noise_out")
        for repair in (("affine",) if method == "noise_out" else surgery.REPAIRS)
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


@pytest.mark.parametrize(("n_replicates", "n_layers"), [(1, 1), (3, 2), (2, 3)])
def test_pruning_figures_have_a_panel_a_scope_and_a_line_a_way(n_replicates, n_layers):
    table = _pruning(n_replicates, n_layers)
    axes = pruning_figures.pruning_curves(table)
    drawn = [ax for ax in axes.flat if ax.get_lines()]
    assert len(drawn) == n_layers + 2
    assert all(len(ax.get_lines()) == len(pruning.METHODS) + 1 for ax in drawn)
    one = table[table["method"] == "mutual_information"]
    ladder = pruning_figures.repair_curves(one)
    assert [len(ax.get_lines()) for ax in ladder] == [4] * (n_layers + 1)
    courses = pruning_figures.retraining_curves(one)
    assert [line.get_xdata().tolist() for line in courses[0].get_lines()] == [[0, 2]] * 4
    latency = pd.DataFrame({"fraction": [0.0, 0.3, 0.6], "batch": 1000, "latency_ms": [9, 6, 3]})
    macs, milliseconds = pruning_figures.pareto(table, latency, (0.95, 7000))
    assert macs.get_lines()[-1].get_xdata().tolist() == [7000]
    assert milliseconds.get_lines()[0].get_xdata().tolist() == [3, 6]


def test_runs_and_layers_are_told_apart_where_activations_are_compared():
    benefit = pd.DataFrame(
        [(run, layer, k, 0.5, 0.1) for run in ("sigmoid", "tanh") for layer in (1, 2)
         for k in range(3)],
        columns=["run", "layer", "replicate", "share", "gain"],
    )  # fmt: skip
    labels = figures.activation_benefit(benefit).get_legend_handles_labels()[1]
    assert labels == [f"{run}, layer {k}" for run in ("sigmoid", "tanh") for k in (1, 2)]


def test_a_mistake_is_drawn_over_the_share_of_the_layer_with_the_earlier_curve():
    curves = pd.DataFrame({"right": [0.9, 0.8], "wrong": [0.9, 0.7]}, index=[0, 10])
    ax = figures.mistake(curves, 20, pd.Series([0.9, 0.5], index=[1, 100]))
    ends = [line.get_xdata()[-1] for line in ax.get_lines()]
    assert ends == [0.5, 0.5, 0.5]
    assert ax.get_lines()[-1].get_linestyle() == "--"


def test_bands_stay_within_possible_accuracies():
    table = _ablation(2)
    table.loc[(table["replicate"] == 1) & (table["n_ablated"] == 0), "n_correct"] = 999
    axes = figures.ablation_curves(table, ["network"], "mean", ["low-first", "high-first"])
    for band in axes[0, 0].collections:
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() >= 0
        assert heights.max() <= 1


@pytest.mark.parametrize("draw", [figures.violins, figures.joint_scatter])
def test_empty_and_incomplete_tables_are_refused(draw):
    measures = _measures(1, 4, 2)
    with pytest.raises(ValueError, match="no rows"):
        draw(measures.iloc[:0])
    measures.loc[0, "entropy"] = np.nan
    with pytest.raises(ValueError, match="entropy has missing values"):
        draw(measures)


def test_quantities_differ_for_colour_blind_readers():
    """Smallest CIE76 difference among the quantities' colours under simulated deficiencies."""
    deficiencies = {
        "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
        "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    }
    names = ("entropy", "mutual_information", "kl_selectivity", "random")
    colours = np.array([plt.matplotlib.colors.to_rgb(style.COLOURS[name]) for name in names])
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    for matrix in deficiencies.values():
        lab = _lab(np.clip(linear @ np.array(matrix).T, 0, 1))
        distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
        assert distance[np.triu_indices(len(names), 1)].min() > 10


def _lab(linear: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear sRGB [n, 3]."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)

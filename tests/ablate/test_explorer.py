"""The explorer: its states are those of the tables and of a masked network."""

from collections.abc import Callable
from io import BytesIO
from itertools import product
from types import SimpleNamespace

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from sklearn.metrics import confusion_matrix

from utils.ablate import explorer, explorer_figure
from utils.ablate.explorer_state import Choice, Subject
from utils.information.neurons import measure
from utils.names import DIRECTIONS, QUANTITIES, REPLACEMENTS
from utils.networks.datasets import Dataset
from utils.networks.network import ACTIVATIONS, Network
from utils.removal.curves import quantity_curves

SIZES = 49, 9, 7, 10
CURVES = list(
    product(
        ("layer-1", "layer-2", "network"),
        QUANTITIES,
        DIRECTIONS,
        REPLACEMENTS,
    )
)


@pytest.fixture(scope="module", params=["sigmoid", "relu"])
def network(
    request, random_network: Callable[..., Network], fitted: Callable, small_digits: Dataset
) -> Network:
    return fitted(random_network(SIZES, request.param), small_digits)


@pytest.fixture(scope="module")
def measured(network: Network, small_digits: Dataset) -> pd.DataFrame:
    split = small_digits.validation
    return measure(network, split.images, split.labels, 2, 10)


@pytest.fixture(scope="module")
def subject(network: Network, measured: pd.DataFrame, small_digits: Dataset) -> Subject:
    return Subject(network, measured, small_digits.test, 10)


@pytest.fixture(scope="module")
def curves(network: Network, measured: pd.DataFrame, small_digits: Dataset) -> pd.DataFrame:
    """The ablation table of two replicates, both the same network."""
    table = quantity_curves(network, measured, small_digits.test, 1, 0)
    return pd.concat([table.assign(replicate=k) for k in (0, 1)], ignore_index=True)


@pytest.fixture
def made(network, measured, small_digits, curves) -> explorer.Explorer:
    stage = SimpleNamespace(networks=[network, network], dataset=small_digits)
    both = pd.concat([measured.assign(replicate=k) for k in (0, 1)], ignore_index=True)
    return explorer.Explorer(stage, both, curves)


def test_states_are_those_of_the_ablation_table(subject, curves):
    for scope, quantity, direction, replacement in CURVES:
        rows = curves[
            (curves["replicate"] == 0) & (curves["scope"] == scope)
            & (curves["ordering"] == quantity) & (curves["direction"] == direction)
            & (curves["replacement"] == replacement)
        ]  # fmt: skip
        found = [
            subject.state(Choice(0, scope, quantity, direction, replacement, n)).n_correct
            for n in rows["n_ablated"]
        ]
        assert found == rows["n_correct"].tolist()
    assert curves["n_correct"].nunique() > 20


@pytest.mark.parametrize("curve", CURVES[::5])
def test_confusion_is_that_of_a_plain_pass_through_the_masked_network(subject, curve):
    network, test = subject.network, subject.test
    choice = Choice(0, *curve, n_ablated=5)
    gone = subject.order(choice)[:5]
    means = subject.measures["mean_output"].to_numpy()
    constants = means if choice.replacement == "mean" else np.zeros(len(means))
    signal, first = test.images, 0
    for kernel, bias, name in zip(
        network.kernels, network.biases, network.activations, strict=False
    ):
        signal = ACTIVATIONS[name](signal @ kernel + bias)
        for neuron in range(signal.shape[1]):
            if first + neuron in gone:
                signal[:, neuron] = constants[first + neuron]
        first += signal.shape[1]
    predicted = (signal @ network.kernels[-1] + network.biases[-1]).argmax(axis=1)
    state = subject.state(choice)
    assert np.array_equal(
        state.confusion, confusion_matrix(test.labels, predicted, labels=range(10))
    )
    right = network.predict(test.images) == test.labels
    still = predicted == test.labels
    lost = [right[test.labels == k].mean() - still[test.labels == k].mean() for k in range(10)]
    np.testing.assert_allclose(state.lost, lost, atol=1e-12)


def test_neurons_of_layer_1_are_removed_in_order_and_the_next_one_stands_first(subject):
    order = subject.order(Choice()).tolist()
    state = subject.state(Choice(n_ablated=4))
    assert state.removed.tolist() == order[:4]
    assert state.kept.tolist() == order[4:]
    across = subject.order(Choice(scope="network")).tolist()
    state = subject.state(Choice(scope="network", n_ablated=8))
    assert state.removed.tolist() == [neuron for neuron in across[:8] if neuron < SIZES[1]]
    assert state.kept.tolist() == [neuron for neuron in across[8:] if neuron < SIZES[1]]
    deeper = subject.state(Choice(scope="layer-2", n_ablated=7))
    assert deeper.removed.size == 0
    assert deeper.kept.tolist() == list(range(SIZES[1]))


def test_weight_images_fill_a_grid_row_by_row(random_network):
    network = random_network((4, 3, 10))
    tiles = explorer_figure.weight_tiles(network, (2, 2))
    assert np.abs(tiles).max(axis=(1, 2)).tolist() == [1, 1, 1]
    grid = explorer_figure.mosaic(tiles, np.array([2, 0, 1]))
    assert grid.shape == (8, 8)
    np.testing.assert_allclose(grid[:2, :2], tiles[2])
    np.testing.assert_allclose(grid[:2, 4:6], tiles[0])
    np.testing.assert_allclose(grid[4:6, :2], tiles[1])
    assert np.isnan(grid).sum() == 64 - 12
    assert np.isnan(explorer_figure.mosaic(tiles, np.arange(0))).all()
    colour = random_network((12, 3, 10))
    assert explorer_figure.weight_tiles(colour, (2, 2, 3)).shape == (3, 2, 2)


def _pixels(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(file)).convert("RGB")).astype(int)


def test_a_picture_shows_nothing_of_the_states_before(made):
    def picture() -> explorer_figure.Picture:
        figure = Figure(explorer.SIZE, dpi=60)
        FigureCanvasAgg(figure)
        return made.picture(figure)

    choices = [Choice(n_ablated=1), Choice(1, ordering="entropy", n_ablated=6)]
    reused, seen = picture(), []
    for choice in [*choices, Choice(scope="network", n_ablated=12), *choices]:
        made.draw(reused, choice)
        seen.append(_pixels(reused.png()))
        fresh = picture()
        made.draw(fresh, choice)
        assert np.array_equal(seen[-1], _pixels(fresh.png()))
        whole = BytesIO()
        fresh.figure.savefig(whole, dpi=60)  # all of it anew: only what lies on top may differ
        assert np.mean(np.abs(seen[-1] - _pixels(whole.getvalue())) > 8) < 5e-3
    assert np.array_equal(seen[0], seen[3])
    assert np.mean(seen[0] != seen[1]) > 0.03


def test_the_picture_holds_the_numbers_of_the_state(made):
    figure = Figure(explorer.SIZE)
    picture = made.picture(figure)
    subject, _ = made.subject(0)
    choices = [Choice(n_ablated=n) for n in range(10)]
    choice = max(choices, key=lambda choice: subject.state(choice).lost.max())
    state = made.draw(picture, choice)
    assert state.lost.max() > 0
    percent = 100 * state.lost.clip(min=0)
    np.testing.assert_allclose([bar.get_width() for bar in picture.bars], percent)
    marked = {k for k, label in enumerate(picture.labels) if label.get_text()}
    assert 1 <= len(marked) <= 3
    assert max(percent[k] for k in range(10) if k not in marked) <= min(percent[list(marked)])
    shares = state.confusion / state.confusion.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(picture.confusion.get_array(), 100 * shares)
    (x,), (y,) = picture.mark.get_data()
    assert (x, y) == (pytest.approx(choice.n_ablated / 9), state.accuracy)
    assert len(picture.so_far.get_xdata()) == choice.n_ablated + 1


def _said(panel: ipywidgets.Widget) -> str:
    return panel.children[2].value


def test_moving_a_control_changes_number_and_picture(made, curves):
    panel = made.panel()
    (replicate, layer, quantity, _, replacement), slider = (
        panel.children[0].children,
        panel.children[1],
    )
    assert (slider.value, slider.max) == (5, 9)
    before = panel.children[3].value
    slider.value = 2
    count = made.curves.get_group((0, "layer-1", "mutual_information", "low-first", "mean"))
    assert f"<b>{round(100 * count.iloc[2])}</b> of 100 test images" in _said(panel)
    assert "2 of 9 neurons of layer 1" in _said(panel)
    assert not np.array_equal(_pixels(panel.children[3].value), _pixels(before))
    layer.value, slider.value = "network", 14
    quantity.value, replacement.value, replicate.value = "entropy", "zero", 1
    count = made.curves.get_group((1, "network", "entropy", "low-first", "zero"))
    assert f"<b>{round(100 * count.iloc[14])}</b>" in _said(panel)
    assert "14 of 16 neurons of all layers" in _said(panel)
    layer.value = "layer-2"
    assert "7 of 7 neurons of layer 2" in _said(panel)


@pytest.mark.parametrize("watched", [True, False])
def test_a_panel_for_a_person_and_a_figure_elsewhere(watched, made, monkeypatch):
    shown = []
    monkeypatch.setattr(explorer.parallel, "in_watched_notebook", lambda: watched)
    monkeypatch.setattr(explorer, "display", shown.append)
    monkeypatch.setattr(explorer, "Explorer", lambda *_: made)
    plt.close("all")
    explorer.show(None, None, None)
    assert len(shown) == watched
    assert len(plt.get_fignums()) == (not watched)
    if not watched:
        texts = [ax.get_title(loc="left") for ax in plt.gcf().axes]
        assert "layer 1, removed: 5 of 9" in texts
    plt.close("all")

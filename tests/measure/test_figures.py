"""Figures of odd tables of measures: a figure or a clear error, never an empty one."""

import numpy as np
import pandas as pd
import pytest

from utils.information.neurons import entropy, joint_counts, kl_selectivity, measure, quantize
from utils.measure import tables
from utils.measure.figures import driving_images, one_neuron, selectivity_by_entropy, violins
from utils.names import QUANTITIES

pytestmark = pytest.mark.usefixtures("strict_figures")


def _measures(n_replicates: int, n_neurons: int, n_layers: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [range(n_replicates), range(1, n_layers + 1), range(n_neurons)],
        names=["replicate", "layer", "neuron"],
    )
    return pd.DataFrame(rng.random((len(index), 3)), index, list(QUANTITIES)).reset_index()


@pytest.mark.parametrize("shape", [(1, 5, 2), (3, 1, 2), (3, 5, 1), (2, 4, 4)])
def test_quantities_of_few_networks_neurons_and_layers(shape):
    measures = _measures(*shape)
    axes = violins(measures).axes
    assert len(axes) == 3
    assert all(ax.get_ylim()[0] == 0 for ax in axes)
    *scatters, colours = selectivity_by_entropy(measures, 2).axes
    assert len(scatters) == shape[2]
    assert colours.get_ylabel() == "mutual information (bits)"


def test_a_neuron_that_one_class_decides_lies_on_the_bound():
    counts = np.array([[[0, 75], [25, 0]]])  # level 1 for all images of class 0, and for no other
    measures = _measures(1, 1, 1).assign(
        entropy=entropy(counts), kl_selectivity=kl_selectivity(counts)[0]
    )
    ax, _ = selectivity_by_entropy(measures, 2).axes
    (line,) = ax.get_lines()
    x, y = line.get_data()
    assert (x[0], y[0]) == pytest.approx((entropy(counts)[0], 2.0))
    assert (x[-1], y[-1]) == pytest.approx((1, 1))
    assert not selectivity_by_entropy(measures, 4).axes[0].get_lines()


def test_layers_stand_in_the_order_of_their_numbers():
    measures = _measures(1, 4, 11)
    numbers = [str(layer) for layer in range(1, 12)]
    for ax in violins(measures).axes:
        assert [label.get_text() for label in ax.get_xticklabels()] == numbers
    titles = [ax.get_title(loc="left") for ax in selectivity_by_entropy(measures, 2).axes[:-1]]
    assert titles == [f"layer {number}" for number in numbers]


def test_a_layer_of_constant_neurons():
    measures = _measures(2, 5, 2)
    measures.loc[measures["layer"] == 1, list(QUANTITIES)] = 0.0
    violins(measures)
    selectivity_by_entropy(measures, 2)


@pytest.mark.parametrize("draw", [violins, lambda table: selectivity_by_entropy(table, 2)])
def test_empty_and_incomplete_tables_are_refused(draw):
    measures = _measures(1, 4, 2)
    with pytest.raises(ValueError, match="no rows"):
        draw(measures.iloc[:0])
    measures.loc[0, "entropy"] = np.nan
    with pytest.raises(ValueError, match="entropy has missing values"):
        draw(measures)


@pytest.mark.parametrize("n_levels", [2, 4])
def test_a_neuron_is_shown_from_outputs_to_numbers(small_digits, random_network, n_levels):
    split = small_digits.validation
    outputs = random_network((49, 3, 10)).forward(split.images)[1]
    levels = quantize(outputs, n_levels, "sigmoid")
    counts = joint_counts(levels, split.labels, n_levels, 10)
    values = {"entropy": 0.5, "mutual_information": 0.25, "kl_selectivity": 1.0}
    left, middle, right = one_neuron(outputs[:, 0], levels[:, 0], counts[0], values).axes
    assert sum(bar.get_height() for bar in left.patches) == len(outputs)
    assert len(middle.patches) == 10 * n_levels
    top = np.array([bar.get_y() + bar.get_height() for bar in middle.patches[-10:]])
    assert top == pytest.approx(np.ones(10))
    assert [bar.get_width() for bar in right.patches] == [0.5, 0.25, 1.0]


def test_a_constant_neuron_can_be_shown():
    counts = np.array([np.ones(10, int), np.zeros(10, int)])
    zeros = dict.fromkeys(QUANTITIES, 0.0)
    axes = one_neuron(np.full(10, 0.2), np.zeros(10, int), counts, zeros).axes
    assert not axes[0].get_lines()


def test_driving_images_stand_beside_the_rates(small_digits, random_network):
    network, split = random_network((49, 8, 10)), small_digits.validation
    measured = measure(network, split.images, split.labels, 2, 10).assign(replicate=0)
    chosen = tables.extreme_neurons(measured, "kl_selectivity", 2)
    axes = np.reshape(driving_images(network, chosen, small_digits).axes, (4, 3))
    outputs = network.forward(split.images)[1]
    rates = tables.firing_rates(network, split, 10)
    for (bars, high, low), row in zip(axes, chosen.itertuples(), strict=True):
        assert bars.get_ylabel() == row.label
        assert [bar.get_height() for bar in bars.patches] == rates[row.neuron].tolist()
        order = outputs[:, row.neuron].argsort()
        first = [label.get_text() for label in high.get_xticklabels()]
        assert first[0] == str(split.labels[order[-1]])
        assert low.get_xticklabels()[0].get_text() == str(split.labels[order[0]])

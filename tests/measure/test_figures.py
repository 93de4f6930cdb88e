"""Figures of odd tables of measures: a figure or a clear error, never an empty one."""

import numpy as np
import pandas as pd
import pytest

from utils.measure.figures import joint_scatter, violins
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
    *scatters, colours = joint_scatter(measures).axes
    assert len(scatters) == shape[2]
    assert colours.get_ylabel() == "KL selectivity (bits)"


def test_layers_stand_in_the_order_of_their_numbers():
    measures = _measures(1, 4, 11)
    numbers = [str(layer) for layer in range(1, 12)]
    for ax in violins(measures).axes:
        assert [label.get_text() for label in ax.get_xticklabels()] == numbers
    titles = [ax.get_title(loc="left") for ax in joint_scatter(measures).axes[:-1]]
    assert titles == [f"layer {number}" for number in numbers]


def test_a_layer_of_constant_neurons():
    measures = _measures(2, 5, 2)
    measures.loc[measures["layer"] == 1, list(QUANTITIES)] = 0.0
    violins(measures)


@pytest.mark.parametrize("draw", [violins, joint_scatter])
def test_empty_and_incomplete_tables_are_refused(draw):
    measures = _measures(1, 4, 2)
    with pytest.raises(ValueError, match="no rows"):
        draw(measures.iloc[:0])
    measures.loc[0, "entropy"] = np.nan
    with pytest.raises(ValueError, match="entropy has missing values"):
        draw(measures)

"""The figure that compares activations."""

import pandas as pd
import pytest

from utils.verdict.figures import activation_benefit

pytestmark = pytest.mark.usefixtures("strict_figures")


def test_runs_and_layers_are_told_apart_where_activations_are_compared():
    benefit = pd.DataFrame(
        [(run, layer, k, 0.5, 0.1) for run in ("sigmoid", "tanh") for layer in (1, 2)
         for k in range(3)],
        columns=["run", "layer", "replicate", "share", "gain"],
    )  # fmt: skip
    (ax,) = activation_benefit(benefit).axes
    labels = ax.get_legend_handles_labels()[1]
    assert labels == [f"{run}, layer {k}" for run in ("sigmoid", "tanh") for k in (1, 2)]

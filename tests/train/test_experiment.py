"""All replicates of a run are trained as one of them would be alone."""

from types import SimpleNamespace

import pytest

from utils.networks.recipes import Recipe
from utils.networks.training import train_replicate
from utils.study.parameters import Train
from utils.train import experiment

PARAMETERS = Train(
    run="small", dataset="mnist-5k", n_replicates=2, seed=5, hidden=[4], activation="tanh",
    initialization="truncated_normal", epochs=3, kept_of_last=3, learning_rate=0.001,
    batch_size=32, l2=0.0, dropout=0.0, batch_normalization=False,
)  # fmt: skip


def test_replicates_stand_in_order_with_their_curves(small_digits):
    stage = SimpleNamespace(dataset=small_digits, parameters=PARAMETERS)
    networks, curves = experiment.replicates(stage)
    assert set(curves["replicate"]) == {0, 1}
    for k, network in enumerate(networks):
        recipe = Recipe((4,), "tanh", initialization="truncated_normal")
        alone, curve = train_replicate(small_digits, recipe, 3, 5, k, kept_of_last=3)
        assert network.kernels[0].tobytes() == alone.kernels[0].tobytes()
        ours = curves[curves["replicate"] == k].drop(columns="replicate")
        assert ours.to_csv(index=False) == curve.to_csv(index=False)
    assert len(networks) == 2
    assert networks[0].kernels[0][0, 0] != pytest.approx(networks[1].kernels[0][0, 0])

"""All replicates of a run are trained as one of them would be alone."""

from types import SimpleNamespace

import pytest

from utils.information.neurons import measure
from utils.networks.recipes import Recipe
from utils.networks.training import train_replicate
from utils.study.parameter_models import Train
from utils.train import experiment

PARAMETERS = Train(
    run="small", dataset="mnist-5k", n_replicates=2, first_replicate=0, seed=5, hidden=[4],
    activation="tanh", initialization="truncated_normal", epochs=3, kept_of_last=3,
    learning_rate=0.001, batch_size=32, l2=0.0, dropout=0.0, batch_normalization=False,
)  # fmt: skip


def test_replicates_stand_in_order_with_their_curves(small_digits, tmp_path):
    stage = SimpleNamespace(folder=tmp_path, dataset=small_digits, parameters=PARAMETERS)
    networks, curves, looks = experiment.replicates(stage)
    assert set(curves["replicate"]) == {0, 1}
    for k, network in enumerate(networks):
        recipe = Recipe((4,), "tanh", initialization="truncated_normal")
        alone, curve = train_replicate(small_digits, recipe, 3, 5, k, kept_of_last=3)
        assert network.kernels[0].tobytes() == alone.kernels[0].tobytes()
        ours = curves[curves["replicate"] == k].drop(columns="replicate")
        assert ours.to_csv(index=False) == curve.to_csv(index=False)
    assert len(networks) == 2
    assert sorted(set(looks["epoch"])) == [0, 1, 2, 3]
    split = small_digits.validation
    kept = curves[curves["kept"] == 1].groupby("replicate")["epoch"].first()
    for k, network in enumerate(networks):
        expected = measure(network, split.images, split.labels, 2, small_digits.n_classes)
        seen = looks[(looks["replicate"] == k) & (looks["epoch"] == kept[k])]
        for name in ("entropy", "mutual_information"):
            assert seen[name].tolist() == expected[name].round(4).tolist()
    assert networks[0].kernels[0][0, 0] != pytest.approx(networks[1].kernels[0][0, 0])


def test_replicates_are_the_same_whichever_others_there_are(small_digits, tmp_path):
    def trained(**given):
        parameters = PARAMETERS.model_copy(update={"epochs": 1, **given})
        stage = SimpleNamespace(folder=tmp_path, dataset=small_digits, parameters=parameters)
        return experiment.replicates(stage)[0]

    both, further = trained(n_replicates=2), trained(n_replicates=1, first_replicate=1)
    assert further[0].kernels[0].tobytes() == both[1].kernels[0].tobytes()


def test_long_trainings_are_looked_at_about_ten_times(small_digits, tmp_path):
    parameters = PARAMETERS.model_copy(update={"epochs": 21, "n_replicates": 1})
    stage = SimpleNamespace(folder=tmp_path, dataset=small_digits, parameters=parameters)
    assert sorted(set(experiment.replicates(stage)[2]["epoch"])) == list(range(0, 21, 2))

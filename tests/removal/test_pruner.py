"""Pruning one network in many ways: the same as surgery, layer after layer, on a full network."""

from itertools import product

import numpy as np
import pytest

from utils.networks import training
from utils.networks.building import DENSE
from utils.removal import costs, surgery
from utils.removal.importance import least_important, n_pruned
from utils.removal.noise_out import noise_out
from utils.removal.pruner import Case, Pruner
from utils.removal.surgery import Moments


@pytest.fixture(scope="module")
def pruner(small_digits, random_network):
    """Of a network with three hidden layers; importances are drawn."""
    network = random_network((49, 9, 7, 6, 10), dtype=np.float32)
    return Pruner(network, small_digits, {"drawn": np.random.default_rng(0).random(9 + 7 + 6)})


def _by_hand(pruner: Pruner, layers: tuple[int, ...], fraction: float, method: str, repair: str):
    """The pruned network, every image passed through all of it for every layer."""
    smaller, starts = pruner.network, {1: 0, 2: 9, 3: 16}
    for layer in layers:
        width = pruner.network.hidden[layer - 1]
        moments = Moments(smaller.forward(pruner.dataset.validation.images)[layer])
        if method.startswith("noise_out"):
            merged = noise_out(moments, smaller.kernels[layer], n_pruned(fraction, width))
            chosen = surgery.stand_in(moments, merged.gone, repair)
            stand_in = merged if method == "noise_out_merged" else chosen
        else:
            values = pruner.importances[method][starts[layer] :][:width]
            stand_in = surgery.stand_in(moments, least_important(values, fraction), repair)
        smaller = surgery.replace(smaller, layer, stand_in)
    return smaller


@pytest.mark.parametrize(("method", "repair"), [
    *product(("drawn", "noise_out"), surgery.REPAIRS), ("noise_out_merged", "affine"),
])  # fmt: skip
@pytest.mark.parametrize(("scope", "layers"), [
    ("layer-1", (1,)), ("layer-2", (2,)), ("layer-3", (3,)), ("network", (1, 2, 3)),
])  # fmt: skip
def test_a_pruned_network_is_that_of_surgery(pruner, scope, layers, method, repair):
    expected = _by_hand(pruner, layers, 0.5, method, repair)
    pruned, hits = pruner.prune(Case(scope, method, repair, 0.5))
    assert pruned.hidden == expected.hidden
    for ours, theirs in zip(pruned.kernels, expected.kernels, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    test = pruner.dataset.test
    assert hits == expected.n_correct(test.images, test.labels)


def test_a_table_has_a_row_a_case_with_its_cost(pruner):
    cases = [Case("layer-2", "drawn", "mean", fraction) for fraction in (0.1, 0.5)]
    table = pruner.table(cases)
    assert table["fraction"].tolist() == [0.1, 0.5]
    assert set(table["retrain_epochs"]) == {0}
    pruned, hits = pruner.prune(cases[1])
    row = table.iloc[1]
    assert (row["n_correct"], row["n_samples"]) == (hits, len(pruner.dataset.test.labels))
    assert row[["n_parameters", "n_macs", "n_bytes"]].to_dict() == costs.sizes(pruned)


def test_retraining_goes_on_from_the_pruned_network_over_the_training_images(
    pruner, random_network, monkeypatch
):
    """Training itself is tested in `networks`; here networks are drawn in its place."""
    asked = []
    drawn = [random_network((49, 4, 10), seed=epoch, dtype=np.float32) for epoch in range(4)]
    monkeypatch.setattr(training, "retrain", lambda *given: asked.append(given) or drawn)
    case, recipe = Case("network", "drawn", "mean", 0.5, (1, 3)), object()
    table = pruner.table([case], recipe, seed=4)
    (network, split, *rest), (pruned, hits) = *asked, pruner.prune(case)
    assert [kernel.tolist() for kernel in network.kernels] == [
        kernel.tolist() for kernel in pruned.kernels
    ]
    assert split is pruner.dataset.train
    assert rest == [recipe, 3, 4, DENSE]
    test = pruner.dataset.test
    counts = [hits, *(drawn[n].n_correct(test.images, test.labels) for n in (1, 3))]
    assert len(set(counts)) == 3
    assert table["retrain_epochs"].tolist() == [0, 1, 3]
    assert table["n_correct"].tolist() == counts
    assert (table["n_parameters"] == costs.sizes(pruned)["n_parameters"]).all()

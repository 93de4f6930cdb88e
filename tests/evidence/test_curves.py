"""Which rows accuracies are of, and what R is a mean of."""

from itertools import product

import pandas as pd
import pytest

from utils.evidence.curves import compared, final_test_accuracy, retained


def test_the_final_accuracy_is_that_of_the_epoch_kept_on_test_images():
    rows = [
        (k, epoch, split, 100 * k + 10 * epoch + (split == "test"), 1000, int(epoch == 2 - k))
        for k, epoch, split in product((1, 0), (1, 2), ("train", "validation", "test"))
    ]
    columns = ["replicate", "epoch", "split", "n_correct", "n_samples", "kept"]
    found = final_test_accuracy(pd.DataFrame(rows, columns=columns))
    assert found.to_dict() == {0: 0.021, 1: 0.111}
    assert found.index.tolist() == [0, 1]


def test_methods_are_compared_in_one_scope_with_one_repair():
    rows = list(product(("layer-1", "layer-2", "network"), ("zero", "mean", "affine")))
    pruned = pd.DataFrame(rows, columns=["scope", "repair"]).assign(n_samples=40)
    pruned["n_correct"] = range(9)
    assert compared(pruned)["accuracy"].tolist() == [7 / 40]
    assert compared(pruned, "layer-1")["accuracy"].tolist() == [1 / 40]


@pytest.mark.parametrize(("share", "n_steps"), [(0.8, 5), (0.4, 3), (0.79, 4), (0, 1), (1, 6)])
def test_r_is_the_mean_from_nothing_up_to_a_share_of_the_neurons(ablation_of, share, n_steps):
    """Of five neurons; random orders count as one, and layers stand in their order."""

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        level = 2000 if ordering == "random-00" else 6000 if ordering == "random-01" else 0
        return level + 10_000 * replicate + 1000 * n_ablated**2 + (replacement == "mean")

    scopes = ("network", "layer-10", "layer-2")
    table = ablation_of(n_correct, scopes, n_replicates=2, n_random_orders=2)
    r = retained(table, share)
    squares = sum(step**2 for step in range(n_steps)) / n_steps
    assert r.index.tolist() == list(product((0, 1), ("layer-2", "layer-10", "network")))
    assert r["entropy", "low-first", "zero"].tolist() == pytest.approx(
        [squares / 100] * 3 + [0.1 + squares / 100] * 3
    )
    random = r["random", "none", "mean"] - r["entropy", "low-first", "mean"]
    assert random.tolist() == pytest.approx([0.04] * 6)
    balanced = r["random", "none", "mean"] - r["random", "none", "zero"]
    assert balanced.tolist() == pytest.approx([1e-5] * 6)

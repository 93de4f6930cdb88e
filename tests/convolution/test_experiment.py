"""Measures of channels, and the tables that claims are judged by."""

import warnings
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import mutual_info_score

from utils.convolution import experiment
from utils.convolution.keras_models import ConvRecipe, from_keras
from utils.convolution.measure import bits, class_selectivity, measure, summaries
from utils.convolution.network import ConvNetwork
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import judge
from utils.evidence.tables import Tables
from utils.networks.datasets import Dataset, Split
from utils.study import parallel, schemas

JUDGED = ("C1", "C2", "C5", "C6", "C7", "C11")


@pytest.mark.parametrize("statistic", ["mean", "max"])
@pytest.mark.parametrize("threshold", ["median", "mean"])
def test_measures_are_those_of_scikit_learn(
    statistic: str, threshold: str, model: Any, sample: Split
) -> None:
    network = from_keras(model)
    table = measure(network, sample.images, sample.labels, statistic, threshold)
    maps = network.forward(sample.images)[1:-1]
    assert table[["layer", "neuron"]].to_numpy().tolist() == [
        [i, j] for i, block in enumerate(maps, 1) for j in range(block.shape[-1])
    ]
    channels = [block[..., j] for block in maps for j in range(block.shape[-1])]
    for row, channel in zip(table.itertuples(), channels, strict=True):
        values = getattr(channel.reshape(len(channel), -1), statistic)(axis=1)
        bit = values > getattr(np, threshold)(values)
        assert row.firing_rate == bit.mean()
        bit_nats = mutual_info_score(bit, bit), mutual_info_score(bit, sample.labels)
        found = np.array([row.entropy, row.mutual_information]) * np.log(2)
        np.testing.assert_allclose(found, bit_nats, rtol=0, atol=1e-10)
        assert row.mean_output == pytest.approx(channel.mean(), abs=1e-12)
        assert row.output_variance == pytest.approx(channel.var(), abs=1e-10)
    assert table["mutual_information"].max() > 0.1


def test_a_channel_that_never_changes_says_nothing(models: dict, sample: Split) -> None:
    network = from_keras(models["same, pooled"])
    kernel, bias = network.kernels[0].copy(), network.biases[0].copy()
    kernel[..., 2], bias[2] = 0, 0.1
    constant = ConvNetwork(
        (kernel, *network.kernels[1:]), (bias, *network.biases[1:]), network.activations,
        network.strides, network.paddings, network.pools, network.image_shape,
    )  # fmt: skip
    for threshold in ("median", "mean"):
        row = measure(constant, sample.images, sample.labels, threshold=threshold).loc[2]
        assert row[["entropy", "mutual_information", "kl_selectivity"]].tolist() == [0, 0, 0]
        assert row["selective_class"] == -1


def test_class_selectivity_in_plain_loops(models: dict, sample: Split) -> None:
    means = summaries(from_keras(models["same, pooled"]), sample.images)["mean"]
    found_all = zip(*class_selectivity(means, sample.labels), strict=True)
    for channel, (found, of_class_found) in enumerate(found_all):
        of_class = [means[sample.labels == label, channel].mean() for label in range(10)]
        assert of_class_found == (np.argmax(of_class) if max(of_class) else -1)
        *others, largest = sorted(of_class)
        total = largest + np.mean(others)
        expected = (largest - np.mean(others)) / total if total else 0
        assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"statistic": "sum"}, "statistic 'sum'; allowed are mean, max"),
        ({"threshold": "half"}, "threshold 'half'; allowed are median, mean"),
        ({"labels": np.full(120, 11)}, "label 11 of sample 0 is no class"),
    ],
)
def test_other_measures_are_refused(
    models: dict, sample: Split, change: dict, message: str
) -> None:
    given = {"images": sample.images, "labels": sample.labels}
    with pytest.raises(ValueError, match=message):
        measure(from_keras(models["same, pooled"]), **given | change)


def test_a_threshold_is_passed_strictly() -> None:
    values = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0], [5.0, 4.0]])
    for threshold in ("median", "mean"):
        assert bits(values, threshold).T.tolist() == [[0, 0, 0, 1], [0, 0, 1, 1]]


@pytest.fixture(scope="module")
def tables(data: Dataset, trained: tuple) -> dict[str, pd.DataFrame]:
    networks, training = trained
    replicates = [parallel.Replicate(k, network, k, data) for k, network in enumerate(networks)]

    def each(function: Any, *read: pd.DataFrame, **given: Any) -> pd.DataFrame:
        return parallel.each(partial(function, **given), replicates, "", *read)

    measures = each(experiment.channels)
    return {
        "training": training,
        "measures": measures,
        "ablation": each(experiment.curves, measures, n_random_orders=2),
        "single": each(experiment.one_by_one, measures),
        "rises": each(experiment.class_rises, measures),
        "stand_ins": each(experiment.stand_in_curves, measures, n_random_orders=2),
    }


def test_networks_are_trained_and_each_is_decided_by_its_number(
    data: Dataset, recipe: ConvRecipe, trained: tuple
) -> None:
    (_, second), curves = trained
    kept = curves[(curves["kept"] == 1) & (curves["split"] == "test")]
    assert (kept["n_correct"] > 0.7 * 250).all()
    again, _ = experiment.replicates(data, recipe, 2, 7, [1])
    for ours, theirs in zip(again[0].kernels, second.kernels, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-2)
    assert not np.array_equal(trained[0][0].kernels[0], second.kernels[0])


def test_tables_fit_their_schemas_and_the_papers_claims_are_judged(tables: dict) -> None:
    run = {name: schemas.checked(name, tables[name][list(schemas.TABLES[name].columns)])
           for name in ("training", "measures", "ablation", "single")}  # fmt: skip
    with warnings.catch_warnings(record=True):
        judged = judge(Tables(run), {name: CLAIMS[name] for name in JUDGED})
    assert set(judged["claim"]) == set(JUDGED)
    assert judged["estimate"].notna().all()
    assert set(judged.loc[judged["claim"] == "C5", "scope"]) == {"layer-2 - layer-1"}


def test_class_rises_add_up_to_those_of_single(
    data: Dataset, trained: tuple, tables: dict
) -> None:
    keys = ["replicate", "layer", "neuron", "replacement"]
    both = tables["rises"].merge(tables["single"], on=keys)
    assert len(both) > 40
    assert both["error_rise_x"].tolist() == both["error_rise_y"].tolist()
    zeroed = both[(both["replacement"] == "zero") & (both["layer"] == 2)]
    assert zeroed["class_error_rise"].nunique() > 2
    for _, row in zeroed.iterrows():
        network, own = trained[0][row["replicate"]], data.test.labels == row["selective_class"]
        maps = network.forward(data.test.images[own])[2].copy()
        part, labels = network.after(2), data.test.labels[own]
        before = part.n_correct(maps, labels)
        maps[..., row["neuron"]] = 0
        lost = (before - part.n_correct(maps, labels)) / own.sum()
        assert row["class_error_rise"] == pytest.approx(lost)


def test_selectivity_is_correlated_with_the_rises_of_zeroed_channels(tables: dict) -> None:
    found = experiment.selectivity_correlations(tables["rises"])
    assert list(found.columns) == ["scope", "quantity", "replicate", "value"]
    assert len(found) == 4 * 3 * 2
    chosen = "replicate == 1 and replacement == 'zero' and measure == 'class_selectivity'"
    rows = tables["rises"].query(chosen)
    expected = spearmanr(rows["selectivity"], rows["class_error_rise"]).statistic
    found = found.set_index(["scope", "replicate", "quantity"])["value"]
    value = found["network", 1, "class_selectivity, errors of its class"]
    assert value == pytest.approx(expected)


def test_stand_ins_agree_with_the_tables_of_constants(tables: dict) -> None:
    keys = ["replicate", "scope", "ordering", "direction", "replacement", "n_ablated"]
    both = tables["stand_ins"].merge(tables["ablation"], on=keys)
    assert set(both["replacement"]) == {"zero", "mean"}
    assert len(both) == 2 * 2 * 2 * (6 + 5 + 10)
    assert np.abs(both["n_correct_x"] - both["n_correct_y"]).max() <= 1
    costs = experiment.border_costs(tables["stand_ins"])
    assert set(costs["quantity"]) == {*experiment.BORDERS}
    last = costs[costs["scope"].eq("layer-2") & costs["quantity"].eq("a constant map − a bias")]
    assert last["value"].abs().max() < 1e-9, "the logits see no border"
    assert costs["value"].abs().max() > 0.001

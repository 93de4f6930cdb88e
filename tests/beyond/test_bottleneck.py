"""D3: orders by I - beta H."""

import numpy as np
import pandas as pd
import pytest

from utils.beyond import bottleneck
from utils.beyond.claims import BEYOND
from utils.evidence.curves import retained
from utils.evidence.tables import Tables
from utils.study.parallel import rows_of


def test_without_a_price_the_order_is_that_by_mutual_information(small):
    r = retained(small.ablation)["mutual_information", "low-first", "mean"]
    free = small.bottleneck.query("beta == 0").set_index(["replicate", "scope"])["retained"]
    assert len(free) == 2 * 3
    np.testing.assert_allclose(free, r.loc[free.index], atol=1e-12)


def test_at_a_price_of_one_the_order_is_by_information_minus_entropy(stage, small):
    """As ablation does it by the definition: R of one network's second layer."""
    measures = rows_of(small.measures, 0)
    network, test = stage.networks[0], stage.dataset.test
    layer = measures.query("layer == 2")
    values = (layer["mutual_information"] - layer["entropy"]).to_numpy()
    changed, hits = network.kernels[2].copy(), []
    bias = network.biases[2].copy()
    outputs = network.forward(test.images)[2]
    for neuron in [None, *np.argsort(values, kind="stable")[:4]]:  # 80 % of six neurons
        if neuron is not None:
            bias = bias + changed[neuron] * layer["mean_output"].iloc[neuron]
            changed[neuron] = 0
        hits.append(((outputs @ changed + bias).argmax(axis=1) == test.labels).mean())
    found = small.bottleneck.query("replicate == 0 and scope == 'layer-2' and beta == 1")
    assert found["retained"].item() == pytest.approx(np.mean(hits))


def test_each_price_is_a_case_beside_no_price():
    table = pd.DataFrame(
        [(k, "layer-1", beta, 0.5 + beta / 10) for k in range(3) for beta in bottleneck.BETAS],
        columns=["replicate", "scope", "beta", "retained"],
    )
    values = BEYOND["D3"].values(Tables({"bottleneck": table}))
    assert values["quantity"].unique()[[0, -1]].tolist() == ["I − 0.1 H", "I − 1 H"]
    by_price = values.groupby("quantity", sort=False)["value"].mean()
    np.testing.assert_allclose(by_price, np.arange(1, 11) / 100)

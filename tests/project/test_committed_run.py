"""The committed run says what it must."""

import json

import numpy as np
import pandas as pd
import pytest

from utils import paths
from utils.evidence.curves import with_accuracy
from utils.names import QUANTITIES
from utils.networks.network import Network

RUN = paths.COMMITTED_RUN


@pytest.fixture(scope="module")
def ablation() -> pd.DataFrame:
    return pd.read_csv(RUN / "ablation.csv.xz")


def test_accuracy_and_memory():
    training = pd.read_csv(RUN / "training.csv")
    last = training[(training["epoch"] == training["epoch"].max()) & (training["split"] == "test")]
    assert last["replicate"].nunique() == 10
    assert with_accuracy(last)["accuracy"].mean() >= 0.970
    stages = json.loads((RUN / "manifest.json").read_text())["stages"]
    assert all(stage["peak_memory_mb"] < 4096 for stage in stages.values())


def test_no_quantity_exceeds_its_bound():
    measures = pd.read_csv(RUN / "measures.csv")
    assert len(measures) == 10 * 200
    information = measures["mutual_information"]
    assert (measures[list(QUANTITIES)] >= 0).all(axis=None)
    assert (measures["entropy"] <= 1).all()
    assert (information <= measures["entropy"] + 1e-9).all()
    assert (information <= np.log2(10)).all()
    assert (information <= measures["kl_selectivity"] + 1e-9).all()


def test_low_information_first_leaves_more_accuracy_than_high_first(ablation):
    chosen = ablation.query(
        "scope == 'layer-1' and replacement == 'mean' and n_ablated == 60 "
        "and ordering == 'mutual_information'"
    )
    accuracy = with_accuracy(chosen).groupby("direction")["accuracy"].mean()
    assert accuracy["low-first"] - accuracy["high-first"] >= 0.10


def test_all_curves_of_a_network_start_at_its_accuracy(ablation):
    training = pd.read_csv(RUN / "training.csv")
    last = training[(training["kept"] == 1) & (training["split"] == "test")]
    start = ablation[ablation["n_ablated"] == 0].groupby("replicate")["n_correct"]
    assert (start.max() - last.set_index("replicate")["n_correct"]).abs().max() <= 1
    assert (start.max() - start.min()).max() == 0


def test_the_networks_in_git_are_those_of_the_tables():
    networks = Network.load_all(RUN / "networks")
    assert len(networks) == 10
    assert all(network.sizes == (784, 100, 100, 10) for network in networks)

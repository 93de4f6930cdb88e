"""Two small networks and all tables of notebook 08, as the notebook makes them."""

from functools import partial
from types import SimpleNamespace

import pandas as pd
import pytest

from utils.beyond import bottleneck, experiment, sets
from utils.evidence.tables import Tables
from utils.information.neurons import measure
from utils.removal.curves import quantity_curves, single_table
from utils.study import parallel

N_RANDOM = 2


@pytest.fixture(scope="module")
def stage(small_digits, random_network, fitted):
    """What experiments ask a stage for; its networks are 49-8-6-10."""
    earlier = SimpleNamespace(n_levels=2, n_random_orders=N_RANDOM)
    networks = [random_network((49, 8, 6, 10), seed=seed) for seed in (1, 2)]
    networks = [fitted(network, small_digits) for network in networks]
    return SimpleNamespace(
        dataset=small_digits,
        networks=networks,
        replicates=[parallel.Replicate(k, n, k, small_digits) for k, n in enumerate(networks)],
        parameters=SimpleNamespace(n_images=60, n_selective=3),
        parameters_of=lambda notebook: earlier,
        seed=lambda replicate, notebook: 10 * int(notebook[:2]) + replicate,
    )


@pytest.fixture(scope="module")
def small(stage):
    """All tables of notebook 08 by name, and those it reads."""
    data = stage.dataset

    def each(function, *tables: pd.DataFrame) -> pd.DataFrame:
        return parallel.each(partial(function, stage), stage.replicates, "", *tables)

    def measures(stage, one) -> pd.DataFrame:
        return measure(one.network, data.validation.images, data.validation.labels, 2, 10)

    def ablation(stage, one, measures) -> pd.DataFrame:
        seed = stage.seed(one.number, "03-ablate")
        return quantity_curves(one.network, measures, data.test, N_RANDOM, seed)

    def single(stage, one, measures) -> pd.DataFrame:
        return single_table(one.network, measures, data.test, data.validation)

    found = SimpleNamespace(measures=each(measures))
    found.ablation = each(ablation, found.measures)
    found.single = each(single, found.measures)
    found.pairs = each(experiment.pair_table, found.measures)
    found.orders = each(experiment.order_table, found.measures)
    found.joint = each(experiment.joint_curves, found.measures, found.orders)
    fractions = pd.DataFrame({"replicate": [0, 1] * 2, "fraction": [0.25, 0.25, 0.5, 0.5]})
    found.joint_pruning = each(experiment.joint_pruning, found.orders, fractions)
    balanced = pd.concat([found.ablation, found.joint]).query("replacement == 'mean'")
    tables = (found.single, found.pairs, found.measures, found.orders)
    found.sets = each(sets.set_table, balanced, *tables)
    found.classes = each(experiment.class_table, found.measures)
    found.bottleneck = each(bottleneck.retained_by_price, found.measures)
    pruned = found.joint_pruning.query("method in ('jmi', 'cmim') and repair == 'mean'")
    found.pruning = pruned.assign(scope="network", retrain_epochs=0).replace(
        {"method": {"jmi": "mutual_information", "cmim": "random"}}
    )
    return found


@pytest.fixture
def tables(small) -> Tables:
    return Tables(vars(small))


@pytest.fixture
def information(small) -> pd.DataFrame:
    """information.csv.xz of three epochs: quantities grow from 0 to those of `small`."""
    columns = ["replicate", "layer", "neuron", "entropy", "mutual_information"]
    parts = []
    for epoch in range(3):
        part = small.measures[columns].assign(epoch=epoch)
        parts.append(part.assign(mutual_information=part["mutual_information"] * epoch / 2))
    return pd.concat(parts, ignore_index=True)

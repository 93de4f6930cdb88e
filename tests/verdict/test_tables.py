"""What notebook 06 reads and prints beside the claims."""

from types import SimpleNamespace

import pandas as pd
import pytest

from utils.evidence.judging import COLUMNS, Tables
from utils.verdict import tables
from utils.verdict.experiment import read_tables


def test_a_run_has_all_tables_and_those_it_is_compared_with_two():
    stage = SimpleNamespace(
        name="06-verdict",
        parameters=SimpleNamespace(other_runs=["tanh", "relu"]),
        read=lambda table: f"this run's {table}",
        other=lambda run, differs: SimpleNamespace(read=lambda table: (run, differs, table)),
    )
    read = read_tables(stage)
    assert set(read.of_run) == {"measures", "ablation", "single", "pruning", "balancing"}
    assert read["pruning"] == "this run's pruning"
    assert list(read.others) == ["tanh", "relu"]
    assert set(read.others["relu"].of_run) == {"measures", "ablation"}
    assert read.others["relu"]["ablation"] == ("relu", "activation", "ablation")


@pytest.fixture
def of_eleven_layers(ablation_of) -> Tables:
    """Two networks: in the first KL selectivity leaves most, in the second entropy does.

    Balancing gains 0.01 times the layer with random orders; half of the square of every neuron's
    outputs is the square of their mean.
    """
    best = ("kl_selectivity", "entropy")

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        layer = 0 if scope == "network" else int(scope.removeprefix("layer-"))
        zeroed = 1000 * layer if replacement == "zero" else 0
        return 70_000 + 5000 * (ordering == best[replicate]) - zeroed

    scopes = [*(f"layer-{layer}" for layer in range(1, 12)), "network"]
    neurons = [(k, layer, n) for k in (0, 1) for layer in range(1, 12) for n in range(3)]
    measures = pd.DataFrame(neurons, columns=["replicate", "layer", "neuron"])
    measures = measures.assign(mean_output=2.0, output_variance=4.0)
    return Tables({"ablation": ablation_of(n_correct, scopes, 2), "measures": measures})


def test_the_best_quantity_by_layer_in_the_order_of_their_numbers(of_eleven_layers):
    table = tables.best_quantities(of_eleven_layers)
    assert table.index.tolist() == [f"layer-{layer}" for layer in range(1, 12)]
    assert (table == 0.5).all(axis=None)
    assert table.columns.tolist() == ["entropy", "kl_selectivity"]


def test_benefit_by_run_layer_and_network(of_eleven_layers):
    both = Tables(of_eleven_layers.of_run, {"tanh": of_eleven_layers})
    benefit = tables.activation_benefit(both, "sigmoid")
    assert benefit.groupby("run", sort=False).size().to_dict() == {"sigmoid": 22, "tanh": 22}
    assert (benefit["share"] == 0.5).all()
    assert benefit["gain"].to_numpy() == pytest.approx(0.01 * benefit["layer"])


def test_cases_whose_verdict_is_another_in_the_second_run():
    cases = [("C1", "network", "entropy"), ("C2", "layer-1", "entropy"), ("C2", "layer-2", "x")]
    words = {"first": ("agrees", "agrees", "disagrees"), "second": ("agrees", "disagrees", "")}
    first, second = (
        pd.DataFrame([(*case, 0.1, 0.0, 0.2, 6, w) for case, w in zip(cases, word, strict=True)],
                     columns=COLUMNS)
        for word in words.values()
    )  # fmt: skip
    table = tables.moved(first, second[:2])
    assert table.columns.name == "1 of 2 cases moved"
    assert table.index.tolist() == [cases[1]]
    assert table["verdict, second run"].tolist() == ["disagrees"]

"""What notebook 06 reads and prints beside the claims."""

from types import SimpleNamespace

import pandas as pd
import pytest

from utils.evidence.claims import CLAIMS
from utils.evidence.effects import RIVALS
from utils.evidence.judging import Claim, Rule, judge
from utils.evidence.tables import Tables
from utils.names import REPAIRS
from utils.verdict import figures, tables
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


CLAIMS_OF_ONE = {
    "C7": Claim("It helps.", "gain", Rule("above", margin=0.01), CLAIMS["C7"].values),
}


@pytest.fixture
def of_eight(ablation_of) -> Tables:
    """Eight networks of one layer: seven in which balancing gains 0.02, and one that loses 0.3."""

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        gain = (-30_000 if replicate == 7 else 2000) + 10 * replicate
        return 60_000 + gain * (replacement == "mean")

    measures = pd.DataFrame({"replicate": range(8), "layer": 1, "neuron": 0})
    return Tables({"ablation": ablation_of(n_correct, ["layer-1"], 8), "measures": measures})


def test_the_halves_of_a_run_are_judged_apart_beside_what_chance_gives(of_eight):
    judged = judge(of_eight, CLAIMS_OF_ONE)
    table = tables.halves(of_eight, judged, CLAIMS_OF_ONE, n_splits=5)
    row = table.loc["C7"]
    assert (row["holds"], row["first 4"], row["other 4"]) == ("open", "holds", "open")
    assert row["cases"] == 7
    assert row["differ"] == 7
    assert (table.loc["C7", ["by chance", "least", "most"]] == 7).all()  # one half has network 7
    assert table.loc["all", "differ"] == 7
    assert tables.halves(of_eight.only([0, 1, 2]), judged, CLAIMS_OF_ONE).empty


def test_a_network_that_decides_a_claim_is_named(of_eight):
    judged = judge(of_eight, CLAIMS_OF_ONE)
    row = tables.leave_one_out(of_eight, judged, CLAIMS_OF_ONE).loc["C7"]
    assert row["holds"] == "open"
    assert row["otherwise"] == "holds (without 7)"
    assert row["cases that move"] == "7 of 7"
    assert row["most"] == pytest.approx(0.02, abs=1e-3)
    assert tables.leave_one_out(of_eight.only([0, 1]), judged, CLAIMS_OF_ONE).empty


def test_a_claims_word_by_the_share_up_to_which_curves_are_taken(ablation_of):
    """Low first is better than high first once half of the neurons are gone, not before."""

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        late = n_ablated > 5 and direction == "low-first"
        return 70_000 + 20_000 * late + 10 * replicate * (direction == "low-first")

    ablation = ablation_of(n_correct, ["layer-1", "layer-2", "network"], 6, n_neurons=10)
    by_share = tables.by_share(Tables({"ablation": ablation}), [0.4, 0.9])
    words = tables.words_by_share(by_share)
    assert words.columns.tolist() == ["40%", "90%"]
    assert words.index.tolist() == ["C1", "C2", "C4", "C5", "C6", "C7", "C11"]
    assert words.loc["C2"].tolist() == ["negligible", "holds"]
    assert len(figures.by_share(by_share).axes) >= 7


def test_numbers_beside_the_papers_are_counted():
    numbers = pd.DataFrame({
        "claim": ["C1", "C1", "C2"], "scope": "network", "quantity": ["a", "b", "c"],
        "published": [0.1, 0.2, 0.5], "mean": 0.1, "lowest": 0.0, "highest": 0.3,
        "z": [0.0, 1.0, 2.0], "inside": [True, True, False],
    }).set_index(["claim", "scope", "quantity"])  # fmt: skip
    table = tables.nearness(numbers)
    assert table["numbers"].tolist() == [2, 1, 3]
    assert table["inside"].tolist() == [2, 0, 2]
    assert table["distance"].to_numpy() == pytest.approx([0.5**0.5, 2, (5 / 3) ** 0.5])
    figure = figures.beside_paper(numbers)
    assert len(figure.axes[0].get_yticklabels()) == 3


def test_rivals_with_every_repair():
    rows = [
        (
            k,
            "network",
            method,
            repair,
            fraction,
            0,
            700 + 50 * (method == "mutual_information") + k,
        )
        for k in range(4)
        for method in ("mutual_information", "kl_selectivity", *RIVALS)
        for repair in REPAIRS
        for fraction in (0.4, 0.8, 0.9)
    ]
    columns = ["replicate", "scope", "method", "repair", "fraction", "retrain_epochs", "n_correct"]
    table = tables.rivals_by_repair(pd.DataFrame(rows, columns=columns).assign(n_samples=1000))
    assert table.shape == (2 * len(RIVALS), len(REPAIRS))
    assert table.loc["mutual information − random", "bias-balanced"].startswith("+0.050")
    assert table.loc["mutual information − random", "bias-balanced"].endswith("agrees")

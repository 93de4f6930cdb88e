"""What notebook 06 reads and prints beside the claims."""

from types import SimpleNamespace

import pandas as pd
import pytest

from utils.evidence.effects import RIVALS
from utils.evidence.judging import judge
from utils.evidence.tables import Tables
from utils.names import REPAIRS
from utils.study.provenance import RunError
from utils.verdict import experiment, figures, robustness, tables


def _stage(other_runs, further_runs, shift=0):
    """A stage whose tables have two replicates; those of others too, of another seed."""

    def run(name, first):
        table = pd.DataFrame({"replicate": [0, 1], "of": name})
        recipe = SimpleNamespace(seed=0, first_replicate=first, n_replicates=2)
        return SimpleNamespace(read=lambda table_name: table, recipe=recipe)

    stage = run("own", 0)
    stage.name = "06-verdict"
    stage.parameters = SimpleNamespace(
        run="own", other_runs=other_runs, further_runs=further_runs, last_run=""
    )
    stage.other = lambda name, differs: run(name, 2 - shift)
    return stage


def test_the_networks_of_further_runs_are_counted_on():
    read = experiment.read_tables(_stage(["tanh"], ["further"]))
    assert set(read.of_run) == {"measures", "ablation", "single", "pruning", "balancing"}
    assert read["pruning"]["replicate"].tolist() == [0, 1, 2, 3]
    assert read["pruning"]["of"].tolist() == ["own"] * 2 + ["further"] * 2
    assert set(read.others["tanh"].of_run) == {"measures", "ablation"}
    assert experiment.read_last(_stage([], [])) is None


def test_a_network_is_not_counted_twice():
    with pytest.raises(RunError, match="both have replicates 1 to 1 of seed 0"):
        experiment.read_tables(_stage([], ["further"], shift=1))


@pytest.fixture
def of_eleven_layers(ablation_of) -> Tables:
    """Two networks: in the first KL selectivity leaves most, in the second entropy does."""
    best = ("kl_selectivity", "entropy")

    def n_correct(replicate, scope, ordering, direction, replacement, n_ablated):
        layer = 0 if scope == "network" else int(scope.removeprefix("layer-"))
        zeroed = 1000 * layer if replacement == "zero" else 0
        return 70_000 + 5000 * (ordering == best[replicate]) - zeroed

    scopes = [*(f"layer-{layer}" for layer in range(1, 12)), "network"]
    neurons = [(k, layer, n) for k in (0, 1) for layer in range(1, 12) for n in range(3)]
    measures = pd.DataFrame(neurons, columns=["replicate", "layer", "neuron"])
    return Tables({"ablation": ablation_of(n_correct, scopes, 2), "measures": measures})


def test_the_best_quantity_by_layer_in_the_order_of_their_numbers(of_eleven_layers):
    table = tables.best_quantities(of_eleven_layers)
    assert table.index.tolist() == [f"layer-{layer}" for layer in range(1, 12)]
    assert (table == 0.5).all(axis=None)
    assert table.columns.tolist() == ["entropy", "kl_selectivity"]


def test_a_network_that_decides_a_claim_is_named(of_eight, claims_of_one):
    judged = judge(of_eight, claims_of_one)
    row = robustness.leave_one_out(of_eight, judged, claims_of_one).loc["C7"]
    assert row["holds"] == "open"
    assert row["otherwise"] == "holds (without 7)"
    assert row["cases that move"] == "7 of 7"
    assert row["most"] == pytest.approx(0.02, abs=1e-3)
    assert robustness.leave_one_out(of_eight.only([0, 1]), judged, claims_of_one).empty


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
    assert len(figures.by_share(by_share, ["C1", "C2", "C7"]).axes) == 4


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
    assert len(table) == 2 * len(RIVALS) * len(REPAIRS)
    row = table.set_index(["quantity", "rival", "column"]).loc[
        ("mutual information", "random", "bias-balanced")
    ]
    assert (row["mean"], row["verdict"]) == (pytest.approx(0.05), "agrees")


def test_rivals_at_every_share_up_to_80_percent():
    rows = [
        (
            k,
            "network",
            method,
            "mean",
            share,
            0,
            700 + 500 * share * (method == "kl_selectivity") + k,
        )
        for k in range(3)
        for method in ("mutual_information", "kl_selectivity", *RIVALS)
        for share in (0.4, 0.8, 0.9)
    ]
    columns = ["replicate", "scope", "method", "repair", "fraction", "retrain_epochs", "n_correct"]
    table = tables.rivals_by_share(pd.DataFrame(rows, columns=columns).assign(n_samples=1000))
    selective = table[(table["quantity"] == "KL selectivity") & (table["rival"] == "random")]
    assert dict(zip(selective["column"], selective["mean"], strict=True)) == pytest.approx(
        {"40%": 0.2, "80%": 0.4}
    )

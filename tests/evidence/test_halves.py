"""Verdicts of either half of the networks."""

import pandas as pd
import pytest

from utils.evidence.claims import CLAIMS
from utils.evidence.halves import halves
from utils.evidence.judging import Claim, Rule, judge
from utils.evidence.tables import Tables

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
    table = halves(of_eight, judged, CLAIMS_OF_ONE, n_splits=5)
    row = table.loc["C7"]
    assert (row["holds"], row["first 4"], row["other 4"]) == ("open", "holds", "open")
    assert row["cases"] == 7
    assert row["differ"] == 7
    assert (table.loc["C7", ["by chance", "least", "most"]] == 7).all()  # one half has network 7
    assert table.loc["all", "differ"] == 7
    assert halves(of_eight.only([0, 1, 2]), judged, CLAIMS_OF_ONE).empty

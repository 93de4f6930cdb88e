"""Verdicts of either half of the networks."""

import numpy as np

from utils.evidence.halves import halves
from utils.evidence.judging import judge


def test_the_halves_of_a_run_are_judged_apart_beside_what_chance_gives(of_eight, claims_of_one):
    judged = judge(of_eight, claims_of_one)
    rng = np.random.default_rng(0)
    n_splits = 1  # as many as end with one that has network 7 in its first half
    while 7 not in rng.permutation(8)[:4]:
        n_splits += 1
    table = halves(of_eight, judged, claims_of_one, n_splits)
    row = table.loc["C7"]
    assert (row["holds"], row["first 4"], row["other 4"]) == ("open", "holds", "open")
    assert row["cases"] == 7
    assert row["differ"] == 7
    assert (table.loc["C7", ["by chance", "least", "most"]] == 7).all()  # one half has network 7
    assert table.loc["all", "differ"] == 7
    assert halves(of_eight.only([0, 1, 2]), judged, claims_of_one).empty

"""The appendix counts and says what a mistake does, from tables with known answers."""

import numpy as np
import pandas as pd
import pytest

from utils.evidence.wording import signed
from utils.mistakes import findings, tables


@pytest.fixture
def measured() -> pd.DataFrame:
    """Two networks of two layers of four; the more information, the less of it is left over."""
    keys = [(k, layer, n) for k in (0, 1) for layer in (1, 2) for n in range(4)]
    table = pd.DataFrame(keys, columns=["replicate", "layer", "neuron"])
    return table.assign(entropy=0.9, mutual_information=0.2 + 0.1 * table["neuron"])


def _curves(right, wrong, n_replicates=3) -> pd.DataFrame:
    """Curves of a layer, a little higher in each network; the wrong one not quite as much."""
    rows = [
        (k, case, n, accuracy + 0.0001 * k * (2 - (case == "wrong")))
        for k in range(n_replicates)
        for case, curve in (("right", right), ("wrong", wrong))
        for n, accuracy in enumerate(curve)
    ]
    return pd.DataFrame(rows, columns=["replicate", "case", "n_removed", "accuracy"])


def test_the_wrong_sign_gives_twice_the_entropy_minus_the_information(measured):
    both = tables.both_signs(measured)
    assert both["right"].equals(measured["mutual_information"])
    assert both["wrong"].to_numpy() == pytest.approx(1.8 - measured["mutual_information"])
    table = tables.quartiles(both)
    assert table.loc[(1, "median"), "wrong"] == pytest.approx(1.45)
    assert table.loc[(1, "median"), "earlier"] == pytest.approx(0.885 / np.log(2))
    text = findings.wrong_sign(both, 1.0)
    assert text.startswith("With the wrong sign, 100 % of the neurons lie above 1 bit")
    assert "−1.00 in layer 1 and −1.00 in layer 2" in text
    assert "0 % of the neurons lie above 2 bits" in findings.wrong_sign(both, 2.0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(0.9, "more accuracy than"), (0.5, "less accuracy than"), (0.7, "as much accuracy as")],
)  # fmt: skip
def test_what_a_mistake_does_to_a_curve_is_said_as_it_is(wrong, words):
    curves = _curves([0.7] * 6, [wrong] * 6)
    found = findings.scaled_outputs(curves)
    assert f"keep {words} bias balancing ({signed(wrong - 0.7001)} [" in found
    assert f"with scaled outputs it is {wrong:.3f} [" in found
    alone = findings.scaled_outputs(curves[curves["replicate"] == 0])
    assert "neither clearly more nor clearly less than bias balancing (" in alone
    assert "[" not in alone
    assert "nan" not in alone


def test_only_the_first_80_percent_count():
    curves = _curves([0.7] * 6, [0.7] * 5 + [0.1])
    assert tables.differences(curves).loc["wrong", "mean"] == pytest.approx(-0.0001)
    assert tables.at_the_end(curves).loc["wrong", "mean"] == pytest.approx(0.1001)


def test_rough_curves_are_told_from_smooth_ones():
    curves = _curves([0.9, 0.8, 0.7, 0.6], [0.9, 0.5, 0.6, 0.7])
    assert tables.rises(curves)["mean"].to_dict() == {"right": 0, "wrong": 2}
    text = findings.fresh_sets(curves)
    assert "at 2.0 [2.0, 2.0] of the 3 steps" in text
    assert text.endswith("with a set that grows, at 0.0 [0.0, 0.0].")


def test_undefined_neurons_are_counted_in_the_right_order():
    curves = _curves([0.7] * 11, [0.7] * 11)
    curves["undefined"] = (curves["n_removed"] == 10) | (curves["n_removed"] == 1)
    by_tenth = tables.undefined_by_tenth(curves)
    first = by_tenth[by_tenth["replicate"] == 0].set_index("part")["percent"]
    assert first.tolist() == [100, *[0] * 8, 100]
    found = findings.undefined(curves)
    assert "0 log 0 leaves 20 % [20, 20] of the neurons" in found
    assert "Sorting wrong changes accuracy by 0.000 [" in found
    assert found.endswith("]: negligible.")
    both = pd.concat([curves, curves[curves["case"] == "wrong"].assign(case="other")])
    assert (
        "Sorting wrong changes accuracy by 0.000 [0.000, 0.000], other by"
        in findings.undefined(both)
    )


def test_the_paper_is_held_against_the_right_way_and_the_mistake(measured):
    fresh = _curves([0.9, 0.8], [0.5, 0.8])
    fresh["case"] = fresh["case"].map({"right": "growing set", "wrong": "new set each time"})
    scaled = _curves([0.9] * 77, [0.95] * 77)
    scaled["case"] = scaled["case"].map({"right": "bias-balanced", "wrong": "scaled by P(T=1)"})
    checks = tables.checks(measured, fresh, scaled)
    assert checks["in this run"].tolist() == pytest.approx([0.5, 0, 0.9001], abs=2e-4)
    assert checks["with the mistake"].tolist() == pytest.approx([1.6, 1, 0.9501], abs=2e-4)
    assert "after 76 of layer 1" in checks.index[2]
    assert checks["in the paper"].iloc[0] == pytest.approx(0.7677)
    assert "In 3 of 3 checks" in findings.in_the_paper(checks)
    swapped = checks.rename(columns={"in this run": "with the mistake",
                                     "with the mistake": "in this run"})  # fmt: skip
    assert "In 0 of 3 checks" in findings.in_the_paper(swapped)

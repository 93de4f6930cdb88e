"""From an interval to a verdict, and from verdicts to a word."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from utils.evidence.judging import WORDS, Claim, Rule, decided, judge, overview, verdicts, word
from utils.evidence.power import n_to_decide
from utils.evidence.tables import Tables

MARGIN = Rule("above", margin=0.05)


def _values(values, scope="layer-1", quantity="x", **more) -> pd.DataFrame:
    table = pd.DataFrame({"scope": scope, "quantity": quantity, "value": values}, dtype=object)
    return table.assign(replicate=range(len(values)), value=table["value"].astype(float), **more)


@pytest.mark.parametrize(
    ("values", "rule", "verdict"),
    [
        ([0.1, 0.12, 0.09, 0.11], Rule(), "agrees"),
        ([-0.1, -0.12, -0.09, -0.11], Rule(), "disagrees"),
        ([0.1, -0.12, 0.09, -0.11], Rule(), "open"),
        ([0.1], Rule(), "open"),
        ([0.1, 0.12, 0.09, 0.11], Rule("below"), "disagrees"),
        ([0.1, 0.12, 0.09, 0.11], Rule("above", 0.2), "disagrees"),
        ([0.1, 0.12, 0.09, 0.11], Rule("apart"), "agrees"),
        ([-0.1, -0.12, -0.09, -0.11], Rule("apart"), "agrees"),
        ([0.1, 0.12, 0.09, 0.11], MARGIN, "agrees"),
        ([0.01, 0.012, 0.009, 0.011], MARGIN, "negligible"),  # surely above 0, and surely small
        ([-0.01, -0.012, -0.009, -0.011], MARGIN, "negligible"),
        ([0.01, 0.2, -0.1, 0.0], MARGIN, "open"),
        ([0.01, 0.012, 0.009, 0.011], Rule("apart", margin=0.05), "negligible"),
        ([0.2] * 4, MARGIN, "agrees"),
        ([0.0] * 4, MARGIN, "negligible"),
        ([0.0] * 4, Rule(), "open"),
    ],
)
def test_a_case(values, rule, verdict):
    table = decided(_values(values), rule)
    assert table["verdict"].tolist() == [verdict]
    note = "one network gives no interval" if len(values) == 1 else None
    assert table["note"].tolist() == [note]


def test_what_is_negligible_needs_the_90_percent_interval_alone():
    """Its end lies inside the margin and that of the 95 % interval outside."""
    values = np.array([-1.0, 0.0, 1.0, 0.0])
    limits = decided(_values(values), Rule()).iloc[0]
    assert limits["high_90"] < 0.97 < limits["high"]
    assert decided(_values(values), Rule("above", margin=0.97))["verdict"].item() == "negligible"
    assert decided(_values(values), Rule("above", margin=0.95))["verdict"].item() == "open"


def test_counted_cases_are_corrected_for_their_number():
    rng = np.random.default_rng(0)
    cases = [_values(0.5 + rng.normal(size=8), quantity=f"case {k}") for k in range(12)]
    values = pd.concat(cases, ignore_index=True)
    plain, counted = decided(values, Rule()), decided(values, Rule(counted=True))
    assert plain["p_holm"].isna().all()
    ascending = counted.sort_values("p")
    _, expected, *_ = multipletests(ascending["p"], method="holm")
    assert ascending["p_holm"].tolist() == expected.tolist()
    n_plain, n_counted = ((table["verdict"] == "agrees").sum() for table in (plain, counted))
    assert 0 < (plain["p"] < 0.05).sum() == n_plain
    assert n_counted == (counted["p_holm"] < 0.05).sum() < n_plain


def test_what_is_not_defined_is_a_row_with_its_reason():
    values = pd.concat([
        _values([0.1, 0.2, np.nan], quantity="some"), _values([np.nan] * 3, quantity="none"),
    ])  # fmt: skip
    table = decided(values, Rule(counted=True)).droplevel("scope")
    assert table["note"].to_dict() == {
        "some": "not defined in 1 of 3 networks", "none": "not defined in any network",
    }  # fmt: skip
    assert table["verdict"].tolist() == ["open", "open"]
    assert np.isnan(table.loc["none", "mean"])


@pytest.mark.parametrize(("effect", "margin"), [(0.5, None), (0.05, 0.4), (0.0, 0.3), (3.0, None)])
def test_so_many_networks_decide_and_one_less_does_not(effect, margin):
    n, test = n_to_decide(effect, 1.0, margin), TTestPower()

    def decides(n: int) -> bool:
        """Whether the power is 0.8, or, at a truth of 0, that of both one-sided tests is."""
        differs = test.power(effect, n, 0.05) if effect else 0
        inside = test.power(margin, n, 0.05, alternative="larger") if margin else 0
        return differs >= 0.8 or 2 * inside - 1 >= 0.8

    assert decides(n)
    assert n == 2 or not decides(n - 1)


def test_the_number_of_networks_where_it_cannot_be_said():
    assert n_to_decide(0.1, np.nan, None) == 0
    assert n_to_decide(0.0, 1.0, None) == 0
    assert n_to_decide(0.1, 0.0, None) == 2


@pytest.mark.parametrize(
    ("agrees", "disagrees", "negligible", "is_open", "expected"),
    [
        (3, 0, 0, 0, "holds"),
        (0, 3, 0, 0, "does not hold"),
        (0, 0, 3, 0, "negligible"),
        (1, 1, 0, 0, "mixed"),
        (1, 13, 0, 0, "mixed"),
        (2, 0, 1, 1, "holds mostly"),
        (1, 0, 0, 13, "open"),
        (0, 12, 0, 2, "mostly not"),
        (0, 1, 1, 1, "open"),
        (0, 0, 2, 1, "mostly negligible"),
        (2, 0, 6, 0, "mostly negligible"),
        (4, 0, 4, 0, "holds mostly"),
        (1, 1, 6, 0, "mixed"),
        (1, 0, 2, 2, "open"),
        (0, 0, 0, 4, "open"),
    ],
)
def test_a_word_over_all_cases(agrees, disagrees, negligible, is_open, expected):
    cases = {
        "agrees": agrees, "disagrees": disagrees, "negligible": negligible, "open": is_open,
    }  # fmt: skip
    assert word(cases) == expected
    assert expected in WORDS


def test_claims_are_judged_case_by_case_and_left_out_without_a_case():
    def values(tables: Tables, means: tuple) -> pd.DataFrame:
        noise = np.array([-0.01, 0, 0.01])
        parts = [_values(mean + noise, quantity=f"case {k}") for k, mean in enumerate(means)]
        return pd.concat(parts) if parts else pd.DataFrame()

    claims = {
        "always": Claim("It is so.", "a number", Rule(), partial(values, means=(1, 3))),
        "both": Claim("It may be so.", "a number", Rule(), partial(values, means=(1, -1))),
        "never asked": Claim("It is not known.", "a number", Rule(), partial(values, means=())),
    }
    judged = judge(Tables({}), claims)
    table = overview(judged, claims)
    assert table["holds"].to_dict() == {"always": "holds", "both": "mixed"}
    assert table.loc["both", ["agrees", "disagrees", "negligible", "open"]].tolist() == [
        1,
        1,
        0,
        0,
    ]
    assert table["typical size"].tolist() == [2, 0]
    assert (judged["n_to_decide"] == 2).all()
    exact = verdicts(Tables({}), claims)
    for column, digits in (("estimate", 5), ("low", 5), ("high", 5), ("p", 6)):
        assert judged[column].tolist() == exact[column].round(digits).tolist()

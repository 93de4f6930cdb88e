"""From an interval to a verdict, and from verdicts to a word."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from utils.evidence.intervals import interval
from utils.evidence.judging import Claim, Tables, judge, overview, verdict


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([0.1, 0.12, 0.09, 0.11], "agrees"),
        ([-0.1, -0.12, -0.09, -0.11], "disagrees"),
        ([0.1, -0.12, 0.09, -0.11], "inconclusive"),
        ([0.1], "inconclusive"),
    ],
)
def test_verdicts(values, word):
    _, low, high = interval(np.array(values))
    assert verdict(low, high) == word


@pytest.mark.parametrize(
    ("means", "word"),
    [
        ((1, 1), "yes"),
        ((-1, -1), "no"),
        ((1, -1), "in part"),
        ((0, -1), "open"),
        ((), None),
    ],
)
def test_a_claim_holds_in_all_in_some_or_in_none_of_its_cases(means, word):
    def values(tables: Tables, means: tuple) -> pd.DataFrame:
        rows = [
            ("layer-1", f"case {case}", k, mean + noise)
            for case, mean in enumerate(means)
            for k, noise in enumerate((-0.01, 0, 0.01))
        ]
        return pd.DataFrame(rows, columns=["scope", "quantity", "replicate", "value"])

    claims = {
        "always": Claim("It is so.", "a number", "above", 0, partial(values, means=(1,))),
        "asked": Claim("It may be so.", "a number", "above", 0, partial(values, means=means)),
    }
    holds = overview(judge(Tables({}), claims), claims)["holds"]
    assert holds["always"] == "yes"
    assert holds.get("asked") == word

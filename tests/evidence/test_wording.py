"""Numbers in sentences: three digits unless another number is asked for."""

import numpy as np
import pytest

from utils.evidence.wording import more_or_less, signed, with_interval, without_plus

CASE = {"low": -0.0506, "high": 0.2504}


@pytest.mark.parametrize("name", ["mean", "estimate"])
def test_three_digits_are_said_and_others_on_request(name):
    case = CASE | {name: 0.1001}
    assert signed(0.1001) == "+0.100"
    assert with_interval(case) == "+0.100 [−0.051, +0.250]"
    assert without_plus(case) == "0.100 [−0.051, 0.250]"
    assert more_or_less(case) == "0.100 [−0.051, 0.250] more"
    assert more_or_less({name: -0.1001, "low": -0.2504, "high": 0.0506}) == (
        "0.100 [−0.051, 0.250] less"
    )
    assert with_interval(case, 1) == "+0.1 [−0.1, +0.3]"
    assert more_or_less(case, 1) == "0.1 [−0.1, 0.3] more"
    assert with_interval({name: 0.1001, "low": np.nan, "high": np.nan}) == "+0.100"

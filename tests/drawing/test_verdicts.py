"""Judged claims as a figure and as small tables."""

import numpy as np
import pandas as pd
import pytest

from utils.drawing.verdicts import cases, glance, panels
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import COLUMNS

pytestmark = pytest.mark.usefixtures("strict_figures")
ONE = "one network"


@pytest.fixture
def judged() -> pd.DataFrame:
    nan = np.nan
    rows = [
        ("C1", "network to 40%", "entropy", -0.1, -0.2, -0.05, 3, 0, 0.01, nan, "agrees", 3, None),
        ("C1", "network to 80%", "entropy", 0.1, 0.05, 0.2, 3, 0, 0.02, nan, "disagrees", 4, None),
        ("C4", "layer-2", "kl_selectivity - entropy", 0, nan, nan, 1, 0, nan, nan, "open", 0, ONE),
        ("C8", "layer-1", "this run − tanh", 0.0, -0.1, 0.1, 9, 5, 0.9, 1.0, "open", 7, None),
        ("C9", "network", "40% pruned", nan, nan, nan, 0, 0, nan, nan, "open", 0, "not defined"),
        ("B1", "20% pruned", "jmi - x", 0.01234, 0.01, 0.02, 3, 0, 0.01, 0.04, "agrees", 3, None),
        ("B1", "10% pruned", "jmi - x", 0.0, -0.02, 0.02, 3, 0, 0.9, 1.0, "open", 99, None),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def test_a_panel_a_claim_with_the_claimed_side_shaded(judged):
    figure = panels(judged, CLAIMS, {"C4": "four", "C1": "one", "C5": "not there"})
    four, one = figure.axes
    assert (four.get_title(loc="left"), one.get_title(loc="left")) == ("four", "one")
    assert [label.get_text() for label in one.get_yticklabels()] == [
        "network to 40%: entropy", "network to 80%: entropy",
    ]  # fmt: skip
    assert [label.get_text() for label in four.get_yticklabels()] == [
        "layer 2: KL selectivity − entropy"
    ]
    (shaded,) = one.patches
    assert shaded.get_x() + shaded.get_width() == pytest.approx(0.01)
    assert one.get_xlim()[1] > 0.2


def test_what_is_apart_from_0_is_shaded_on_both_sides(judged):
    (ax,) = panels(judged, CLAIMS, {"C8": "eight"}).axes
    assert len(ax.patches) == 2


def test_cases_show_what_their_verdict_rests_on(judged):
    table = cases(judged, ["C1", "C4", "C8", "C9"], CLAIMS)
    assert table["networks"].tolist() == [3, 3, 1, "9 / 5", 0]
    assert table["p"].tolist()[:2] == [0.01, 0.02]
    assert table.loc["C8", "p"].item() == 1.0  # counted: Holm's
    assert table["verdict"].tolist() == ["agrees", "disagrees", ONE, "open", "not defined"]
    assert table["95 % interval"].tolist()[1:3] == ["[+0.050, +0.200]", "–"]
    assert table.index.get_level_values("quantity")[2] == "KL selectivity − entropy"


def test_claims_at_a_glance(judged):
    table = glance(judged[judged["claim"].isin(CLAIMS)], CLAIMS, "the claim")
    assert table.loc["C1", "holds"] == "mixed"
    assert table.loc["C1", "agrees / disagrees / negligible / open"] == "1 / 1 / 0 / 0"
    assert table.loc["C1", "from … to"] == "−0.100 … +0.100"

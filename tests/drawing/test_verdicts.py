"""Judged claims as a figure and as small tables."""

import pandas as pd
import pytest

from utils.drawing.verdicts import both_overviews, cases, claim_definitions, intervals
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import COLUMNS

pytestmark = pytest.mark.usefixtures("strict_figures")


@pytest.fixture
def judged() -> pd.DataFrame:
    rows = [
        ("C1", "network", "entropy", -0.1, -0.2, -0.05, 3, "agrees"),
        ("C1", "network", "kl_selectivity", 0.1, 0.05, 0.2, 3, "disagrees"),
        ("C4", "layer-2", "kl_selectivity - best other", 0.0, float("nan"), float("nan"), 1,
         "inconclusive"),
        ("C10", "20% pruned", "mutual_information - random", 0.01234, 0.01, 0.02, 3, "agrees"),
        ("C10", "10% pruned", "mutual_information - random", 0.0, -0.02, 0.02, 3, "inconclusive"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def test_every_number_is_drawn_those_by_share_pruned_on_the_right(judged):
    left, right = intervals(judged).axes
    for ax, n_cases in ((left, 3), (right, 2)):
        assert sum(len(container[0].get_xdata()) for container in ax.containers) == n_cases
    assert [label.get_text() for label in left.get_yticklabels()] == [
        "C1  network: entropy",
        "C1  network: KL selectivity",
        "C4  layer-2: KL selectivity - best other",
    ]
    assert len(right.get_yticks()) == 1
    assert len(intervals(judged[:3]).axes) == 1


def test_tables_of_judged_claims(judged):
    assert cases(judged, ["C10"])["estimate"].tolist() == [0.012, 0.0]
    both = both_overviews(judged, judged[:1], CLAIMS)
    assert both.index.tolist() == ["C1", "C4", "C10"]
    assert both["this run"].tolist() == ["in part", "open", "in part"]
    assert both["second run"].fillna("–").tolist() == ["yes", "–", "–"]
    assert claim_definitions(CLAIMS).loc["C10", "claimed"] == "above -0.01"

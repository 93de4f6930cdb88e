"""The paper's curves as they were read, and distances from them."""

import pandas as pd
import pytest

from utils.evidence import paper
from utils.names import QUANTITIES


def test_published_curves_have_their_columns_and_ranges():
    curves = paper.published_curves()
    assert curves.groupby("figure").size().to_dict().keys() == {
        "fig1a", "fig1b", "fig3", "fig4a", "fig4b", "fig4c", "fig4d",
    }  # fmt: skip
    assert curves["accuracy"].between(0.3, 1).all()
    assert curves["n_ablated"].between(0, 79).all()
    start = curves[curves["n_ablated"] == 0]
    assert (start["accuracy"] - 0.9765).abs().max() < 0.003
    assert set(curves["ordering"]) == {*QUANTITIES, "random"}
    assert len(paper.published_extremes()) == 18


def test_a_run_equal_to_the_published_curves_has_no_distance():
    by = ["scope", "ordering", "direction", "n_ablated"]
    ours = paper.published_curves().drop_duplicates(by).drop(columns="figure")
    ours = ours.assign(n_correct=ours["accuracy"] * 1e6, n_samples=1e6)
    ours = pd.concat([ours.assign(replicate=k) for k in range(2)]).drop(columns="accuracy")
    distances = paper.curve_distances(ours).query("figure in ('fig3', 'fig4a', 'fig4b')")
    assert distances.loc[distances["ordering"] != "random", "rmse"].max() < 0.003


def _as_ours(shift: dict[int, float]) -> pd.DataFrame:
    """Networks with the paper's curves, all of one accuracy higher by `shift`."""
    by = ["scope", "ordering", "direction", "replacement", "n_ablated"]
    curves = paper.published_curves().groupby(by, as_index=False)["accuracy"].mean()
    parts = [
        curves.assign(replicate=k, n_correct=(curves["accuracy"] + up) * 1e6, n_samples=1e6)
        for k, up in shift.items()
    ]
    return pd.concat(parts)


def test_the_papers_own_numbers_are_those_of_networks_with_its_curves():
    table = paper.claim_numbers(_as_ours({0: -0.01, 1: 0.0, 2: 0.01}))
    assert table["mean"].to_numpy() == pytest.approx(table["published"].to_numpy(), abs=2e-3)
    claims = table.index.get_level_values("claim").unique().tolist()
    assert claims == ["C1", "C2", "C4", "C5", "C6", "C7"]
    low_first = table.xs("C1")["published"]
    assert (low_first < 0).all()  # as the paper says
    assert (table.xs("C2")["published"] > 0).all()

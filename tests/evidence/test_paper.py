"""The paper's curves as they were read, and distances from them."""

import pandas as pd
import pytest

from utils.evidence import paper
from utils.evidence.curves import CURVE
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


def _as_ours(shift: dict[int, float], directions: str = ".*") -> pd.DataFrame:
    """Networks with the paper's curves, all of one, or some, accuracy higher by `shift`."""
    by = ["scope", "ordering", "direction", "replacement", "n_ablated"]
    curves = paper.published_curves().groupby(by, as_index=False)["accuracy"].mean()
    moved = curves["direction"].str.fullmatch(directions)
    parts = [
        curves.assign(replicate=k, n_correct=(curves["accuracy"] + up * moved) * 1e6)
        for k, up in shift.items()
    ]
    return pd.concat(parts).assign(n_samples=1e6)


def test_the_papers_own_numbers_are_those_of_networks_with_its_curves():
    table = paper.claim_numbers(_as_ours({0: -0.01, 1: 0.0, 2: 0.01}))
    assert table["mean"].to_numpy() == pytest.approx(table["published"].to_numpy(), abs=2e-3)
    claims = table.index.get_level_values("claim").unique().tolist()
    assert claims == ["C1", "C2", "C4", "C5", "C6", "C7"]
    low_first = table.xs("C1")["published"]
    assert (low_first < 0).all()  # as the paper says
    assert (table.xs("C2")["published"] > 0).all()


@pytest.mark.parametrize(
    ("shift", "z", "inside"),
    [({0: -0.01, 1: 0.01, 2: 0.03}, -0.5, True), ({0: 0.01, 1: 0.03, 2: 0.05}, -1.5, False)],
)
def test_the_papers_numbers_are_placed_among_those_of_our_networks(shift, z, inside):
    """Networks whose curves are the paper's but for low values first, which lie higher."""
    table = paper.claim_numbers(_as_ours(shift, "low-first"))
    low_first = table.loc[["C1", "C2"]].query("not quantity.str.contains('high')")
    assert len(low_first) == 3 + 2 * 2
    published, mean = low_first["published"], low_first["mean"]
    assert (mean - published).to_numpy() == pytest.approx(shift[1], abs=2e-3)
    assert (low_first["lowest"] - published).to_numpy() == pytest.approx(shift[0], abs=2e-3)
    assert (low_first["highest"] - published).to_numpy() == pytest.approx(shift[2], abs=2e-3)
    assert low_first["z"].to_numpy() == pytest.approx(z, abs=0.1)
    assert set(low_first["inside"]) == {inside}


def test_distances_are_from_our_mean_beside_those_of_our_networks():
    ours = _as_ours({0: -0.01, 1: 0.03})
    distances = paper.curve_distances(ours).query("ordering != 'random'")
    alone = distances.drop_duplicates(CURVE, keep=False)  # not in two figures, read twice
    assert alone["rmse"].to_numpy() == pytest.approx(0.01)
    assert distances["single"].to_numpy() == pytest.approx(0.02)
    table = paper.closeness(ours)
    assert table["curves"].sum() == len(paper.curve_distances(ours))
    assert table.index.get_level_values("figure").unique().tolist() == ["fig1", "fig3", "fig4"]
    assert table["median"].to_numpy() == pytest.approx(0.01, abs=2e-3)
    assert (table["largest"] >= table["median"]).all()


@pytest.mark.parametrize(
    ("shift", "inside"), [(0, "yes"), (0.001, "yes"), (0.003, "no"), (-0.015, "no")]
)
def test_figure_2_lies_within_our_range_and_the_error_of_reading(shift, inside):
    """Two networks, whose smallest and largest values are higher by `shift` and 0.01 more."""
    extremes = paper.published_extremes().pivot(
        index=["layer", "statistic"], columns="quantity", values="bits"
    )
    ends = extremes.loc[(slice(None), ["min", "max"]), :].reset_index()
    up = {replicate: shift + 0.01 * replicate for replicate in (0, 1)}
    quantities = list(QUANTITIES)
    ours = [
        ends.assign(replicate=k, **{q: ends[q] + more for q in quantities})
        for k, more in up.items()
    ]
    table = paper.compare_extremes(pd.concat(ours))
    assert len(table) == 2 * 2 * 3
    assert set(table["inside"]) == {inside}
    for name, more in (("lowest", up[0]), ("mean", shift + 0.005), ("highest", up[1])):
        assert (table[name] - table["published"]).to_numpy() == pytest.approx(more)

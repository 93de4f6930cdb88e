"""The paper's curves as they were read, and distances from them."""

import pandas as pd

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
    ours = ours.assign(n_correct=ours["accuracy"] * 1e6, n_samples=1e6, cross_entropy=0.0)
    ours = pd.concat([ours.assign(replicate=k) for k in range(2)]).drop(columns="accuracy")
    distances = paper.curve_distances(ours).query("figure in ('fig3', 'fig4a', 'fig4b')")
    assert distances.loc[distances["ordering"] != "random", "rmse"].max() < 0.003

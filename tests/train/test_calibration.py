"""How settings of training are compared with the paper, and what is chosen."""

import numpy as np
import pandas as pd
import pytest

from utils import paths
from utils.evidence.curves import CURVE, merge_random
from utils.evidence.judging import word
from utils.evidence.paper import published_curves
from utils.names import QUANTITIES
from utils.networks.training import best_of_last, replicate_course
from utils.study import parameter_files
from utils.train import calibration, choice, closeness
from utils.train.closeness import FIGURE_3, FIGURE_4, FIT, SETTING

SETTINGS = {
    "dataset": "small", "hidden": [10, 10], "activation": "sigmoid", "seed": 7,
    "n_random_orders": 1, "epochs": [1, 3], "kept_of_last": 2,
}  # fmt: skip


@pytest.fixture
def looks(small_digits, monkeypatch):
    monkeypatch.setattr(calibration.datasets, "load", lambda name: small_digits)
    return calibration.look(SETTINGS, 1e-4, "truncated_normal", 1)


def test_a_network_is_looked_at_as_it_is_kept(looks, small_digits):
    recipe = calibration.Recipe((10, 10), "sigmoid", 1e-4, initialization="truncated_normal")
    networks = [one for one, _, _ in replicate_course(small_digits, recipe, 3, 7, 1)]
    split = small_digits.validation
    scored = [
        (k, one, one.n_correct(split.images, split.labels)) for k, one in enumerate(networks)
    ]
    kept = dict(enumerate((epoch for epoch, _ in best_of_last(scored[1:], 2)), 1))
    for epochs in SETTINGS["epochs"]:
        network = networks[kept[epochs]]
        rows = looks["ablation"].query("epochs == @epochs")
        intact = network.n_correct(small_digits.test.images, small_digits.test.labels)
        assert set(rows.query("n_ablated == 0")["n_correct"]) == {intact}
        outputs = np.hstack(network.forward(split.images)[1:-1])
        measured = looks["measures"].query("epochs == @epochs")["mean_output"]
        assert measured.to_numpy() == pytest.approx(outputs.mean(axis=0), abs=1e-6)


def test_a_look_has_the_published_curves_up_to_80_percent(looks):
    curves = looks["ablation"]
    assert curves.groupby("scope")["n_ablated"].max().to_dict() == {
        "layer-1": 8, "layer-2": 8, "network": 16,
    }  # fmt: skip
    assert curves[SETTING[:2]].drop_duplicates().to_numpy().tolist() == [
        ["truncated_normal", 1e-4]
    ]
    ours = set(merge_random(curves)[CURVE].itertuples(index=False, name=None))
    theirs = set(published_curves()[CURVE].itertuples(index=False, name=None))
    assert theirs <= ours


def settings_at(offsets: dict[tuple, np.ndarray]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Networks whose curves are the published ones plus an offset a network, by setting."""
    published = published_curves().drop_duplicates([*CURVE, "n_ablated"])
    parts = []
    for setting, of_networks in offsets.items():
        named = dict(zip(SETTING, setting, strict=True))
        for replicate, offset in enumerate(of_networks):
            hits = ((published["accuracy"] + offset) * 1e6).round().astype(int)
            part = published[[*CURVE, "n_ablated"]].assign(n_correct=hits, n_samples=1_000_000)
            part["ordering"] = part["ordering"].replace("random", "random-00")
            parts.append(part.assign(replicate=replicate, **named))
    neurons = pd.DataFrame({"layer": np.repeat([1, 2], 5), "neuron": np.tile(np.arange(5), 2)})
    for quantity in QUANTITIES:
        neurons[quantity] = neurons["neuron"] / 9 + neurons["layer"]
    keys = pd.concat(parts)[[*SETTING, "replicate"]].drop_duplicates()
    return pd.concat(parts), keys.merge(neurons, how="cross")


def test_distances_are_in_units_of_the_spread_between_networks():
    # Spreads 0.01 and 0.03: pooled, the root of the mean variance. Curves that were read twice
    # from the paper's figures differ a little.
    a, b = ("glorot_uniform", 0.0, 10), ("glorot_uniform", 1e-6, 20)
    spread = np.array([-1.0, 0.0, 1.0])
    table = closeness.compare(*settings_at({a: 0.02 + 0.01 * spread, b: 0.05 + 0.03 * spread}))
    unit = np.sqrt((0.01**2 + 0.03**2) / 2)
    at = table[table["kind"] == "distance"].set_index([*SETTING, "name"])["value"]
    for name in (FIT, FIGURE_4, FIGURE_3):
        assert at[(*a, name)] == pytest.approx(0.02 / unit, rel=0.02)
        assert at[(*b, name)] == pytest.approx(0.05 / unit, rel=0.02)
    accuracy = table[table["kind"] == "accuracy"].set_index(SETTING)["value"]
    assert accuracy[b] - accuracy[a] == pytest.approx(0.03, abs=1e-6)


def test_what_is_further_away_by_chance_only_cannot_be_told_apart():
    draws = np.random.default_rng(0).normal(0, 0.01, (3, 10))
    near, noisy, far = (("glorot_uniform", l2, 10) for l2 in (0.0, 1e-6, 1e-5))
    noise = {near: draws[0], noisy: draws[1] + 0.001, far: draws[2] + 0.05}
    table = closeness.compare(*settings_at(noise))
    same = choice.distances(table)["same"]
    assert same.to_dict() == {near: True, noisy: True, far: False}
    assert choice.chosen(table) == {"initialization": "glorot_uniform", "l2": 1e-6, "epochs": 10}
    words = choice.by_setting(table)
    assert words["at the setting taken"].tolist() == [
        word(table.query("l2 == 1e-6 and name == @claim")["verdict"].value_counts().to_dict())
        for claim in words.index
    ]
    assert words.loc["C5", "at all settings"].split()[-1] == "3"
    assert words.loc["C5", "where the fit is equally good"].split()[-1] == "2"


def test_every_point_that_was_fitted_is_no_check_and_no_curve_counts_twice():
    points = published_curves()
    use = closeness.use(points)
    chosen = points.assign(use=use).dropna(subset="use")
    assert (chosen.loc[chosen["figure"].str.startswith("fig1"), "use"] == FIT).all()
    of_4 = chosen[chosen["figure"].str.startswith("fig4")]
    assert ((of_4["n_ablated"] % 2 == 1) == (of_4["use"] == FIT)).all()
    low_first = of_4[of_4["figure"].isin(["fig4a", "fig4b"])]
    assert set(low_first["ordering"]) == {"entropy", "kl_selectivity"}
    of_3 = chosen[chosen["figure"] == "fig3"]
    assert set(of_3["use"]) == {FIGURE_3}
    assert of_3.query("ordering == 'mutual_information'")["n_ablated"].min() == 54


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        ([("a", 0.0, 10, 0.0), ("a", 1e-6, 30, -0.1), ("b", 1e-6, 20, -0.1)], ("b", 1e-6, 20)),
        ([("a", 0.0, 10, 0.0), ("a", 1e-6, 5, 0.1), ("b", 0.0, 5, -0.1)], ("b", 0.0, 5)),
    ],
)
def test_the_rule_prefers_l2_above_0_then_few_epochs(rows, taken):
    table = pd.concat(
        pd.DataFrame(
            [(*row[:3], kind, FIT, "", k + 1.0, row[3], 1, "") for k, row in enumerate(rows)],
            columns=closeness.COLUMNS,
        )
        for kind in ("distance", "excess")
    )
    assert tuple(choice.chosen(table).values()) == taken


def test_settings_without_the_same_networks_are_refused():
    a, b = ("glorot_uniform", 0.0, 10), ("glorot_uniform", 0.0, 20)
    ablation, measures = settings_at({a: np.zeros(3), b: np.zeros(3)})
    lacking = ablation[~((ablation["epochs"] == 20) & (ablation["replicate"] == 2))]
    with pytest.raises(ValueError, match="the same networks"):
        closeness.compare(lacking, measures)


def test_the_committed_table_is_of_the_settings_in_the_file():
    tried = parameter_files.read(paths.ROOT / "params" / "calibration.yml")
    table = choice.table()
    assert list(table.columns) == closeness.COLUMNS
    settings = choice.distances(table).index
    assert len(settings) == len(tried["l2"]) * len(tried["initialization"]) * len(tried["epochs"])
    for name in SETTING:
        assert set(settings.get_level_values(name)) == set(tried[name])

"""What the page holds is what the run has: numbers, pictures, orders, curves."""

import base64
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from utils.names import DIRECTIONS
from utils.networks.datasets import Split
from utils.playground import payload as module
from utils.playground.payload import packed, payload
from utils.removal.orders import quantity_orders, rank_orders
from utils.study.parallel import rows_of

WORDS = {
    "entropy": "entropy", "mutual_information": "mi", "kl_selectivity": "kl",
    "random-00": "chance-1", "random-01": "chance-2",
}  # fmt: skip
ARRAYS = st.one_of(
    hnp.arrays(np.float64, 5, elements=st.floats(-1e9, 1e9)),
    hnp.arrays(np.float32, 5, elements=st.floats(-100, 100, width=16)),
    hnp.arrays(np.int64, 5, elements=st.integers(0, 70_000)),
)


@given(ARRAYS)
def test_arrays_come_back_exactly(unpack, array):
    assert (unpack(packed(array)) == array).all()


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, 255], "u1"), ([1, 256], "u2"), ([-1, 0.5], "f2"), ([1, 65_536.0], "f4"), ([0.1], "f8")],
)
def test_the_smallest_exact_type_is_taken(values, kind):
    assert packed(np.array(values))[0] == kind


@pytest.fixture(scope="module")
def content(stage, tables) -> dict:
    return json.loads(json.dumps(payload(stage, tables)))


def test_weights_are_those_of_the_networks(content, stage, unpack):
    assert len(content["networks"]) == 2
    for stored, network in zip(content["networks"], stage.networks, strict=True):
        for name in ("kernels", "biases"):
            for part, array in zip(stored[name], getattr(network, name), strict=True):
                assert (unpack(part) == array.ravel()).all()
                assert part[0] == "f2"


def test_the_picture_holds_the_test_images_exactly(content, stage, unpack):
    test = stage.dataset.test  # 1,000 images: all of them
    file = base64.b64decode(content["png"].removeprefix("data:image/png;base64,"))
    pixels = np.asarray(Image.open(io.BytesIO(file)))
    assert (pixels.astype(np.float32) / np.float32(255) == test.images).all()
    assert (unpack(content["labels"]) == test.labels).all()
    assert (content["n"], content["all"], content["inputs"]) == (1000, 1000, None)


def test_of_more_images_some_are_drawn(stage, tables, unpack, monkeypatch):
    monkeypatch.setattr(module, "N_IMAGES", 50)
    labels = stage.dataset.test.labels
    content = payload(stage, tables)
    assert (content["n"], content["all"]) == (50, 1000)
    assert unpack(content["labels"]).tolist() != labels[:50].tolist()
    assert content["networks"][0]["intact"] <= 50


def test_orders_are_those_of_the_study(content, stage, tables, unpack):
    for k, stored in enumerate(content["networks"]):
        measures, hidden = rows_of(tables["measures"], k), (12, 8)
        scopes = quantity_orders(measures, hidden, 2, stage.seed(k))
        ranks = rank_orders(scopes, hidden)
        first = {"layer-1": 0, "layer-2": 12, "network": 0}
        for scope, start in first.items():
            where = "all" if scope == "network" else scope[-1]
            for (ordering, direction), order in scopes[scope].items():
                name = f"{where} {WORDS[ordering]} {direction.removesuffix('-first')}"
                assert unpack(stored["orders"][name]).tolist() == (start + order).tolist()
        assert unpack(stored["orders"]["ranks mi high"]).tolist() == (
            ranks["mutual_information_ranks", "high-first"].tolist()
        )
        assert unpack(stored["orders"]["ranks chance-2 none"]).tolist() == (
            ranks["random_ranks-01", "none"].tolist()
        )
        norm = np.abs(stage.networks[k].kernels[1]).mean(axis=1)
        order = np.argsort(norm, kind="stable")
        assert unpack(stored["orders"]["1 weights low"]).tolist() == order.tolist()


def test_curves_are_those_of_the_tables(content, tables, unpack):
    of_first = rows_of(tables["ablation"], 0)
    keys = ["scope", "ordering", "direction", "replacement"]
    groups = {key: part["n_correct"].tolist() for key, part in of_first.groupby(keys)}
    curves = content["networks"][0]["curves"]
    assert len(curves) == len(groups) == 3 * 2 * (3 * 2 + 2) + 3 * 2 + 2
    for name, key in {
        "1 mi low mean": ("layer-1", "mutual_information", "low-first", "mean"),
        "2 kl high zero": ("layer-2", "kl_selectivity", "high-first", "zero"),
        "all chance-2 none zero": ("network", "random-01", "none", "zero"),
        "ranks entropy low mean": ("network", "entropy_ranks", "low-first", "mean"),
        "ranks chance-1 none mean": ("network", "random_ranks-00", "none", "mean"),
    }.items():
        every, stored = curves[name]
        assert every == 1
        assert unpack(stored).tolist() == groups[key]


def test_long_curves_are_thinned(stage, tables, unpack, monkeypatch):
    monkeypatch.setattr(module, "N_STEPS", 7)
    every, stored = payload(stage, tables)["networks"][0]["curves"]["all mi low mean"]
    rows = rows_of(tables["ablation"], 0).query(
        "scope == 'network' and ordering == 'mutual_information' and direction == 'low-first' "
        "and replacement == 'mean' and n_ablated % 3 == 0"
    )
    assert every == 3
    assert unpack(stored).tolist() == rows["n_correct"].tolist()


def test_moments_and_firing_are_over_the_validation_images(content, stage, unpack):
    split, stored = stage.dataset.validation, content["networks"][1]
    outputs = np.hstack(stage.networks[1].forward(split.images)[1:-1]).astype(np.float64)
    np.testing.assert_allclose(stored["means"], outputs.mean(axis=0), rtol=1e-6)
    covariance = np.cov(outputs[:, 12:], rowvar=False, bias=True)
    upper = covariance[np.triu_indices(8)]
    np.testing.assert_allclose(unpack(stored["covariances"][1]), upper, rtol=1e-4, atol=1e-9)
    for y in (0, 7):
        on = (outputs[split.labels == y] > 0.5).mean(axis=0)
        np.testing.assert_allclose(np.array(stored["on"])[:, y], 1000 * on, atol=0.51)


def test_joint_orders_are_there_after_notebook_08(stage, joint, tables, unpack):
    one = [joint["measures"]["replicate"] == 0, joint["ablation"]["replicate"] == 0]
    of_first = {"measures": joint["measures"][one[0]], "ablation": joint["ablation"][one[1]]}
    shown = replace(stage)
    shown.networks = stage.networks[:1]
    content = payload(shown, joint | of_first)
    assert "greedy" in [order["key"] for order in content["orders"]]
    assert "greedy" not in [order["key"] for order in payload(stage, tables)["orders"]]
    stored = content["networks"][0]
    assert unpack(stored["orders"]["2 greedy none"]).tolist() == list(range(19, 11, -1))
    assert len(unpack(stored["orders"]["ranks greedy none"])) == 20
    assert unpack(stored["curves"]["1 greedy none mean"][1]).tolist()[:3] == [900, 899, 898]
    for kind in ("orders", "curves"):  # it has one direction
        assert not [name for name in stored[kind] if re.search("greedy (low|high)", name)]


def test_networks_are_as_many_as_there_is_room_for(stage, tables, monkeypatch):
    monkeypatch.setattr(module, "FULL", 1)
    assert len(payload(stage, tables)["networks"]) == 1


def _with(stage, shape: tuple[int, ...], change=lambda images: images):
    """The run, its inputs of another shape or with other values."""
    data = stage.dataset
    parts = {
        name: Split(change(getattr(data, name).images), getattr(data, name).labels)
        for name in ("train", "validation", "test")
    }
    other = replace(stage)
    other.networks, other.dataset = stage.networks, replace(data, image_shape=shape, **parts)
    return other


@pytest.mark.parametrize(
    ("shape", "shown", "mode"),
    [((784,), None, None), ((14, 56), (14, 56), "L"), ((14, 14, 4), None, None)],
)
def test_data_of_other_shapes(shape, shown, mode, stage, tables, unpack):
    content = payload(_with(stage, shape), tables)
    assert content["shape"] == shown
    if shown:
        file = base64.b64decode(content["png"].partition(",")[2])
        assert Image.open(io.BytesIO(file)).mode == mode
    else:
        images = stage.dataset.test.images
        assert content["png"] is None
        assert (unpack(content["inputs"]) == images.ravel()).all()


def test_colours_are_in_the_picture():
    rng = np.random.default_rng(0)
    bytes_ = rng.integers(0, 256, (30, 12)).astype(np.float32) / np.float32(255)
    stored = module._inputs(bytes_, (2, 2, 3))
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(stored["png"].partition(",")[2]))))
    assert pixels.shape == (30, 4, 3)
    assert (pixels.reshape(30, 12) == np.rint(bytes_ * 255)).all()


def test_pixels_that_are_no_bytes_are_stored_as_they_are(stage, tables, unpack):
    content = payload(_with(stage, (28, 28), lambda images: images / 3), tables)
    assert (content["png"], content["shape"]) == (None, (28, 28))
    assert (unpack(content["inputs"]) == stage.dataset.test.images.ravel() / 3).all()


def test_every_order_has_a_label_and_a_colour_and_is_explained(content):
    assert all(each["is"].endswith(".") for each in content["orders"])
    assert all(each["is"].endswith(".") for each in content["fills"].values())
    assert [order["label"] for order in content["orders"]] == [
        "mutual information", "KL selectivity", "entropy", "outgoing weights (onorm)",
        *(f"chance, draw {k}" for k in range(1, 6)),
    ]  # fmt: skip
    names = content["networks"][0]["orders"]
    for order in content["orders"]:
        directions = ["none"] if "chance" in order["key"] else [d[:-6] for d in DIRECTIONS]
        wheres = ("1", "2", "all", "ranks")
        assert all(f"{w} {order['key']} {d}" in names for w in wheres for d in directions)
    assert len(content["networks"][0]["values"]["mi"]) == 20
    assert set(content["networks"][0]["values"]) == {"mi", "kl", "entropy", "weights"}

"""What a run is of stands at its top, and only what can be compared with the paper is."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from IPython.display import Markdown

from utils.study import setting
from utils.study.findings import Finding, InShort

FOUND = Finding("Near.", "By much.")


@pytest.fixture
def stage(small_digits):
    """A function that gives a stage of a run of that data set and those models."""

    def make(dataset, models=(), **changes):
        recipe = SimpleNamespace(dataset=dataset, models=models)
        return SimpleNamespace(recipe=recipe, dataset=replace(small_digits, **changes))

    return make


@pytest.mark.parametrize("dataset", ["mnist", "mnist-5k"])
def test_of_networks_trained_on_digits_nothing_is_said_and_all_is_compared(stage, dataset):
    assert setting.about(stage(dataset)) == ""
    assert setting.beside_paper(stage(dataset), FOUND) is FOUND


def test_other_data_are_named_and_not_compared(stage):
    wine = stage("wine.npz", name="wine", image_shape=(13,), class_names=("a", "b", "c"))
    said = setting.about(wine)
    assert "of wine (13 numbers a sample, 3 classes)." in said
    assert "images are samples" in said
    assert "nothing" in setting.beside_paper(wine, FOUND)
    fashion = stage("fashion-mnist", name="fashion-mnist", image_shape=(28, 28))
    assert "fashion-mnist (784 numbers a sample, 10 classes)." in setting.about(fashion)
    assert "images are samples" not in setting.about(fashion)


@pytest.mark.parametrize(("n", "said"), [(1, "1 model trained"), (3, "3 models trained")])
def test_models_trained_elsewhere_are_not_compared_even_on_mnist(stage, n, said):
    given = stage("mnist", ["a.keras"] * n)
    assert said in setting.about(given)
    assert setting.beside_paper(given, FOUND) != FOUND


def test_at_the_top_stand_what_the_run_is_of_and_the_findings_but_no_asides(stage, monkeypatch):
    shown = []
    place = SimpleNamespace(update=shown.append)
    monkeypatch.setattr("utils.study.findings.display", lambda *_, **__: place)
    other = stage("wine.npz", image_shape=(13,))
    in_short = InShort()
    in_short.fill(FOUND, setting.beside_paper(other, FOUND), about="This is of wine.")
    in_short.fill(FOUND)
    assert all(isinstance(one, Markdown) for one in shown)
    assert [one.data for one in shown] == [
        "**In short.** This is of wine.\n\n- Near.", "**In short.**\n\n- Near."
    ]  # fmt: skip

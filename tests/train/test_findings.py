"""The sentences of notebook 01 say what the tables say, whatever that is."""

import numpy as np
import pandas as pd
import pytest

from utils.train import choice, closeness, findings, tables
from utils.train.closeness import FIGURE_2, FIGURE_3, FIGURE_4, FIT

A, B, C = ("glorot_uniform", 0.0, 10), ("truncated_normal", 1e-6, 20), ("glorot_uniform", 1e-5, 10)


def course(
    hits: dict[int, list[int]], kept: dict[int, int], loss: dict | None = None
) -> pd.DataFrame:
    """A training table: correct predictions of 10,000 by replicate and epoch, from epoch 1."""
    rows = [
        (k, epoch, split, (loss or {}).get(k, [0.1] * len(of))[epoch - 1], n, 10_000, int(
            epoch == kept[k]))
        for k, of in hits.items()
        for epoch, n in enumerate(of, 1)
        for split in ("validation", "test")
    ]  # fmt: skip
    columns = ["replicate", "epoch", "split", "loss", "n_correct", "n_samples", "kept"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ([9700, 9702, 9704], ["lies below it (difference −0.0063 [−0.0068, −0.0058])", "outside"]),
        ([9800, 9802, 9804], ["lies above it (difference +0.0037", "outside that range"]),
        ([9750, 9766, 9780], ["cannot be told apart from it", "within that range"]),
        ([9700], ["The network classifies 0.9700", "curves start at 0.9765."]),
    ],
)
def test_accuracy_is_compared_with_the_papers_on_its_images_only(kept, said):
    table = course({k: [n] for k, n in enumerate(kept)}, dict.fromkeys(range(len(kept)), 1))
    sentence = findings.accuracy(table, True)
    assert all(part in sentence for part in said)
    assert f"{min(kept) / 1e4:.4f}" in sentence
    assert "paper" not in findings.accuracy(table, False)


def test_a_spike_is_an_epoch_below_both_neighbours_or_a_fall_at_the_end():
    table = course({0: [9700, 9600, 9700, 9700], 1: [9600, 9700, 9731, 9700]}, {0: 3, 1: 4})
    assert tables.spikes(table, 4).to_numpy().tolist() == [[2, 0, 0.01], [4, 1, 0.0031]]
    assert tables.spikes(table, 1)["replicate"].tolist() == [1]
    sentence = findings.rule(table, 10)
    assert "In the last 4 epochs 2 of 2 networks have a spike" in sentence
    assert "neighbours'; 1 of them is kept there" in sentence
    assert "accuracy of 0.9700, those of the last epoch of 0.9700." in sentence
    better = course({0: [9700, 9600, 9700, 9700]}, {0: 3})
    assert "; none of them is kept there" in findings.rule(better, 3)
    assert "In the last 2 epochs none of 1 networks has a spike" in findings.rule(better, 2)
    assert "In the last epoch none" in findings.rule(better, 1)


def test_confidence_is_named_only_where_both_changes_are_sure():
    hits = {k: [9600, 9610 + k, 9650 + k] for k in range(3)}
    loss = {k: [0.2, 0.1, 0.15 + k / 1000] for k in range(3)}
    sentence = findings.confidence(course(hits, dict.fromkeys(hits, 3), loss))
    assert "+0.051 [+0.049, +0.053] nats" in sentence
    assert "+0.0040" in sentence
    assert "more confidence" in sentence
    assert sentence.startswith("On validation images, ")
    sentence = findings.confidence(course(hits, dict.fromkeys(hits, 2), loss))
    assert "changes by 0.000 [0.000, 0.000] nats" in sentence
    assert "more confidence" not in sentence
    assert "[" not in findings.confidence(course({0: hits[0]}, {0: 3}, loss))


def calibrated(values: dict[tuple, tuple], words: dict[str, list[str]]) -> pd.DataFrame:
    """A calibration: distances (of FIT, figures 3, 2, 4), whether a setting is alike, claims."""
    rows = []
    for place, (setting, (*distances, alike)) in enumerate(values.items()):
        for name, value in zip((FIT, FIGURE_3, FIGURE_2, FIGURE_4), distances, strict=True):
            rows.append((*setting, "distance", name, "", value, np.nan, np.nan, ""))
        low = -0.1 if alike else 0.1
        rows.append((*setting, "excess", FIT, "", 0.0, low, 1.0, ""))
        rows.append((*setting, "accuracy", "test accuracy", "", 0.97, 0.96, 0.98, ""))
        for claim, verdicts in words.items():
            rows.append((*setting, "claim", claim, "case", 0.1, 0.0, 0.2, verdicts[place]))
    return pd.DataFrame(rows, columns=closeness.COLUMNS)


@pytest.fixture
def calibration():
    words = {"C2": ["agrees"] * 3, "C5": ["agrees", "disagrees", "open"]}
    values = {
        A: (0.1, 0.3, 0.2, 0.1, True),
        B: (0.2, 0.2, 0.3, 0.2, True),
        C: (0.9, 0.9, 0.1, 0.9, False),
    }
    return calibrated(values, words)


def test_settings_that_are_alike_and_the_one_taken_are_named(calibration):
    sentence = findings.alike(calibration, B)
    assert sentence.startswith("Many settings fit the paper's curves equally well: 2 of the 3")
    assert "Of those with an L2 above 0 and the fewest epochs" in sentence
    assert sentence.endswith("we take the closest: truncated normal, L2 1e-6, 20 epochs.")
    assert findings.alike(calibration, A).endswith(
        "20 epochs. This run has another: Glorot uniform, L2 0, 10 epochs."
    )
    without = calibration[calibration["l2"] != B[1]]
    assert findings.alike(without, A).startswith("One setting fits the paper's curves best: 1 of")
    assert "Of those with the fewest epochs we take" in findings.alike(without, A)


def test_checks_agree_where_their_closest_setting_is_one_of_those(calibration):
    found = findings.checks(calibration)
    assert found.startswith("Figure 3, which did not choose, fits: its closest setting is one of")
    assert "those 2. Figure 2, which did not choose, does not fit: its closest" in found
    assert found.endswith("setting is none of those 2.")
    third, second, fourth = found.details
    assert "closest is truncated normal, L2 1e-6, 20 epochs, at 0.20 standard" in third
    assert "ranks 1 of 3. Of the 2 that fit equally well, 2 are among the 2 closest." in third
    assert "bits; the one taken is at 0.300 and ranks 3 of 3. Of the 2 that fit" in second
    assert "equally well, 1 are among" in second
    assert "correlation of 1.00: no independent check." in fourth


def test_claims_whose_word_depends_on_the_setting_are_named(calibration):
    sentence = findings.dependence(calibration)
    assert "Of the 2 verdicts that were judged at all settings, 1 are the same" in sentence
    assert "; the other 1 changes at 1 of those 2 settings." in sentence
    assert findings.dependence(calibration).startswith("No claim that holds at the setting")
    assert not sentence.details  # C5 does not hold at B, the one taken
    turned = calibration.replace({"verdict": {"agrees": "disagrees", "disagrees": "agrees"}})
    against = findings.dependence(turned)
    assert against.startswith("1 claim that holds at the setting taken comes to *does not hold*")
    assert against.details == ("C5: holds at the setting taken, does not hold at 1 of those 2.",)
    milder = findings.dependence(turned.replace({"verdict": {"disagrees": "open"}}))
    assert milder.startswith("No claim that holds")
    assert milder.details == ("C5: holds at the setting taken, open at 1 of those 2.",)
    only = calibration[calibration["name"] != "C5"]
    assert "change" not in findings.dependence(only)


def test_tables_of_settings_are_in_words(calibration):
    distances = choice.distances(calibration)
    listed = choice.alike(distances)
    assert listed.index.tolist() == [("Glorot uniform", "0", 10), ("truncated normal", "1e-6", 20)]
    assert listed[FIT].tolist() == [0.1, 0.2]
    assert "same" not in listed

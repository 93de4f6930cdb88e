"""Information in bits, against scikit-learn in a loop: seconds, and equal results."""

import numpy as np

from benchmarks import naive
from benchmarks.common import Row, Setting, timed
from utils.information import neurons, pairs


def quantities(setting: Setting, repetitions: int = 15) -> Row:
    """All three quantities of every neuron; scikit-learn computes mutual information alone."""
    images, labels = setting.data.validation.images, setting.data.validation.labels
    levels = neurons.network_levels(setting.network, images, 2)

    def measured() -> np.ndarray:
        counts = neurons.joint_counts(levels, labels, 2, 10)
        neurons.entropy(counts)
        neurons.kl_selectivity(counts)
        return neurons.mutual_information(counts)

    ours, plain = [], []
    for _ in range(repetitions):
        expected, seconds = naive.information(levels, labels)
        plain.append(seconds)
        seconds, information = timed(measured)
        ours.append(seconds)
        np.testing.assert_allclose(information, expected, atol=1e-10)
    what = f"three quantities of {levels.shape[1]} neurons, 10,000 samples"
    against = "scikit-learn's mutual_info_score in a loop"
    return Row(what, against, plain, ours, 100, f"{repetitions}")


def pairs_of_a_layer(setting: Setting, repetitions: int = 5, some: int = 50) -> Row:
    """Joint information of all pairs; the loop is timed on `some` of them at a time."""
    images, labels = setting.data.validation.images, setting.data.validation.labels
    levels = neurons.quantize(setting.network.forward(images)[1], 2, "sigmoid")
    all_pairs = np.column_stack(np.triu_indices(levels.shape[1], 1))
    drawn = np.random.default_rng(0).permutation(all_pairs)
    ours, plain = [], []
    for chosen in drawn[: repetitions * some].reshape(repetitions, some, 2):
        expected, seconds = naive.pair_information(levels, labels, chosen)
        plain.append(seconds / some * len(all_pairs))
        seconds, measured = timed(pairs.measure_pairs, levels, labels, 2, 10)
        ours.append(seconds)
        np.testing.assert_allclose(measured.joint[tuple(chosen.T)], expected, atol=1e-10)
    what = f"joint information of {len(all_pairs):,} pairs of neurons, 10,000 samples"
    against = "scikit-learn's mutual_info_score in a loop over pairs"
    done = f"{repetitions}, {repetitions * some} pairs of the loop"
    return Row(what, against, plain, ours, 200, done)

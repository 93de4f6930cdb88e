"""Orders of neurons by what they know together about the class.

Forward selection: the neuron that adds most to those already chosen is chosen next, and the order
of removal is the reverse, so that the neuron chosen first goes last. The forms, with S the set
chosen so far and the first neuron always that with the largest I(T;Y):

    mrmr                I(Ti;Y) - mean over j in S of I(Ti;Tj)     Peng, Long and Ding (2005)
    jmi                 sum over j in S of I(Ti,Tj;Y)              Yang and Moody (1999)
    cmim                min over j in S of I(Ti;Y|Tj)              Fleuret (2004)
    joint_information   I(T_S,Ti;Y) itself, exactly, for the first 12; then as jmi

The first three need pairs only. The fourth measures whole sets; its plug-in values grow with the
number of states a set has, whether these mean anything or not (`set_information` shows by how
much).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import xlogy

from utils.information import pairs
from utils.information.neurons import mutual_information

FORMS = ("mrmr", "jmi", "cmim", "joint_information")


def joint_orders(
    levels: np.ndarray, labels: np.ndarray, n_levels: int, n_classes: int
) -> dict[str, np.ndarray]:
    """By form, the columns of levels [n, m] from the first to the last to be removed."""
    measured = pairs.measure_pairs(levels, labels, n_levels, n_classes)
    exact = grow(levels, labels, n_levels, n_classes, pairs.MAX_SET)
    orders = {form: select(measured, form) for form in FORMS[:-1]}
    orders["joint_information"] = select(measured, "jmi", exact)
    return {form: order[::-1] for form, order in orders.items()}


def select(measured: pairs.Pairs, form: str, chosen: Sequence[int] = ()) -> np.ndarray:
    """Neurons as forward selection chooses them, the most important first; ties by number.

    `chosen`: those already chosen, in order.

    >>> bits = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]])
    >>> copy_and_new = pairs.measure_pairs(bits, np.array([0, 1, 2, 3]), 2, 4)
    >>> select(copy_and_new, "jmi").tolist()
    [0, 2, 1]
    """
    scores = {
        "mrmr": lambda others: measured.information - measured.between[:, others].mean(axis=1),
        "jmi": lambda others: measured.joint[:, others].sum(axis=1),
        "cmim": lambda others: measured.conditional[:, others].min(axis=1),
    }
    chosen = list(chosen)
    while len(chosen) < len(measured.information):
        values = scores[form](chosen) if chosen else measured.information
        values = values.round(12)  # so that rounding does not decide between equals
        values[chosen] = -np.inf
        chosen.append(int(values.argmax()))
    return np.array(chosen)


def grow(
    levels: np.ndarray, labels: np.ndarray, n_levels: int, n_classes: int, size: int
) -> list[int]:
    """Up to `size` columns of levels [n, m], each chosen so that I(T_S;Y) of all is largest.

    All candidates of a step are counted at once: samples are sorted by the state of those chosen
    and by class, and the candidates' levels summed within each run.
    """
    n, m = levels.shape
    c_log_c = xlogy(np.arange(n + 1), np.arange(n + 1))
    indicator = (levels[:, :, None] == np.arange(n_levels)).astype(np.int32)
    state, chosen = np.zeros(n, np.int64), []
    while len(chosen) < min(size, m):
        cell = state * n_classes + labels
        order = np.argsort(cell, kind="stable")
        starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
        counts = np.add.reduceat(indicator[order], starts)  # [cells, m, levels]
        states = cell[order][starts] // n_classes
        without = np.add.reduceat(counts, np.flatnonzero(np.diff(states, prepend=-1)))
        values = c_log_c[counts].sum(axis=(0, 2)) - c_log_c[without].sum(axis=(0, 2))
        values = (values / n).round(12)
        values[chosen] = -np.inf
        chosen.append(int(values.argmax()))
        state = np.unique(state * n_levels + levels[:, chosen[-1]], return_inverse=True)[1]
    return chosen


def set_information(
    levels: np.ndarray, labels: np.ndarray, n_levels: int, n_classes: int, seed: int
) -> pd.DataFrame:
    """I(T_S;Y) in bits of the sets that `grow` goes through, and what of it may be chance.

    Columns: size, joint_information (plug-in), miller_madow (corrected), the same of the same set
    with shuffled labels, bias_low and bias_high (bounds of the plug-in value's mean error).
    """
    shuffled = np.random.default_rng(seed).permutation(labels)
    chosen = grow(levels, labels, n_levels, n_classes, pairs.MAX_SET)
    rows = []
    for size in range(1, len(chosen) + 1):
        row = {"size": size}
        for prefix, truth in (("", labels), ("shuffled_", shuffled)):
            counts = pairs.set_counts(levels[:, chosen[:size]], truth, n_levels, n_classes)
            row[f"{prefix}joint_information"] = float(mutual_information(counts))
            row[f"{prefix}miller_madow"] = pairs.miller_madow(counts)
        row["bias_low"], row["bias_high"] = pairs.bias_bounds(
            len(labels), n_levels**size, n_classes
        )
        rows.append(row)
    return pd.DataFrame(rows)

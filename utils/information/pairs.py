"""What two neurons, or a small set of them, know together about the class, in bits.

T_i is the quantised output of neuron i, Y the class, P the empirical distribution over N samples:

    I(Ti,Tj;Y) = H(Ti,Tj) + H(Y) - H(Ti,Tj,Y)
    co-information(i, j) = I(Ti;Y) + I(Tj;Y) - I(Ti,Tj;Y) = I(Ti;Tj) - I(Ti;Tj|Y)

Positive co-information is redundancy (both say the same of the class), negative is synergy (they
say more together than one by one); a pair may have some of both, of which it is the difference.
Everything is float64 from integer counts, exact to about 1e-14 bits.

All are plug-in values and too large on average. Miller and Madow's correction takes away the
leading term of that bias, (cells seen - levels seen - classes seen + 1) / (2 N ln 2) bits.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import xlogy

from utils.information.neurons import mutual_information

MAX_SET = 12


@dataclass(frozen=True, eq=False)
class Pairs:
    """Quantities of all pairs of m neurons, in bits; the diagonals are those of one neuron.

    information [m]: I(Ti;Y). joint [m, m]: I(Ti,Tj;Y). between [m, m]: I(Ti;Tj), on the diagonal
    H(Ti). correction [m, m]: what Miller and Madow take away from `joint`.
    """

    information: np.ndarray
    joint: np.ndarray
    between: np.ndarray
    correction: np.ndarray

    @property
    def co_information(self) -> np.ndarray:
        """[m, m]: positive redundant, negative synergistic."""
        return self.information[:, None] + self.information - self.joint

    @property
    def conditional(self) -> np.ndarray:
        """I(Ti;Y|Tj) [m (i), m (j)]: what i adds to j."""
        return np.maximum(self.joint - self.information, 0)


def measure_pairs(levels: np.ndarray, labels: np.ndarray, n_levels: int, n_classes: int) -> Pairs:
    """All pairs of neurons from levels [n, m] in 0..n_levels-1 and labels [n].

    One matrix product a class counts the levels of all pairs at once.

    >>> bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> measure_pairs(bits, np.array([0, 1, 1, 0]), 2, 2).co_information[0, 1]  # exclusive or
    np.float64(-1.0)
    """
    n, m = levels.shape
    sizes = np.bincount(labels, minlength=n_classes)
    c_log_c = xlogy(np.arange(n + 1), np.arange(n + 1)) / np.log(2)  # of every count there is
    together = np.zeros((n_levels, n_levels, m, m), np.int32)
    with_class, cells = np.zeros((m, m)), np.zeros((m, m), int)
    for label in range(n_classes):
        counts = _level_counts(levels[labels == label], n_levels)
        together += counts
        with_class += c_log_c[counts].sum(axis=(0, 1))
        cells += (counts > 0).sum(axis=(0, 1))
    without = c_log_c[together].sum(axis=(0, 1))
    constant = n * np.log2(n) - c_log_c[sizes].sum()
    joint = np.maximum((with_class - without + constant) / n, 0)
    alone = np.log2(n) - without.diagonal() / n  # H(Ti), H(Ti,Ti) being the same
    between = alone[:, None] + alone - (np.log2(n) - without / n)
    seen = (together > 0).sum(axis=(0, 1)) + (sizes > 0).sum() - 1
    correction = (cells - seen) / (2 * n * np.log(2))
    return Pairs(joint.diagonal().copy(), joint, np.maximum(between, 0), correction)


def _level_counts(levels: np.ndarray, n_levels: int) -> np.ndarray:
    """Samples [levels of i, levels of j, m (i), m (j)] with each pair of levels, as int32.

    Float32 holds integers up to 2**24 exactly.
    """
    n, m = levels.shape
    one_hot = levels[:, None, :] == np.arange(n_levels)[:, None]  # [n, levels, m]
    one_hot = one_hot.reshape(n, n_levels * m).astype(np.float32)
    counts = (one_hot.T @ one_hot).reshape(n_levels, m, n_levels, m)
    return counts.transpose(0, 2, 1, 3).astype(np.int32)


def pair_matrix(pair_rows: pd.DataFrame, width: int) -> np.ndarray:
    """Co-information [width, width] of a layer's rows of pairs.csv.xz; 0 on the diagonal."""
    above = np.zeros((width, width))
    above[pair_rows["neuron_1"], pair_rows["neuron_2"]] = pair_rows["co_information"]
    return above + above.T


def set_counts(
    levels: np.ndarray, labels: np.ndarray, n_levels: int, n_classes: int
) -> np.ndarray:
    """Samples [states seen, classes] of the joint state of a set of neurons, levels [n, size].

    `neurons.mutual_information` of it is I(T_S;Y) exactly; raises ValueError for more than 12
    neurons, of which most states would be seen once if at all.

    >>> set_counts(np.array([[0, 1], [1, 1], [0, 1]]), np.array([0, 1, 1]), 2, 2).tolist()
    [[1, 1], [0, 1]]
    """
    size = levels.shape[1]
    if size > MAX_SET:
        raise ValueError(f"a set of {size} neurons; at most {MAX_SET} are measured exactly")
    codes = levels.astype(np.int64) @ n_levels ** np.arange(size, dtype=np.int64)
    states, code = np.unique(codes, return_inverse=True)
    cells = np.bincount(code * n_classes + labels, minlength=len(states) * n_classes)
    return cells.reshape(len(states), n_classes)


def miller_madow(counts: np.ndarray) -> float:
    """I(T;Y) in bits from counts [levels, classes], with the correction; it may be negative.

    Source: Miller, Note on the bias of information estimates (1955), for each of the three
    entropies.

    >>> round(miller_madow(np.array([[1, 1], [1, 2]])), 6)  # 1 / (2 * 5 ln 2) less
    -0.124296
    """
    seen = (counts.sum(axis=1) > 0).sum() + (counts.sum(axis=0) > 0).sum() - 1
    excess = (counts > 0).sum() - seen
    return float(mutual_information(counts) - excess / (2 * counts.sum() * np.log(2)))


def bias_bounds(n_samples: int, n_states: int, n_classes: int) -> tuple[float, float]:
    """Bits between which the mean error of plug-in I(T;Y) lies, whatever the distribution.

    The plug-in entropy of K cells is too small on average, by log2(1 + (K - 1) / N) at most
    (Paninski, Estimation of entropy and mutual information, 2003, proposition 1).

    >>> [round(bound, 4) for bound in bias_bounds(10_000, 4, 10)]
    [-0.0017, 0.0056]
    """
    of_t, of_y, of_both = (
        float(np.log2(1 + (cells - 1) / n_samples))
        for cells in (n_states, n_classes, n_states * n_classes)
    )
    return -of_t - of_y, of_both

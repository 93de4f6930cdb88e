"""What two neurons know about the class, split into redundant, unique and synergistic parts.

Co-information is redundancy minus synergy, so that both may be there and not be seen. The partial
information decomposition of Williams and Beer (arXiv 1004.2515) separates them by the measure
I_min: the mean over the classes of the smaller of the two specific informations. The specific
information of class y is D(P(T|Y=y)||P(T)), the term whose maximum over classes is KL selectivity.
I_min calls redundant what is the same in amount and not only what is the same. How much is
redundant depends on the measure, redundancy minus synergy does not; so the simplest other one
stands beside it, the smaller of the two mutual informations (MMI), which is the largest redundancy
there can be: no more is shared than the lesser one knows.
"""

import numpy as np
import pandas as pd

from utils.information.neurons import class_divergence, joint_counts, mutual_information

PARTS = "redundant", "unique_1", "unique_2", "synergistic"
MEASURES = "i_min", "mmi"


def decompose(levels: np.ndarray, labels: np.ndarray, measure: str = "i_min") -> dict[str, float]:
    """The four parts of I(T1,T2;Y) in bits, from levels [n, 2] and labels [n], whole numbers.

    measure : of redundancy, `i_min` or `mmi`; raises ValueError for another

    >>> parts = decompose(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0]))
    >>> {part: round(bits, 6) + 0.0 for part, bits in parts.items()}
    {'redundant': 0.0, 'unique_1': 0.0, 'unique_2': 0.0, 'synergistic': 1.0}
    """
    if measure not in MEASURES:
        raise ValueError(f"measure {measure!r}; allowed are {', '.join(MEASURES)}")
    pair = levels.astype(int) @ [int(levels.max()) + 1, 1]
    columns = np.column_stack([levels, pair])
    classes, labels = np.unique(labels, return_inverse=True)
    n_levels = max(2, columns.max() + 1)  # of two neurons that never change there is one
    counts = joint_counts(columns, labels, n_levels, len(classes))
    first, second, both = map(float, mutual_information(counts))
    redundant = min(first, second)
    if measure == "i_min":
        shares = counts[0].sum(axis=0) / len(labels)
        redundant = float(class_divergence(counts[:2]).min(axis=0) @ shares)
    unique = first - redundant, second - redundant
    return dict(zip(PARTS, (redundant, *unique, both - redundant - sum(unique)), strict=True))


def extreme_pairs(
    pairs: pd.DataFrame, levels: np.ndarray, labels: np.ndarray, n: int = 3
) -> pd.DataFrame:
    """The n most redundant and the n most synergistic pairs of one layer, decomposed, in bits.

    By I_min; `redundant_mmi` and `synergistic_mmi` are the parts by the smaller information.

    `pairs`: rows of pairs.csv.xz of one layer of one network; `levels` [n, neurons]: of that
    layer.
    """
    by_value = pairs.sort_values("co_information", kind="stable", ascending=False)
    extreme = pd.concat([by_value.head(n), by_value.tail(n).iloc[::-1]])
    extreme = extreme.set_index(["neuron_1", "neuron_2"])[["co_information"]]
    parts = [
        pd.DataFrame([decompose(levels[:, pair], labels, of) for pair in extreme.index])
        for of in MEASURES
    ]
    both = parts[0].join(parts[1][["redundant", "synergistic"]], suffixes=("", "_mmi"))
    return pd.concat([extreme, both.set_axis(extreme.index)], axis=1)

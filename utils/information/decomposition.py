"""What two neurons know about the class, split into redundant, unique and synergistic parts.

Co-information is redundancy minus synergy, so that both may be there and not be seen. The partial
information decomposition of Williams and Beer (arXiv 1004.2515) separates them by the measure
I_min, here as the package dit computes it: the mean over the classes of the smaller of the two
specific informations. The specific information of class y is D(P(T|Y=y)||P(T)), the term whose
maximum over classes is KL selectivity. I_min calls redundant what is the same in amount and not
only what is the same. How much is redundant depends on the measure, redundancy minus synergy does
not; so the simplest other one stands beside it, the smaller of the two mutual informations (MMI),
which is the largest redundancy there can be: no more is shared than the lesser one knows.
"""

import dit
import numpy as np
import pandas as pd
from dit.pid import PID_MMI, PID_WB

PARTS = {
    "redundant": ((0,), (1,)),
    "unique_1": ((0,),),
    "unique_2": ((1,),),
    "synergistic": ((0, 1),),
}


def decompose(levels: np.ndarray, labels: np.ndarray, measure: type = PID_WB) -> dict[str, float]:
    """The four parts of I(T1,T2;Y) in bits, from levels [n, 2] and labels [n].

    measure : of redundancy, a class of dit.pid

    >>> parts = decompose(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0]))
    >>> {part: round(bits, 6) + 0.0 for part, bits in parts.items()}
    {'redundant': 0.0, 'unique_1': 0.0, 'unique_2': 0.0, 'synergistic': 1.0}
    """
    seen = np.column_stack([levels, labels])
    outcomes, counts = np.unique(seen, axis=0, return_counts=True)
    distribution = dit.Distribution([tuple(row) for row in outcomes.tolist()], counts / len(seen))
    lattice = measure(distribution, [[0], [1]], [2])
    return {name: float(lattice[part]) for name, part in PARTS.items()}


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
        for of in (PID_WB, PID_MMI)
    ]
    both = parts[0].join(parts[1][["redundant", "synergistic"]], suffixes=("", "_mmi"))
    return pd.concat([extreme, both.set_axis(extreme.index)], axis=1)

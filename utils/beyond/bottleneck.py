"""D3: orders by I - beta H.

The later version of the paper sees a neuron as a bottleneck: as T follows from the image X, its
entropy H(T) = I(X;T) is what it takes in, and I(T;Y) what of that is about the class.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils.evidence.curves import ABLATED_SHARE
from utils.networks.network import scopes
from utils.removal.ablation import cumulative_ablation
from utils.removal.orders import order_by
from utils.study.parallel import Replicate
from utils.study.runs import Stage

BETAS = tuple(k / 10 for k in range(11))  # prices of entropy; 0 is the order by mutual information


def retained_by_price(
    stage: Stage, replicate: Replicate, measures: pd.DataFrame, betas: Sequence[float] = BETAS
) -> pd.DataFrame:
    """R of the orders by I - beta H, low first, bias-balanced: bottleneck.csv.

    R as in `utils.evidence.curves`; measures : the network's rows of measures.csv
    """
    network, test, tables = replicate.network, replicate.data.test, {}
    means, entropy, information = (
        measures[name].to_numpy() for name in ("mean_output", "entropy", "mutual_information")
    )
    for scope, neurons in scopes(network.hidden).items():
        n_steps = int(ABLATED_SHARE * len(neurons) + 1e-9)
        values = [(information - beta * entropy)[neurons] for beta in betas]
        orders = np.array([neurons[order_by(of_price)[:n_steps]] for of_price in values])
        hits, _ = cumulative_ablation(network, test.images, test.labels, orders, means)
        r = hits.mean(axis=1) / len(test.labels)
        tables[scope] = pd.DataFrame({"beta": betas, "retained": r})
    return pd.concat(tables, names=["scope"]).reset_index("scope")

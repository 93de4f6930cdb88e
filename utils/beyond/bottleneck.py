"""D3: neurons in the plane of entropy and mutual information, and orders by I - beta H.

The later version of the paper sees a neuron as a bottleneck: as T follows from the image X, its
entropy H(T) = I(X;T) is what it takes in, and I(T;Y) what of that is about the class.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from utils.drawing.style import PALETTE, filled, mean_line
from utils.evidence.curves import ABLATED_SHARE
from utils.names import in_order, layer_scope, spaced
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
    network, test, tables = replicate.network, stage.dataset.test, {}
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


def plane(information: pd.DataFrame, bottleneck: pd.DataFrame) -> Figure:
    """Left: the mean neuron of a layer over the epochs, a line a network, from ring to dot.

    Right: R of the order by I - beta H minus that of the order by I, with its 95 % band.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    quantities = ["entropy", "mutual_information"]
    means = filled(information, quantities).groupby(["layer", "replicate", "epoch"])[quantities]
    for layer, of_layer in means.mean().groupby("layer"):
        look = {"color": PALETTE[layer - 1], "label": spaced(layer_scope(layer))}
        for _, path in of_layer.groupby("replicate"):
            x, y = (path[name] for name in quantities)
            left.plot(x, y, marker="o", markersize=3, markevery=[-1], linewidth=0.7, **look)
            look["label"] = None
            left.plot(x.iloc[0], y.iloc[0], marker="o", markersize=3, mfc="white", **look)
    left.set(xlabel="entropy H (bits)", ylabel="mutual information I (bits)")
    left.legend(fontsize=7)
    table = filled(bottleneck, ["retained"]).set_index(["replicate", "scope"])
    table["gain"] = table["retained"] - table.loc[table["beta"] == 0, "retained"]
    table = table.reset_index()
    for scope, colour in zip(in_order(table["scope"]), PALETTE, strict=False):
        part = table[table["scope"] == scope]
        mean_line(part, "beta", "gain", right, color=colour, label=spaced(scope))
    right.axhline(0, color="0.4", linewidth=0.8)
    right.set(xlabel="price of entropy β", ylabel="R(I − βH) − R(I), accuracy")
    right.legend(fontsize=7)
    return figure

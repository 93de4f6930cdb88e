"""Four errors that are easily made in this study, each computed on our own networks.

All four can be read in the code or the figures of an earlier public replication (see
data/published/NOTES.md); here they serve to show what each does to the result.
"""

import numpy as np
import pandas as pd

from utils import measures, orders
from utils.datasets import Split
from utils.networks import Network
from utils.paths import PUBLISHED


def added_conditional_entropy(measured: pd.DataFrame) -> pd.DataFrame:
    """H(T) + H(T|Y) instead of H(T) - H(T|Y): quartiles in bits by layer, and the earlier ones.

    Since H(T|Y) = H(T) - I, the wrong value is 2 H(T) - I.
    """
    wrong = 2 * measured["entropy"] - measured["mutual_information"]
    both = measured.assign(right=measured["mutual_information"], wrong=wrong)
    names = {0.25: "q25", 0.5: "median", 0.75: "q75"}
    ours = both.groupby("layer")[["right", "wrong"]].quantile(list(names))
    ours.index = ours.index.set_levels([names[q] for q in ours.index.levels[1]], level=1)
    earlier = pd.read_csv(PUBLISHED / "earlier" / "earlier_fig_35.csv")
    bits = earlier["nats"] / np.log(2)
    earlier = earlier.assign(earlier=bits).set_index(["layer", "statistic"])["earlier"]
    return ours.join(earlier.rename_axis([None, None]).rename_axis(ours.index.names))


def undefined_neurons(network: Network, split: Split, n_levels: int, n_classes: int) -> np.ndarray:
    """Hidden neurons [n] for which 0 log 0, taken literally, makes the quantities NaN."""
    levels = measures.network_levels(network, split.images, n_levels)
    counts = measures.joint_counts(levels, split.labels, n_levels, n_classes)
    return (counts == 0).any(axis=(1, 2))


def fresh_sets(
    network: Network, split: Split, layer: int, replacement: np.ndarray, seed: int
) -> pd.DataFrame:
    """Accuracy with n random neurons of a layer removed: a growing set, and a new set each n.

    `replacement` [neurons of the layer]: the constant output of each removed neuron.
    """
    width = network.hidden[layer - 1]
    draws = orders.random_orders(width, width + 1, (seed,))
    outputs, rest = network.forward(split.images)[layer - 1], network.after(layer)
    numbers = range(width + 1)
    sets = {
        "growing set": [draws[0, :n] for n in numbers],
        "new set each time": [draws[n, :n] for n in numbers],
    }
    return pd.DataFrame(
        {
            name: [
                _accuracy(rest, outputs, split.labels, gone, replacement[gone]) for gone in drawn
            ]
            for name, drawn in sets.items()
        }
    )


def _accuracy(
    rest: Network,
    outputs: np.ndarray,
    labels: np.ndarray,
    gone: np.ndarray,
    values: np.ndarray | float,
) -> float:
    """Accuracy of `rest` when it receives `outputs`, those of the neurons `gone` overwritten."""
    signal = outputs.copy()
    signal[:, gone] = values
    return rest.n_correct(signal, labels) / len(labels)


def roughness(curves: pd.DataFrame) -> pd.Series:
    """Steps at which accuracy rises by more than 0.01 as one more neuron is removed."""
    return (curves.diff() > 0.01).sum().rename("rises above 0.01")


def scaled_outputs(
    network: Network, split: Split, measured: pd.DataFrame, layer: int
) -> pd.DataFrame:
    """Accuracy with the n neurons of least information zeroed, balanced, or scaled by P(T=1).

    At some 20 values of n, up to 80 % of the layer.
    Scaling the output by the firing rate leaves the neuron's signal in place, only smaller: it is
    not bias balancing.
    """
    neurons = measured[measured["layer"] == layer].reset_index(drop=True)
    order = orders.order_by(neurons["mutual_information"].to_numpy())
    rows = {}
    outputs, rest = network.forward(split.images)[layer - 1], network.after(layer)
    constants = neurons["mean_output"].to_numpy()
    rates = neurons["firing_rate"].to_numpy()
    width = len(order)
    for number in range(0, round(0.8 * width) + 1, max(1, width // 25)):
        gone = order[:number]
        values = {
            "zeroed": 0,
            "balanced": constants[gone],
            "scaled": outputs[:, gone] * rates[gone],
        }
        rows[number] = {
            name: _accuracy(rest, outputs, split.labels, gone, value)
            for name, value in values.items()
        }
    return pd.DataFrame(rows).T.rename_axis("ablated")


def earlier_curve(figure: int, ordering: str, balanced: bool) -> pd.Series:
    """Accuracy by number of neurons ablated from a figure of the earlier replication (200-200)."""
    table = pd.read_csv(PUBLISHED / "earlier" / f"earlier_fig_{figure}.csv")
    part = table[(table["ordering"] == ordering) & (table["bias_balancing"] == balanced)]
    return part.set_index("n_ablated_by_code")["accuracy_percent"] / 100

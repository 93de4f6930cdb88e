"""Four errors that are easily made in this study, each computed on our own networks.

All four can be read in the code or the figures of an earlier public replication (see
data/published/NOTES.md); here they serve to show what each does to the result.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from utils.information.neurons import joint_counts, network_levels
from utils.networks.datasets import Split
from utils.networks.network import Network
from utils.paths import PUBLISHED
from utils.removal.orders import order_by, random_orders

EARLIER = PUBLISHED / "earlier"


def added_conditional_entropy(measured: pd.DataFrame) -> pd.DataFrame:
    """H(T) + H(T|Y) instead of H(T) - H(T|Y): quartiles in bits by layer, and the earlier ones.

    Since H(T|Y) = H(T) - I, the wrong value is 2 H(T) - I.
    """
    wrong = 2 * measured["entropy"] - measured["mutual_information"]
    both = measured.assign(right=measured["mutual_information"], wrong=wrong)
    names = {0.25: "q25", 0.5: "median", 0.75: "q75"}
    ours = both.groupby("layer")[["right", "wrong"]].quantile(list(names))
    ours = ours.rename(index=names, level=1)
    earlier = pd.read_csv(EARLIER / "earlier_fig_35.csv").set_index(["layer", "statistic"])
    earlier = earlier["nats"] / np.log(2)
    return ours.join(earlier.rename("earlier").rename_axis(ours.index.names))


def undefined_share(networks: Sequence[Network], split: Split, n_classes: int) -> float:
    """Share of hidden neurons whose quantities become NaN if 0 log 0 is taken literally.

    These are the neurons with an empty cell in their joint counts, one bit; over all networks.
    """
    levels = (network_levels(network, split.images, 2) for network in networks)
    counts = (joint_counts(table, split.labels, 2, n_classes) for table in levels)
    return round(float(np.mean([(table == 0).any(axis=(1, 2)).mean() for table in counts])), 2)


def fresh_sets(
    network: Network, split: Split, layer: int, replacement: np.ndarray, seed: int
) -> pd.DataFrame:
    """Accuracy with n random neurons of a layer removed: a growing set, and a new set each n.

    `replacement` [neurons of the layer]: the constant output of each removed neuron.
    """
    numbers = range(network.hidden[layer - 1] + 1)
    draws = random_orders(len(numbers) - 1, len(numbers), (seed,))
    growing, fresh = [draws[0, :n] for n in numbers], [draws[n, :n] for n in numbers]
    cases = {"growing set": (replacement, growing), "new set each time": (replacement, fresh)}
    return _curves(network, split, layer, cases)


def roughness(curves: pd.DataFrame) -> pd.Series:
    """Steps at which accuracy rises by more than 0.01 as one more neuron is removed."""
    return (curves.diff() > 0.01).sum().rename("rises above 0.01")


def scaled_outputs(
    network: Network, split: Split, measured: pd.DataFrame, layer: int
) -> pd.DataFrame:
    """Accuracy with the n neurons of least information zeroed, balanced, or scaled by P(T=1).

    At some 20 values of n, up to 80 % of the layer. Scaling the output by the firing rate leaves
    the neuron's signal in place, only smaller: it is not bias balancing.
    """
    neurons = measured[measured["layer"] == layer]
    order = order_by(neurons["mutual_information"].to_numpy())
    numbers = range(0, round(0.8 * len(order)) + 1, max(1, len(order) // 25))
    sets = [order[:n] for n in numbers]
    scaled = network.forward(split.images)[layer] * neurons["firing_rate"].to_numpy()
    cases = {
        "zeroed": (np.zeros(len(order)), sets),
        "balanced": (neurons["mean_output"].to_numpy(), sets),
        "scaled": (scaled, sets),
    }
    return _curves(network, split, layer, cases)


def _curves(
    network: Network, split: Split, layer: int, cases: Mapping[str, tuple[np.ndarray, list]]
) -> pd.DataFrame:
    """Accuracy by number of neurons removed from a layer, a column a case.

    cases : by what outputs of the layer are replaced ([neurons] or [images, neurons]), and the
        sets of neurons that are removed
    """
    outputs, rest = network.forward(split.images)[layer], network.after(layer)
    neurons = np.arange(outputs.shape[1])

    def accuracy(removed: np.ndarray, replacement: np.ndarray) -> float:
        signal = np.where(np.isin(neurons, removed), replacement, outputs)
        return rest.n_correct(signal, split.labels) / len(split.labels)

    return pd.DataFrame({
        name: {len(removed): accuracy(removed, replacement) for removed in sets}
        for name, (replacement, sets) in cases.items()
    })  # fmt: skip


def earlier_curve(figure: int, ordering: str, balanced: bool) -> pd.Series:
    """Accuracy by number of neurons ablated from a figure of the earlier replication (200-200)."""
    table = pd.read_csv(EARLIER / f"earlier_fig_{figure}.csv")
    part = table[(table["ordering"] == ordering) & (table["bias_balancing"] == balanced)]
    return part.set_index("n_ablated_by_code")["accuracy_percent"] / 100

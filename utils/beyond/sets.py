"""Sets of neurons on one network: what they know, and what they lose, together (notebook 08)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from utils.beyond.claims import set_size
from utils.beyond.experiment import joint_orders, samples
from utils.information import pairs, selection
from utils.networks.datasets import Split
from utils.networks.network import Network, layer_scopes
from utils.removal.orders import quantity_orders
from utils.study.parallel import Replicate
from utils.study.runs import Stage


def set_information(stage: Stage, replicate: Replicate) -> pd.DataFrame:
    """`selection.set_information` of each layer, with the column `scope`."""
    counted, hidden = samples(stage, replicate), replicate.network.hidden
    tables = {s: selection.set_information(*counted[s], seed=0) for s in layer_scopes(hidden)}
    return pd.concat(tables, names=["scope"]).reset_index("scope")


def set_table(
    stage: Stage,
    replicate: Replicate,
    curves: pd.DataFrame,
    single: pd.DataFrame,
    pair_rows: pd.DataFrame,
    measures: pd.DataFrame,
    orders: pd.DataFrame,
) -> pd.DataFrame:
    """Sets that go together along an order, against one by one: sets.csv.

    If a set costs more when it is removed at once than its neurons one by one, they may have made
    up for each other: redundancy. If it costs less, the first loss had already taken what the
    others were for: synergy (as the later version of the paper reads its curves, doi
    10.1109/TNNLS.2021.3088685). But losses of accuracy do not add up even where neurons have
    nothing to do with each other; `independent_surplus` is what to compare with. At each tenth of
    a layer: error_surplus, test images that are lost beyond the sum over the set of those lost one
    by one; independent_surplus; mean co-information of the set's pairs, mean mutual information of
    its neurons.

    curves : rows of ablation.csv.xz and joint.csv.xz, bias-balanced; pair_rows : of pairs.csv.xz
    """
    network, seed = replicate.network, stage.seed(replicate.number, "03-ablate")
    n_random_orders = stage.parameters_of("03-ablate").n_random_orders
    quantities = quantity_orders(measures, network.hidden, n_random_orders, seed)
    joint, keys, tables = joint_orders(orders), ["scope", "ordering", "direction"], {}
    by_order = curves.groupby(keys)["n_correct"]
    for layer, scope in enumerate(layer_scopes(network.hidden), 1):
        alone = single[(single["layer"] == layer) & (single["replacement"] == "mean")]
        rises = alone["error_rise"].to_numpy()
        of_layer = measures[measures["layer"] == layer]
        information = of_layer["mutual_information"].to_numpy()
        shared = pairs.pair_matrix(pair_rows[pair_rows["layer"] == layer], len(rises))
        sizes = np.unique(set_size(np.arange(1, 11) / 10, len(rises)))
        sizes = sizes[sizes > 1]
        here = joint[scope] | quantities[scope]
        independent = independent_surplus(
            network,
            layer,
            replicate.data.test,
            of_layer["mean_output"].to_numpy(),
            here,
            sizes,
            seed=(replicate.seed, layer),
        )
        for key, order in here.items():
            hits = by_order.get_group((scope, *key)).to_numpy()
            inside = shared[np.ix_(order, order)].cumsum(0).cumsum(1).diagonal()[sizes - 1]
            tables[scope, *key] = pd.DataFrame({
                "n_ablated": sizes,
                "error_surplus": hits[0] - hits[sizes] - rises[order].cumsum()[sizes - 1],
                "independent_surplus": independent[key],
                "co_information": (inside / (sizes * (sizes - 1))).round(5),
                "mean_information": (information[order].cumsum()[sizes - 1] / sizes).round(5),
            })  # fmt: skip
    return pd.concat(tables, names=keys).reset_index(keys)


def independent_surplus(
    network: Network,
    layer: int,
    split: Split,
    mean_outputs: np.ndarray,
    orders: Mapping[tuple, np.ndarray],
    sizes: Sequence[int],
    seed: tuple[int, ...],
) -> dict[tuple, np.ndarray]:
    """`error_surplus` [sizes] of each order, had its neurons nothing to do with each other.

    Every neuron's change of output, its mean minus what it says of an image, is dealt out anew
    over the images, for each neuron by itself: as large a disturbance as its removal, but
    independent of the image and of the other neurons.

    mean_outputs : [neurons of the layer]; orders : neurons counted within the layer
    seed : of the network and layer, so that the chance in it is not shared by networks
    """
    rng, rest = np.random.default_rng(seed), network.after(layer)
    outputs = network.forward(split.images)[layer]
    changed = outputs + rng.permuted(mean_outputs.astype(outputs.dtype) - outputs, axis=0)
    intact = rest.n_correct(outputs, split.labels)

    def lost(neurons: np.ndarray) -> int:
        disturbed = outputs.copy()
        disturbed[:, neurons] = changed[:, neurons]
        return intact - rest.n_correct(disturbed, split.labels)

    alone = np.array([lost(np.array([neuron])) for neuron in range(outputs.shape[1])])
    return {
        key: np.array([lost(order[:size]) - alone[order[:size]].sum() for size in sizes])
        for key, order in orders.items()
    }

"""Sets of neurons that go together along an order: redundancy and synergy as ablation shows them.

If a set costs more when it is removed at once than its neurons one by one, they made up for each
other: redundancy. If it costs less, the first loss had already taken what the others were for:
synergy (as the later version of the paper reads its curves, doi 10.1109/TNNLS.2021.3088685).
"""

import numpy as np
import pandas as pd

from utils.beyond import joint_order_arrays
from utils.measures import QUANTITIES
from utils.orders import order_by, random_orders
from utils.pairs import pair_matrix

Orders = dict[str, dict[tuple[str, str], np.ndarray]]


def layer_orders(
    measured: pd.DataFrame, orders: pd.DataFrame, n_random_orders: int, seed: int
) -> Orders:
    """Every order within a layer of one network: neurons by scope, then (ordering, direction).

    The joint ones from `orders`, and those of `experiments.ablate`, made again: `seed` is that of
    the network in notebook 03.
    """
    found: Orders = {}
    for number, (layer, part) in enumerate(measured.groupby("layer")):
        of_layer = joint_order_arrays(orders, f"layer-{layer}")
        for quantity in QUANTITIES:
            for direction in ("low-first", "high-first"):
                order = order_by(part[quantity].to_numpy(), direction == "high-first")
                of_layer[quantity, direction] = order
        drawn = random_orders(len(part), n_random_orders, (seed, number))
        of_layer |= {(f"random-{k:02d}", "none"): order for k, order in enumerate(drawn)}
        found[f"layer-{layer}"] = of_layer
    return found


def set_table(
    curves: pd.DataFrame,
    single: pd.DataFrame,
    pair_rows: pd.DataFrame,
    measured: pd.DataFrame,
    orders: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """Sets that go together along an order, against one by one: sets.csv but for the replicate.

    At each tenth of a layer: error_surplus, test images that are lost beyond the sum over the set
    of those lost one by one, and the mean co-information of the pairs in the set. All
    tables of one network: `curves` as from `balanced`, the others rows of single.csv,
    pairs.csv.gz, measures.csv and orders.csv.gz; `seed` as for `layer_orders`.
    """
    tables = []
    alone = single[single["replacement"] == "mean"]
    index = ["scope", "ordering", "direction", "n_ablated"]
    hits = curves.set_index(index)["n_correct"].sort_index()
    names = curves["ordering"].unique()
    n_random = sum(name.startswith("random-") for name in names)
    for scope, found in layer_orders(measured, orders, n_random, seed).items():
        layer = int(scope.removeprefix("layer-"))
        rises = alone.loc[alone["layer"] == layer, "error_rise"].to_numpy()
        shared = pair_matrix(pair_rows[pair_rows["layer"] == layer], len(rises))
        sizes = np.unique(np.round(np.arange(1, 11) / 10 * len(rises)).astype(int))
        sizes = sizes[sizes > 1]
        for (ordering, direction), order in found.items():
            curve = hits.loc[scope, ordering, direction].to_numpy()
            together = (curve[0] - curve)[sizes]
            inside = shared[np.ix_(order, order)].cumsum(0).cumsum(1).diagonal()
            row = {
                "n_ablated": sizes,
                "error_surplus": together - rises[order].cumsum()[sizes - 1],
            }
            row |= {"co_information": (inside[sizes - 1] / (sizes * (sizes - 1))).round(5)}
            tables.append(
                pd.DataFrame(row).assign(scope=scope, ordering=ordering, direction=direction)
            )
    return pd.concat(tables, ignore_index=True)


def balanced(*ablations: pd.DataFrame) -> pd.DataFrame:
    """Bias-balanced curves of several tables as one."""
    table = pd.concat(ablations, ignore_index=True)
    return table[table["replacement"] == "mean"]

"""The claims that are about curves alone: the number in each network, made from R.

Each function takes R [replicate, scope] by (ordering, direction, replacement)
(`utils.evidence.curves.retained`), of our curves or of the paper's, up to any share ablated,
and gives scope, quantity, replicate, value. Orders that are not there have no case.
"""

from collections.abc import Callable
from itertools import pairwise, product

import pandas as pd

from utils.evidence.effects import (
    against_random,
    balancing_gains,
    direction_gaps,
    gap_sizes,
    of_layers,
    of_network,
)
from utils.evidence.judging import long
from utils.names import DIRECTIONS, INFORMED, QUANTITIES, RANKS, layer_scope

SELECTIVE_LAST = "kl_selectivity, high-first"  # C11's case, so none of C1's
ORDERS = {f"{q}, {d}": (q, d) for q, d in product(QUANTITIES, DIRECTIONS)}


def _across(r: pd.DataFrame) -> pd.DataFrame:
    values = against_random(of_network(r), ORDERS)
    return values[values["quantity"] != SELECTIVE_LAST]


def _selective_last(r: pd.DataFrame) -> pd.DataFrame:
    return against_random(of_network(r), {SELECTIVE_LAST: ORDERS[SELECTIVE_LAST]})


def _ranked(r: pd.DataFrame) -> pd.DataFrame:
    low_first = {q: (q + RANKS, "low-first") for q in QUANTITIES}
    return against_random(of_network(r), low_first, "random" + RANKS)


def _directions(r: pd.DataFrame) -> pd.DataFrame:
    return long(direction_gaps(of_layers(r), INFORMED))


def _deepest(r: pd.DataFrame) -> pd.DataFrame:
    layers = of_layers(r)
    deepest = layer_scope(layers.index.get_level_values("scope").nunique())
    low = layers.xs(deepest, level="scope", drop_level=False).xs("low-first", axis=1, level=1)
    rivals = [q for q in QUANTITIES if q != "kl_selectivity" and (q, "mean") in low]
    selective = low["kl_selectivity", "mean"]
    return long({f"kl_selectivity - {q}": selective - low[q, "mean"] for q in rivals})


def _deeper(r: pd.DataFrame) -> pd.DataFrame:
    random = of_layers(r)["random", "none", "mean"].unstack("scope", sort=False)
    steps = random.diff(axis=1).iloc[:, 1:]
    layers = list(random.columns)
    steps.columns = [f"{b} - {a}" for a, b in pairwise(layers)]
    return long({"random": steps.rename_axis(columns="scope").stack()})


def _informed(r: pd.DataFrame) -> pd.DataFrame:
    sizes = gap_sizes(of_layers(r))
    return long({f"{q} - entropy": sizes[q] - sizes["entropy"] for q in INFORMED})


def _balancing(r: pd.DataFrame) -> pd.DataFrame:
    return balancing_gains(of_layers(r))


# the numbers that are made of curves alone, from R [replicate, scope] of any curves
OF_CURVES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "C1": _across, "C1b": _ranked, "C2": _directions, "C4": _deepest, "C5": _deeper,
    "C6": _informed, "C7": _balancing, "C11": _selective_last,
}  # fmt: skip

"""Words that the tables use, what readers see in their place, and the order of layers.

A scope is where neurons are removed from: `layer-1` (the first hidden layer), `layer-2`, …, or
`network`, all hidden layers together.
"""

import re
from collections.abc import Iterable

import pandas as pd

QUANTITIES = ("entropy", "mutual_information", "kl_selectivity")
INFORMED = QUANTITIES[1:]  # mutual information and KL selectivity know the class
DIRECTIONS = ("low-first", "high-first")
REPLACEMENTS = ("zero", "mean")
REPAIRS = (*REPLACEMENTS, "affine", "least_squares")
NETWORK = "network"
RANKS = "_ranks"  # ends the name of an order across the network that goes by ranks within layers
NAMES = {
    "entropy": "entropy",
    "mutual_information": "mutual information",
    "kl_selectivity": "KL selectivity",
    "random": "random",
    "outgoing_norm": "outgoing weights (onorm)",
    "incoming_norm": "incoming weights (inorm)",
    "mean_output": "size of mean output",
    "noise_out": "NoiseOut",
    "noise_out_merged": "NoiseOut as published",
    "zero": "zeroed",
    "mean": "bias-balanced",
}
NAMES |= {
    f"{name}{RANKS}": f"{NAMES[name]}, ranks within layers" for name in (*QUANTITIES, "random")
}


def layer_scope(layer: int) -> str:
    """The scope of one hidden layer (1 = first).

    >>> layer_scope(2)
    'layer-2'
    """
    return f"layer-{layer}"


def layer_number(scope: str) -> int:
    """The hidden layer (1 = first) of a scope that is one.

    >>> layer_number("layer-10")
    10
    """
    return int(scope.removeprefix("layer-"))


def in_order(scopes: Iterable[str]) -> list[str]:
    """Each scope once, layers by their number, the network last.

    >>> in_order(["network", "layer-10", "layer-2", "layer-2"])
    ['layer-2', 'layer-10', 'network']
    """
    unique = set(scopes)
    return sorted(unique - {NETWORK}, key=layer_number) + sorted(unique & {NETWORK})


def spaced(text: str) -> str:
    """A name from a table as it is written: `layer-1` as layer 1, `low-first` as low first."""
    return text.replace("_", " ").replace("-first", " first").replace("layer-", "layer ")


def readable(quantity: str) -> str:
    """What a case is about, as readers see it: names instead of the tables' words.

    >>> readable("kl_selectivity - outgoing_norm")
    'KL selectivity − outgoing weights (onorm)'
    """
    for word in sorted(NAMES, key=len, reverse=True):
        quantity = re.sub(rf"\b{word}\b", NAMES[word], quantity)
    return spaced(quantity).replace(" - ", " − ")


def unnumbered(ordering: pd.Series) -> pd.Series:
    """`random-00`, `random-01`, … as `random`; other orderings as they are.

    >>> unnumbered(pd.Series(["random-01", "random_ranks-00", "entropy"])).tolist()
    ['random', 'random_ranks', 'entropy']
    """
    return ordering.str.replace(r"-\d+$", "", regex=True)


def as_listed(column: pd.Series) -> pd.Series:
    """Key that sorts by first appearance: 0 for the first value there is, 1 for the next."""
    return pd.Series(pd.factorize(column)[0], column.index)

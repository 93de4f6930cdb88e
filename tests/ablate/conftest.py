"""Ablation tables as notebook 03 makes them."""

from collections.abc import Callable

import pandas as pd
import pytest

from utils.names import NETWORK, RANKS


@pytest.fixture(scope="session")
def with_ranks() -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A function that adds orders by ranks, with as many hits as those by values and `more`."""

    def add(ablation: pd.DataFrame, more: int = 0) -> pd.DataFrame:
        rows = (ablation["scope"] == NETWORK) & (ablation["replacement"] == "mean")
        ranked = ablation[rows].assign(n_correct=ablation["n_correct"] + more)
        ranked["ordering"] = ranked["ordering"].str.replace(
            r"(-\d+)?$", rf"{RANKS}\1", n=1, regex=True
        )
        return pd.concat([ablation, ranked], ignore_index=True)

    return add

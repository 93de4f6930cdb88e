"""How many verdicts hang on which half of the networks is judged."""

import numpy as np
import pandas as pd

from utils.evidence.judging import CASE, Claims, overview, verdicts
from utils.evidence.tables import Tables


def halves(
    tables: Tables, judged: pd.DataFrame, claims: Claims, n_splits: int = 10
) -> pd.DataFrame:
    """Each claim's word in either half of the networks, and how many cases differ in verdict.

    Beside it what chance gives: the mean, least and most of `n_splits` random halves. Empty where
    there are fewer than four networks.
    """
    networks = tables["measures"]["replicate"].unique()
    size = len(networks) // 2
    if size < 2:
        return pd.DataFrame()
    rng, differing = np.random.default_rng(0), []
    for order in [networks, *(rng.permutation(networks) for _ in range(n_splits))]:
        both = [
            verdicts(tables.only(order[part]), claims) for part in (slice(size), slice(size, None))
        ]
        cases = [half.set_index(["claim", *CASE])["verdict"] for half in both]
        differing.append((cases[0] != cases[1]).groupby("claim").sum())
        if order is networks:
            words = {
                f"{name} {size}": overview(half, claims)["holds"]
                for name, half in zip(("first", "other"), both, strict=True)
            }
    ours, *chance = differing
    chance = pd.concat(chance, axis=1)
    numbers = {
        "cases": judged.groupby("claim").size(),
        "differ": ours,
        "by chance": chance.mean(axis=1),
        "least": chance.min(axis=1),
        "most": chance.max(axis=1),
    }
    table = overview(judged, claims)[["holds"]].assign(**words, **numbers)
    table.loc["all"] = table.select_dtypes("number").sum()
    total = chance.sum()
    table.loc["all", ["least", "most"]] = total.min(), total.max()
    return table.fillna("")

"""The small tables of notebook 04: one function a table, made to be read.

The *state* of a pruned network is the repair it has, not retrained; or RETRAINED: bias-balanced,
and then trained for the largest number of epochs there is.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from utils.evidence.curves import with_accuracy
from utils.evidence.intervals import summarize
from utils.evidence.wording import with_interval
from utils.names import NAMES, NETWORK, REPAIRS, readable
from utils.networks.network import Network
from utils.removal import costs
from utils.removal.noise_out import MERGED
from utils.study.parallel import Replicate

RETRAINED = "retrained"
STATES = (*REPAIRS, RETRAINED)


def cost(networks: Mapping[str, Network]) -> pd.DataFrame:
    """Parameters, multiply-accumulates for one image, and bytes of each network."""
    table = pd.DataFrame({name: costs.sizes(network) for name, network in networks.items()}).T
    return table.set_axis(["parameters", "multiply-accumulates", "bytes"], axis=1)


def tried(pruned: pd.DataFrame) -> pd.DataFrame:
    """What was run, as `8 choices, 9 shares (10–90 %)`: a row a repair, a column a place."""
    place = np.where(pruned["scope"] == NETWORK, "all layers", "each layer alone")
    place = pd.Series(place, pruned.index)
    place = place.mask(pruned["retrain_epochs"] > 0, "all layers, then retrained")
    repair = pruned["repair"].mask(pruned["method"] == MERGED, MERGED).map(readable)
    cells = pruned.groupby([repair.rename(None), place], sort=False).agg(
        methods=("method", "nunique"), shares=("fraction", "nunique"),
        low=("fraction", "min"), high=("fraction", "max"),
    )  # fmt: skip
    wide = cells.apply(_choices_and_shares, axis=1).unstack(sort=False).fillna("–")
    return wide.reindex([row for row in map(readable, (*REPAIRS, MERGED)) if row in wide.index])


def _choices_and_shares(cell: pd.Series) -> str:
    """How many `methods` and `shares` there are, and the shares `low` to `high`."""
    n_choices, n_shares = int(cell["methods"]), int(cell["shares"])
    ends = dict.fromkeys(f"{100 * cell[end]:.0f}" for end in ("low", "high"))
    texts = [
        f"{n_choices} choice{'s' * (n_choices > 1)}",
        f"{n_shares} share{'s' * (n_shares > 1)}",
    ]
    return f"{', '.join(texts)} ({'–'.join(ends)} %)"


def by_state(pruned: pd.DataFrame) -> pd.DataFrame:
    """Rows in which all layers are pruned, with `accuracy` and `state`."""
    table = with_accuracy(pruned[pruned["scope"] == NETWORK])
    epochs = table["retrain_epochs"]
    table["state"] = table["repair"].where(epochs == 0, RETRAINED)
    return table[epochs.isin([0, epochs.max()])]


def differences(pruned: pd.DataFrame, state: str, other: str = "random") -> pd.DataFrame:
    """Accuracy minus that of another method in the same network and state, all layers pruned.

    scope (the share pruned), quantity (the method), replicate, value. NoiseOut as published, which
    has a repair of its own, is left out.
    """
    table = by_state(pruned)
    table = table[(table["state"] == state) & (table["method"] != MERGED)]
    wide = table.pivot_table(
        index=["fraction", "replicate"], columns="method", values="accuracy", sort=False
    )
    gains = wide.sub(wide[other], axis=0).drop(columns=other)
    long = gains.rename_axis(index=["scope", "replicate"]).melt(
        ignore_index=False, var_name="quantity"
    )
    return long.reset_index()


def pruned_accuracy(pruned: pd.DataFrame, state: str) -> pd.DataFrame:
    """Mean accuracy by method and share of all layers pruned, in one state."""
    table = by_state(pruned)
    table = table[(table["state"] == state) & (table["method"] != MERGED)]
    return _named(
        table.pivot_table(index="method", columns="fraction", values="accuracy", sort=False)
    )


def repaired_accuracy(pruned: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Mean accuracy by method and repair with a share of all layers pruned, not retrained.

    As text. Down a column the repair is the same; NoiseOut as published has none but its own.
    """
    table = by_state(pruned).query("fraction == @fraction and retrain_epochs == 0")
    wide = table.pivot_table(index="method", columns="repair", values="accuracy", sort=False)
    return _named(wide.map("{:.3f}".format).replace("nan", "–"))


def against_random(pruned: pd.DataFrame, fraction: float) -> pd.DataFrame:
    """Accuracy minus that of random choice as text: a row a method, a column a state.

    Mean and 95 % interval over networks, with a share of all layers pruned; methods that are best
    when bias-balanced first.
    """
    states = [state for state in STATES if state in set(by_state(pruned)["state"])]
    parts = [differences(pruned, state).assign(state=state) for state in states]
    values = pd.concat(parts)
    cases = summarize(values[values["scope"] == fraction], ["quantity", "state"])
    cases["text"] = cases.apply(with_interval, axis=1)
    best = cases[cases["state"] == "mean"].sort_values("mean", ascending=False, kind="stable")
    wide = cases.pivot(index="quantity", columns="state", values="text")
    return _named(wide.loc[best["quantity"], [s for s in states if s in wide]].fillna(""))


def full_accuracy(replicates: Iterable[Replicate]) -> np.ndarray:
    """Test accuracy of each of the unpruned networks."""
    tests = [(one.network, one.data.test) for one in replicates]
    hits = [network.n_correct(test.images, test.labels) for network, test in tests]
    return np.array(hits) / [len(test.labels) for _, test in tests]


def reach(pruned: pd.DataFrame, full: np.ndarray, end: str, loss: float = 0.01) -> pd.DataFrame:
    """Largest share of all layers up to which `end` of the loss of accuracy is at most `loss`.

    A row a method, a column a state; 0 if at no share tried, NaN if none was. The losses are
    within one network, `full` [replicates] the accuracies of the unpruned ones; `end` is a field
    of `Interval`, over networks: the mean, or high for the whole interval.
    """
    table = by_state(pruned)
    table["value"] = full[table["replicate"]] - table["accuracy"]
    losses = summarize(table, ["method", "state", "fraction"]).sort_values("fraction")
    losses = losses.set_index(["method", "state"])
    small = (losses[end] <= loss).groupby(level=[0, 1]).cummin()
    shares = losses["fraction"].where(small, 0).groupby(level=[0, 1]).max().unstack()
    return shares.reindex(pruned["method"].unique(), columns=list(STATES))


def within(pruned: pd.DataFrame, full: np.ndarray) -> pd.DataFrame:
    """`reach` as text, `20% (10%)`: of the mean loss, and of the whole interval."""
    mean, whole = (reach(pruned, full, end).map("{:.0%}".format) for end in ("mean", "high"))
    text = (mean + " (" + whole + ")").mask(mean == "nan%", "")
    return _named(text.rename_axis("method"))


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose rows are methods in readers' words, and whose columns may be repairs."""
    table = table.rename(index=NAMES).rename_axis("least important first by")
    columns = [readable(name) if isinstance(name, str) else f"{name:.0%}" for name in table]
    return table.set_axis(columns, axis=1)

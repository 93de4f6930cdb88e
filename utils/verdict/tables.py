"""What notebook 06 prints beside the claims and their cases."""

import pandas as pd

from utils.evidence.effects import RANDOM, balancing_gains, of_layers
from utils.evidence.judging import CASE, Tables
from utils.information.neurons import share_of_mean
from utils.names import QUANTITIES, in_order, layer_scope


def best_quantities(tables: Tables) -> pd.DataFrame:
    """Share of networks in which low values first of each quantity leaves most, by layer."""
    r = of_layers(tables.retained)
    low_first = pd.DataFrame({q: r[q, "low-first", "mean"] for q in QUANTITIES})
    best = low_first.idxmax(axis=1).rename("best quantity")
    scopes = best.index.get_level_values("scope")
    shares = pd.crosstab(scopes, best, rownames=["scope"], normalize="index")
    return shares.loc[in_order(scopes)]


def activation_benefit(tables: Tables, activation: str) -> pd.DataFrame:
    """What C7 gains and what it should, by run (this one, of an `activation`, first).

    run, layer, replicate, share, gain. share: of the squared error of zeroing a neuron, in what
    the next layer receives, the part that the mean output removes; mean over the layer. gain:
    R(balanced) - R(zeroed), random orders.
    """
    runs = {activation: tables, **tables.others}
    parts = {name: _benefit(of_run) for name, of_run in runs.items()}
    table = pd.concat(parts, names=["run", None]).reset_index("run")
    return table[["run", "layer", "replicate", "share", "gain"]]


def _benefit(tables: Tables) -> pd.DataFrame:
    neurons = tables["measures"]
    share = share_of_mean(neurons).rename("share")
    shares = share.groupby([neurons["replicate"], neurons["layer"]]).mean().reset_index()
    shares["scope"] = shares["layer"].map(layer_scope)
    gains = balancing_gains(of_layers(tables.retained), RANDOM)
    return shares.merge(gains.rename(columns={"value": "gain"}), on=["replicate", "scope"])


def moved(judged: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Cases with another verdict in the second run; the columns' name says out of how many."""
    case = ["claim", *CASE]
    both = judged.merge(second, on=case, suffixes=(", this run", ", second run"))
    changed = both[both["verdict, this run"] != both["verdict, second run"]]
    columns = [
        f"{name}, {run}"
        for run in ("this run", "second run")
        for name in ("estimate", "low", "high", "verdict")
    ]
    table = changed.set_index(case)[columns].round(3)
    return table.rename_axis(columns=f"{len(changed)} of {len(both)} cases moved")

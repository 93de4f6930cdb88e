"""Sentences of notebook 07, made from the tables, so that they cannot drift from the numbers."""

import pandas as pd

from utils.compare.differences import to_first
from utils.compare.tables import SHORT, moved, moves, relu_minus_sigmoid, words
from utils.evidence.claims import CLAIMS
from utils.evidence.wording import listed, signed, with_interval
from utils.names import readable, spaced
from utils.study.findings import Finding

STANDS = ("holds", "holds mostly")


def moving(claims: pd.DataFrame) -> Finding:
    """Which claims stand in every setting, which in none, and how many cases a setting moves."""
    table = words(claims)
    held = table.isin(STANDS)
    stand, fall = (
        [f"*{SHORT[name]}*" for name in table.index[these]]
        for these in (held.all(axis=1), ~held.any(axis=1))
    )
    n = table.shape[1]
    text = (
        f"{len(stand)} of {len(table)} claims hold, at least mostly, in "
        f"{f'all {n} settings' if n > 1 else 'the one setting'}"
        f"{': ' * bool(stand)}{listed(stand)}."
    )
    if fall:
        these = "do these" if len(fall) > 1 else "does this"
        text += f" In no setting {these} hold, even mostly: {listed(fall)}."
    if (n_open := (claims["verdict"] == "open").sum()) > len(claims) / 5:
        sizes = claims["n_replicates"]
        text += f" With {sizes.max()} networks a setting {n_open} of {len(claims)} cases are open."
    differences = to_first(claims)
    if differences.empty:
        return Finding(text)
    counts = moves(claims).query("moved > 0").nlargest(2, "moved", keep="all")
    most = [f"*{SHORT[row.Index]}* ({row.moved} of {row.cases})" for row in counts.itertuples()]
    return Finding(
        text,
        f"Of {len(differences)} comparisons with {table.columns[0]}, "
        f"{moved(differences).sum()} have another verdict and a clearly different number"
        f"{'; most of them are of ' * bool(most)}{listed(most)}.",
    )


def across(claims: pd.DataFrame) -> Finding:
    """In which settings an order across the network is better than chance, and by how much.

    Such an order is a case of C1, or of C11, that disagrees.
    """
    part = claims[claims["claim"].isin(["C1", "C11"])]
    if part.empty:
        return Finding("No setting has orders across the network.")
    bound, better = CLAIMS["C1"].rule.bound, part[part["verdict"] == "disagrees"]
    n = part["run"].nunique()
    if better.empty:
        return Finding(
            f"Across the network, in none of {n} settings is an order clearly more than {bound:g} "
            f"better than random ones. The best is {_described(part, 'max')}."
        )
    runs = {run: _orders(cases) for run, cases in better.groupby("run", sort=False)}
    most = better.loc[better["estimate"].idxmax(), "run"]
    return Finding(
        f"Across the network, in {len(runs)} of {n} settings an order is clearly more than "
        f"{bound:g} better than random ones. The lead is largest with {most}: {runs.pop(most)}.",
        *(f"{run}: {orders}." for run, orders in runs.items()),
    )


def within_layers(claims: pd.DataFrame) -> Finding:
    """C2 in every setting, by ReLU against sigmoid (D1), and with one neuron at a time."""
    part = claims[claims["claim"] == "C2"]
    if part.empty:
        return Finding("No setting has orders within a layer.")
    text = (
        "Within a layer, removing low values of mutual information or KL selectivity first keeps "
        f"more accuracy than high values first in {_counts(part)}."
    )
    gains = relu_minus_sigmoid(claims)
    if len(gains):
        counts = _counts(gains, "smaller")
        text += f" With ReLU the difference is larger than with sigmoid in {counts}."
    details = [f"The lowest interval is {_described(part, 'min', 'low')}."]
    alone = claims[claims["claim"] == "C2, one by one"]
    if len(alone):
        every = words(alone).iloc[0].eq("holds")
        medians = alone.groupby("run")["estimate"].median()
        where = [f"{run} (median ρ {signed(medians[run])})" for run in every.index[every]]
        single = "the loss of single neurons {} with the quantity in every case{}."
        details.append(
            f"In {len(where)} of {len(every)} settings "
            + single.format("rises", f": {listed(where)}")
            if where
            else f"In no setting does {single.format('rise', '')}"
        )
    return Finding(text, *details)


def balancing(claims: pd.DataFrame) -> Finding:
    """Where bias balancing gains and where it costs accuracy (C7), and C9 beside it."""
    part = claims[(claims["claim"] == "C7") & (claims["quantity"] == "random")]
    if part.empty:
        return Finding("No setting compares bias balancing with zeroing.")
    gain, cost = (part[part["verdict"] == verdict] for verdict in ("agrees", "disagrees"))
    text = (
        "Counting every layer in every setting, with random orders, bias balancing keeps more "
        f"accuracy than zeroing in {_counts(part)}."
    )
    ends = (("gains", gain, "max"), ("costs", cost, "min"))
    most = [f"{does} most in {_described(of, end)}" for does, of, end in ends if len(of)]
    text += f" It {listed(most)}." * bool(most)
    shares = claims[(claims["claim"] == "C9") & claims["estimate"].notna()]
    if shares.empty:
        return Finding(text)
    worst = _described(shares, "min")
    return Finding(
        text,
        "Of what retraining gains, bias balancing alone brings a part that is clearly above 0 in "
        f"{_counts(shares, 'below')}; the lowest share: {worst}.",
    )


def _counts(cases: pd.DataFrame, less: str = "less") -> str:
    """`23 of 24 cases, and less in none`."""
    agree, disagree = ((cases["verdict"] == verdict).sum() for verdict in ("agrees", "disagrees"))
    return f"{agree} of {len(cases)} cases, and {less} in {disagree or 'none'}"


def _orders(cases: pd.DataFrame) -> str:
    """`entropy and mutual information, low first (up to +0.099 [+0.054, +0.144])`."""
    order = cases["quantity"].str.rsplit(", ", n=1, expand=True)
    names = [
        f"{listed(map(readable, these.unique()))}, {spaced(direction)}"
        for direction, these in order[0].groupby(order[1], sort=False)
    ]
    best = cases.loc[cases["estimate"].idxmax()]
    return f"{'; '.join(names)} ({'up to ' * (len(cases) > 1)}{with_interval(best)})"


def _described(cases: pd.DataFrame, end: str, by: str = "estimate") -> str:
    """The case at an end, as `layer 2, entropy with ReLU, MNIST (+0.020 [+0.010, +0.030])`."""
    values = cases[by].fillna(cases["estimate"])
    row = cases.loc[values.idxmax() if end == "max" else values.idxmin()]
    scope, quantity = spaced(row["scope"]), readable(row["quantity"])
    case = scope if quantity == "random" else f"{scope}, {quantity}"
    return f"{case.replace('%', ' %')} with {row['run']} ({with_interval(row)})"

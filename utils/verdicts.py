"""The paper's claims C1 to C11 as numbers with intervals over networks, and verdicts.

Every claim is a function from the tables of a run to one value a replicate: scope, quantity,
replicate, value. `judge` turns them into claims.csv: claim, scope, quantity, estimate, low, high,
n_replicates, verdict. A claim says on which side of a bound its number lies; it agrees if the
whole 95 % interval is there, disagrees if the whole interval is on the other side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import bootstrap

from utils import claims
from utils.measures import QUANTITIES

INFORMED = QUANTITIES[1:]  # mutual information and KL selectivity know the class
GOOD_INDICATOR = 0.01
COLUMNS = ["claim", "scope", "quantity", "estimate", "low", "high", "n_replicates", "verdict"]


@dataclass(frozen=True)
class Tables:
    """The tables of one run, and the ablation tables of runs with other activations by name."""

    measures: pd.DataFrame
    ablation: pd.DataFrame
    single: pd.DataFrame
    pruning: pd.DataFrame
    balancing: pd.DataFrame
    others: dict[str, pd.DataFrame]

    @property
    def retained(self) -> pd.DataFrame:
        """R [replicate, scope] by (ordering, direction, replacement)."""
        return _retained(self.ablation)


class Claim(NamedTuple):
    """What the paper says, the number that stands for it, and on which side of the bound."""

    statement: str
    number: str
    side: str  # above, below, or apart from the bound
    bound: float
    values: Callable[[Any], pd.DataFrame]


def _retained(ablation: pd.DataFrame) -> pd.DataFrame:
    return claims.retained(ablation).pivot_table(
        index=["replicate", "scope"],
        columns=["ordering", "direction", "replacement"],
        values="retained",
    )


def _layers(table: pd.DataFrame) -> pd.DataFrame:
    return table[table.index.get_level_values("scope") != "network"]


def _long(parts: dict[str, pd.Series]) -> pd.DataFrame:
    """Series [replicate, scope] by quantity as scope, quantity, replicate, value."""
    table = pd.concat(parts, names=["quantity"]).rename("value").dropna().reset_index()
    return table.sort_values(["scope", "quantity"], kind="stable", key=claims.as_listed)


def _network_against_random(tables: Tables, directions: dict[str, str]) -> pd.DataFrame:
    """R of an order minus R of random orders, across the network, bias-balanced."""
    r = tables.retained.xs("network", level="scope", drop_level=False)
    chance = r["random", "none", "mean"]
    return _long(
        {
            label: r[label.split(",")[0], direction, "mean"] - chance
            for label, direction in directions.items()
        }
    )


def _c1(tables: Tables) -> pd.DataFrame:
    return _network_against_random(tables, dict.fromkeys(QUANTITIES, "low-first"))


def _c2(tables: Tables) -> pd.DataFrame:
    return _long({q: _gap(tables, q) for q in INFORMED})


def _gap(tables: Tables, quantity: str) -> pd.Series:
    """R(low first) - R(high first) within each layer, bias-balanced."""
    r = _layers(tables.retained)
    return r[quantity, "low-first", "mean"] - r[quantity, "high-first", "mean"]


def _c2_alone(tables: Tables) -> pd.DataFrame:
    return correlations(tables.measures, tables.single, INFORMED)


def correlations(
    measures: pd.DataFrame, single: pd.DataFrame, quantities: Sequence[str]
) -> pd.DataFrame:
    """Spearman's rho of a quantity and the rise in test cross-entropy of one neuron removed.

    scope, quantity, replicate, value; removed neurons replaced by their mean output.
    """
    both = measures.merge(
        single[single["replacement"] == "mean"], on=["replicate", "layer", "neuron"]
    )
    both["scope"] = "layer-" + both["layer"].astype(str)
    groups = both.groupby(["replicate", "scope"])
    return _long({quantity: groups.apply(_spearman, quantity) for quantity in quantities})


def _spearman(neurons: pd.DataFrame, quantity: str) -> float:
    return neurons[quantity].corr(neurons["cross_entropy_rise"], "spearman")


def _c3(tables: Tables) -> pd.DataFrame:
    medians = tables.measures.groupby(["replicate", "layer"])[list(QUANTITIES)].median()
    steps = medians.groupby("replicate").diff().dropna()
    names = [f"layer-{k} - layer-{k - 1}" for k in steps.index.get_level_values("layer")]
    steps.index = pd.MultiIndex.from_arrays(
        [steps.index.get_level_values("replicate"), names], names=["replicate", "scope"]
    )
    return _long({q: steps[q] for q in QUANTITIES})


def _c4(tables: Tables) -> pd.DataFrame:
    """In the deepest layer, R(KL selectivity low first) minus the best other quantity's."""
    r = _layers(tables.retained)
    deepest = r.xs(max(r.index.get_level_values("scope")), level="scope", drop_level=False)
    low = pd.DataFrame({q: deepest[q, "low-first", "mean"] for q in QUANTITIES})
    margin = low["kl_selectivity"] - low.drop(columns="kl_selectivity").max(axis=1)
    return _long({"kl_selectivity - best other": margin})


def best_quantities(tables: Tables) -> pd.DataFrame:
    """Share of networks in which low values first of each quantity leaves most, by layer."""
    r = _layers(tables.retained)
    low = pd.DataFrame({q: r[q, "low-first", "mean"] for q in QUANTITIES})
    best = low.idxmax(axis=1).rename("best quantity")
    return pd.crosstab(
        low.index.get_level_values("scope"), best, rownames=["scope"], normalize="index"
    )


def _c5(tables: Tables) -> pd.DataFrame:
    random = _layers(tables.retained)["random", "none", "mean"].unstack("scope")
    steps = random.diff(axis=1).iloc[:, 1:]
    steps.columns = [
        f"{b} - {a}" for a, b in zip(random.columns, random.columns[1:], strict=False)
    ]
    return _long({"random": steps.rename_axis(columns="scope").stack()})


def _c6(tables: Tables) -> pd.DataFrame:
    entropy = _gap(tables, "entropy")
    return _long({f"{q} - entropy": _gap(tables, q) - entropy for q in INFORMED})


def _c7(tables: Tables) -> pd.DataFrame:
    return balancing_gains(tables.ablation)


def balancing_gains(ablation: pd.DataFrame) -> pd.DataFrame:
    """R(balanced) - R(zeroed) within each layer, for every order."""
    r = _layers(_retained(ablation))
    parts = {}
    for ordering, direction in dict.fromkeys(
        zip(*map(r.columns.get_level_values, (0, 1)), strict=True)
    ):
        label = ordering if direction == "none" else f"{ordering}, {direction}"
        parts[label] = r[ordering, direction, "mean"] - r[ordering, direction, "zero"]
    return _long(parts)


def _c9(tables: Tables) -> pd.DataFrame:
    return _long(retraining_shares(tables.balancing))


def retraining_shares(balancing: pd.DataFrame, repair: str = "mean") -> dict[str, pd.Series]:
    """Share of what retraining gains that a repair gains alone, [replicate, scope] by fraction.

    Retraining is that of the zeroed network, over the largest number of epochs; scopes that were
    not retrained are left out.
    """
    wide = claims.with_accuracy(balancing).pivot_table(
        index=["fraction", "replicate", "scope"],
        columns=["repair", "retrain_epochs"],
        values="accuracy",
    )
    zeroed, longest = wide["zero", 0], balancing["retrain_epochs"].max()
    share = ((wide[repair, 0] - zeroed) / (wide["zero", longest] - zeroed)).dropna()
    return {f"{f:.0%} pruned": share.xs(f) for f in share.index.levels[0]}


def _c10(tables: Tables) -> pd.DataFrame:
    """All layers at equal fractions, not retrained."""
    accuracy = claims.compared(tables.pruning[tables.pruning["retrain_epochs"] == 0])
    wide = accuracy.pivot_table(
        index=["replicate", "fraction"], columns="method", values="accuracy"
    ).reset_index("fraction")
    wide["scope"] = wide["fraction"].map("{:.0%} pruned".format)
    wide = wide.set_index("scope", append=True)
    rivals = ("entropy", "outgoing_norm", "incoming_norm", "noise_out", "random")
    return _long({f"{q} - {rival}": wide[q] - wide[rival] for q in INFORMED for rival in rivals})


def _c11(tables: Tables) -> pd.DataFrame:
    labels = {f"kl_selectivity, {d}": d for d in ("low-first", "high-first")}
    return _network_against_random(tables, labels)


CLAIMS = {
    "C1": Claim(
        "Across the whole network none of the quantities is a good indicator of importance.",
        "R(low first) − R(random)", "below", GOOD_INDICATOR, _c1,
    ),
    "C2": Claim(
        "Within a layer, mutual information and KL selectivity go with performance.",
        "R(low first) − R(high first)", "above", 0, _c2,
    ),
    "C2, one by one": Claim(
        "The same, one neuron at a time.",
        "Spearman's ρ with the rise in test cross-entropy", "above", 0, _c2_alone,
    ),
    "C3": Claim(
        "The quantities are distributed differently from layer to layer.",
        "difference of medians (bits)", "apart", 0, _c3,
    ),
    "C4": Claim(
        "The deepest layer is best characterised by KL selectivity.",
        "R(KL selectivity, low first) − R(best other, low first)", "above", 0, _c4,
    ),
    "C5": Claim(
        "Ablation hurts less in deeper layers.",
        "R(random) of a layer − R(random) of the layer before", "above", 0, _c5,
    ),
    "C6": Claim(
        "Class-dependent quantities go with performance more strongly than entropy.",
        "[R(low) − R(high)] − [the same of entropy]", "above", 0, _c6,
    ),
    "C7": Claim(
        "Bias balancing improves accuracy after removal.",
        "R(balanced) − R(zeroed)", "above", 0, _c7,
    ),
    "C8": Claim(
        "The benefit of bias balancing depends on the activation function.",
        "C7's number with random orders, one activation − another", "apart", 0,
        lambda tables: pd.DataFrame(columns=["scope", "quantity", "replicate", "value"]),
    ),
    "C9": Claim(
        "Bias balancing partly obviates retraining after pruning.",
        "share of what retraining gains", "above", 0, _c9,
    ),
    "C10": Claim(
        "Pruning by these quantities compares well with other methods.",
        "accuracy − accuracy of the other method, not retrained", "above", -GOOD_INDICATOR, _c10,
    ),
    "C11": Claim(
        "Class selectivity is a poor indicator across the network.",
        "R(order) − R(random)", "below", GOOD_INDICATOR, _c11,
    ),
}  # fmt: skip


def judge(tables: Any, listed: dict[str, Claim] = CLAIMS) -> pd.DataFrame:
    """claims.csv of one run; with other `listed` claims, from the tables that these take."""
    parts = []
    for name, claim in listed.items():
        if name == "C8":
            found = _c8(tables)
        else:
            found = claims.summarize(claim.values(tables), ["scope", "quantity"])
        if found.empty:  # no other runs, or nothing that differs
            continue
        found = found.rename(columns={"mean": "estimate"}).assign(claim=name)
        found["verdict"] = claims.verdicts(found, claim.bound, claim.side)
        parts.append(found)
    return pd.concat(parts, ignore_index=True)[COLUMNS].round(5)


def _c8(tables: Tables) -> pd.DataFrame:
    """Differences between runs: their networks are not paired, so two samples are resampled."""
    ablations = {"this run": tables.ablation, **tables.others}
    gains = {name: balancing_gains(ablation) for name, ablation in ablations.items()}
    rows = []
    random = {n: g[g["quantity"] == "random"].groupby("scope")["value"] for n, g in gains.items()}
    for name in tables.others:
        for scope in random["this run"].groups:
            if scope not in random[name].groups:
                continue
            ours, others = (random[n].get_group(scope).to_numpy() for n in ("this run", name))
            low, high = _difference_interval(ours, others)
            quantity = f"this run − {name}"
            rows.append((scope, quantity, ours.mean() - others.mean(), low, high, len(ours)))
    return pd.DataFrame(rows, columns=["scope", "quantity", "mean", "low", "high", "n_replicates"])


def _difference_interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    if min(len(first), len(second)) < 2:
        return np.nan, np.nan
    found = bootstrap(
        (first, second), lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        rng=np.random.default_rng(0), method="percentile",
    )  # fmt: skip
    return found.confidence_interval.low, found.confidence_interval.high


def overview(found: pd.DataFrame, listed: dict[str, Claim] = CLAIMS) -> pd.DataFrame:
    """One row a claim: how many of its cases agree, disagree, stay open, and over all a word.

    A claim holds if all of its cases agree and fails if all disagree; else it holds in part if
    some agree, and is open if none does.
    """
    counts = pd.crosstab(found["claim"], found["verdict"])
    counts = counts.reindex(columns=["agrees", "inconclusive", "disagrees"], fill_value=0)
    counts = counts.reindex([name for name in listed if name in counts.index])
    total = counts.sum(axis=1)
    counts["holds"] = np.select(
        [counts["agrees"] == total, counts["disagrees"] == total, counts["agrees"] > 0],
        ["yes", "no", "in part"],
        "open",
    )
    statements = [listed[name].statement for name in counts.index]
    return counts.assign(statement=statements)[["statement", "holds", *counts.columns[:3]]]

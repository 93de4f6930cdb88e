"""What notebook 06 prints beside the claims and their cases."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils.evidence.claims import CLAIMS
from utils.evidence.effects import RANDOM, against_rivals, balancing_gains, of_layers
from utils.evidence.judging import CASE, Claims, decided, overview, verdicts, word
from utils.evidence.of_curves import OF_CURVES
from utils.evidence.tables import Tables
from utils.information.neurons import share_of_mean
from utils.names import NAMES, QUANTITIES, REPAIRS, in_order, layer_scope, readable, spaced


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


def leave_one_out(tables: Tables, judged: pd.DataFrame, claims: Claims) -> pd.DataFrame:
    """What each claim hangs on single networks: a row a claim.

    Its word; the words it has without some network, with that network's number; how many of its
    cases have another verdict without one of the networks; and the typical size without one, from
    the least to the most.
    """
    networks = tables["measures"]["replicate"].unique()
    if len(networks) < 3:
        return pd.DataFrame()
    without = {
        left_out: verdicts(tables.only(networks[networks != left_out]), claims)
        for left_out in networks
    }
    overviews = {left_out: overview(cases, claims) for left_out, cases in without.items()}
    key = ["claim", *CASE]
    found = pd.concat({k: v.set_index(key)["verdict"] for k, v in without.items()}, axis=1)
    moves = found.ne(judged.set_index(key)["verdict"], axis=0).any(axis=1)
    table = overview(judged, claims)[["holds"]]
    words = pd.concat({k: v["holds"] for k, v in overviews.items()}, axis=1)
    sizes = pd.concat({k: v["typical size"] for k, v in overviews.items()}, axis=1)
    others = {
        claim: ", ".join(
            f"{w} (without {k})" for k, w in row.items() if w != table["holds"][claim]
        )
        for claim, row in words.iterrows()
    }
    counts = moves.groupby("claim").agg(["sum", "size"])
    return table.assign(
        otherwise=pd.Series(others),
        **{
            "cases that move": counts["sum"].astype(str) + " of " + counts["size"].astype(str),
            "typical size, least": sizes.min(axis=1),
            "most": sizes.max(axis=1),
        },
    )


def by_share(tables: Tables, shares: Sequence[float]) -> pd.DataFrame:
    """The claims about curves with R taken up to other shares of the neurons.

    claim, share, scope, quantity, mean, low, high, verdict: what `decided` says.
    """
    numbers = {
        (claim, share): values(tables.retained_to(share))
        for claim, values in OF_CURVES.items()
        for share in shares
    }
    parts = {
        key: decided(of_claim, CLAIMS[key[0]].rule)
        for key, of_claim in numbers.items()
        if not of_claim.empty
    }
    table = pd.concat(parts, names=["claim", "share"])
    return table[["mean", "low", "high", "verdict"]].reset_index().astype({"share": float})


def rivals_by_repair(pruning: pd.DataFrame) -> pd.DataFrame:
    """C10's numbers with every repair on both sides: estimate, interval and verdict as text."""
    parts = {}
    for repair in REPAIRS:
        cases = decided(against_rivals(pruning, repair), CLAIMS["C10"].rule)
        text = cases.apply("{mean:+.3f} [{low:+.3f}, {high:+.3f}] {verdict}".format_map, axis=1)
        parts[NAMES.get(repair, spaced(repair))] = text.droplevel("scope")
    return pd.DataFrame(parts).rename(index=readable)


def nearness(numbers: pd.DataFrame) -> pd.DataFrame:
    """Of `utils.evidence.paper.claim_numbers`: how many, how many inside, rms distance."""
    by = numbers.groupby("claim", sort=False)
    table = pd.DataFrame(
        {
            "numbers": by.size(),
            "inside": by["inside"].sum(),
            "distance": by["z"].apply(lambda z: np.sqrt((z**2).mean())),
        }
    )
    whole = len(numbers), numbers["inside"].sum(), np.sqrt((numbers["z"] ** 2).mean())
    table.loc["all"] = whole
    return table.astype({"numbers": int, "inside": int})


def words_by_share(table: pd.DataFrame) -> pd.DataFrame:
    """The word of each claim about curves, by the share up to which R is taken (%)."""
    cases = table.groupby(["claim", "share"], sort=False)["verdict"]
    words = cases.apply(lambda verdicts: word(Counter(verdicts)))
    return words.unstack().rename(columns="{:.0%}".format)

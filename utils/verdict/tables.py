"""What notebook 06 prints beside the claims and their cases."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from utils.evidence.claims import CLAIMS, OURS, SOURCES
from utils.evidence.curves import ABLATED_SHARE
from utils.evidence.effects import JUDGED_BY, against_rivals, mean_accuracy, of_layers
from utils.evidence.judging import VERDICTS, Rule, decided, long, overview, word
from utils.evidence.of_curves import OF_CURVES
from utils.evidence.tables import Tables
from utils.evidence.wording import signed
from utils.names import NAMES, QUANTITIES, REPAIRS, in_order, readable, spaced
from utils.verdict.meaning import minority, some

UNITS = {"C3": " bits", "C9": " of a gain"}  # other than accuracy


def best_quantities(tables: Tables) -> pd.DataFrame:
    """Share of networks in which low values first of each quantity leaves most, by layer."""
    r = of_layers(tables.retained)
    low_first = pd.DataFrame({q: r[q, "low-first", "mean"] for q in QUANTITIES})
    best = low_first.idxmax(axis=1).rename("best quantity")
    scopes = best.index.get_level_values("scope")
    shares = pd.crosstab(scopes, best, rownames=["scope"], normalize="index")
    return shares.loc[in_order(scopes)]


def gains_elsewhere(judged: pd.DataFrame) -> pd.DataFrame:
    """What bias balancing gains with random orders and other activations, from C7 and C8.

    activation, scope, gain: R(balanced) − R(zeroed), the mean over networks.
    """
    here = judged[(judged["claim"] == "C7") & (judged["quantity"] == "random")]
    theirs = judged[judged["claim"] == "C8"]
    gain = theirs["scope"].map(here.set_index("scope")["estimate"]) - theirs["estimate"]
    names = theirs["quantity"].str.split(" − ").str[-1]
    return pd.DataFrame({"activation": names, "scope": theirs["scope"], "gain": gain})


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


def at_a_glance(judged: pd.DataFrame) -> pd.DataFrame:
    """A row a claim of the paper, as text: its source, the number, the side claimed, the word.

    The last columns are how many cases have each verdict, and the median of the estimates with
    the smallest and the largest one, in accuracy unless it is said.
    """
    table = overview(judged, {name: CLAIMS[name] for name in SOURCES if _of_paper(name)})
    claims = [CLAIMS[name] for name in table.index]
    of_claims = judged.groupby("claim")["estimate"].agg(["median", "min", "max"]).map(signed)
    ends = " (" + of_claims["min"] + " … " + of_claims["max"] + ")"
    sizes = of_claims["median"] + ends.where(of_claims["min"] != of_claims["max"], "")
    columns = {
        "claim": table["statement"],
        "source": [str(SOURCES[name]) for name in table.index],
        "number": [claim.number for claim in claims],
        "agrees if": [_claimed(claim.rule) for claim in claims],
        "verdict": [_word(judged[judged["claim"] == name]) for name in table.index],
        " / ".join(VERDICTS): table[list(VERDICTS)].astype(str).agg(" / ".join, axis=1),
        "typical (range)": sizes + sizes.index.map(lambda name: UNITS.get(name, "")),
    }
    return pd.DataFrame(columns, index=table.index).replace(
        r"^(below|above) -", r"\1 −", regex=True
    )


def _claimed(rule: Rule) -> str:
    return f"{rule.side} {rule.bound:g}".replace("-", "−").replace("apart", "not")


def _word(cases: pd.DataFrame) -> str:
    """A claim's word, and the few cases because of which it is not a plain one."""
    text, (fewer, those_agree) = word(Counter(cases["verdict"])), minority(cases)
    if text == "holds mostly":
        fewer, those_agree = some(cases, cases[cases["verdict"] != "agrees"]), False
    if text not in ("mixed", "holds mostly") or not fewer:
        return text
    spaced_out = re.sub(r"(?<! )%", " %", fewer)
    return f"{text}: {'only' if those_agree else 'all but'} {spaced_out}"


def _of_paper(name: str) -> bool:
    return SOURCES[name].place != OURS


def rivals_by_repair(pruning: pd.DataFrame) -> pd.DataFrame:
    """C10's numbers with every repair on both sides.

    quantity, rival, column (the repair), mean, low, high, verdict.
    """
    numbers = {
        NAMES.get(repair, spaced(repair)): against_rivals(pruning, repair) for repair in REPAIRS
    }
    return _of_rivals(numbers)


def repair_beside_choice(pruning: pd.DataFrame) -> pd.Series:
    """What a better repair gains over a better choice, as `decided` has it: one case.

    Mean accuracy up to 80 % pruned by random choice with least squares, minus that by mutual
    information with bias balancing.
    """
    random, chosen = (
        mean_accuracy(pruning, repair)[method]
        for repair, method in (("least_squares", "random"), ("mean", JUDGED_BY))
    )
    return decided(long({"repair": random - chosen}), Rule()).iloc[0]


def rivals_by_share(pruning: pd.DataFrame) -> pd.DataFrame:
    """C10's numbers at every share pruned, bias-balanced: columns as of `rivals_by_repair`."""
    shares = pruning.loc[pruning["fraction"] <= ABLATED_SHARE, "fraction"]
    parts = {
        f"{share:.0%}": against_rivals(pruning[pruning["fraction"] == share])
        for share in sorted(shares.unique())
    }
    return _of_rivals(parts)


def _of_rivals(numbers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = {column: decided(values, CLAIMS["C10"].rule) for column, values in numbers.items()}
    table = pd.concat(parts, names=["column"]).reset_index()
    names = table["quantity"].str.split(" - ", expand=True).map(readable)
    table = table.assign(quantity=names[0], rival=names[1])
    return table[["quantity", "rival", "column", "mean", "low", "high", "verdict"]]


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

"""Sentences of notebook 05, made from its tables, so that they cannot drift from the numbers."""

import pandas as pd

from utils.balance.tables import (
    SURE,
    gain_values,
    head_start,
    mean_and_variance,
    repair_values,
    share_values,
    turned,
)
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import CASE, Rule, decided
from utils.evidence.wording import with_interval
from utils.names import NAMES, NETWORK, layer_scope, readable, spaced
from utils.study.findings import Finding

_SIDES = {"agrees": "better", "disagrees": "worse", "open": "not decided"}


def gains(ablation: pd.DataFrame) -> Finding:
    """What bias balancing gains over zeroing in each layer, random orders; and in how many cases.

    The verdicts are C7's, over all of its cases.
    """
    cases = decided(gain_values(ablation), CLAIMS["C7"].rule)
    random = cases.xs("random", level="quantity")
    texts = [
        f"{spaced(scope)} {with_interval(case)} ({case['verdict']})"
        for scope, case in random.iterrows()
    ]
    counts = cases["verdict"].value_counts()
    verdicts = ", ".join(f"{n} {_counted(verdict)}" for verdict, n in counts.items())
    return Finding(
        f"Bias balancing instead of zeroing, neurons in random order: {'; '.join(texts)}. Of all "
        f"{len(cases)} orders and layers, {verdicts}.{_alone(cases)}"
    )


def share_and_gain(measured: pd.DataFrame, ablation: pd.DataFrame) -> Finding:
    """Does the layer with the largest share of squared error removed gain most?"""
    shares = mean_and_variance(measured)["share removed by balancing"]
    values = gain_values(ablation)
    values = values[values["quantity"] == "random"]
    gain = values.pivot_table(index="replicate", columns="scope", values="value")
    means = gain.mean()
    texts = [f"{share:.2f} in layer {layer}" for layer, share in shares.items()]
    numbers = [f"{means[layer_scope(layer)]:+.3f}" for layer in shares.index]
    text = (
        f"The mean removes this share of one neuron's squared error: {', '.join(texts)}. The "
        f"gains in accuracy, in the same order, are {', '.join(numbers)}."
    )
    largest = layer_scope(shares.idxmax())
    if len(shares) < 2 or largest == means.idxmax():
        return Finding(text)
    other = means.idxmax()
    case = decided(_one_case(gain[largest] - gain[other]), SURE).iloc[0]
    word = {"disagrees": "does not predict", "open": "may not predict"}[case["verdict"]]
    return Finding(
        f"{text} The share {word} the gain: {spaced(largest)} has the largest share, and gains "
        f"less than {spaced(other)} by {with_interval(case)}."
    )


def single_networks(ablation: pd.DataFrame, balancing: pd.DataFrame) -> Finding:
    """Whether leaving out one network turns a verdict of C7 or C9, and which."""
    parts = {"C7": gain_values(ablation), "C9": share_values(balancing)}
    n_networks = ablation["replicate"].nunique()
    if n_networks < 3:
        return Finding("Of fewer than three networks none can be left out.")
    n_cases = sum(values.groupby(CASE).ngroups for values in parts.values())
    tables = {claim: turned(values, CLAIMS[claim].rule) for claim, values in parts.items()}
    texts = []
    for claim, table in tables.items():
        for (scope, quantity), part in table.groupby(CASE, sort=False):
            turns = [
                f"{verdict} without {_networks(group['replicate'].tolist(), n_networks)}"
                for verdict, group in part.groupby("without")
            ]
            case = f"{claim}, {_place(scope)}, {readable(quantity)}"
            texts.append(f"{case} ({part['all'].iloc[0]}; {', '.join(turns)})")
    return Finding(
        f"Leaving out one of the {n_networks} networks turns {len(texts) or 'none'} of {n_cases} "
        f"verdicts of C7 and C9{': ' if texts else ''}{'; '.join(texts)}."
    )


def repairs(balancing: pd.DataFrame, fraction: float) -> Finding:
    """What least squares gains over bias balancing, and where balancing is not surely better."""
    squares = decided(repair_values(balancing, "least_squares", "mean"), SURE)
    at = squares.xs(f"{fraction:.0%} pruned", level="quantity")
    texts = [
        f"{_place(scope)} {with_interval(case)} ({_SIDES[case['verdict']]})"
        for scope, case in at.iterrows()
    ]
    balanced = decided(repair_values(balancing, "mean", "zero"), Rule("above"))
    doubtful = [
        f"{_place(scope)}, {quantity} ({with_interval(case)})"
        for (scope, quantity), case in balanced[balanced["verdict"] != "agrees"].iterrows()
    ]
    where = f" is not surely better than zeroing in: {'; '.join(doubtful)}"
    return Finding(
        f"Least squares against bias balancing, {fraction:.0%} pruned by lowest mutual "
        f"information: {'; '.join(texts)}. Bias balancing"
        f"{where if doubtful else ' is surely better than zeroing throughout'}.{_alone(at)}"
    )


def choices(balancing: pd.DataFrame, fraction: float) -> Finding:
    """How far the choices are apart with each repair, all layers, and which is best."""
    rows = balancing[(balancing["scope"] == NETWORK) & (balancing["fraction"] == fraction)]
    rows = rows[rows["retrain_epochs"] == 0]
    means = (rows["n_correct"] / rows["n_samples"]).groupby([rows["repair"], rows["method"]])
    wide = means.mean().unstack().reindex(rows["repair"].unique())
    best = {repair: NAMES[m].partition(" (")[0] for repair, m in wide.idxmax(axis=1).items()}
    texts = [
        f"{readable(repair)} {row.max() - row.min():.3f} (best: {best[repair]})"
        for repair, row in wide.iterrows()
    ]
    return Finding(
        f"With {fraction:.0%} of all layers pruned, best and worst of {wide.shape[1]} choices are "
        f"apart by: {'; '.join(texts)}."
    )


def obviated(balancing: pd.DataFrame) -> Finding:
    """C9: what share of the gain of retraining each repair brings alone, by share pruned."""
    epochs, texts = int(balancing["retrain_epochs"].max()), []
    for repair in ("mean", "least_squares"):
        cases = decided(share_values(balancing, repair), CLAIMS["C9"].rule)
        shares = [
            f"{with_interval(case, 2)} at {share.removesuffix(' pruned')}"
            + f" ({case['verdict']})" * (repair == "mean")
            for share, case in cases.droplevel("scope").iterrows()
        ]
        texts.append(f"{readable(repair)} {', '.join(shares)}")
    return Finding(
        f"Of what {epochs} epoch{'s' if epochs > 1 else ''} of retraining gain over zeroing, with "
        f"these shares of all layers pruned, a repair alone brings: {'; '.join(texts)}."
    )


def starts(balancing: pd.DataFrame) -> Finding:
    """Where networks are surely better or worse, retrained from a repair: first and last epoch."""
    retrained = balancing.loc[balancing["retrain_epochs"] > 0, "retrain_epochs"]
    texts = []
    for epochs in sorted({int(retrained.min()), int(retrained.max())}):
        cases, parts = head_start(balancing, epochs), []
        for repair, part in cases.groupby("quantity", sort=False):
            sure = part[part["verdict"] != "open"].droplevel("quantity")
            words = [
                f"{_SIDES[case['verdict']]} at {share:.0%} ({with_interval(case, 4)})"
                for share, case in sure.iterrows()
            ]
            parts.append(f"{readable(repair)} {', '.join(words) or 'nowhere surely different'}")
        texts.append(f"after {epochs} epoch{'s' if epochs > 1 else ''}, {'; '.join(parts)}")
    return Finding(
        "Beside networks retrained from zeroed weights, those retrained from repaired ones are, "
        f"by share pruned: {'. '.join(texts).replace('. after', '. After')}.{_alone(cases)}"
    )


def _networks(numbers: list[int], of: int) -> str:
    if len(numbers) > 2:
        return f"one network, for {len(numbers)} of the {of}"
    return "network " + " or ".join(map(str, numbers))


def _counted(verdict: str) -> str:
    return {"agrees": "agree", "disagrees": "disagree", "open": "are open"}.get(
        verdict, "are negligible"
    )


def _place(scope: str) -> str:
    return "all layers" if scope == NETWORK else spaced(scope)


def _one_case(value: pd.Series) -> pd.DataFrame:
    """Values [replicate] as those of a single case."""
    return value.rename("value").reset_index().assign(scope=NETWORK, quantity="")


def _alone(cases: pd.DataFrame) -> str:
    return " One network gives no interval." if cases["low"].isna().all() else ""

"""Sentences of notebook 05, made from its tables, so that they cannot drift from the numbers.

Better, worse, more and less are significant, corrected (Holm) for the number of cases. A case is
borderline if leaving out one network turns its verdict.
"""

import pandas as pd

from utils.balance.tables import (
    SIDE,
    checked,
    gain_values,
    gains_beside_paper,
    head_start,
    mean_and_variance,
    repair_values,
    share_values,
    turned,
)
from utils.evidence import paper
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import ACCURACY, CASE, decided
from utils.evidence.wording import in_percent, listed, of_one, percent, signed, with_interval
from utils.names import NETWORK, layer_scope, readable, spaced
from utils.study.findings import Finding


def gains(ablation: pd.DataFrame) -> Finding:
    """What bias balancing gains over zeroing: random orders, with C7's verdicts of all cases."""
    cases = decided(gain_values(ablation), CLAIMS["C7"].rule)
    words = {
        "agrees": "keeps more accuracy than zeroing in {}",
        "disagrees": "keeps less accuracy than zeroing in {}",
        "negligible": f"differs from zeroing by less than {ACCURACY:g} in {{}}",
        "open": "is not told apart from zeroing in {}",
    }
    parts = []
    for verdict, these in cases.xs("random", level="quantity").groupby("verdict", sort=False):
        of = [f"{spaced(scope)} ({with_interval(case)})" for scope, case in these.iterrows()]
        parts.append(words[verdict].format(listed(of)))
    counts = [f"{n} × {verdict}" for verdict, n in cases["verdict"].value_counts().items()]
    n_orders = cases.groupby(level="scope").size().max()
    return Finding(
        f"**Bias balancing**, neurons removed in random order, {listed(parts)}.{of_one(cases)}",
        f"The claim's {len(cases)} cases, {n_orders} orders in each layer: {listed(counts)}.",
    )


def share_and_gain(measured: pd.DataFrame, ablation: pd.DataFrame) -> Finding:
    """Does the layer with the largest share of squared error removed gain most?"""
    shares = mean_and_variance(measured)["share removed by balancing"]
    values = gain_values(ablation)
    values = values[values["quantity"] == "random"]
    gain = values.pivot_table(index="replicate", columns="scope", values="value")
    largest, most = layer_scope(shares.idxmax()), gain.mean().idxmax()
    if len(shares) < 2:
        return Finding("One layer cannot be compared with another.")
    text = "gains most"
    if largest != most:
        less = (gain[largest] - gain[most]).rename("value").reset_index()
        case = decided(less.assign(scope=largest, quantity="random"), SIDE).iloc[0]
        word = "less" if case["verdict"] == "disagrees" else "not significantly less"
        text = f"gains {word} than {spaced(most)} ({with_interval(case)})"
    return Finding(
        f"{spaced(largest).capitalize()} has the largest share of squared error removed "
        f"({shares.max():.2f}), and {text}. These {len(shares)} layers are no basis for a rule."
    )


def repairs(balancing: pd.DataFrame, fraction: float) -> Finding:
    """Where least squares is better than bias balancing, and bias balancing than zeroing."""
    squares = decided(repair_values(balancing, "least_squares", "mean"), SIDE)
    counts, n_cases = squares["verdict"].value_counts(), len(squares)
    text = " and ".join(
        f"{word} than bias balancing in {counts[verdict]} of {n_cases} cases"
        for word, verdict in (("better", "agrees"), ("worse", "disagrees"))
        if verdict in counts
    )
    values = repair_values(balancing, "mean", "zero")
    parts = [checked(part, SIDE) for _, part in values.groupby("scope", sort=False)]
    balanced = pd.concat(parts).reset_index()
    words = {"agrees": "better", "disagrees": "worse", "open": "not decided"}
    doubt = balanced["borderline"].map({True: ", but borderline,", False: ""})
    texts = []
    for word, cases in balanced.groupby(balanced["verdict"].map(words) + doubt):
        shares = cases.groupby("scope", sort=False)["quantity"].agg(listed)
        texts.append(f"{word} in {listed(f'{_place(s)} ({of})' for s, of in shares.items())}")
    at = squares.loc[NETWORK, f"{fraction:.0%} pruned"]
    return Finding(
        f"**Least squares** is {text or 'in no case better or worse than bias balancing'}. With "
        f"{percent(fraction)} of all layers pruned the difference is {with_interval(at)}."
        f"{of_one(squares)}",
        f"Bias balancing against zeroing: {'; '.join(texts)}.".replace("% pruned", " %"),
    )


def obviated(balancing: pd.DataFrame) -> Finding:
    """C9: what share of the gain of retraining a repair brings alone, least and most pruned."""
    epochs, texts = int(balancing["retrain_epochs"].max()), []
    for repair in ("mean", "least_squares"):
        cases = checked(share_values(balancing, repair), CLAIMS["C9"].rule).droplevel("scope")
        ends = cases.iloc[[0, -1][: len(cases)]].rename(lambda text: text.replace("%", " %"))
        there, none = ends[ends["mean"].notna()], ends[ends["mean"].isna()]
        texts.append(listed(f"{_share(case)} with {text}" for text, case in there.iterrows()))
    of = f"Of what {_epochs(epochs)} of **retraining** gain{'s' * (epochs == 1)} over zeroing"
    missing = f"no share is defined with {listed(none.index)}: there it may gain nothing"
    if not any(texts):
        return Finding(f"{of}, {missing}.{of_one(cases)}")
    lead = f"{of}, bias balancing alone brings {texts[0]}. Least squares brings {texts[1]}."
    return Finding(lead + f" {missing.capitalize()}." * (len(none) > 0) + of_one(cases))


def single_networks(ablation: pd.DataFrame, balancing: pd.DataFrame) -> Finding:
    """Whether leaving out one network turns a verdict of C7 or C9, and which."""
    parts = {"C7": gain_values(ablation), "C9": share_values(balancing)}
    n_networks = ablation["replicate"].nunique()
    if n_networks < 3:
        return Finding("Of fewer than three networks none can be left out.")
    n_cases = sum(values.groupby(CASE).ngroups for values in parts.values())
    texts = []
    for claim, values in parts.items():
        cases = turned(values, CLAIMS[claim].rule).groupby([*CASE, "all"], sort=False)
        for (scope, quantity, verdict), part in cases:
            turns = [
                f"{other} without {'network' if len(of) == 1 else 'any one of networks'} "
                f"{listed(map(str, of))}"
                for other, of in part.groupby("without")["replicate"].agg(list).items()
            ]
            case = f"{_place(scope)}, {readable(quantity).replace('%', ' %')}"
            texts.append(f"{claim}, {case}: {verdict}; {', '.join(turns)}.")
    return Finding(
        f"Leaving out one of the {n_networks} networks turns {len(texts) or 'none'} of {n_cases} "
        "verdicts of C7 and C9.",
        *texts,
    )


def starts(balancing: pd.DataFrame) -> Finding:
    """How far retraining leaves repaired starts ahead of zeroed ones, or behind, at the end."""
    epochs = int(balancing["retrain_epochs"].max())
    cases = head_start(balancing, epochs)
    worst, best = (
        f"{with_interval(cases.loc[key])} ({readable(key[1])}, {percent(key[0])} pruned)"
        for key in (cases["mean"].idxmin(), cases["mean"].idxmax())
    )
    small = cases[["low_90", "high_90"]].abs().max(axis=None) < ACCURACY
    return Finding(
        f"After {_epochs(epochs)} of retraining, a **repaired start** "
        f"{'hardly matters' if small else 'may still matter'}: its accuracy minus that from a "
        f"zeroed start lies between {worst} and {best}.{of_one(cases)}"
    )


def beside_paper(ablation: pd.DataFrame) -> Finding:
    """How far curves of Fig. 1 are from the paper's, and whether balancing gains more or less."""
    distances = paper.curve_distances(ablation)
    distances = distances[distances["figure"].str.startswith("fig1")].set_index("replacement")
    zeroed = distances.loc[["zero"]].sort_values("rmse").iloc[-1]
    random = gains_beside_paper(ablation).xs("random", level="order")
    texts = [
        f"{'more' if case['mean'] > case['paper'] else 'less'} in {layer} "
        f"({signed(case['mean'])}, paper {signed(case['paper'])})"
        for layer, case in random.iterrows()
    ]
    outside = listed(random.index[random["within ours"] == "no"])
    where = f"outside the range of our single networks in {outside}"
    where = where if outside else "within the range of our single networks"
    where = f" The paper's gain lies {where}." * (ablation["replicate"].nunique() > 1)
    return Finding(
        "With random orders, and compared with **the paper**, balancing gains "
        f"{listed(texts)}.{where}",
        f"Bias-balanced, our curves are at most {distances.loc[['mean'], 'rmse'].max():.3f} from "
        f"the paper's (root mean square); zeroed, at most {zeroed['rmse']:.3f} "
        f"({spaced(zeroed['scope'])}, {readable(zeroed['ordering'])}).",
    )


def _share(case: pd.Series) -> str:
    """In percent, with what a reader must know if it does not plainly agree with its claim."""
    words = {"open": "not significant", "negligible": "negligible"}
    doubt = "" if pd.isna(case["low"]) else words.get(case["verdict"], "")
    if case["borderline"]:
        doubt = f"{doubt or 'significant'}, but borderline: single networks decide"
    return in_percent(case) + (f" ({doubt})" if doubt else "")


def _epochs(number: int) -> str:
    return f"{number} epoch{'s' * (number > 1)}"


def _place(scope: str) -> str:
    return "all layers" if scope == NETWORK else spaced(scope)

"""Sentences of notebook 03 about single neurons and digits, and about the paper's curves."""

from collections.abc import Sequence

import pandas as pd

from utils.ablate import tables
from utils.ablate.experiment import LOST_AT
from utils.evidence import paper
from utils.evidence.wording import listed, percent, signed, with_interval, without_plus
from utils.names import INFORMED, readable, spaced
from utils.study.findings import Finding

PREDICTS = {
    "agrees": "predicts the harm",
    "disagrees": "predicts the opposite",
    "negligible": "predicts nothing",
    "open": "shows no clear relation to it",
}


def over_confident(lowered: pd.DataFrame) -> Finding:
    """What the temperature does to the harm of single removals, in the last layer."""
    temperatures = lowered["temperature"].to_numpy().ravel()
    raw, scaled = (lowered[name].iloc[:, -1].mean() for name in lowered.columns.levels[0][:2])
    layer = lowered["cross-entropy"].columns[-1]
    low, high = temperatures.min(), temperatures.max()
    kind = "over-confident" if low > 1 else "too modest" if high < 1 else "of both kinds"
    return Finding(
        f"The networks are {kind}: their temperatures lie between {low:.2f} and {high:.2f}. "
        f"Removing one neuron of {layer} lowers the cross-entropy for {percent(raw)} of the "
        f"neurons, and the temperature-scaled one for {percent(scaled)}."
    )


def one_by_one(table: pd.DataFrame) -> Finding:
    """C2 one by one, and what outgoing weights know: from `tables.correlation_with_rise`."""
    table = table.loc["scaled cross-entropy"]
    of = table.index.get_level_values("quantity")
    claimed = table[of.isin(INFORMED)]
    n_positive = (claimed["verdict"] == "agrees").sum()
    low, high = signed(claimed["mean"].min(), 2), signed(claimed["mean"].max(), 2)
    weights = [
        f"{PREDICTS[row['verdict']]} in {spaced(scope)} (ρ = {with_interval(row, 2)})"
        for (scope, _), row in table[of == "outgoing_variance"].iterrows()
    ]
    return Finding(
        "One neuron at a time, the harm clearly rises with mutual information or KL selectivity "
        f"in {n_positive} of {len(claimed)} cases (Spearman's ρ with the scaled cross-entropy is "
        f"{low} to {high}). What the "
        f"neuron sends on, Var(h)·|w|², {listed(weights)}."
    )


def lost_classes(losses: pd.DataFrame, names: Sequence[str]) -> Finding:
    """Which class an order spares most, and least, compared with random orders.

    names : of the classes
    """
    table = 100 * tables.lost_by_class(losses)
    random, parts = table.loc["random"], []
    for ordering in table.index.unique("ordering").drop("random"):
        order = table.loc[ordering]
        gain = random["mean"] - order["mean"]
        most, least = (
            f"class {names[at]}, which loses {without_plus(order.loc[at], 0)} percentage points "
            f"instead of {without_plus(random.loc[at], 0)}"
            for at in (gain.idxmax(), gain.idxmin())
        )
        parts.append(
            f"Compared with random orders, with {percent(LOST_AT)} of layer 1 removed, lowest "
            f"{readable(ordering)} first does best by {most}, and worst by {least}."
        )
    return Finding(" ".join(parts))


def beside_paper(ablation: pd.DataFrame) -> Finding:
    """How far our curves are from figures 3 and 4, and what zeroed ones would be from figure 3."""
    distances = paper.curve_distances(ablation)
    shown = distances[distances["figure"].str.contains("3|4")]
    if shown.empty:
        return Finding("No curve of this run is one of the paper's.")
    worst = shown.loc[shown["rmse"].idxmax()]
    text = (
        f"Our mean curves are {shown['rmse'].median():.3f} from the {len(shown)} curves of the "
        f"paper's Fig. 3 and 4 (median of the root mean squares), at most {worst['rmse']:.3f} "
        f"({readable(worst['ordering'])}, {spaced(worst['scope'])}, {spaced(worst['direction'])})."
    )
    from_figure_3 = tables.distances_from_figure_3(ablation)
    balanced, zeroed = from_figure_3["mean"], from_figure_3["zero"]
    text += (
        f" From Fig. 3 they are {balanced:.3f} with bias balancing and {zeroed:.3f} with zeroed "
        "neurons"
    )
    if 2 * min(balanced, zeroed) < max(balanced, zeroed):
        kind = "bias-balanced" if balanced < zeroed else "zeroed"
        text += f", which suggests that Fig. 3 shows {kind} networks"
    return Finding(f"{text}.")

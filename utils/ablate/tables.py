"""What notebook 03 prints, and what its sentences are made of: effects at 40 and at 80 %."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from utils.evidence import effects, paper
from utils.evidence.claims import CLAIMS, PAPERS_SHARE
from utils.evidence.curves import ABLATED_SHARE, merge_random, retained
from utils.evidence.intervals import bands
from utils.evidence.judging import ACCURACY, CORRELATION, Rule, decided, long
from utils.evidence.of_curves import ORDERS
from utils.evidence.wording import with_interval
from utils.names import NETWORK, QUANTITIES, RANKS, layer_scope, readable, spaced, unnumbered

SHARES = (PAPERS_SHARE, ABLATED_SHARE)
APART = Rule("above", margin=ACCURACY)  # agrees: more, disagrees: less, negligible: within 0.01
GOOD = CLAIMS["C1b"].rule  # above 0.01: better than random, in the sense of the claims
RANKED = {f"{q}, {d}": (q + RANKS, d) for q, d in ORDERS.values()}
PREDICTORS = (*QUANTITIES, "outgoing_norm", "outgoing_variance")

Effect = Callable[[pd.DataFrame], pd.DataFrame]  # of R, as in `utils.evidence.of_curves`


def against_random(r: pd.DataFrame) -> pd.DataFrame:
    """R - R(random), in every scope, by quantity and direction."""
    return effects.against_random(r, ORDERS)


def ranks_against_random(r: pd.DataFrame) -> pd.DataFrame:
    """The same across the network, both by ranks within layers."""
    return effects.against_random(effects.of_network(r), RANKED, "random" + RANKS)


def against_high_first(r: pd.DataFrame) -> pd.DataFrame:
    """R(low first) - R(high first), in every scope, by quantity."""
    return long(effects.direction_gaps(r))


def at_shares(
    ablation: pd.DataFrame, effect: Effect, rule: Rule = APART, shares: Sequence[float] = SHARES
) -> pd.DataFrame:
    """An effect [share, scope, quantity] with R up to each share, `decided` by a rule."""
    parts = {share: decided(effect(retained(ablation, share)), rule) for share in shares}
    return pd.concat(parts, names=["share"])


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """`at_shares` for readers: a row a case, a column a share; interval and verdict as text."""
    cells = [f"{with_interval(row)} {row['verdict']}" for row in table.to_dict("records")]
    wide = pd.Series(cells, table.index).unstack("share", sort=False)
    wide.columns = [f"up to {100 * share:.0f} % removed" for share in wide]
    names = [wide.index.get_level_values("scope"), wide.index.get_level_values("quantity")]
    wide.index = pd.MultiIndex.from_arrays(
        [[spaced(name) for name in names[0]], [readable(name) for name in names[1]]],
        names=["where", "order"],
    )
    return wide


def of_scope(table: pd.DataFrame, network: bool) -> pd.DataFrame:
    """The rows of the network, or those of its layers."""
    return table[(table.index.get_level_values("scope") == NETWORK) == network]


def removed_by_layer(measured: pd.DataFrame, low_first: bool = True) -> pd.DataFrame:
    """Neurons of each layer among the first n removed across the network, by value.

    quantity, layer, n, removed: means over networks. As 03 removes: ties by number.
    """
    parts = []
    for quantity in QUANTITIES:
        keys = ["replicate", quantity, "layer", "neuron"]
        ordered = measured.sort_values(keys, ascending=[True, low_first, True, True])
        of_layer = pd.get_dummies(ordered["layer"], dtype=int)
        counts = of_layer.groupby(ordered["replicate"]).cumsum()
        counts["n"] = ordered.groupby("replicate").cumcount() + 1
        means = counts.groupby("n").mean()
        long_form = means.rename_axis(columns="layer").stack().rename("removed").reset_index()
        parts.append(long_form.assign(quantity=quantity))
    return pd.concat(parts, ignore_index=True)


def correlation_with_rise(measured: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rho of each predictor with what rises when a neuron alone is removed.

    [rise, scope, quantity]: with the errors, and with the temperature-scaled cross-entropy; mean,
    interval and verdict, above 0.

    measured : with the columns of `ablate.experiment.with_weights`
    """
    parts = {}
    for rise in effects.RISES:
        values = effects.rise_correlations(measured, alone, rise, PREDICTORS)
        values["quantity"] = values["quantity"].str.removesuffix(f", {rise}")
        parts[rise] = decided(values, Rule("above", margin=CORRELATION))
    return pd.concat(parts, names=["rise"])


def lowered(alone: pd.DataFrame, temperatures: Sequence[float]) -> pd.DataFrame:
    """Share of a layer's neurons whose removal alone lowers the test cross-entropy, by network.

    Bias-balanced; with logits as they are and divided by the network's temperature, which stands
    in the first column.
    """
    names = {
        "cross_entropy_rise": "cross-entropy",
        "scaled_cross_entropy_rise": "scaled cross-entropy",
    }
    balanced = alone[alone["replacement"] == "mean"].rename(columns=names)
    keys = [balanced["replicate"], balanced["layer"].map(layer_scope).map(spaced)]
    shares = (balanced[list(names.values())] < 0).groupby(keys).mean().unstack("layer", sort=False)
    shares.insert(0, ("temperature", ""), np.asarray(temperatures))
    return shares.rename_axis(index="network", columns=[None, None])


def lost_by_class(losses: pd.DataFrame) -> pd.DataFrame:
    """mean, low, high of the share lost [ordering, class]; random orders averaged in a network."""
    table = losses.assign(ordering=unnumbered(losses["ordering"]))
    each = table.groupby(["ordering", "class", "replicate"], as_index=False)["lost"].mean()
    return bands(each, ["ordering", "class"], "lost")


def distances_from_figure_3(ablation: pd.DataFrame) -> pd.Series:
    """Median root mean square of our mean curves minus the paper's Fig. 3, by replacement.

    Which of them Fig. 3 shows is not stated in our sources.
    """
    keys = ["scope", "ordering", "direction", "n_ablated"]
    theirs = paper.published_curves().query("figure == 'fig3'").set_index(keys)["accuracy"]
    ours = (
        merge_random(ablation).groupby(["replacement", *keys], as_index=False)["accuracy"].mean()
    )
    both = ours.join(theirs.rename("published"), on=keys, how="inner")
    squares = (both["accuracy"] - both["published"]) ** 2
    of_curves = squares.groupby([both["replacement"], both["ordering"]]).mean() ** 0.5
    return of_curves.groupby("replacement").median()


def all_effects(ablation: pd.DataFrame) -> pd.DataFrame:
    """Every effect that the sentences are made of, `shown`, by what is compared."""
    parts = {
        "order − random": against_random,
        "ranks − random by ranks": ranks_against_random,
        "low first − high first": against_high_first,
    }
    tables = {name: shown(at_shares(ablation, effect)) for name, effect in parts.items()}
    return pd.concat(tables, names=["what"])

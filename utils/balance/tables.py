"""The small tables of notebook 05: one function a table, made to be read."""

import numpy as np
import pandas as pd

from utils.evidence import effects, paper
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import with_accuracy
from utils.evidence.effects import JUDGED_BY
from utils.evidence.judging import CASE, Rule, decided, long
from utils.evidence.tables import Tables
from utils.evidence.wording import signed
from utils.information.neurons import share_of_mean
from utils.names import NETWORK, REPAIRS, readable
from utils.networks.network import Network
from utils.removal import surgery

SIDE = Rule("above", counted=True)  # agrees: significantly above 0, disagrees: below


def mean_and_variance(measured: pd.DataFrame) -> pd.DataFrame:
    """Squared mean and variance of outputs, and the share of their sum that balancing removes.

    Each the mean over the neurons of a layer and the networks.
    """
    columns = {
        "squared mean": measured["mean_output"] ** 2,
        "variance": measured["output_variance"],
        "share removed by balancing": share_of_mean(measured),
    }
    return pd.DataFrame(columns).groupby(measured["layer"]).mean()


def gain_values(ablation: pd.DataFrame) -> pd.DataFrame:
    """C7's number, R(balanced) - R(zeroed), a row a network and case."""
    return CLAIMS["C7"].values(Tables({"ablation": ablation}))


def gains(ablation: pd.DataFrame) -> pd.DataFrame:
    """C7's number by layer, low first and random: interval and verdict.

    Verdicts are those among all cases of the claim, high first too.
    """
    table = _shown(checked(gain_values(ablation), CLAIMS["C7"].rule))
    table = table[~table.index.get_level_values("quantity").str.endswith("high first")]
    return table.rename_axis(["layer", "order"])


def share_values(balancing: pd.DataFrame, repair: str = "mean") -> pd.DataFrame:
    """Share of what retraining gains that a repair gains alone, a row a network and share."""
    return effects.retraining_share(balancing, repair)


def checked(values: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """`decided`, with `borderline`: whether leaving out one network turns the verdict.

    Of fewer than three networks none can be left out, and no case is borderline.
    """
    table = decided(values, rule)
    several = values["replicate"].nunique() > 2
    turns = turned(values, rule).set_index(CASE).index if several else []
    return table.assign(borderline=table.index.isin(turns))


def turned(values: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Cases whose verdict turns if one network is left out: CASE, replicate, all, without."""
    everywhere = decided(values, rule)["verdict"]
    parts = {}
    for replicate in values["replicate"].unique():
        without = decided(values[values["replicate"] != replicate], rule)["verdict"]
        both = pd.DataFrame({"all": everywhere, "without": without})
        parts[replicate] = both[both["all"] != both["without"]]
    table = pd.concat(parts, names=["replicate"]).reset_index()
    return table[[*CASE, "replicate", "all", "without"]]


def repair_values(balancing: pd.DataFrame, repair: str, other: str) -> pd.DataFrame:
    """Accuracy with one repair minus that with another, a row a network, scope and share.

    Not retrained, lowest mutual information first.
    """
    rows = balancing[(balancing["method"] == JUDGED_BY) & (balancing["retrain_epochs"] == 0)]
    wide = with_accuracy(rows).pivot_table(
        index=["fraction", "replicate", "scope"], columns="repair", values="accuracy", sort=False
    )
    gains = (wide[repair] - wide[other]).groupby(level="fraction", sort=False)
    return long({_word(float(share)): gain for share, gain in gains})


def retraining_share(balancing: pd.DataFrame) -> pd.DataFrame:
    """Share of what retraining gains that each repair gains alone: mean, interval, verdict.

    By repair and share of all layers, lowest mutual information first; for the mean, C9's
    number. Where retraining gains nothing that could be told from 0, there is no share, and a note
    in the place of the verdict.
    """
    parts = {
        readable(repair): _shown(checked(share_values(balancing, repair), CLAIMS["C9"].rule), 2)
        for repair in REPAIRS[1:]
    }
    table = pd.concat(parts, names=["repair"]).droplevel("scope")
    table = table.rename(index=lambda label: label.removesuffix(" pruned"))
    return table.rename_axis(["repair", "share pruned"])


def _shown(table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """mean, 95 % interval as text and verdict, or why there is none, by case in readers' words."""
    ends = (table[end].map(lambda number: signed(number, digits)) for end in ("low", "high"))
    interval = ("[" + next(ends) + ", " + next(ends) + "]").where(table["low"].notna(), "–")
    table = table.assign(mean=table["mean"].round(digits), **{"95 % interval": interval})
    table["verdict"] += np.where(table["borderline"], ", borderline", "")
    table["verdict"] = table["verdict"].where(table["note"].isna(), table["note"])
    return table[["mean", "95 % interval", "verdict"]].rename(index=_word)


def start_values(balancing: pd.DataFrame) -> pd.DataFrame:
    """Accuracy retrained from repaired weights minus that from zeroed ones, a row a network.

    scope (epochs of retraining), quantity (the repair), fraction, replicate, value.
    """
    retrained = with_accuracy(balancing[balancing["retrain_epochs"] > 0])
    wide = retrained.pivot_table(
        index=["retrain_epochs", "fraction", "replicate"], columns="repair", values="accuracy"
    )
    later = wide[list(REPAIRS[1:])].sub(wide["zero"], axis=0)
    later = later.rename_axis(columns="quantity", index=["scope", "fraction", "replicate"])
    return later.melt(ignore_index=False).reset_index()


def head_start(balancing: pd.DataFrame, epochs: int) -> pd.DataFrame:
    """`start_values` after some epochs, decided by share pruned and repair."""
    values = start_values(balancing).query("scope == @epochs").drop(columns="scope")
    return decided(values.rename(columns={"fraction": "scope"}), SIDE)


def gains_beside_paper(ablation: pd.DataFrame) -> pd.DataFrame:
    """C7's numbers from the paper's curves of Fig. 1, and ours: a row a layer and order.

    within ours: whether the paper's number lies in the range of our single networks.
    """
    table = paper.claim_numbers(ablation).loc["C7"].rename(index=_word)
    table = table.assign(**{"within ours": np.where(table["inside"], "yes", "no")})
    table = table.rename(columns={"published": "paper"}).rename_axis(["layer", "order"])
    return table[["paper", "mean", "lowest", "highest", "within ours"]]


def weights_after(
    network: Network, layer: int, gone: np.ndarray, outputs: np.ndarray
) -> pd.Series:
    """Root mean square of the weights out of a layer once neurons are `gone`, by repair.

    outputs : [n, neurons] of the layer
    """
    moments = surgery.Moments(outputs)
    kernels = {r: surgery.remove(network, layer, gone, r, moments).kernels[layer] for r in REPAIRS}
    sizes = {
        _word(repair): np.sqrt(np.square(kernel).mean()) for repair, kernel in kernels.items()
    }
    return pd.Series(sizes, name=f"weights out of layer {layer}")


def _word(label: str | float) -> str:
    """A label of a table in readers' words; shares pruned are the floats among them."""
    if isinstance(label, float):
        return f"{label:.0%} pruned"
    return "all layers" if label == NETWORK else readable(label)

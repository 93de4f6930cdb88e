"""The small tables of notebooks 01 to 03 and 06: one function a table, made to be read."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from utils import claims, measures, mistakes, verdicts
from utils.datasets import Dataset, Split
from utils.measures import QUANTITIES
from utils.networks import Network
from utils.runs import Stage


# 01-train
def class_counts(data: Dataset) -> pd.DataFrame:
    """Images of each class in each split."""
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    counts = {
        name: np.bincount(split.labels, minlength=data.n_classes) for name, split in splits.items()
    }
    table = pd.DataFrame(counts).T.rename_axis(columns="class")
    return table.assign(all=table.sum(axis=1))


def final_accuracy(training: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and cross-entropy after the last epoch: mean, smallest, largest over networks."""
    last = training[training["epoch"] == training["epoch"].max()]
    last = claims.with_accuracy(last)
    return (
        last.groupby("split", sort=False)[["accuracy", "loss"]]
        .agg(["mean", "min", "max"])
        .round(4)
    )


def confusion(networks: Sequence[Network], split: Split, n_classes: int) -> pd.DataFrame:
    """Images [true class, predicted class], all networks together."""
    counts = np.zeros((n_classes, n_classes), int)
    for network in networks:
        np.add.at(counts, (split.labels, network.predict(split.images)), 1)
    return pd.DataFrame(counts).rename_axis(index="true", columns="predicted")


def setting(stage: Stage, training: pd.DataFrame) -> pd.DataFrame:
    """What the paper states of its setting, and this run's."""
    p = stage.parameters
    accuracy = final_accuracy(training).loc["test", "accuracy"]
    sizes = stage.networks[0].sizes
    data = stage.dataset
    splits = " / ".join(f"{len(s.labels):,}" for s in (data.train, data.validation, data.test))
    rows = [
        ("data set", "MNIST", p.dataset),
        ("train / validation / test", "50,000 / 10,000 / 10,000", splits),
        ("layers", "784-100-100-10", "-".join(map(str, sizes))),
        ("activation", "sigmoid", p.activation),
        ("Adam: rate, batch", "0.001, 32", f"{p.learning_rate}, {p.batch_size}"),
        ("L2 strength", "not known to us", f"{p.l2} (assumed)"),
        ("epochs", "not known to us", f"{p.epochs} (assumed)"),
        ("networks", "1 (not stated otherwise)", str(p.n_replicates)),
        ("test accuracy", "0.9765", "{mean:.4f} ({min:.4f} to {max:.4f})".format(**accuracy)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["", "paper", "this run"]).set_index("")


# 02-measure
def joint_counts(counts: np.ndarray) -> pd.DataFrame:
    """Joint counts [levels, classes] of one neuron, with their sums."""
    table = pd.DataFrame(counts).rename_axis(index="level", columns="class")
    return table.assign(all=table.sum(axis=1))


def bounds(measured: pd.DataFrame, labels: np.ndarray) -> pd.Series:
    """Largest excess of any neuron over each bound, in bits, rounded to nine decimals."""
    shares = np.bincount(labels) / len(labels)
    class_entropy = -(shares[shares > 0] * np.log2(shares[shares > 0])).sum()
    information = measured["mutual_information"]
    excess = {
        "I - H(T)": (information - measured["entropy"]).max(),
        "I - H(Y)": (information - class_entropy).max(),
        "I - KL selectivity": (information - measured["kl_selectivity"]).max(),
        "0 - I": (-information).max(),
    }
    return pd.Series(excess, name="bits").clip(lower=0).round(9) + 0.0


def shuffled_baseline(
    network: Network, split: Split, n_levels: int, n_classes: int
) -> pd.DataFrame:
    """Mean quantities in bits, by layer, with the right labels and with shuffled ones."""
    shuffled = np.random.default_rng(0).permutation(split.labels)
    found = {
        name: measures.measure(network, split.images, labels, n_levels, n_classes)
        for name, labels in (("right", split.labels), ("shuffled", shuffled))
    }
    table = pd.concat(found, names=["labels", None])
    return table.groupby(["labels", "layer"])[list(QUANTITIES[1:])].mean()


def median_differences(measured: pd.DataFrame) -> pd.DataFrame:
    """Median of a layer minus that of the layer before: mean, interval, is 0 outside."""
    medians = measured.groupby(["replicate", "layer"])[list(QUANTITIES)].median()
    steps = medians.groupby("replicate").diff().dropna().reset_index()
    steps = steps.melt(["replicate", "layer"], var_name="quantity")
    table = claims.summarize(steps, ["layer", "quantity"])
    table["differs"] = np.where((table["low"] > 0) | (table["high"] < 0), "yes", "not sure")
    return table.set_index(["layer", "quantity"])


def rank_correlations(measured: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rank correlation between the quantities within a layer, mean over networks."""
    grouped = measured.groupby(["replicate", "layer"])[list(QUANTITIES)]
    table = grouped.corr("spearman").groupby(level=["layer", 2], sort=False).mean()
    return table.rename_axis(["layer", "quantity"])


def extreme_neurons(measured: pd.DataFrame, quantity: str, n: int = 3) -> pd.DataFrame:
    """First-layer neurons of replicate 0 with the n highest and the n lowest values."""
    first = measured[(measured["replicate"] == 0) & (measured["layer"] == 1)]
    order = first.sort_values(quantity, kind="stable", ascending=False)
    chosen = pd.concat([order.head(n), order.tail(n)])
    label = chosen["neuron"].astype(str) + ": " + chosen[quantity].round(2).astype(str)
    return chosen.assign(label=label).reset_index(drop=True)


def top_images(
    network: Network, neurons: Sequence[int], split: Split, n: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Images [neurons, n, pixels] that raise each first-layer neuron most, and their labels."""
    outputs = network.forward(split.images)[0][:, list(neurons)]
    top = np.argsort(-outputs, axis=0, kind="stable")[:n].T
    return split.images[top], split.labels[top]


def selective_classes(measured: pd.DataFrame) -> pd.DataFrame:
    """Neurons that prefer each class, by layer, all networks together."""
    return pd.crosstab(measured["layer"], measured["selective_class"])


# 03-ablate
def halfway(ablation: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy with half of a scope's neurons ablated, bias-balanced."""
    table = claims.merge_random(ablation)
    half = table.groupby("scope")["n_ablated"].transform("max") // 2
    table = table[(table["n_ablated"] == half) & (table["replacement"] == "mean")]
    return table.pivot_table(
        index=["ordering", "direction"], columns="scope", values="accuracy", sort=False
    )


def effect(
    effects: pd.DataFrame, name: str, scopes: Sequence[str], side: str, bound: float = 0.0
) -> pd.DataFrame:
    """One effect in some scopes: mean, 95 % interval, number of networks, verdict."""
    part = effects[(effects["effect"] == name) & effects["scope"].isin(scopes)]
    table = claims.summarize(part, ["scope", "quantity"])
    table["verdict"] = claims.verdicts(table, bound, side)
    return table.sort_values("scope", kind="stable").set_index(["scope", "quantity"])


def layer_of_removed(measured: pd.DataFrame) -> pd.Series:
    """Share of the first half of the neurons, lowest values first, that are of layer 1."""
    shares = {}
    for quantity in QUANTITIES:
        ranks = measured.groupby("replicate")[quantity].rank(method="first", pct=True)
        shares[quantity] = (measured.loc[ranks <= 0.5, "layer"] == 1).mean()
    return pd.Series(shares, name="share of layer 1")


def correlation_with_rise(measured: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    """Spearman's rho of each quantity and the rise in cross-entropy: mean, interval, verdict."""
    values = verdicts.correlations(measured, alone, QUANTITIES)
    table = claims.summarize(values, ["scope", "quantity"])
    table["above 0"] = claims.verdicts(table)
    return table.set_index(["scope", "quantity"])


def undefined_share(networks: Sequence[Network], split: Split, n_classes: int) -> float:
    """Share of hidden neurons with an empty cell in their joint counts, one bit, over networks."""
    shares = [mistakes.undefined_neurons(n, split, 2, n_classes).mean() for n in networks]
    return round(float(np.mean(shares)), 2)


# 06-verdict
def cases(found: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """All cases of some claims: estimate, 95 % interval, number of networks, verdict."""
    part = found[found["claim"].isin(names)]
    return part.set_index(["claim", "scope", "quantity"]).round(3)


def activation_benefit(
    measured: dict[str, pd.DataFrame], everything: verdicts.Tables
) -> pd.DataFrame:
    """What C7 gains and what it should, by run (this one first), layer and replicate.

    `measured`: measures by run. share: of the squared error of zeroing a neuron, in what the next
    layer receives, the part that the mean output removes; mean over the layer. gain: R(balanced) -
    R(zeroed), random orders.
    """
    ablations = [everything.ablation, *everything.others.values()]
    tables = {}
    for (run, neurons), ablation in zip(measured.items(), ablations, strict=True):
        share = measures.share_of_mean(neurons).rename("share")
        shares = share.groupby([neurons["replicate"], neurons["layer"]]).mean().reset_index()
        gains = verdicts.balancing_gains(ablation).query("quantity == 'random'")
        gains = gains.rename(columns={"value": "gain"})
        shares["scope"] = "layer-" + shares["layer"].astype(str)
        tables[run] = shares.merge(gains, on=["replicate", "scope"])
    table = pd.concat(tables, names=["run", None]).reset_index("run")
    return table[["run", "layer", "replicate", "share", "gain"]]


def both_overviews(
    found: pd.DataFrame, second: pd.DataFrame, listed: dict[str, verdicts.Claim] = verdicts.CLAIMS
) -> pd.DataFrame:
    """Whether each claim, or other statement `listed`, holds, here and in the second run."""
    here, there = (verdicts.overview(table, listed)["holds"] for table in (found, second))
    return pd.DataFrame({"this run": here, "second run": there}).reindex(here.index)


def moved(found: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Cases with another verdict in the second run; the columns' name says out of how many."""
    case = ["claim", "scope", "quantity"]
    both = found.merge(second, on=case, suffixes=(", this run", ", second run"))
    changed = both[both["verdict, this run"] != both["verdict, second run"]]
    columns = [f"{name}, {run}" for run in ("this run", "second run") for name in
               ("estimate", "low", "high", "verdict")]  # fmt: skip
    table = changed.set_index(case)[columns].round(3)
    return table.rename_axis(columns=f"{len(changed)} of {len(both)} cases moved")


def claim_definitions(listed: dict[str, verdicts.Claim] = verdicts.CLAIMS) -> pd.DataFrame:
    """What stands for each claim: the number and the side of the bound it is claimed to be on."""
    rows = {
        name: {"number": claim.number, "claimed": f"{claim.side} {claim.bound:g}"}
        for name, claim in listed.items()
    }
    return pd.DataFrame(rows).T

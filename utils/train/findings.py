"""Sentences of notebook 01, made from the tables, so that they cannot drift from the numbers."""

import pandas as pd

from utils.evidence.curves import final_test_accuracy, with_accuracy
from utils.evidence.intervals import interval
from utils.evidence.power import LEVEL
from utils.evidence.wording import with_interval
from utils.study.findings import Finding
from utils.train.choice import INITIALIZATIONS, by_setting, chosen, distances, named, short
from utils.train.closeness import FIGURE_2, FIGURE_3, FIGURE_4, FIT
from utils.train.tables import PAPERS_ACCURACY, SPIKE, spikes


def accuracy(training: pd.DataFrame, dataset: str) -> Finding:
    """How accurate the networks kept are, how much they differ, and whether the paper's is."""
    kept = final_test_accuracy(training)
    if len(kept) == 1:
        text = f"The network kept classifies {kept.mean():.4f} of the test images correctly"
    else:
        text = (
            f"The {len(kept)} networks kept classify {kept.min():.4f} to {kept.max():.4f} of the "
            f"test images correctly, {kept.mean():.4f} on average"
        )
    if dataset != "mnist":
        return Finding(f"{text}.")
    gap = interval(kept.to_numpy() - PAPERS_ACCURACY)
    text += f". The paper's curves start at {PAPERS_ACCURACY}: "
    difference = f"difference {with_interval(gap._asdict(), 4)}"
    if len(kept) == 1:
        return Finding(f"{text}{difference}.")
    side = "lies above it" if gap.mean > 0 else "lies below it"
    within = "within" if kept.min() <= PAPERS_ACCURACY <= kept.max() else "outside"
    return Finding(
        f"{text}the average {side if gap.p < LEVEL else 'cannot be told apart from it'} "
        f"({difference}); the paper's is {within} the range of our networks."
    )


def rule(training: pd.DataFrame, kept_of_last: int) -> Finding:
    """Whether networks spike in the epochs that one is kept of, and whether one is kept there."""
    test = with_accuracy(training[training["split"] == "test"])
    n_networks, last = test["replicate"].nunique(), test["epoch"].max()
    n_epochs = min(kept_of_last, max(last, 1))
    found = spikes(training, n_epochs)
    epochs = "epoch" if n_epochs == 1 else f"{n_epochs} epochs"
    spiking = found["replicate"].nunique()
    who = f"{spiking} of {n_networks} networks" if spiking else "no network"
    text = (
        f"In the last {epochs} {who} {'has' if spiking < 2 else 'have'} a spike: one epoch with "
        f"a test accuracy more than {SPIKE} below its neighbours"
    )
    if spiking:
        deepest = found.iloc[0]
        n_kept = len(found.merge(test.loc[test["kept"] == 1, ["epoch", "replicate"]]))
        text += (
            f" (the deepest is network {deepest['replicate']:.0f}'s in epoch "
            f"{deepest['epoch']:.0f}, by {deepest['below']:.4f}). "
            f"{n_kept or 'None'} of the networks {'is' if n_kept < 2 else 'are'} kept at a spike"
        )
    at_end = test.loc[test["epoch"] == last, "accuracy"].mean()
    best = final_test_accuracy(training).mean()
    return Finding(
        f"{text}. The mean test accuracy of the networks kept is {best:.4f}; of those after the "
        f"last epoch it is {at_end:.4f}."
    )


def confidence(training: pd.DataFrame) -> Finding:
    """What the rule costs in cross-entropy and gains in accuracy, both of validation images."""
    table = with_accuracy(training[training["split"] == "validation"]).set_index("replicate")
    lowest = table.loc[table["loss"] == table.groupby("replicate")["loss"].transform("min")]
    lowest = lowest.groupby("replicate").first()
    kept = table[table["kept"] == 1]
    loss, hits = (interval((kept[y] - lowest[y]).to_numpy()) for y in ("loss", "accuracy"))
    text = (
        "Between a network's epoch of lowest validation cross-entropy and the one it is kept at, "
        f"the cross-entropy changes by {with_interval(loss._asdict())} nats and the accuracy by "
        f"{with_interval(hits._asdict(), 4)}."
    )
    if loss.low > 0 and hits.low > 0:
        text += " More is right, and what is wrong is wrong with more confidence."
    return Finding(text)


def alike(calibration: pd.DataFrame, this: tuple[str, float, int]) -> Finding:
    """Which settings cannot be told apart from the closest, and which of them is taken."""
    table = distances(calibration).reset_index()
    same, taken = table[table["same"]], tuple(chosen(calibration).values())
    closest = tuple(table.loc[0, ["initialization", "l2", "epochs"]])
    excluded = sorted(set(table["l2"]) - set(same["l2"]))
    limits = (
        f"An L2 of {' or '.join(map(short, excluded))} is not among them with any start or number "
        "of epochs"
        if excluded
        else "Every L2 tried is among them"
    )
    strongest = same[same["l2"] == same["l2"].max()]
    of_strongest = ", ".join(map(str, sorted(strongest["epochs"].unique())))
    return Finding(
        f"{len(same)} of {len(table)} settings cannot be told apart from the one closest to the "
        f"paper's curves ({named(closest)}). {limits}; the strongest is "
        f"{short(same['l2'].max())}, with {of_strongest} epochs. The rule takes {named(taken)}; "
        + ("this run uses it." if this == taken else f"this run has another: {named(this)}.")
    )


def checks(calibration: pd.DataFrame) -> Finding:
    """Which setting figures 3 and 2 prefer, and where the one that the rule takes stands there."""
    table, taken = distances(calibration), tuple(chosen(calibration).values())
    sentences = []
    for name, unit, digits in ((FIGURE_3, "standard deviations", 2), (FIGURE_2, "bits", 3)):
        best = table[name].idxmin()
        among, agrees = (
            ("one", "agrees") if table.loc[best, "same"] else ("none", "does not agree")
        )
        place = int((table[name] < table.loc[taken, name]).sum()) + 1
        sentences.append(
            f"{name.removesuffix(' (bits)').capitalize()} {agrees}: its closest setting is "
            f"{among} of those {table['same'].sum()} ({named(best)}, at "
            f"{table[name].min():.{digits}f} {unit}), and the one taken is number {place} of "
            f"{len(table)} (at {table.loc[taken, name]:.{digits}f})."
        )
    return Finding(" ".join(sentences))


def start_and_figure_4(calibration: pd.DataFrame) -> Finding:
    """How much the start of the weights matters to figure 2, and what figure 4 adds as a check."""
    table = distances(calibration)
    by_start = table[FIGURE_2].groupby("initialization").min().sort_values()
    starts = "; ".join(f"{INITIALIZATIONS[start]} {x:.3f}" for start, x in by_start.items())
    rho = table[FIT].corr(table[FIGURE_4], "spearman")
    return Finding(
        f"The smallest distance from figure 2 in bits, by start of the weights: {starts}. The "
        "even steps of figure 4 rank the settings as what chooses with a Spearman correlation of "
        f"{rho:.2f}" + (", so they hardly check it." if rho > 0.9 else ".")
    )


def dependence(calibration: pd.DataFrame, this: tuple[str, float, int]) -> Finding:
    """Which claims get one word at all settings that cannot be told apart, and which do not."""
    words = by_setting(calibration, this)["cannot be told apart"]
    n_same = int(distances(calibration)["same"].sum())
    moved = words[words.str.contains(",")]
    steady = words[~words.str.contains(",")].str.rsplit(" ", n=1).str[0]
    of_word = [f"{' · '.join(part.index)} ({word})" for word, part in steady.groupby(steady)]
    text = (
        f"At all {n_same} settings that cannot be told apart, {len(steady)} of {len(words)} "
        f"claims get the same word: {'; '.join(of_word) or 'none'}."
    )
    if len(moved):
        text += " The word of the others depends on the choice: "
        at = moved.str.replace(r" (\d+)", r" at \1", regex=True)
        text += "; ".join(f"{claim} ({counts})" for claim, counts in at.items()) + "."
    return Finding(text)

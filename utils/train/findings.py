"""Sentences of notebook 01, made from the tables, so that they cannot drift from the numbers."""

import pandas as pd

from utils.evidence.curves import final_test_accuracy, with_accuracy
from utils.evidence.intervals import interval
from utils.evidence.power import LEVEL
from utils.evidence.wording import listed, with_interval
from utils.study.findings import Finding
from utils.train.choice import by_setting, chosen, distances, named, place
from utils.train.closeness import FIGURE_2, FIGURE_3, FIGURE_4, FIT
from utils.train.tables import PAPERS_ACCURACY, SPIKE, spikes

HOLDING, DENIED = ("holds", "holds mostly"), ("does not hold", "mostly not")


def accuracy(training: pd.DataFrame, like_papers: bool) -> Finding:
    """How accurate the networks kept are, and how much they differ.

    like_papers : they were trained on MNIST, and whether the paper's accuracy is among theirs is
        said as well
    """
    kept = final_test_accuracy(training)
    one = len(kept) == 1
    text = (
        f"The network classifies {kept.mean():.4f} of the test images correctly."
        if one
        else f"On average the {len(kept)} networks classify {kept.mean():.4f} of the test images "
        f"correctly, each between {kept.min():.4f} and {kept.max():.4f}."
    )
    if not like_papers:
        return Finding(text)
    text += f" The paper's curves start at {PAPERS_ACCURACY}"
    if one:
        return Finding(f"{text}.")
    gap = interval(kept.to_numpy() - PAPERS_ACCURACY)
    within = "within" if kept.min() <= PAPERS_ACCURACY <= kept.max() else "outside"
    side = "lies above it" if gap.mean > 0 else "lies below it"
    return Finding(
        f"{text}, {within} that range; our average "
        f"{side if gap.p < LEVEL else 'cannot be told apart from it'} "
        f"(difference {with_interval(gap._asdict(), 4)})."
    )


def rule(training: pd.DataFrame, kept_of_last: int) -> Finding:
    """Whether networks spike in the epochs that one is kept of, and whether one is kept there."""
    if not training["epoch"].any():
        return Finding("Nothing was trained here: the networks are as their files have them.")
    test = with_accuracy(training[training["split"] == "test"])
    n_networks, last = test["replicate"].nunique(), test["epoch"].max()
    n_epochs = min(kept_of_last, max(last, 1))
    found = spikes(training, n_epochs)
    spiking = found["replicate"].nunique()
    n_kept = len(found.merge(test.loc[test["kept"] == 1, ["epoch", "replicate"]]))
    text = (
        f"In the last {'epoch' if n_epochs == 1 else f'{n_epochs} epochs'} {spiking or 'none'} of "
        f"{n_networks} networks {'has' if spiking < 2 else 'have'} a spike: an epoch with a test "
        f"accuracy more than {SPIKE} below its neighbours'"
    )
    if spiking:
        text += f"; {n_kept or 'none'} of them {'is' if n_kept < 2 else 'are'} kept there"
    at_end = test.loc[test["epoch"] == last, "accuracy"].mean()
    best = final_test_accuracy(training).mean()
    return Finding(
        f"{text}. The networks kept have a mean test accuracy of {best:.4f}, those of the last "
        f"epoch of {at_end:.4f}."
    )


def confidence(training: pd.DataFrame) -> Finding:
    """What the rule costs in cross-entropy and gains in accuracy, both of validation images."""
    if not training["epoch"].any():
        return Finding("So there was no epoch to choose.")
    table = with_accuracy(training[training["split"] == "validation"]).set_index("replicate")
    lowest = table.loc[table["loss"] == table.groupby("replicate")["loss"].transform("min")]
    lowest = lowest.groupby("replicate").first()
    kept = table[table["kept"] == 1]
    loss, hits = (interval((kept[y] - lowest[y]).to_numpy()) for y in ("loss", "accuracy"))
    text = (
        "On validation images, between a network's epoch of lowest cross-entropy and the one it "
        f"is kept at, the cross-entropy changes by {with_interval(loss._asdict())} nats and the "
        f"accuracy by {with_interval(hits._asdict(), 4)}."
    )
    if loss.low > 0 and hits.low > 0:
        text += " More of them are right, and what is wrong is wrong with more confidence."
    return Finding(text)


def alike(calibration: pd.DataFrame, this: tuple[str, float, int] | None) -> Finding:
    """How many settings fit as well as the closest, which of them is taken, what `this` run has.

    this : None for networks that were trained elsewhere
    """
    same, taken = distances(calibration)["same"], tuple(chosen(calibration).values())
    strength = "an L2 above 0 and " if taken[1] > 0 else ""
    another = " The networks of this run were trained elsewhere."
    if this:
        another = "" if this == taken else f" This run has another: {named(this)}."
    many = "Many" if same.mean() > 0.1 else "Few"
    fit = (
        f"{many} settings fit the paper's curves equally well"
        if same.sum() > 1
        else ("One setting fits the paper's curves best")
    )
    return Finding(
        f"{fit}: {same.sum()} of the {len(same)} tried, by figures 1 and 4. Of those with "
        f"{strength}the fewest epochs we take the closest: {named(taken)}.{another}"
    )


def checks(calibration: pd.DataFrame) -> Finding:
    """Whether the figures that did not choose prefer one of the settings that fit equally well."""
    table, taken = distances(calibration), tuple(chosen(calibration).values())
    n_same, fits, details = table["same"].sum(), [], []
    for name, unit, digits in ((FIGURE_3, "standard deviations", 2), (FIGURE_2, "bits", 3)):
        figure, best = name.removesuffix(" (bits)"), table[name].idxmin()
        among, fit = ("one", "fits") if table.loc[best, "same"] else ("none", "does not fit")
        fits.append(
            f"{figure.capitalize()}, which did not choose, {fit}: its closest setting is "
            f"{among} of those {n_same}."
        )
        closest = table[name].nsmallest(n_same).index
        near = int(table.loc[closest, "same"].sum())
        details.append(
            f"{figure.capitalize()}: closest is {named(best)}, at {table[name].min():.{digits}f} "
            f"{unit}; the one taken is at {table.loc[taken, name]:.{digits}f} and ranks "
            f"{place(table, name, taken)} of {len(table)}. Of the {n_same} that fit equally well, "
            f"{near} are among the {n_same} closest."
        )
    rho = table[FIT].corr(table[FIGURE_4], "spearman")
    details.append(
        "The even steps of figure 4 order the settings as the curves that chose do, with a "
        f"Spearman correlation of {rho:.2f}" + (": no independent check." if rho > 0.9 else ".")
    )
    return Finding(" ".join(fits), *details)


def dependence(calibration: pd.DataFrame) -> Finding:
    """How many claims get one word at all settings that fit equally well; which cease to hold."""
    table, n_same = by_setting(calibration), distances(calibration)["same"].sum()
    words = table["where the fit is equally good"]
    moved, holding = words[words.str.contains(",")], table["at the setting taken"].isin(HOLDING)
    text = (
        f"Of the {len(words)} verdicts that were judged at all settings, "
        f"{len(words) - len(moved)} are the same wherever the fit is equally good"
    )
    if moved.empty:
        return Finding(f"{text}.")
    away = n_same - moved.str.extract(r" (\d+),", expand=False).astype(int)
    at = " to ".join(dict.fromkeys([str(away.min()), str(away.max())]))
    each = moved[holding].str.extractall(r"(?P<word>[a-z][a-z ]*) (?P<count>\d+)")
    lost = each[~each["word"].isin(HOLDING)]
    denied = lost[lost["word"].isin(DENIED)].index.unique("claim").size
    parts = (lost["word"] + " at " + lost["count"]).groupby(level="claim").agg(listed)
    return Finding(
        f"{denied or 'No'} claim{'s that hold' if denied > 1 else ' that holds'} at the setting "
        f"taken come{'s' * (denied < 2)} to *does not hold* at another that fits equally well. "
        f"{text}; the other {len(moved)} change{'s' * (len(moved) == 1)} at {at} of those "
        f"{n_same} settings.",
        *(
            f"{claim}: {table.loc[claim, 'at the setting taken']} at the setting taken, {part} of "
            f"those {n_same}."
            for claim, part in parts.items()
        ),
    )

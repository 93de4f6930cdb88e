"""Sentences of the appendix: what each mistake does, and what gives it away."""

import pandas as pd

from utils.evidence.intervals import bands
from utils.evidence.wording import in_percent, listed, signed, with_interval, without_plus
from utils.mistakes import tables
from utils.study.findings import Finding

GAINS = {
    "agrees": "more accuracy than", "disagrees": "less accuracy than",
    "negligible": "as much accuracy as", "open": "neither clearly more nor clearly less than",
}  # fmt: skip

CHANGES = {
    "agrees": "a gain", "disagrees": "a loss", "negligible": "negligible", "open": "not settled",
}  # fmt: skip


def wrong_sign(both: pd.DataFrame, bound: float) -> Finding:
    """`both`: of `tables.both_signs`; `bound`: the largest entropy there can be, in bits."""
    above = {name: (both[name] > bound + 1e-9).mean() for name in ("right", "wrong")}
    ranks = both.groupby(["replicate", "layer"])[["right", "wrong"]].corr("spearman")
    rho = ranks["wrong"].xs("right", level=-1).groupby("layer").mean()
    parts = " and ".join(f"{signed(value, 2)} in layer {layer}" for layer, value in rho.items())
    return Finding(
        f"With the wrong sign, {100 * above['wrong']:.0f} % of the neurons lie above {bound:g} "
        f"{'bit' if bound == 1 else 'bits'}, the largest value there can be; with the right one, "
        f"{100 * above['right']:.0f} %. The rank correlation of wrong and right values is {parts}."
    )


def undefined(curves: pd.DataFrame) -> Finding:
    """`curves`: of `experiment.undefined_orders`."""
    share = bands(tables.undefined_by_tenth(curves, parts=1), ["part"], "percent").iloc[0]
    parts = [
        f"Sorting {these.index[0]} changes accuracy by {with_interval(these.iloc[0])}"
        + "".join(f", {case} by {with_interval(row)}" for case, row in these.iloc[1:].iterrows())
        + f": {CHANGES[verdict]}"
        for verdict, these in tables.differences(curves).groupby("verdict", sort=False)
    ]
    return Finding(
        f"Taken literally, 0 log 0 leaves {in_percent(share / 100)} of the neurons of layer 1 "
        f"without a value (NaN). {'; '.join(parts)}."
    )


def fresh_sets(curves: pd.DataFrame) -> Finding:
    """`curves`: of `experiment.fresh_sets`."""
    counts = tables.rises(curves)
    right, wrong = (without_plus(counts.loc[case], 1) for case in curves["case"].unique())
    return Finding(
        f"With a new set for every number, accuracy rises by more than {tables.RISE} at {wrong} "
        f"of the {curves['n_removed'].max()} steps of a network's curve; with a set that grows, "
        f"at {right}."
    )


def scaled_outputs(curves: pd.DataFrame) -> Finding:
    """`curves`: of `experiment.scaled_outputs`."""
    right, wrong, *_ = curves["case"].unique()
    ends, effect = tables.at_the_end(curves), tables.differences(curves).loc[[wrong]]
    return Finding(
        f"{_compared(effect, 'Outputs', 'bias balancing')} With all of layer 1 removed, nothing "
        "of the image can be left: the bias-balanced accuracy is "
        f"{without_plus(ends.loc[right])}, but with scaled outputs it is "
        f"{without_plus(ends.loc[wrong])}."
    )


def in_the_paper(checks: pd.DataFrame) -> Finding:
    """`checks`: of `tables.checks`: is the paper nearer to the right or to the wrong number."""
    gaps = checks.sub(checks["in the paper"], axis=0).abs()
    near = (gaps["in this run"] < gaps["with the mistake"]).sum()
    return Finding(
        f"In {near} of {len(checks)} checks the paper's figures are nearer to this run than to "
        "the mistake. Whether 0 log 0 was taken as 0 cannot be seen in figures."
    )


def _compared(effects: pd.DataFrame, what: str, right: str) -> str:
    """What the cases keep, by verdict, and the differences of mean accuracy."""
    parts = [
        f"{what} {listed(these.index)} keep {GAINS[verdict]} {right} "
        f"({', '.join(map(with_interval, these.to_dict('records')))})"
        for verdict, these in effects.groupby("verdict", sort=False)
    ]
    return f"{'; '.join(parts)}."

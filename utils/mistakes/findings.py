"""Sentences of the appendix: what each mistake does, and what gives it away."""

from collections.abc import Mapping

import pandas as pd

from utils.evidence.intervals import bands
from utils.evidence.wording import signed, with_interval
from utils.mistakes import tables
from utils.study.findings import Finding

GAINS = {
    "agrees": "keeps more accuracy", "disagrees": "keeps less accuracy",
    "negligible": "keeps as much accuracy, within 0.01", "open": "makes no decided difference",
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
        f"{100 * above['right']:.0f} %. Spearman's ρ of the wrong values with the right ones is "
        f"{parts}."
    )


def undefined(curves: pd.DataFrame) -> Finding:
    """`curves`: of `experiment.undefined_orders`."""
    share = bands(tables.undefined_by_tenth(curves, parts=1), ["part"], "percent").iloc[0]
    return Finding(
        f"Taken literally, 0 log 0 leaves {_plain(share, 0)} % of the neurons of layer 1 without "
        f"a value (NaN). {_compared(tables.differences(curves), 'the right order')}"
    )


def fresh_sets(curves: pd.DataFrame) -> Finding:
    """`curves`: of `experiment.fresh_sets`."""
    counts = tables.rises(curves)
    right, wrong = (_plain(counts.loc[case], 1) for case in curves["case"].unique())
    return Finding(
        f"One more removal raises accuracy by more than {tables.RISE} at {wrong} steps of a "
        f"network's curve if every number has a new set, and at {right} if the set grows."
    )


def scaled_outputs(curves: pd.DataFrame) -> Finding:
    """`curves`: of `experiment.scaled_outputs`."""
    right, wrong, *_ = curves["case"].unique()
    ends = tables.at_the_end(curves)
    effect = tables.differences(curves).loc[[wrong]]
    return Finding(
        f"{_compared(effect, 'bias balancing')} With all of layer 1 removed, nothing of the image "
        f"can be left: the bias-balanced accuracy is {_plain(ends.loc[right])}, but with scaled "
        f"outputs it is {_plain(ends.loc[wrong])}."
    )


def in_the_paper(checks: pd.DataFrame) -> Finding:
    """`checks`: of `tables.checks`: is the paper nearer to the right or to the wrong number."""
    right, wrong = (
        (checks["in the paper"] - checks[column]).abs()
        for column in ("in this run", "with the mistake")
    )
    near = int((right < wrong).sum())
    return Finding(
        f"In {near} of {len(checks)} checks the paper's figures are nearer to this run than to "
        "the mistake. Whether 0 log 0 was taken as 0 cannot be seen in figures."
    )


def _compared(effects: pd.DataFrame, right: str) -> str:
    parts = [
        f"{case} {GAINS[row['verdict']]} ({with_interval(row)})"
        for case, row in effects.to_dict("index").items()
    ]
    return f"Compared with {right} (R up to 80 % removed), {' and '.join(parts)}."


def _plain(row: Mapping, digits: int = 3) -> str:
    """A mean and its interval without signs."""
    return with_interval(row, digits).replace("+", "")

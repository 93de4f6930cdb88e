"""Numbers as they stand in sentences and tables."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from utils.names import readable, spaced


def signed(number: float, digits: int = 3) -> str:
    """With its sign, a true minus, and no sign at what is 0 once rounded; NaN is not defined.

    >>> signed(-0.0214), signed(0.3), signed(-0.0001), signed(float("nan"))
    ('−0.021', '+0.300', '0.000', 'not defined')
    """
    if pd.isna(number):
        return "not defined"
    text = f"{number:+.{digits}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def with_interval(case: Mapping[str, Any], digits: int = 3) -> str:
    """A mean, or estimate, and its 95 % interval; of one network the number alone.

    >>> with_interval({"mean": 0.1, "low": -0.05, "high": 0.25}, 2)
    '+0.10 [−0.05, +0.25]'
    """
    middle = signed(case["mean"] if "mean" in case else case["estimate"], digits)
    if pd.isna(case["low"]):
        return middle
    return f"{middle} [{signed(case['low'], digits)}, {signed(case['high'], digits)}]"


def without_plus(case: Mapping[str, Any], digits: int = 3) -> str:
    """A mean, or estimate, and its interval, where a plus would say nothing.

    >>> without_plus({"mean": 0.1, "low": 0.05, "high": 0.25}, 2)
    '0.10 [0.05, 0.25]'
    """
    return with_interval(case, digits).replace("+", "")


def percent(share: float) -> str:
    """A share without an interval.

    >>> percent(0.6)
    '60 %'
    """
    return f"{100 * share:.0f} %"


def more_or_less(case: Mapping[str, Any], digits: int = 3) -> str:
    """A difference and its interval as a size and a word.

    >>> more_or_less({"mean": -0.004, "low": -0.007, "high": 0.001})
    '0.004 [−0.001, 0.007] less'
    """
    middle = case["mean"] if "mean" in case else case["estimate"]
    if middle < 0:
        sized = {"mean": -middle, "low": -case["high"], "high": -case["low"]}
        return f"{without_plus(sized, digits)} less"
    return f"{without_plus(case, digits)} more"


def in_percent(case: Mapping[str, Any]) -> str:
    """A share and its interval in percent, without a plus.

    >>> in_percent({"mean": 0.664, "low": 0.59, "high": 0.73})
    '66 % [59, 73]'
    """
    name = "mean" if "mean" in case else "estimate"
    scaled = {part: 100 * case[part] for part in (name, "low", "high")}
    middle, bracket, rest = without_plus(scaled, 0).partition(" [")
    return f"{middle} %{bracket}{rest}"


def by_quantity(cases: pd.DataFrame, scopes: Iterable[str]) -> str:
    """Quantities of cases, with their layers where these are not all that there are.

    cases : with columns quantity and scope; scopes : all layers

    >>> scopes = ["layer-1", "layer-1", "layer-2"]
    >>> cases = pd.DataFrame({"quantity": ["entropy", "random", "random"], "scope": scopes})
    >>> by_quantity(cases, scopes)
    'entropy in layer 1 and random'
    """
    layers, every = cases.groupby("quantity", sort=False)["scope"].agg(list), {*scopes}
    return listed(
        readable(name) + ("" if {*of} == every else f" in {listed(map(spaced, of))}")
        for name, of in layers.items()
    )


def of_one(cases: pd.DataFrame) -> str:
    """A sentence to add where there is one network; `cases` as `judging.decided` has them."""
    return " One network gives no interval." if cases["n_replicates"].max() == 1 else ""


def listed(texts: Iterable[str]) -> str:
    """What there is, the last after `and`; nothing of nothing.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    *first, last = [*texts] or [""]
    return f"{', '.join(first)} and {last}" if first else last

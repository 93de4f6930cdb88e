"""Which of the paper's claims are asked of channels: as they are, in all of their cases but some.

By the median a channel's entropy is 1 bit but for ties, so that an order by entropy is mostly one
by number: C6, and the cases of other claims that are of entropy, are left out. C8 is about several
activations, which these networks do not have.
"""

from collections.abc import Sequence

import pandas as pd

from utils.convolution.experiment import with_measure_and_errors
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import Claim, Claims, Rule, decided, judge
from utils.evidence.tables import Tables

ASKED = tuple(name for name in CLAIMS if name != "C8")
OF_ENTROPY = r"^entropy\b|- entropy$"  # not those of cross-entropy


def without_entropy(cases: pd.DataFrame) -> pd.DataFrame:
    """The rows whose quantity is not entropy, or a difference to it."""
    return cases[~cases["quantity"].str.contains(OF_ENTROPY)]


def asked(threshold: str) -> Claims:
    """The claims of channels whose bit is made by a threshold, each with its rule."""
    if threshold != "median":
        return {name: CLAIMS[name] for name in ASKED}
    return {name: _without_entropy(CLAIMS[name]) for name in ASKED if name != "C6"}


def _without_entropy(claim: Claim) -> Claim:
    return claim._replace(values=lambda tables: without_entropy(claim.values(tables)))


def judged(tables: Tables, threshold: str, names: Sequence[str] = ASKED) -> pd.DataFrame:
    """Columns of claims.csv, of some claims; tables have the names of their dense counterparts."""
    return judge(tables, {name: one for name, one in asked(threshold).items() if name in names})


def of_neurons(claims: pd.DataFrame, threshold: str) -> pd.DataFrame:
    """Of claims.csv, the cases that are asked of channels as well."""
    cases = claims[claims["claim"].isin(asked(threshold))]
    return without_entropy(cases) if threshold == "median" else cases


def against_all_errors(correlations: pd.DataFrame) -> pd.DataFrame:
    """ρ with the errors of a channel's class minus ρ with all errors, judged.

    correlations : `utils.convolution.experiment.selectivity_correlations`
    """
    keys = ["scope", "measure", "replicate", "errors"]
    table = with_measure_and_errors(correlations).set_index(keys)
    wide = table["value"].unstack("errors", sort=False)
    gains = wide["errors of its class"] - wide["all errors"]
    values = gains.rename("value").reset_index().rename(columns={"measure": "quantity"})
    return decided(values, Rule("above", margin=None)).reset_index()

"""What the claims' words hang on: which networks there are, and which epoch of them is kept."""

import numpy as np
import pandas as pd

from utils.evidence.claims import CLAIMS
from utils.evidence.judging import CASE, Claims, overview, verdicts
from utils.evidence.of_curves import OF_CURVES
from utils.evidence.tables import Tables

WORD = "all networks"


def leave_one_out(tables: Tables, judged: pd.DataFrame, claims: Claims) -> pd.DataFrame:
    """What each claim hangs on single networks: a row a claim.

    Its word; the words it has without some network, with that network's number; how many of its
    cases have another verdict without one of the networks; and the typical size without one, from
    the least to the most.
    """
    networks = tables["measures"]["replicate"].unique()
    if len(networks) < 3:
        return pd.DataFrame()
    without = {
        left_out: verdicts(tables.only(networks[networks != left_out]), claims)
        for left_out in networks
    }
    overviews = {left_out: overview(cases, claims) for left_out, cases in without.items()}
    key = ["claim", *CASE]
    found = pd.concat({k: v.set_index(key)["verdict"] for k, v in without.items()}, axis=1)
    moves = found.ne(judged.set_index(key)["verdict"], axis=0).any(axis=1)
    table = overview(judged, claims)[["holds"]]
    words = pd.concat({k: v["holds"] for k, v in overviews.items()}, axis=1)
    sizes = pd.concat({k: v["typical size"] for k, v in overviews.items()}, axis=1)
    others = {
        claim: ", ".join(
            f"{w} (without {k})" for k, w in row.items() if w != table["holds"][claim]
        )
        for claim, row in words.iterrows()
    }
    counts = moves.groupby("claim").agg(["sum", "size"])
    return table.assign(
        otherwise=pd.Series(others),
        **{
            "cases that move": counts["sum"].astype(str) + " of " + counts["size"].astype(str),
            "typical size, least": sizes.min(axis=1),
            "most": sizes.max(axis=1),
        },
    )


def last_epoch(tables: Tables, last: Tables | None) -> pd.DataFrame:
    """The claims about orders and layers after the last epoch: a row a claim.

    Of the networks that both have: the word they have as kept and after the last epoch, how many
    of the cases have another verdict then, and the typical size. Empty without `last`.
    """
    if last is None:
        return pd.DataFrame()
    claims = {name: CLAIMS[name] for name in CLAIMS if name in {*OF_CURVES, "C3"}}
    shared = np.intersect1d(*(of["measures"]["replicate"] for of in (tables, last)))
    kept, ended = (verdicts(of.only(shared), claims) for of in (tables, last))
    key = ["claim", *CASE]
    differ = kept.set_index(key)["verdict"] != ended.set_index(key)["verdict"]
    words, others = overview(kept, claims), overview(ended, claims)
    counts = differ.groupby("claim").agg(["sum", "size"]).astype(str)
    return pd.DataFrame(
        {
            f"as kept, {len(shared)} networks": words["holds"],
            "last epoch": others["holds"],
            "cases that move": counts["sum"] + " of " + counts["size"],
            "typical size": words["typical size"],
            "last epoch's": others["typical size"],
        }
    )


def side_by_side(
    judged: pd.DataFrame, halves: pd.DataFrame, single: pd.DataFrame, last: pd.DataFrame
) -> pd.DataFrame:
    """The words of the three tables above in one: a row a claim, WORD first, then the others'.

    Empty text where a table has no word for a claim, and no column where a table is empty.
    """
    table = overview(judged, CLAIMS)[["holds"]].rename(columns={"holds": WORD})
    if len(halves):
        table = table.join(halves.filter(regex="^(first|other) ").add_suffix(" networks"))
    if len(single):
        table["without one network"] = single["otherwise"].where(
            single["otherwise"] != "", table[WORD]
        )
    if len(last):
        table["after the last epoch"] = last["last epoch"]
    return table.fillna("")

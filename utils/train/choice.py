"""Which settings come closest to the paper, and what is taken: data/calibration.csv, read.

The rule, fixed before the numbers were there: of the settings that cannot be told apart from the
closest one, those with L2 above 0 if there are any (the paper used L2), and of these the one with
the fewest epochs, of equal ones the closest.
"""

import pandas as pd

from utils import paths
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import word
from utils.train.closeness import FIT, SETTING


def table() -> pd.DataFrame:
    """The committed calibration: columns as of `utils.train.closeness`."""
    return pd.read_csv(paths.DATA / "calibration.csv")


def distances(calibration: pd.DataFrame) -> pd.DataFrame:
    """Distances and accuracy [SETTING] by name, the closest by FIT first.

    `same`: whether a setting cannot be told apart from the closest one, as the 95 % interval of
    its excess over it holds 0.
    """
    rows = calibration[calibration["kind"].isin(["distance", "accuracy"])]
    rows = rows.assign(name=rows["name"].fillna("test accuracy"))
    wide = rows.pivot(index=SETTING, columns="name", values="value")
    excess = calibration[calibration["kind"] == "excess"].set_index(SETTING)
    columns = [FIT, *sorted(set(wide) - {FIT})]
    return wide[columns].assign(same=excess["low"] <= 0).sort_values(FIT, kind="stable")


def chosen(calibration: pd.DataFrame) -> dict[str, str | float | int]:
    """The parameters of SETTING that the rule takes."""
    same = distances(calibration).query("same").reset_index()
    candidates = same[same["l2"] > 0] if (same["l2"] > 0).any() else same
    first = candidates.sort_values("epochs", kind="stable").iloc[0]
    return first[SETTING].to_dict()


def by_setting(calibration: pd.DataFrame, this: tuple[str, float, int]) -> pd.DataFrame:
    """How the claims depend on the choice among the settings that cannot be told apart.

    A row a claim: its word at the setting chosen and at `this` one (SETTING; "" if it was not
    tried), the words it has with how many settings have each, the same over all settings, and the
    smallest and largest median of its estimates among those that cannot be told apart.
    """
    claims = calibration[calibration["kind"] == "claim"]
    each = claims.groupby(["name", *SETTING])
    at = pd.DataFrame({
        "word": each["verdict"].agg(lambda verdicts: word(verdicts.value_counts().to_dict())),
        "size": each["value"].median(),
    })  # fmt: skip
    same = distances(calibration).query("same").index
    among = at[at.index.droplevel("name").isin(same)]
    rows = {
        claim: {
            "taken by the rule": at["word"][(claim, *chosen(calibration).values())],
            "this run's setting": at["word"].get((claim, *this), ""),
            "cannot be told apart": _counts(among.loc[claim, "word"]),
            "all settings": _counts(at.loc[claim, "word"]),
            "smallest": among.loc[claim, "size"].min(),
            "largest": among.loc[claim, "size"].max(),
        }
        for claim in CLAIMS
        if claim in among.index
    }
    return pd.DataFrame(rows).T.rename_axis("claim")


def _counts(words: pd.Series) -> str:
    return ", ".join(f"{word} {count}" for word, count in words.value_counts().items())

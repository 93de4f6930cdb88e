"""Which settings come closest to the paper, and what is taken: data/calibration.csv, read.

The rule, fixed before the numbers were there: of the settings that cannot be told apart from the
closest one, those with L2 above 0 if there are any (the paper used L2), and of these the one with
the fewest epochs, of equal ones the closest.
"""

from collections.abc import Sequence

import pandas as pd

from utils import paths
from utils.evidence.claims import CLAIMS
from utils.evidence.judging import word
from utils.evidence.wording import signed
from utils.train.closeness import FIT, SETTING

INITIALIZATIONS = {
    "glorot_uniform": "Glorot uniform",
    "truncated_normal": "truncated normal",
    "pytorch_uniform": "PyTorch uniform",
}


def short(l2: float) -> str:
    """A strength of L2 as it is written.

    >>> short(3e-7), short(0.0)
    ('3e-7', '0')
    """
    return f"{l2:g}".replace("e-0", "e-")


def named(setting: Sequence) -> str:
    """A setting [start of the weights, L2, epochs] in words.

    >>> named(("glorot_uniform", 3e-7, 20))
    'Glorot uniform, L2 3e-7, 20 epochs'
    """
    initialization, l2, epochs = setting
    return f"{INITIALIZATIONS[initialization]}, L2 {short(l2)}, {epochs:g} epochs"


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


def place(distances: pd.DataFrame, name: str, setting: tuple) -> int:
    """How many settings are closer than this one by `name`, plus 1."""
    return int((distances[name] < distances.loc[setting, name]).sum()) + 1


def alike(distances: pd.DataFrame) -> pd.DataFrame:
    """The settings that cannot be told apart from the closest, in words, the closest first."""
    table = distances[distances["same"]].drop(columns="same").round(3).reset_index()
    table = table.rename_axis(columns=None)
    names = ["start of the weights", "L2", "epochs"]
    table["initialization"] = table["initialization"].map(INITIALIZATIONS)
    table["l2"] = table["l2"].map(short)
    return table.rename(columns=dict(zip(SETTING, names, strict=True))).set_index(names)


def chosen(calibration: pd.DataFrame) -> dict[str, str | float | int]:
    """The parameters of SETTING that the rule takes."""
    same = distances(calibration).query("same").reset_index()
    candidates = same[same["l2"] > 0] if (same["l2"] > 0).any() else same
    first = candidates.sort_values("epochs", kind="stable").iloc[0]
    return first[SETTING].to_dict()


def by_setting(calibration: pd.DataFrame) -> pd.DataFrame:
    """How the claims depend on the choice among the settings that cannot be told apart.

    A row a claim: what it says, its word at the setting chosen, the words it has at those that
    fit equally well, with how many have each, the same over all settings, and the range of the
    median of its estimates among those that fit equally well.
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
            "": CLAIMS[claim].statement,
            "at the setting taken": at["word"][(claim, *chosen(calibration).values())],
            "where the fit is equally good": _counts(among.loc[claim, "word"]),
            "at all settings": _counts(at.loc[claim, "word"]),
            "its number, range": " to ".join(
                signed(end) for end in among.loc[claim, "size"].agg(["min", "max"])
            ),
        }
        for claim in CLAIMS
        if claim in among.index
    }
    return pd.DataFrame(rows).T.rename_axis("claim")


def _counts(words: pd.Series) -> str:
    return ", ".join(f"{word} {count}" for word, count in words.value_counts().items())

"""The tables that claims are judged by: of a run, and of those it is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from utils.evidence.curves import ABLATED_SHARE, retained


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of a run by name, and those of the runs it is compared with, by run."""

    of_run: Mapping[str, pd.DataFrame]
    others: Mapping[str, "Tables"] = field(default_factory=dict)
    whole: "Tables | None" = None  # of which these are some networks: what it knows of curves

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.of_run[name]

    @cache  # noqa: B019 - the tables of a run live as long as the notebook that judges them
    def retained_to(self, share: float) -> pd.DataFrame:
        """R [replicate, scope] by (ordering, direction, replacement), up to a share ablated."""
        if self.whole is not None:
            r, chosen = self.whole.retained_to(share), self.of_run["ablation"]["replicate"]
            return r[r.index.get_level_values("replicate").isin(chosen.unique())]
        curves = [self.of_run[name] for name in ("ablation", "joint") if name in self.of_run]
        return retained(pd.concat(curves), share)

    @property
    def retained(self) -> pd.DataFrame:
        """R as above, up to 80 % of the neurons."""
        return self.retained_to(ABLATED_SHARE)

    def only(self, replicates: Sequence[int]) -> "Tables":
        """The same of some of the networks; the runs it is compared with as they are."""
        rows = {
            name: table[table["replicate"].isin(replicates)] if "replicate" in table else table
            for name, table in self.of_run.items()
        }
        return Tables(rows, self.others, whole=self)

"""A long table that is folded until a reader opens it."""

from html import escape

import pandas as pd


class Folded:
    """A table under a line that says what it is; Jupyter and the pages show the line first."""

    def __init__(self, table: pd.DataFrame, what: str) -> None:
        self.table, self.what = table, what

    def __repr__(self) -> str:
        return f"{self.what}\n{self.table}"

    def _repr_html_(self) -> str:
        summary = f"<summary>{escape(self.what)}</summary>"
        return f"<details>{summary}{self.table.to_html()}</details>"

"""What a notebook found, in sentences made from its tables: in their sections, and at the top.

A room's module `findings` makes each sentence from the tables that it is about. A section ends in
it, and the last cell puts those that answer the notebook's question at the top, by Jupyter's
display update, in JupyterLab as under papermill: nothing is read from an older run.
"""

from IPython.display import Markdown, display


class Finding(str):
    """A sentence or two, with numbers and intervals; Jupyter shows it set off from the text."""

    def _repr_markdown_(self) -> str:
        return f"> **Finding.** {self}"


class InShort:
    """The place at the top of a notebook, filled when its last cell runs."""

    def __init__(self) -> None:
        waiting = Markdown("**In short.** *The last cell of this notebook fills this in.*")
        self._place = display(waiting, display_id=True)

    def fill(self, *findings: Finding) -> None:
        """Show the findings there."""
        self._place.update(Markdown(f"**In short.** {' '.join(findings)}"))

"""What a notebook found, in sentences made from its tables: in their sections, and at the top.

A room's module `findings` makes each finding from the tables that it is about. A section ends in
it, and the last cell puts the sentences that answer the notebook's question at the top, by
Jupyter's display update, in JupyterLab as under papermill: nothing is read from an older run.
"""

from typing import Self

from IPython.display import Markdown, display


class Finding(str):
    """What was found, in one or two short sentences; Jupyter shows it set off from the text.

    details : what else there is to say, a line each; shown in the section, and not at the top
    """

    details: tuple[str, ...]

    def __new__(cls, text: str, *details: str) -> Self:
        finding = super().__new__(cls, text)
        finding.details = details
        return finding

    @property
    def whole(self) -> str:
        """The sentences and, as a list, the details."""
        details = "".join(f"\n- {detail}" for detail in self.details)
        return f"{self}\n{details}" if details else f"{self}"

    def also(self, other: Self) -> Self:
        """Both as one."""
        return type(self)(f"{self} {other}", *self.details, *other.details)

    def _repr_markdown_(self) -> str:
        lines = f"**Finding.** {self.whole}".splitlines()
        return "\n".join(f"> {line}".rstrip() for line in lines)


class Aside(Finding):
    """A finding that has no place at the top."""


class InShort:
    """The place at the top of a notebook, filled when its last cell runs."""

    def __init__(self) -> None:
        waiting = Markdown("**In short.** *The last cell of this notebook fills this in.*")
        self._place = display(waiting, display_id=True)

    def fill(self, *findings: Finding, about: str = "") -> None:
        """Show `about`, and the findings, a line each, without their details."""
        told = [finding for finding in findings if not isinstance(finding, Aside)]
        lines = "\n".join(f"- {finding}" for finding in told)
        self._place.update(Markdown(f"**In short.** {about}".strip() + f"\n\n{lines}"))

"""Parameters as a sweep file names them, and as the names of folders have them.

A parameter goes by its own name, or by `stage.parameter` where several stages have one of that
name. Those of 06-verdict, which name other runs, cannot be varied.
"""

import difflib
import re
from typing import Any

from utils import sections
from utils.parameters import STAGES
from utils.sections import Sections, SectionsError

VARIABLE = [stage for stage in STAGES if stage < "06"]


def named(given: dict[str, Any], where: str) -> dict[str, Any]:
    """`given` by full names; refused if one is unknown, ambiguous or there twice."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        full = _full_name(name, where)
        if full in found:
            raise SectionsError(f"{where} has `{full}` twice; keep one of them")
        found[full] = value
    return found


def _owners(parameter: str) -> list[str]:
    return [s for s in VARIABLE if parameter in STAGES[s].model_fields.keys() - {"run"}]


def _full_name(name: str, where: str) -> str:
    """The parameter alone, or `stage.parameter` where several stages have one of that name."""
    stage, _, parameter = name.rpartition(".")
    owners = _owners(parameter)
    if not owners or (stage and stage not in owners):
        known = dict.fromkeys(p for s in VARIABLE for p in STAGES[s].model_fields if p != "run")
        close = difflib.get_close_matches(parameter, known, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise SectionsError(
            f"{where}: `{name}` is no parameter that a sweep can vary{hint} There are "
            f"{', '.join(known)}"
        )
    if len(owners) == 1:
        return parameter
    if not stage:
        forms = " or ".join(f"`{owner}.{name}`" for owner in owners)
        raise SectionsError(f"{where}: `{name}` belongs to several stages; write {forms}")
    return name


def _place(name: str) -> tuple[str, str]:
    stage, _, parameter = name.rpartition(".")
    return stage or _owners(parameter)[0], parameter


def applied(base: Sections, point: dict[str, Any]) -> Sections:
    """The sections, with the values of a point of the sweep."""
    ours = {stage: dict(section) for stage, section in base.items()}
    for name, value in point.items():
        stage, parameter = _place(name)
        ours.setdefault(stage, {})[parameter] = value
    return {stage: ours[stage] for stage in STAGES if stage in ours}


def value(ours: Sections, name: str) -> Any:
    """The value of a parameter in sections that may leave it out."""
    stage, parameter = _place(name)
    return sections.completed(ours, stage)[parameter]


def written(value: Any) -> str:
    """A value as names of folders have it: 1e-05, true, 100-100 for a list."""
    if isinstance(value, list):
        return "-".join(map(written, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


def listed(settings: dict[str, Any]) -> str:
    """Settings as the name of a run has them."""
    return ",".join(f"{name}={value}" for name, value in settings.items())


def wildcard(name: str) -> str:
    """A parameter's name as a Snakemake wildcard."""
    return re.sub(r"\W", "_", f"_{name}" if name[0].isdigit() else name)

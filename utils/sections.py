"""Parameters files: YAML with a section for each notebook, read and checked as a whole.

What a section leaves out is as in the published run, params/mnist.yml, which has the notebooks'
own defaults. Unknown sections and a name given twice are refused, where YAML itself would take
the last one.
"""

import difflib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from utils import paths
from utils.parameters import STAGES, ParameterError, validate

Sections = dict[str, dict[str, Any]]
PUBLISHED = paths.ROOT / "params" / "mnist.yml"


class SectionsError(ValueError):
    """A parameters file or a sweep file that cannot be used as it is."""


def read(path: Path) -> dict[str, Any]:
    """The content of a YAML file: names and values."""
    where = paths.shown(path)
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        others = ", ".join(sorted(paths.shown(p) for p in path.parent.glob("*.yml"))) or "nothing"
        raise SectionsError(f"{where} does not exist; in that folder there is {others}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SectionsError(f"{where} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise SectionsError(f"{where} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise SectionsError(
            f"{where} holds {_short(found)}; it must hold names with values, as "
            f"{paths.shown(PUBLISHED)} does"
        )
    return found


def checked(where: str, sections: dict[str, Any]) -> Sections:
    """`sections` if every one of them, completed, is valid; else names `where` and what is wrong.

    Raises
    ------
    SectionsError
        With the section, the parameter, its value, and what is allowed.
    """
    for stage, section in sections.items():
        if stage not in STAGES:
            close = difflib.get_close_matches(str(stage), STAGES, n=1)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            raise SectionsError(
                f"{where} has a section `{stage}`{hint} There are {', '.join(STAGES)}"
            )
        if not isinstance(section, dict) or not all(isinstance(name, str) for name in section):
            raise SectionsError(
                f"{where}: section `{stage}` is {_short(section)}; it must hold parameters with "
                "values"
            )
        if "run" in section:
            raise SectionsError(
                f"{where}: section `{stage}` names a `run`, which follows from the folder (with "
                "make: RUN=…); leave it out"
            )
        try:
            validate(stage, {"run": "run", **completed(sections, stage)})
        except ParameterError as error:
            raise SectionsError(f"{where}: {error}") from None
    return sections


def completed(sections: Sections, stage: str) -> dict[str, Any]:
    """The section of a stage, with what it leaves out."""
    return {**_published()[stage], **sections.get(stage, {})}


@cache
def _published() -> Sections:
    return yaml.safe_load(PUBLISHED.read_text())


def _short(value: Any) -> str:
    return f"{str(value)[:60]!r} ({type(value).__name__})"


class _Loader(yaml.SafeLoader):
    """Refuses a name given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"`{key.value}` is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)

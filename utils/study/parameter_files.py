"""Parameters files: YAML with a section a stage, as params/mnist.yml, read and checked as a whole.

A section gives parameters of a notebook by name; what it leaves out is as the notebook's own cell
of parameters says, which is the committed run. Unknown sections and a name given twice are
refused, where YAML itself would take the last one.

A sweep file gives parameters without sections: a parameter goes by its own name, or by
`stage.name` where several stages have one of that name. The name alone means no stage that is made
on request, unless no other has it. Parameters that name other runs do not vary.
"""

import ast
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from utils import paths
from utils.study.parameters import ParameterError, did_you_mean, validate
from utils.study.stages import CHAIN, STAGES

Sections = dict[str, dict[str, Any]]
EXAMPLE = paths.ROOT / "params" / "mnist.yml"


class SectionsError(ValueError):
    """A parameters file or a sweep file that cannot be used as it is."""


class Parameter(NamedTuple):
    """A parameter of a stage."""

    stage: str
    name: str

    @property
    def full_name(self) -> str:
        """Its name alone, if that means this one, or `stage.name`."""
        return self.name if _meant(self.name) == [self.stage] else f"{self.stage}.{self.name}"


def read(path: Path) -> dict[str, Any]:
    """The content of a YAML file: names and values."""
    where = paths.shown(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        others = ", ".join(sorted(paths.shown(p) for p in path.parent.glob("*.yml"))) or "nothing"
        raise SectionsError(f"{where} does not exist; in that folder there is {others}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SectionsError(f"{where} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise SectionsError(f"{where} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise SectionsError(
            f"{where} holds {_short(content)}; it must hold names with values, as "
            f"{paths.shown(EXAMPLE)} does"
        )
    return content


def checked(where: str, sections: dict[str, Any], run: str = "run") -> Sections:
    """`sections` if every one of them, completed, is valid for a run of that name.

    Raises SectionsError: names `where`, section, parameter and value, says what is allowed.
    """
    for stage, section in sections.items():
        if stage not in CHAIN:
            raise SectionsError(
                f"{where} has a section `{stage}`{did_you_mean(str(stage), CHAIN)} There are "
                f"{', '.join(CHAIN)}"
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
            validate(stage, {"run": run, **completed(sections, stage)})
        except ParameterError as error:
            raise SectionsError(f"{where}: {error}") from None
    return sections


def completed(sections: Sections, stage: str) -> dict[str, Any]:
    """The section of a stage, with what it leaves out."""
    return {**defaults(stage), **sections.get(stage, {})}


@cache
def defaults(stage: str) -> dict[str, Any]:
    """The parameters that a notebook's own cell gives, but for the run."""
    notebook = json.loads((paths.NOTEBOOKS / f"{stage}.ipynb").read_text(encoding="utf-8"))
    tagged = (c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", []))
    cell = ast.parse("".join(next(tagged)["source"]))
    values = {line.target.id: ast.literal_eval(line.value) for line in cell.body}
    return {name: value for name, value in values.items() if name != "run"}


def by_parameter(given: dict[str, Any], where: str) -> dict[Parameter, Any]:
    """What a sweep file gives, by the parameters that it means.

    Raises SectionsError for a name that is unknown, of a stage whose parameters do not vary, of
    several stages, or there twice.
    """
    values: dict[Parameter, Any] = {}
    for name, value in given.items():
        parameter = _parameter(name, where)
        if parameter in values:
            raise SectionsError(f"{where} has `{parameter.full_name}` twice; keep one of them")
        values[parameter] = value
    return values


def _parameter(full_name: str, where: str) -> Parameter:
    stage, _, name = full_name.rpartition(".")
    owners = _owners(name)
    if not owners or (stage and stage not in owners):
        known = list(dict.fromkeys(name for stage in CHAIN for name in _variable(stage)))
        raise SectionsError(
            f"{where}: `{full_name}` is no parameter that a sweep can vary"
            f"{did_you_mean(name, known)} There are {', '.join(known)}"
        )
    owners = [stage] if stage else _meant(name)
    if len(owners) > 1:
        forms = " or ".join(f"`{owner}.{name}`" for owner in owners)
        raise SectionsError(f"{where}: `{name}` belongs to several stages; write {forms}")
    return Parameter(owners[0], name)


def _variable(stage: str) -> list[str]:
    """Parameters that a sweep can vary: all but those that name other runs."""
    return [name for name in defaults(stage) if name not in STAGES[stage].alone]


def _owners(name: str) -> list[str]:
    return [stage for stage in CHAIN if name in _variable(stage)]


def _meant(name: str) -> list[str]:
    """The stages that a name without one may mean."""
    owners = _owners(name)
    return [stage for stage in owners if not STAGES[stage].on_request] or owners


def _short(content: Any) -> str:
    return f"{str(content)[:60]!r} ({type(content).__name__})"


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

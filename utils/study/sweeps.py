"""Which runs are to be made: one, with a parameters file, or all those of a sweep file.

    base: params/quickstart.yml           # or sections, as such a file has them
    grid: {activation: [sigmoid, relu]}   # every combination of the values
    runs: [{l2: 0.0}, {dropout: 0.2}]     # and, or instead: each of these with every combination
    stages: [03-ablate]                   # as far as that; as far as 06-verdict, if left out

A sweep's run is named by all that the sweep varies, `l2=1e-05,activation=relu`. All runs are
checked before the first one starts. `python -m utils.study.sweeps demo` lists them; of a single
run, `python -m utils.study.sweeps params/mnist.yml study` says whether it can be made.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from utils import paths
from utils.networks.datasets import SUFFIX
from utils.study import parameter_files
from utils.study.parameter_files import Parameter, Sections, SectionsError, completed
from utils.study.parameter_models import MODEL_SUFFIXES
from utils.study.stages import CHAIN, STAGES, maker, of_run, with_needed

FOLDER = paths.ROOT / "params" / "sweeps"
Point = dict[Parameter, Any]  # what a run of a sweep differs in from the base


@dataclass(frozen=True)
class Plan:
    """The runs to make, by their name: the folder in data/runs.

    `pattern` is that name with what the sweep varies as wildcards; none of their values has a
    comma, with which Snakemake could not name the job to a cluster.
    """

    pattern: str
    stages: list[str]
    runs: dict[str, Sections]
    settings: dict[str, dict[str, str]]  # what the sweep varies, as written in the name

    @property
    def wildcards(self) -> dict[str, list[str]]:
        """The values of each wildcard."""
        every = list(self.settings.values())
        return {_wildcard(name): list(dict.fromkeys(s[name] for s in every)) for name in every[0]}


class _File(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    base: str | dict[str, Any] = Field(
        {}, description="a parameters file, as params/quickstart.yml, or sections as in one"
    )
    grid: dict[str, Annotated[list, Field(min_length=1)]] = Field(
        {}, description="parameters, each with a list of one or more values"
    )
    runs: list[dict[str, Any]] = Field([], description="a list of settings, each as {l2: 1.0e-5}")
    stages: list[Literal[tuple(CHAIN)]] = Field(
        [maker("claims")], description="a list out of " + ", ".join(CHAIN), min_length=1
    )


def single(file: str, run: str, committed: bool = False) -> Plan:
    """The one run `run`, with the sections of a parameters file.

    committed : whether it may be one whose tables are in git

    Raises SectionsError of a file or a name that is wrong, and of a run in git: a workflow started
    in a fresh clone, where its executed notebooks are missing, would make all of it again.
    """
    in_git = [paths.COMMITTED_RUN.parent / name for name in paths.COMMITTED]
    if paths.runs() / run in in_git and (not committed or paths.runs() / run == in_git[0]):
        raise SectionsError(
            f"run {run} is in git, and other notebooks read its tables; only `make publish` and "
            "`make others` make such runs again; choose another name, as in RUN=study"
        )
    path = paths.given(file)
    given = {CHAIN[0]: {}} | parameter_files.read(path)  # so that the run's name is looked at
    sections = parameter_files.checked(paths.shown(path), given, run)
    return Plan(run, of_run(sections), {run: sections}, {run: {}})


def expand(sweep: str) -> Plan:
    """All runs of a sweep: its file, or the name of one in params/sweeps.

    Raises
    ------
    SectionsError
        Names the file, the key and the value, says what is allowed and what to do.
    """
    path = paths.given(sweep) if sweep.endswith(".yml") else FOLDER / f"{sweep}.yml"
    where = paths.shown(path)
    _check_name(path.stem, where)
    given = _parsed(parameter_files.read(path), where)
    base = _base(given.base, where)
    points = list(_points(given, where))
    varied = list(dict.fromkeys(parameter for point in points for parameter in point))
    if not varied:
        raise SectionsError(f"{where} varies nothing; give it a `grid`, or `runs` with parameters")
    runs, settings = {}, {}
    for point in points:
        sections = {
            stage: section | {p.name: value for p, value in point.items() if p.stage == stage}
            for stage, section in base.items()
        }
        differs = _listed({parameter.full_name: value for parameter, value in point.items()})
        parameter_files.checked(f"{where}, with {differs}", sections)
        texts = {p.full_name: _written(completed(sections, p.stage)[p.name]) for p in varied}
        for name in (name for name, text in texts.items() if not re.fullmatch(r"[\w.+-]+", text)):
            raise SectionsError(
                f"{where}: `{name}` would be {texts[name]!r} in names of folders, where letters, "
                "digits, _ . + and - are allowed; rename the file"
            )
        run = f"{path.stem}/{_listed(texts)}"
        if run in runs:
            raise SectionsError(f"{where} has the run {run} twice; leave one of them out")
        if len(run) > len(path.stem) + 200:
            raise SectionsError(f"{where}: {run} is too long a name; vary less at once")
        runs[run], settings[run] = sections, texts
    pattern = _listed({name: f"{{{_wildcard(name)}}}" for name in texts})
    return Plan(f"{path.stem}/{pattern}", with_needed(given.stages), runs, settings)


def _check_name(name: str, where: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", name):
        raise SectionsError(
            f"{where}: the sweep's folder would be {name!r}; a name starts with a letter, a digit "
            "or _, and goes on with these and -; rename the file"
        )
    if (paths.runs() / name / "manifest.json").exists():
        raise SectionsError(
            f"{where}: {paths.shown(paths.runs() / name)} is a run, with which the sweep would "
            "mix; rename the file"
        )


def _parsed(given: dict[str, Any], where: str) -> _File:
    try:
        return _File.model_validate(given)
    except ValidationError as error:
        key = error.errors()[0]["loc"][0]
    if key not in _File.model_fields:
        known = ", ".join(_File.model_fields)
        raise SectionsError(f"{where} has a key `{key}`; there are {known}")
    allowed = _File.model_fields[key].description
    raise SectionsError(f"{where}: `{key}` is {given[key]!r}; it must be {allowed}")


def _base(given: str | dict[str, Any], where: str) -> Sections:
    """What all runs of a sweep have in common: among it, that they name no other runs."""
    if isinstance(given, str):
        given, where = parameter_files.read(paths.given(given)), given
    base = parameter_files.checked(where, given)
    return {stage: base.get(stage, {}) | dict(STAGES[stage].alone) for stage in CHAIN}


def _points(given: _File, where: str) -> Iterator[Point]:
    grid = parameter_files.by_parameter(given.grid, f"{where}: grid")
    runs = [
        parameter_files.by_parameter(run, f"{where}: runs, number {number}")
        for number, run in enumerate(given.runs, 1)
    ]
    for parameter in grid.keys() & {parameter for run in runs for parameter in run}:
        raise SectionsError(
            f"{where} has `{parameter.full_name}` in `grid` and in `runs`; keep one of them"
        )
    for values in product(*grid.values()):
        for run in runs or [{}]:
            yield dict(zip(grid, values, strict=True)) | run


def _written(value: Any) -> str:
    """A value as names of folders have it: 1e-05, true, 100-100 for a list, of a path its end."""
    if isinstance(value, str) and value.endswith((SUFFIX, *MODEL_SUFFIXES)):
        return Path(value).stem
    if isinstance(value, list):
        return "-".join(map(_written, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


def _listed(settings: Mapping[str, Any]) -> str:
    """Settings as the name of a run has them."""
    return ",".join(f"{name}={value}" for name, value in settings.items())


def _wildcard(name: str) -> str:
    """A parameter's name as a Snakemake wildcard."""
    return re.sub(r"\W", "_", f"_{name}" if name[0].isdigit() else name)


if __name__ == "__main__":
    what, *run = sys.argv[1:]
    try:
        plan = single(what, run[0], "committed=yes" in run) if run else expand(what)
        print("\n".join(plan.runs))
    except SectionsError as error:
        sys.exit(str(error))

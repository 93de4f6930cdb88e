"""Which runs are to be made: one, with a parameters file, or all those of a sweep file.

    base: params/quickstart.yml           # or sections, as such a file has them
    grid: {activation: [sigmoid, relu]}   # every combination of the values
    runs: [{l2: 0.0}, {dropout: 0.2}]     # and, or instead: each of these with every combination
    stages: [03-ablate]                   # as far as that; as far as 06-verdict, if left out

A sweep's run is named by all that the sweep varies, `l2=1e-05,activation=relu`. All runs are
checked before the first one starts. `python -m utils.sweeps demo` lists them.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from utils import paths, sections, settings
from utils.sections import Sections, SectionsError

FOLDER = paths.ROOT / "params" / "sweeps"
# stage: the stages it needs; the Snakefile runs them accordingly
CHAIN = {
    "01-train": [],
    "02-measure": ["01-train"],
    "03-ablate": ["02-measure"],
    "04-prune": ["02-measure"],
    "05-bias-balance": ["03-ablate"],
    "06-verdict": ["03-ablate", "04-prune", "05-bias-balance"],
    "08-beyond": ["03-ablate", "04-prune"],
}
# runs of a sweep are compared in notebook 07, and with nothing before
ALONE = {
    "06-verdict": {"other_runs": [], "second_run": ""},
    "08-beyond": {"second_run": ""},
}


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

    def wildcards(self) -> dict[str, list[str]]:
        """The values of each wildcard."""
        names = next(iter(self.settings.values()))
        return {
            settings.wildcard(name): list(dict.fromkeys(s[name] for s in self.settings.values()))
            for name in names
        }


class _File(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    base: Annotated[
        str | dict[str, Any],
        Field(description="a parameters file, as params/quickstart.yml, or sections as in one"),
    ] = {}
    grid: Annotated[
        dict[str, Annotated[list, Field(min_length=1)]],
        Field(description="parameters, each with a list of one or more values"),
    ] = {}
    runs: Annotated[
        list[dict[str, Any]], Field(description="a list of settings, each as {l2: 1.0e-5}")
    ] = []
    stages: Annotated[
        list[Literal[tuple(CHAIN)]],
        Field(description="a list out of " + ", ".join(CHAIN), min_length=1),
    ] = ["06-verdict"]


def single(file: str, run: str) -> Plan:
    """The one run `run`, with the sections of a parameters file.

    Raises SectionsError of a file that is wrong, and of the published run: a workflow started in a
    fresh clone, where its executed notebooks are missing, would make all of it again.
    """
    if paths.runs() / run == paths.PUBLISHED_RUN:
        raise SectionsError(
            f"run {run} is the published run, in git, which `make publish` makes again; choose "
            "another name, as in RUN=study"
        )
    path = paths.ROOT / file
    ours = sections.checked(paths.shown(path), sections.read(path))
    return Plan(run, list(CHAIN), {run: ours}, {run: {}})


def expand(sweep: str) -> Plan:
    """All runs of a sweep: its file, or the name of one in params/sweeps.

    Raises
    ------
    SectionsError
        Names the file, the key and the value, says what is allowed and what to do.
    """
    path = paths.ROOT / sweep if sweep.endswith(".yml") else FOLDER / f"{sweep}.yml"
    name, where = path.stem, paths.shown(path)
    _check_name(name, where)
    given = _parsed(sections.read(path), where)
    base = _base(given.base, where)
    points = list(_points(given, where))
    names = list(dict.fromkeys(name for point in points for name in point))
    if not names:
        raise SectionsError(f"{where} varies nothing; give it a `grid`, or `runs` with parameters")
    runs, varied = {}, {}
    for point in points:
        ours = settings.applied(base, point)
        sections.checked(f"{where}, with {settings.listed(point)}", ours)
        written = {n: settings.written(settings.value(ours, n)) for n in names}
        run = f"{name}/{settings.listed(written)}"
        if run in runs:
            raise SectionsError(f"{where} has the run {run} twice; leave one of them out")
        if len(run) > len(name) + 200:
            raise SectionsError(f"{where}: {run} is too long a name; vary less at once")
        runs[run], varied[run] = ours, written
    pattern = f"{name}/{settings.listed({n: f'{{{settings.wildcard(n)}}}' for n in names})}"
    return Plan(pattern, _needed(given.stages), runs, varied)


def _base(given: str | dict[str, Any], where: str) -> Sections:
    if isinstance(given, str):
        given, where = sections.read(paths.ROOT / given), given
    checked = sections.checked(where, given)
    return checked | {stage: checked.get(stage, {}) | alone for stage, alone in ALONE.items()}


def _check_name(name: str, where: str) -> None:
    if name == "calibration":
        raise SectionsError(
            f"{where} is no sweep over runs: it looks at each network after several numbers of "
            "epochs; use make calibrate"
        )
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
        raise SectionsError(
            f"{where} has a key `{key}`; there are {', '.join(_File.model_fields)}"
        )
    allowed = _File.model_fields[key].description
    raise SectionsError(f"{where}: `{key}` is {given[key]!r}; it must be {allowed}")


def _points(given: _File, where: str) -> Iterator[dict[str, Any]]:
    """What each run differs in from the base, by the parameters' full names."""
    grid = settings.named(given.grid, f"{where}: grid")
    runs = [
        settings.named(run, f"{where}: runs, number {k}") for k, run in enumerate(given.runs, 1)
    ]
    for name in grid.keys() & {name for run in runs for name in run}:
        raise SectionsError(f"{where} has `{name}` in `grid` and in `runs`; keep one of them")
    for values in product(*grid.values()):
        for run in runs or [{}]:
            yield dict(zip(grid, values, strict=True)) | run


def _needed(stages: list[str]) -> list[str]:
    """These stages and those they need, in order."""
    found = set(stages)
    for stage in reversed(CHAIN):
        if stage in found:
            found |= set(CHAIN[stage])
    return [stage for stage in CHAIN if stage in found]


if __name__ == "__main__":
    try:
        print("\n".join(expand(sys.argv[1]).runs))
    except SectionsError as error:
        sys.exit(str(error))

"""Parameters of the notebooks: what each is, and a strict check before anything is computed.

papermill's `-p` turns `[50, 50]` and `false` into text, YAML reads `1e-3` as text, and an unknown
name is passed in without effect. `check` stops at the first of these and says what is allowed.
"""

import difflib
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from IPython import get_ipython
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from utils.networks.datasets import NAMES, SUFFIX
from utils.networks.network import ACTIVATIONS
from utils.networks.recipes import INITIALIZATIONS


class ParameterError(ValueError):
    """A parameter with a wrong name, type or value."""


def _kind(kind: Any, allowed: str, **limits: Any) -> Any:
    """A type with limits, and these in words."""
    return Annotated[kind, Field(description=allowed, **limits)]


Count = _kind(int, "an integer of at least 1", ge=1)
Counts = _kind(list[Count], "a list of one or more positive integers", min_length=1)
Fractions = _kind(
    list[Annotated[float, Field(gt=0, lt=1)]],
    "a list of one or more numbers between 0 and 1, both excluded",
    min_length=1,
)
OtherRun = _kind(str, "the name of a run to compare with, or empty")
OWN = f"one of {', '.join(NAMES)}, or the path of an {SUFFIX} file of your own"
MODEL_SUFFIXES = ".keras", ".h5"
Runs = _kind(list[str], "a list of names of runs; it may be empty")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class _Parameters(_Strict):
    run: _kind(
        str,
        "a name for a folder in data/runs, or an absolute path; each part starts with a letter, a "
        "digit or _",
        pattern=r"^/?[A-Za-z0-9_][^/]*(/[A-Za-z0-9_][^/]*)*$",
    )


class Train(_Parameters):
    dataset: _kind(str, OWN, pattern=rf"^({'|'.join(NAMES)}|.+\{SUFFIX})$")
    n_replicates: Count
    first_replicate: _kind(int, "an integer of at least 0", ge=0)
    seed: _kind(int, "an integer of at least 0", ge=0)
    hidden: Counts
    activation: _kind(Literal[tuple(ACTIVATIONS)], "one of " + ", ".join(ACTIVATIONS))
    initialization: _kind(Literal[INITIALIZATIONS], "one of " + ", ".join(INITIALIZATIONS))
    epochs: Count
    kept_of_last: Count
    learning_rate: _kind(float, "a number above 0", gt=0)
    batch_size: Count
    l2: _kind(float, "a number of at least 0", ge=0)
    dropout: _kind(float, "a number from 0 to below 1", ge=0, lt=1)
    batch_normalization: _kind(bool, "True or False")
    models: _kind(
        list[Annotated[str, Field(pattern=rf".({'|'.join(MODEL_SUFFIXES)})$")]],
        "a list of paths of .keras or .h5 files; it may be empty",
    ) = []  # not there in manifests of runs that were made before

    @model_validator(mode="before")
    @classmethod
    def _a_model_a_replicate(cls, given: dict[str, Any]) -> dict[str, Any]:
        if isinstance(models := given.get("models"), list) and models:
            return given | {"n_replicates": len(models)}
        return given


class Measure(_Parameters):
    n_levels: _kind(int, "an integer from 2 to 16", ge=2, le=16)


class Ablate(_Parameters):
    n_random_orders: Count


class BiasBalance(_Parameters):
    fractions: Fractions
    retrain_epochs: Counts

    @field_validator("fractions", "retrain_epochs")
    @classmethod
    def _ascending(cls, values: list) -> list:
        if values != sorted(set(values)):
            raise ValueError("must be ascending, each value once")
        return values


class Prune(BiasBalance):
    retrain_fractions: Fractions

    @field_validator("retrain_fractions")
    @classmethod
    def _among_the_fractions(cls, values: list, info: ValidationInfo) -> list:
        if not set(values) <= set(info.data.get("fractions", values)):
            raise ValueError("each must be one of `fractions`")
        return values


class Verdict(_Parameters):
    further_runs: Runs
    other_runs: Runs
    last_run: OtherRun


class Compare(_Strict):
    sweeps: _kind(
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$")]],
        "a list of one or more names of sweeps, folders in data/runs",
        min_length=1,
    )


class Beyond(_Parameters):
    n_images: Count
    n_selective: Count
    second_run: OtherRun


MODELS: dict[str, type[_Strict]] = {
    "01-train": Train,
    "02-measure": Measure,
    "03-ablate": Ablate,
    "04-prune": Prune,
    "05-bias-balance": BiasBalance,
    "06-verdict": Verdict,
    "07-compare": Compare,
    "08-beyond": Beyond,
    "appendix-mistakes": _Parameters,
}
_CHECKED = "_parameters_checked"


def check(stage: str, namespace: dict[str, Any]) -> Any:
    """The validated parameters of notebook `stage` from its variables (`globals()`).

    In a fresh kernel nothing has been assigned yet but parameters, and what start-up files of
    IPython assign; so any other variable is a misspelt or unknown parameter. Later calls look at
    the known names only. Raises
    ParameterError: names the parameter, shows its value, says what is allowed, how to give it.
    """
    fields = MODELS[stage].model_fields
    before = getattr(get_ipython(), "user_ns_hidden", {})  # by start-up files
    given = {
        name: value
        for name, value in namespace.items()
        if name in fields
        or (_is_assigned(name, value) and _CHECKED not in namespace and name not in before)
    }
    checked = validate(stage, given)
    namespace[_CHECKED] = True
    return checked


def validate(stage: str, given: dict[str, Any]) -> Any:
    """`given` as the parameters of `stage`; raises ParameterError as `check` does."""
    try:
        return MODELS[stage](**given)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ParameterError(_explain(stage, given, problem)) from None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: a known one that is like it, if there is one.

    >>> did_you_mean("Epoch", ["epochs", "l2"]), did_you_mean("layers", ["epochs", "l2"])
    ('; did you mean `epochs`?', '.')
    """
    spellings = {spelling.lower(): spelling for spelling in known}
    close = difflib.get_close_matches(name.lower(), spellings, n=1)
    return f"; did you mean `{spellings[close[0]]}`?" if close else "."


def _explain(stage: str, given: dict[str, Any], problem: dict[str, Any]) -> str:
    name, fields = str(problem["loc"][0]), MODELS[stage].model_fields
    if name not in fields:
        return (
            f"{stage} has no parameter `{name}` (given as {given[name]!r})"
            f"{did_you_mean(name, fields)} Its parameters are {', '.join(fields)}. A variable of "
            "your own belongs below the setup cell."
        )
    allowed = fields[name].description
    if problem["type"] == "missing":
        return f"{stage}: parameter `{name}` is missing; it must be {allowed}."
    if problem["type"] == "value_error":
        allowed += f"; {problem['ctx']['error']}"
    value = given[name]
    message = (
        f"{stage}: parameter `{name}` is {value!r} ({type(value).__name__}); it must be {allowed}."
    )
    if isinstance(value, str) and fields[name].annotation is not str:
        shown = value if value.strip() else "…"
        message += (
            f' With papermill give it as -y "{{{name}: {shown}}}" or in a file with -f; '
            "in YAML a number in powers of ten needs a point, as 1.0e-3."
        )
    return message


def _is_assigned(name: str, value: Any) -> bool:
    """A plain variable, not one of IPython's own (In, Out, _, exit) or of papermill's."""
    hidden = name.startswith(("_", "PAPERMILL_")) or name in ("In", "Out")
    return not hidden and isinstance(value, (bool, int, float, str, list, dict, type(None)))

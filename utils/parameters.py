"""Parameters of the notebooks: what each is, and a strict check before anything is computed.

papermill's `-p` turns `[50, 50]` and `false` into text, YAML reads `1e-3` as text, and a name that
a notebook does not have is passed in without effect. `check` stops at the first of these with the
name, the value and what is allowed.
"""

import difflib
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from utils.datasets import NAMES


class ParameterError(ValueError):
    """A parameter with a wrong name, type or value."""


def _field(allowed: str, **limits: Any) -> Any:
    return Field(description=allowed, **limits)


Count = Annotated[int, _field("an integer of at least 1", ge=1)]
CountOrZero = Annotated[int, _field("an integer of at least 0", ge=0)]
Counts = Annotated[
    list[Annotated[int, Field(ge=1)]],
    _field("a list of one or more positive integers", min_length=1),
]
OtherRun = Annotated[str, _field("the name of a run to compare verdicts with, or empty")]
Fractions = Annotated[
    list[Annotated[float, Field(gt=0, lt=1)]],
    _field("a list of one or more numbers between 0 and 1, both excluded", min_length=1),
]
Amount = Annotated[float, _field("a number of at least 0", ge=0)]
Rate = Annotated[float, _field("a number above 0", gt=0)]
Share = Annotated[float, _field("a number from 0 to below 1", ge=0, lt=1)]
Flag = Annotated[bool, _field("True or False")]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class _Parameters(_Strict):
    run: Annotated[
        str,
        _field(
            "a name for a folder in data/runs, or an absolute path; each part starts with a "
            "letter, a digit or _",
            pattern=r"^/?[A-Za-z0-9_][^/]*(/[A-Za-z0-9_][^/]*)*$",
        ),
    ]


class Train(_Parameters):
    dataset: Annotated[Literal[NAMES], _field("one of " + ", ".join(NAMES))]
    n_replicates: Count
    seed: CountOrZero
    hidden: Counts
    activation: Annotated[Literal["sigmoid", "tanh", "relu"], _field("one of sigmoid, tanh, relu")]
    epochs: Count
    learning_rate: Rate
    batch_size: Count
    l2: Amount
    dropout: Share
    batch_normalization: Flag


class Measure(_Parameters):
    n_levels: Annotated[int, _field("an integer from 2 to 16", ge=2, le=16)]


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
    other_runs: Annotated[
        list[str], _field("a list of names of runs with other activations; it may be empty")
    ]
    second_run: OtherRun


class Compare(_Strict):
    sweeps: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$")]],
        _field("a list of one or more names of sweeps, folders in data/runs", min_length=1),
    ]


class Beyond(_Parameters):
    n_images: Count
    n_selective: Count
    second_run: OtherRun


STAGES: dict[str, type[_Parameters]] = {
    "01-train": Train,
    "02-measure": Measure,
    "03-ablate": Ablate,
    "04-prune": Prune,
    "05-bias-balance": BiasBalance,
    "06-verdict": Verdict,
    "08-beyond": Beyond,
}
MODELS: dict[str, type[_Strict]] = {**STAGES, "07-compare": Compare}  # not a stage of a run
_CHECKED = "_parameters_checked"


def check(stage: str, namespace: dict[str, Any]) -> Any:
    """The validated parameters of notebook `stage` from its variables (`globals()`).

    In a fresh kernel nothing but parameters has been assigned yet, so a variable that is not one
    is a misspelt or unknown parameter. Later calls look at the known names only.

    Raises
    ------
    ParameterError
        Names the parameter, shows its value, says what is allowed and how to give it.
    """
    fields = MODELS[stage].model_fields
    given = {
        name: value
        for name, value in namespace.items()
        if name in fields or (_is_assigned(name, value) and _CHECKED not in namespace)
    }
    checked = validate(stage, given)
    namespace[_CHECKED] = True
    return checked


def validate(stage: str, given: dict[str, Any]) -> Any:
    """`given` as the parameters of `stage`; raises ParameterError as `check` does."""
    model = MODELS[stage]
    try:
        return model(**given)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = str(problem["loc"][0])
        raise ParameterError(_explain(stage, name, given, problem)) from None


def _explain(stage: str, name: str, given: dict[str, Any], problem: dict) -> str:
    fields = MODELS[stage].model_fields
    if name not in fields:
        close = {known.lower(): known for known in fields}
        guess = difflib.get_close_matches(name.lower(), close, n=1, cutoff=0.6)
        hint = f"; did you mean `{close[guess[0]]}`?" if guess else ""
        return (
            f"{stage} has no parameter `{name}` (given as {given[name]!r}){hint} "
            f"Its parameters are {', '.join(fields)}. A variable of your own belongs below the "
            "setup cell."
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
    if isinstance(value, str) and fields[name].annotation not in (str,):
        shown = value if value.strip() else "…"
        message += (
            f' With papermill give it as -y "{{{name}: {shown}}}" or in a file with -f; '
            "in YAML a number in powers of ten needs a point, as 1.0e-3."
        )
    return message


def _is_assigned(name: str, value: Any) -> bool:
    """A plain variable, not one of IPython's own (In, Out, _, exit)."""
    hidden = name.startswith("_") or name in (
        "In",
        "Out",
        "PAPERMILL_INPUT_PATH",
        "PAPERMILL_OUTPUT_PATH",
    )
    return not hidden and isinstance(value, (bool, int, float, str, list, dict, type(None)))

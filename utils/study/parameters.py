"""Parameters of the notebooks: a strict check before anything is computed.

papermill's `-p` turns `[50, 50]` and `false` into text, YAML reads `1e-3` as text, and an unknown
name is passed in without effect. `check` stops at the first of these and says what is allowed.
"""

import difflib
from collections.abc import Iterable
from typing import Any

from IPython import get_ipython
from pydantic import ValidationError

from utils.study.parameter_models import MODELS


class ParameterError(ValueError):
    """A parameter with a wrong name, type or value."""


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

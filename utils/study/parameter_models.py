"""What each parameter of each notebook is, as pydantic models."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from utils.networks.datasets import NAMES, SUFFIX
from utils.networks.network import ACTIVATIONS
from utils.networks.recipes import INITIALIZATIONS


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


class Convolution(Prune):
    n_replicates: Count
    channels: Counts
    pools: Counts
    batch_normalization: _kind(bool, "True or False")
    epochs: Count
    statistic: _kind(Literal["mean", "max"], "one of mean, max")
    threshold: _kind(Literal["median", "mean"], "one of median, mean")
    n_images: Count
    n_random_orders: Count
    second_run: OtherRun

    @field_validator("pools")
    @classmethod
    def _a_pool_a_block(cls, values: list, info: ValidationInfo) -> list:
        channels = info.data.get("channels", values)
        if len(values) != len(channels):
            raise ValueError(
                f"`channels` has {len(channels)} blocks and `pools` {len(values)}: one a block, 1 "
                "for none"
            )
        return values


MODELS: dict[str, type[_Strict]] = {
    "01-train": Train,
    "02-measure": Measure,
    "03-ablate": Ablate,
    "04-prune": Prune,
    "05-bias-balance": BiasBalance,
    "06-verdict": Verdict,
    "07-compare": Compare,
    "08-beyond": Beyond,
    "09-convolution": Convolution,
    "appendix-mistakes": _Parameters,
}

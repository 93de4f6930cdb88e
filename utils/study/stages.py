"""The one list of stages: what each notebook reads and writes, and what its tables hold.

A stage is a notebook at work on a run. Whatever needs to know which stages there are (the
workflow, the checks of parameters, sweeps, pages, tests, data/README.md) takes it from `STAGES`;
what a column means and can hold is in `utils.study.schemas`. `python -m utils.study.stages` lists
the notebooks, with the word `always` those that are not made on request.

To take away a notebook whose tables no other reads, delete it, its room, its tests (tests/<room>),
its entry here and its sections in params/; then its layer in pyproject.toml, its rows in README
and in the map of `utils`, and the links that `git grep` finds by its name. The rest may stay: its
model in `study.parameter_models`, its tables here (their columns in `schemas` stay or go with
them) and in data/, its blocks in both READMEs.
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

NETWORKS = "networks"  # what 01 writes beside its tables, a folder


@dataclass(frozen=True)
class StageSpec:
    """A notebook: the room in `utils` that is its own, and its part in a run.

    draws : number that decides the stage's random draws; another one would change its tables
    reads, writes : tables by name, and the networks
    alone : its parameters that name other runs, as they are where there are none to compare with,
        in a sweep, which cannot vary them
    in_run : False for a notebook that is about several runs, and no stage of one
    on_request : a stage that not every run can have: made where the parameters file has its
        section, and in a sweep where `stages` names it
    """

    name: str
    room: str
    draws: int
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    alone: Mapping[str, Any] = field(default_factory=dict)
    in_run: bool = True
    on_request: bool = False

    @property
    def needs(self) -> list[str]:
        """The stages that make what it reads, in order."""
        return [other.name for other in STAGES.values() if set(other.writes) & set(self.reads)]


@dataclass(frozen=True)
class Table:
    """File and columns; within the rows of one `group`, `order` ascends and repeats nothing."""

    file: str
    columns: tuple[str, ...]
    group: tuple[str, ...]
    order: tuple[str, ...] = ()


def _table(file: str, group: str, order: str, values: str) -> Table:
    return Table(file, *(tuple(part.split()) for part in (values, group, order)))


_CURVE = "replicate scope ordering direction replacement"
_CURVES = f"{_CURVE} n_ablated n_correct n_samples"
_CLAIMS = (
    "claim scope quantity estimate low high n_replicates n_other p p_holm verdict n_to_decide note"
)
TABLES = {
    "training": _table("training.csv", "replicate split", "epoch",
        "replicate epoch split loss n_correct n_samples kept"),
    "information": _table("information.csv.xz", "replicate epoch", "layer neuron",
        "replicate epoch layer neuron entropy mutual_information"),
    "measures": _table("measures.csv", "replicate", "layer neuron",
        "replicate layer neuron entropy mutual_information kl_selectivity selective_class "
        "firing_rate mean_output output_variance"),
    "ablation": _table("ablation.csv.xz", _CURVE, "n_ablated", _CURVES),
    "single": _table("single.csv", "replicate replacement", "layer neuron",
        "replicate layer neuron replacement error_rise cross_entropy_rise "
        "scaled_cross_entropy_rise"),
    "pruning": _table("pruning.csv", "replicate scope method repair", "fraction retrain_epochs",
        "replicate scope method repair fraction retrain_epochs n_correct n_samples n_parameters "
        "n_macs n_bytes"),
    "latency": _table("latency.csv", "batch", "fraction", "fraction batch latency_ms"),
    "balancing": _table("balancing.csv", "replicate scope method repair",
        "fraction retrain_epochs",
        "replicate scope method repair fraction retrain_epochs n_correct n_samples"),
    "claims": _table("claims.csv", "claim scope quantity", "", _CLAIMS),
    "pairs": _table("pairs.csv.xz", "replicate", "layer neuron_1 neuron_2",
        "replicate layer neuron_1 neuron_2 joint_information co_information surplus"),
    "orders": _table("orders.csv.xz", "replicate scope ordering", "place",
        "replicate scope ordering place neuron"),
    "joint": _table("joint.csv.xz", _CURVE, "n_ablated", _CURVES),
    "sets": _table("sets.csv", "replicate scope ordering direction", "n_ablated",
        "replicate scope ordering direction n_ablated error_surplus independent_surplus "
        "co_information mean_information"),
    "joint_pruning": _table("joint_pruning.csv", "replicate method repair", "fraction",
        "replicate method repair fraction n_correct n_samples"),
    "classes": _table("classes.csv", "replicate scope selected_class", "class",
        "replicate scope selected_class class n_correct n_intact n_samples"),
    "bottleneck": _table("bottleneck.csv", "replicate scope", "beta",
        "replicate scope beta retained"),
    "beyond": _table("beyond.csv", "claim scope quantity", "", _CLAIMS),
    "channel_classes": _table("channel_classes.csv", "replicate measure replacement",
        "layer neuron",
        "replicate layer neuron measure selectivity selective_class replacement error_rise "
        "class_error_rise"),
}  # fmt: skip
# what 09 makes of channels, as other notebooks of neurons: rows in the same columns
_OF_CHANNELS = {
    "conv_training": "training", "channels": "measures", "channel_ablation": "ablation",
    "channel_single": "single", "channel_pruning": "pruning", "channel_balancing": "balancing",
    "convolution": "claims",
}  # fmt: skip
TABLES |= {
    name: replace(TABLES[other], file=name + TABLES[other].file.removeprefix(other))
    for name, other in _OF_CHANNELS.items()
}
MEASURED = ("latency",)  # other in every run: no checksum is noted of it, and no stage reads it
_LISTED = (
    StageSpec("01-train", "train", 1, writes=(NETWORKS, "training", "information")),
    StageSpec("02-measure", "measure", 2, reads=(NETWORKS,), writes=("measures",)),
    StageSpec(
        "03-ablate", "ablate", 3, reads=(NETWORKS, "measures"), writes=("ablation", "single")
    ),
    StageSpec(
        "04-prune", "prune", 4, reads=(NETWORKS, "measures"), writes=("pruning", "latency")
    ),
    StageSpec(
        "05-bias-balance", "balance", 5,
        reads=(NETWORKS, "measures", "ablation"), writes=("balancing",),
    ),
    StageSpec(
        "06-verdict", "verdict", 6,
        reads=("measures", "ablation", "single", "pruning", "balancing"), writes=("claims",),
        alone={"further_runs": [], "other_runs": [], "last_run": ""},
    ),
    StageSpec("07-compare", "compare", 7, in_run=False),
    StageSpec(
        "08-beyond", "beyond", 8,
        reads=(NETWORKS, "information", "measures", "ablation", "single", "pruning"),
        writes=(
            "pairs", "orders", "joint", "sets", "joint_pruning", "classes", "bottleneck", "beyond",
        ),
        alone={"second_run": ""},
    ),
    StageSpec(
        "09-convolution", "convolution", 10, reads=("claims",),
        writes=(
            "conv_training", "channels", "channel_ablation", "channel_single", "channel_classes",
            "channel_pruning", "channel_balancing", "convolution",
        ),
        alone={"second_run": ""}, on_request=True,
    ),
    StageSpec("appendix-mistakes", "mistakes", 9, reads=(NETWORKS, "measures")),
)  # fmt: skip
STAGES = {stage.name: stage for stage in _LISTED}
CHAIN = [stage.name for stage in _LISTED if stage.in_run]


WRITTEN = frozenset(name for stage in _LISTED for name in stage.writes)


def place(name: str) -> str:
    """Where in the folder of a run something lies that a stage writes: a table, the networks."""
    return TABLES[name].file if name in TABLES else f"{name}/"


def maker(name: str) -> str:
    """The stage that writes a table, or the networks."""
    return next(stage.name for stage in _LISTED if name in stage.writes)


def of_run(sections: Iterable[str]) -> list[str]:
    """The stages of a run whose parameters file has these sections, in order.

    >>> of_run([])[-2:], of_run(["09-convolution"])[-2:]
    (['08-beyond', 'appendix-mistakes'], ['09-convolution', 'appendix-mistakes'])
    """
    return [name for name in CHAIN if not STAGES[name].on_request or name in sections]


def with_needed(names: list[str]) -> list[str]:
    """These stages and those they need, in order.

    >>> with_needed(["02-measure"])
    ['01-train', '02-measure']
    """
    wanted = set(names)
    for stage in reversed(_LISTED):
        if stage.name in wanted:
            wanted |= set(stage.needs)
    return [name for name in CHAIN if name in wanted]


if __name__ == "__main__":
    # those about several runs come last, as they read what the others write
    listed = of_run([]) if sys.argv[1:] == ["always"] else CHAIN
    print("\n".join([*listed, *(set(STAGES) - set(CHAIN))]))

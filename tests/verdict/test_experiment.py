"""Which tables notebook 06 judges: of how many networks, and of which."""

from types import SimpleNamespace

import pandas as pd
import pytest

from utils.study.provenance import RunError
from utils.verdict.experiment import read_last, read_tables

NONE = {"run": "mine", "further_runs": [], "other_runs": [], "last_run": ""}


def _run(name: str, *, first: int = 0, seed: int = 0, n_replicates: int = 2) -> SimpleNamespace:
    """A run whose tables say whose they are."""

    def read(table: str) -> pd.DataFrame:
        return pd.DataFrame({"replicate": range(n_replicates), "of": f"{table} of {name}"})

    recipe = SimpleNamespace(first_replicate=first, seed=seed, n_replicates=n_replicates)
    return SimpleNamespace(recipe=recipe, read=read)


def _stage(others: dict[str, SimpleNamespace], **given: object) -> SimpleNamespace:
    """A stage of run `mine` that asks for others by the parameter they differ in."""
    stage, asked = _run("mine"), []
    stage.name, stage.parameters, stage.asked = (
        "06-verdict",
        SimpleNamespace(**NONE | given),
        asked,
    )
    stage.other = lambda name, differs: asked.append((name, differs)) or others[name]
    return stage


def test_further_networks_are_counted_on_in_every_table():
    further = _run("theirs", first=2, n_replicates=3)
    stage = _stage({"theirs": further}, further_runs=["theirs"])
    tables = read_tables(stage)
    assert stage.asked == [("theirs", "first_replicate")]
    assert set(tables.of_run) == {"measures", "ablation", "single", "pruning", "balancing"}
    for name, table in tables.of_run.items():
        assert table["replicate"].tolist() == [0, 1, 2, 3, 4]
        assert table["of"].tolist() == [f"{name} of mine"] * 2 + [f"{name} of theirs"] * 3


@pytest.mark.parametrize(
    ("first", "seed", "refused"), [(1, 0, True), (2, 0, False), (1, 5, False)]
)
def test_runs_that_have_a_network_in_common_are_refused(first, seed, refused):
    further = _run("theirs", first=first, seed=seed)
    stage = _stage({"theirs": further}, further_runs=["theirs"])
    if refused:
        with pytest.raises(RunError, match=r"'mine' and 'theirs' both have replicates 1 to 1 of"):
            read_tables(stage)
    else:
        assert len(read_tables(stage)["single"]) == 4


def test_of_runs_with_other_activations_two_tables_are_read():
    stage = _stage({"tanh": _run("tanh")}, other_runs=["tanh"])
    others = read_tables(stage).others
    assert stage.asked == [("tanh", "activation")]
    assert set(others["tanh"].of_run) == {"measures", "ablation"}
    assert others["tanh"]["ablation"]["of"].tolist() == ["ablation of tanh"] * 2


def test_the_last_epochs_run_differs_in_the_rule_and_may_be_missing():
    assert read_last(_stage({})) is None
    stage = _stage({"last": _run("last")}, last_run="last")
    assert set(read_last(stage).of_run) == {"measures", "ablation"}
    assert stage.asked == [("last", "kept_of_last")]

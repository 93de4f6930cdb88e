"""The tables of a sweep: which runs are done, what they found, where to look for the others."""

import re

import pandas as pd
import pytest

from utils import paths
from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.evidence.intervals import interval
from utils.study import sweep_tables


def test_the_index_has_a_row_for_every_run(finished_sweep, tmp_path):
    table = sweep_tables.write(finished_sweep)
    assert list(table["run"]) == ["activation=sigmoid", "activation=tanh", "activation=relu"]
    assert list(table["state"]) == ["done", "failed", "not run"]
    assert list(table["stage"]) == ["", "04-prune", "01-train"]
    kept = pd.read_csv(tmp_path / "runs" / "mine" / "index.csv").iloc[0]
    training = pd.read_csv(paths.COMMITTED_RUN / "training.csv")
    last = training[(training["split"] == "test") & (training["kept"] == 1)]
    assert kept["test_accuracy"] == round(last["n_correct"].sum() / last["n_samples"].sum(), 4)
    assert (kept["seconds"], kept["peak_memory_mb"]) == (60.0, 900)
    committed = judging.overview(pd.read_csv(paths.COMMITTED_RUN / "claims.csv"), CLAIMS)["holds"]
    assert kept["C1":].to_dict() == committed.drop("C8").to_dict()


def test_failed_runs_and_their_logs_are_named(finished_sweep, tmp_path):
    said = sweep_tables.message(sweep_tables.write(finished_sweep), tmp_path / "runs" / "mine")
    assert said.splitlines()[0].startswith("1 of 3 runs done; see ")
    assert re.search(r"tanh: failed, 04-prune; see .*activation=tanh/logs/04-prune.ipynb", said)
    assert "activation=relu: not run, 01-train" in said


def test_a_run_that_was_killed_is_told_from_one_that_failed(finished_sweep, tmp_path):
    (tmp_path / "runs" / "mine" / "activation=tanh" / "logs" / "04-prune.txt").write_text("Exec")
    given = finished_sweep.runs["mine/activation=tanh"]
    assert sweep_tables.state("mine/activation=tanh", finished_sweep.stages, given) == (
        "interrupted", "04-prune",
    )  # fmt: skip


def test_a_run_with_other_parameters_than_the_sweep_has_now_is_not_done(finished_sweep):
    run = "mine/activation=sigmoid"
    changed = {**finished_sweep.runs[run], "03-ablate": {"n_random_orders": 9}}
    assert sweep_tables.state(run, finished_sweep.stages, finished_sweep.runs[run]) == ("done", "")
    assert sweep_tables.state(run, finished_sweep.stages, changed) == ("not run", "03-ablate")


def test_a_damaged_manifest_does_not_stop_the_index(finished_sweep, tmp_path):
    (tmp_path / "runs" / "mine" / "activation=sigmoid" / "manifest.json").write_text("{")
    assert list(sweep_tables.write(finished_sweep)["state"]) == ["not run", "failed", "not run"]
    assert not (tmp_path / "runs" / "mine" / "claims.csv").exists()


def test_curves_are_means_of_the_committed_table_with_intervals(finished_sweep, tmp_path):
    sweep_tables.write(finished_sweep)
    curves = pd.read_csv(tmp_path / "runs" / "mine" / "curves.csv.xz")
    assert set(curves["run"]) == {"activation=sigmoid"}
    curve = curves.query("scope == 'layer-2' and ordering == 'random' and n_ablated == 60")
    raw = pd.read_csv(paths.COMMITTED_RUN / "ablation.csv.xz").query(
        "scope == 'layer-2' and direction == 'none' and replacement == 'mean' and n_ablated == 60"
    )
    accuracy = (raw["n_correct"] / raw["n_samples"]).groupby(raw["replicate"]).mean()
    band = interval(accuracy)
    found = curve[["mean", "low", "high"]].to_numpy().ravel()
    assert found == pytest.approx([band.mean, band.low, band.high], abs=1e-4)

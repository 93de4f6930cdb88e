"""Stages read and write runs safely, and say what is missing."""

import json

import pandas as pd
import pytest
import yaml

from utils import files, paths, runs
from utils.networks import Network, NetworkError
from utils.runs import RunError

PARAMETERS = yaml.safe_load((paths.ROOT / "params" / "quickstart.yml").read_text())


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Start a stage of a run in a folder of its own."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    return lambda stage: runs.start(stage, {"run": "mine", **PARAMETERS[stage]})


def test_missing_files_name_the_notebook_that_makes_them(started):
    with pytest.raises(RunError, match=r"networks is missing; notebook 01-train makes it.*'mine'"):
        started("03-ablate")


def test_tables_come_back_with_their_columns(started, tmp_path):
    stage = started("01-train")
    columns = runs.TABLES["training"][2].split()
    frame = pd.DataFrame([[0, 1, "test", 0.25, 9, 10]], columns=columns)
    stage.write("training", frame)
    pd.testing.assert_frame_equal(stage.read("training"), frame, check_dtype=False)
    before = (tmp_path / "mine" / "training.csv").read_bytes()
    stage.write("training", frame)
    assert (tmp_path / "mine" / "training.csv").read_bytes() == before


def test_a_table_with_other_columns_is_refused(started, tmp_path):
    stage = started("01-train")
    (tmp_path / "mine" / "training.csv").write_text("a,b\n1,2\n")
    with pytest.raises(RunError, match=r"columns a, b; expected are replicate, epoch"):
        stage.read("training")


def test_a_failed_write_leaves_the_old_table(started, tmp_path):
    stage = started("01-train")
    path = tmp_path / "mine" / "training.csv"
    path.write_text("kept")
    with pytest.raises(KeyError):
        stage.write("training", pd.DataFrame({"replicate": [0]}))
    assert path.read_text() == "kept"
    assert sorted(p.name for p in path.parent.iterdir()) == [".01-train.lock", "training.csv"]


def test_a_stage_another_process_works_on_is_refused(started, tmp_path, monkeypatch):
    started("01-train")
    held = files._held.pop(tmp_path / "mine" / ".01-train.lock")  # as if by another process
    with pytest.raises(RunError, match=r"process \d+ is at work on 01-train of .*mine; wait"):
        started("01-train")
    held.release()
    started("01-train").finish()
    assert tmp_path / "mine" / ".01-train.lock" not in files._held


def test_a_damaged_packed_table_is_named(started, tmp_path):
    stage = started("01-train")
    (tmp_path / "mine" / "ablation.csv.gz").write_bytes(b"\x1f\x8b half")
    with pytest.raises(RunError, match=r"ablation.csv.gz cannot be read.*run 03-ablate again"):
        stage.read("ablation")


def test_a_run_without_networks_says_so(started, tmp_path):
    stage = started("01-train")
    with pytest.raises(NetworkError, match="01-train makes them"):
        Network.load_all(tmp_path / "mine" / "networks")
    assert stage.manifest == {"stages": {}}


def test_the_manifest_notes_parameters_and_images(started, tmp_path):
    stage = started("01-train")
    stage.finish()
    manifest = json.loads((tmp_path / "mine" / "manifest.json").read_text())
    assert manifest["stages"]["01-train"]["parameters"]["hidden"] == [100, 100]
    assert manifest["images_sha256"] == stage.dataset.checksum
    assert str(tmp_path) not in json.dumps(manifest["packages"] | manifest["machine"])


def test_other_images_than_those_trained_on_are_refused(started, tmp_path):
    stage = started("01-train")
    stage.finish()
    path = tmp_path / "mine" / "manifest.json"
    path.write_text(path.read_text().replace(stage.dataset.checksum, "0" * 64))
    (tmp_path / "mine" / "networks").mkdir()
    with pytest.raises(RunError, match="are not those"):
        _ = started("02-measure").dataset


def test_the_published_run_is_announced(monkeypatch):
    monkeypatch.delenv("NEURON_STUDY_RUNS", raising=False)
    stage = runs.start("02-measure", {"run": "mnist", **PARAMETERS["02-measure"]})
    assert "published run" in stage._repr_markdown_()


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Pretend that runs were trained; give a stage of the first of them."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))

    def make(**runs_: dict) -> runs.Stage:
        for name, changed in runs_.items():
            given = {"run": name, **PARAMETERS["01-train"], **changed}
            manifest = {"stages": {"01-train": {"parameters": given}}}
            (tmp_path / name).mkdir()
            (tmp_path / name / "manifest.json").write_text(json.dumps(manifest))
        return runs.Stage("06-verdict", None, tmp_path / next(iter(runs_)))

    return make


def test_another_run_may_differ_in_what_is_compared_and_in_chance(trained, tmp_path):
    stage = trained(ours={}, theirs={"activation": "tanh", "seed": 7, "n_replicates": 9})
    assert stage.other("theirs", "activation").folder == tmp_path / "theirs"
    assert stage.other("theirs", "activation").recipe.seed == 7


def test_another_run_with_other_settings_is_refused(trained):
    stage = trained(ours={}, deeper={"hidden": [50], "activation": "tanh"}, same={})
    with pytest.raises(RunError, match=r"'deeper' has hidden \[50\], this one \[100, 100\]"):
        stage.other("deeper", "activation")
    with pytest.raises(RunError, match=r"'same' has activation 'sigmoid', as this one"):
        stage.other("same", "activation")
    with pytest.raises(RunError, match=r"gone/manifest.json is missing; notebook 01-train"):
        stage.other("gone", "activation")


def test_published_runs_are_found_from_any_folder_of_runs(trained):
    stage = trained(ours={})
    with pytest.raises(RunError, match="run 'mnist' has"):  # found, and of another data set
        stage.other("mnist", "seed")

"""Stages read and write runs safely, and say what is missing."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from utils import files, paths
from utils.networks.network import Network, NetworkError
from utils.study import parameter_files, provenance, runs, schemas, stages
from utils.study.runs import RunError

SECTIONS = parameter_files.read(paths.ROOT / "params" / "quickstart.yml")
PARAMETERS = {stage: parameter_files.completed(SECTIONS, stage) for stage in stages.CHAIN}


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Start a stage of a run in a folder of its own."""
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    return lambda stage: runs.start(stage, {"run": "mine", **PARAMETERS[stage]})


def test_of_what_is_measured_no_checksum_is_noted(made_run, tmp_path):
    """So that a run made again differs in that table, and in nothing that is made of it."""
    folder = made_run(tmp_path / "mine", (6,)).folder
    stage = runs.Stage("04-prune", None, folder)
    for milliseconds in (0.5, 0.6):
        table = pd.DataFrame({"fraction": [0.0], "batch": [1], "latency_ms": [milliseconds]})
        stage.write("latency", table)
        assert stage.wrote == {}
        provenance.check_run(folder)


def test_missing_files_name_the_notebook_that_makes_them(started):
    with pytest.raises(RunError, match=r"networks is missing; notebook 01-train makes it.*'mine'"):
        started("03-ablate")


def test_tables_come_back_with_their_columns(started, note_files, tmp_path):
    stage = started("01-train")
    columns = list(stages.TABLES["training"].columns)
    frame = pd.DataFrame([[0, 1, "test", 0.25, 9, 10, 1]], columns=columns)
    stage.write("training", frame)
    note_files(tmp_path / "mine")
    pd.testing.assert_frame_equal(stage.read("training"), frame, check_dtype=False)
    before = (tmp_path / "mine" / "training.csv").read_bytes()
    stage.write("training", frame)
    assert (tmp_path / "mine" / "training.csv").read_bytes() == before


def test_a_table_with_other_columns_is_refused(started, note_files, tmp_path):
    stage = started("01-train")
    (tmp_path / "mine" / "training.csv").write_text("a,b\n1,2\n")
    note_files(tmp_path / "mine")
    with pytest.raises(RunError, match=r"columns a, b; expected are replicate, epoch"):
        stage.read("training")


def _damaged(table: str, row: int, **values: object) -> pd.DataFrame:
    """The first rows of a table of the committed run, with other values in one of them."""
    frame = pd.read_csv(paths.COMMITTED_RUN / stages.place(table)).head(50).astype(object)
    for column, value in values.items():
        frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("table", "values", "message"),
    [
        ("training", {"loss": "x"}, r"line 9: loss is 'x'; it must be a number from 0"),
        ("training", {"loss": -0.5}, r"line 9: loss is -0.5; it must be a number from 0"),
        ("training", {"loss": None}, r"line 9: loss is nan; it must be a number from 0"),
        ("training", {"n_correct": "a"}, r"line 9: n_correct is 'a'; it must be a whole number"),
        ("training", {"n_correct": 3.5}, r"line 9: n_correct is 3.5; it must be a whole number"),
        ("training", {"n_correct": None}, r"line 9: n_correct is nan; it must be a whole number"),
        ("training", {"n_correct": 99_999}, r"line 9 \(.*\): it must have n_correct <= n_samples"),
        ("training", {"n_samples": 0}, r"line 9: n_samples is 0; it must be .* from 1"),
        ("training", {"split": "tset"}, r"line 9: split is 'tset'; .* as train\|validation\|test"),
        ("training", {"split": None}, r"line 9: split is nan; it must be a word"),
        ("measures", {"neuron": 3}, r"line 9 \(replicate 0, layer 1, neuron 3\): .*rows in order"),
        ("measures", {"firing_rate": 1.1}, r"line 9: firing_rate is 1.1; .* from 0 to 1"),
        ("ablation", {"scope": "layer-0"}, r"line 9: scope is 'layer-0'"),
        ("ablation", {"direction": "up"}, r"line 9: direction is 'up'; .*low-first\|high-first"),
        ("claims", {"verdict": "perhaps"}, r"line 9: verdict is 'perhaps'"),
    ],
)
def test_wrong_values_are_named_with_column_and_line(
    table, values, message, started, note_files, tmp_path
):
    stage = started("01-train")
    path = tmp_path / "mine" / stages.place(table)
    _damaged(table, 7, **values).to_csv(path, index=False)
    note_files(path.parent)
    with pytest.raises(RunError, match=message) as caught:
        stage.read(table)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(f"run {stages.maker(table)} again")


@pytest.mark.parametrize(
    "table",
    sorted({"measures", "single", "ablation", "pruning", "orders", "sets"} & stages.WRITTEN),
)
def test_rows_in_another_order_and_rows_that_are_there_twice_are_refused(
    table, started, note_files, tmp_path
):
    stage = started("01-train")
    path = tmp_path / "mine" / stages.place(table)
    frame = pd.read_csv(paths.COMMITTED_RUN / stages.place(table)).query("replicate < 2")
    for wrong in (frame.sample(frac=1, random_state=0), pd.concat([frame, frame.iloc[[3]]])):
        wrong.to_csv(path, index=False)
        note_files(path.parent)
        with pytest.raises(
            RunError, match=r"line \d+ \(.*\): it must have rows in order, none tw"
        ):
            stage.read(table)


def test_a_missing_column_and_columns_in_another_order_are_refused(started, note_files, tmp_path):
    stage = started("01-train")
    path = tmp_path / "mine" / "training.csv"
    frame = pd.read_csv(paths.COMMITTED_RUN / "training.csv")
    for wrong in (frame.drop(columns="loss"), frame[frame.columns[::-1]]):
        wrong.to_csv(path, index=False)
        note_files(path.parent)
        with pytest.raises(RunError, match=r"training.csv: has the columns .*; expected are"):
            stage.read("training")


READ = (stages.WRITTEN & stages.TABLES.keys()) - {"pairs", *stages.MEASURED}


@pytest.mark.parametrize("table", sorted(READ))
def test_the_committed_tables_are_as_they_must_be(table, started, note_files, tmp_path):
    """All but the pairs of neurons, which are too many to be kept in git."""
    stage = started("01-train")
    file = stages.place(table)
    shutil.copy(paths.COMMITTED_RUN / file, tmp_path / "mine" / file)
    note_files(tmp_path / "mine")
    kept = pd.read_csv(paths.COMMITTED_RUN / file)
    pd.testing.assert_frame_equal(stage.read(table), kept, check_dtype=False)


@pytest.mark.parametrize("table", stages.MEASURED)
def test_what_is_measured_fits_its_schema_and_cannot_be_read(table, started, note_files, tmp_path):
    stage, file = started("01-train"), stages.place(table)
    shutil.copy(paths.COMMITTED_RUN / file, tmp_path / "mine" / file)
    note_files(tmp_path / "mine")
    assert len(schemas.checked(table, pd.read_csv(tmp_path / "mine" / file))) > 2
    with pytest.raises(RunError, match=rf"{file} is not noted in manifest.json"):
        stage.read(table)


def test_a_wrong_table_is_not_written(started, tmp_path):
    stage = started("01-train")
    path = tmp_path / "mine" / "training.csv"
    path.write_text("kept")
    with pytest.raises(ValueError, match="n_correct <= n_samples"):
        stage.write("training", _damaged("training", 7, n_correct=99_999).infer_objects())
    assert path.read_text() == "kept"


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


def test_a_damaged_packed_table_is_named(started, note_files, tmp_path):
    stage = started("01-train")
    (tmp_path / "mine" / "ablation.csv.xz").write_bytes(b"\xfd7zXZ\x00 half")
    note_files(tmp_path / "mine")
    with pytest.raises(RunError, match=r"ablation.csv.xz cannot be read.*run 03-ablate again"):
        stage.read("ablation")


def test_a_run_without_networks_says_so(started, tmp_path):
    stage = started("01-train")
    with pytest.raises(NetworkError, match="01-train makes them"):
        Network.load_all(tmp_path / "mine" / "networks")
    assert stage.manifest == {"stages": {}}


def test_networks_are_replaced_in_the_order_of_their_numbers(random_network, tmp_path):
    """Names have two digits, or three from the hundredth on: sorted as text they would mix."""
    networks = [random_network((2, 3, 2), seed=k) for k in range(105)]
    folder = tmp_path / "networks"
    for n_saved in (105, 50):
        Network.save_all(networks[:n_saved], folder)
        assert len(list(folder.iterdir())) == n_saved  # the rest goes
        loaded = Network.load_all(folder)
        for network, same in zip(loaded, networks[:n_saved], strict=True):
            np.testing.assert_array_equal(network.kernels[0], same.kernels[0])


def test_random_draws_follow_a_number_of_the_stage_and_not_its_place(monkeypatch):
    """Otherwise another notebook before it, or another name, would change all its tables."""
    stage = runs.Stage("03-ablate", None, paths.COMMITTED_RUN)
    drawn = np.random.SeedSequence([0, 4, 3]).generate_state(1)[0]  # seed, replicate, stage
    assert stage.seed(4) == drawn
    assert runs.Stage("04-prune", None, stage.folder).seed(4, "03-ablate") == drawn
    numbers = [spec.draws for spec in stages.STAGES.values()]
    assert len(set(numbers)) == len(numbers)
    monkeypatch.setitem(stages.STAGES, "renamed", stages.STAGES["03-ablate"])
    assert runs.Stage("renamed", None, stage.folder).seed(4) == drawn


def test_the_manifest_notes_parameters_and_images(started, tmp_path):
    stage = started("01-train")
    assert stage.dataset.name == "mnist-5k"
    stage.finish()
    manifest = json.loads((tmp_path / "mine" / "manifest.json").read_text())
    assert manifest["stages"]["01-train"]["parameters"]["hidden"] == [100, 100]
    assert manifest["stages"]["01-train"]["read"] == {"images": stage.dataset.checksum}
    assert str(tmp_path) not in json.dumps(manifest["packages"] | manifest["machine"])


def test_other_images_than_those_trained_on_are_refused(started, random_network, tmp_path):
    stage = started("01-train")
    assert len(stage.dataset.checksum) == 64
    stage.save_networks([random_network((784, 3, 10))])
    stage.finish()
    path = tmp_path / "mine" / "manifest.json"
    path.write_text(path.read_text().replace(stage.dataset.checksum, "0" * 64))
    with pytest.raises(RunError, match="are not those"):
        _ = started("02-measure").dataset


def test_the_committed_run_is_announced(monkeypatch):
    monkeypatch.delenv("NEURON_STUDY_RUNS", raising=False)
    stage = runs.start("02-measure", {"run": "mnist", **PARAMETERS["02-measure"]})
    assert "committed run" in stage._repr_markdown_()


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


def test_another_run_that_was_measured_in_another_way_is_refused(trained, tmp_path):
    stage = trained(ours={}, theirs={"activation": "tanh"})
    for run, n_levels in (("ours", 2), ("theirs", 4)):
        path = tmp_path / run / "manifest.json"
        manifest = json.loads(path.read_text())
        manifest["stages"]["02-measure"] = {"parameters": {"run": run, "n_levels": n_levels}}
        path.write_text(json.dumps(manifest))
    with pytest.raises(RunError, match=r"'theirs' has n_levels 4, this one 2: .* activation only"):
        stage.other("theirs", "activation")


def test_committed_runs_are_found_from_any_folder_of_runs(trained):
    stage = trained(ours={})
    with pytest.raises(RunError, match="run 'mnist' has"):  # found, and of another data set
        stage.other("mnist", "seed")

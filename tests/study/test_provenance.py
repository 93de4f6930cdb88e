"""A number never comes from a table of other networks or parameters: it is refused instead."""

import json
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from utils import files, paths
from utils.files import ManifestError
from utils.networks.network import NetworkError
from utils.publishing import site
from utils.study import parameter_files, provenance, runs, stages
from utils.study.runs import RunError

SECTIONS = parameter_files.read(paths.ROOT / "params" / "quickstart.yml")
CHAIN = [stage for stage in stages.CHAIN if stage != "08-beyond"]


def _first_rows(table: str) -> pd.DataFrame:
    """The rows of the first network in a table of the committed run; of claims all of them."""
    frame = pd.read_csv(paths.COMMITTED_RUN / stages.place(table))
    return frame[frame["replicate"] == 0] if "replicate" in frame else frame


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: _first_rows(name) for stage in CHAIN for name in _tables(stage)}


def _tables(stage: str) -> list[str]:
    return [name for name in stages.STAGES[stage].writes if name in stages.TABLES]


@pytest.fixture(scope="module")
def play(random_network, tables):
    """Goes through a stage of a run as its notebook does: reads all it reads, writes its tables.

    `shift` makes tables that another training, or another parameter, would have made.
    """

    def stage_of(name: str, seed: int = 0, shift: float = 0.0, run: str = "mine") -> None:
        given = {"run": run, **parameter_files.completed(SECTIONS, name)}
        stage = _opened(name, given)
        if name == "01-train":
            stage.read_from["images"] = "0" * 64
            stage.save_networks([random_network((784, 9, 8, 10), seed=seed)])
        for table in _tables(name):
            frame = tables[table].copy()
            last = frame.select_dtypes(float).columns[-1:]
            frame[last] += shift
            stage.write(table, frame)
        stage.finish()

    return stage_of


def _opened(name: str, given: dict) -> runs.Stage:
    """A stage that has read all it reads."""
    stage = runs.start(name, given)
    for source in stages.STAGES[name].reads:
        _ = stage.networks if source == stages.NETWORKS else stage.read(source)
    return stage


@pytest.fixture(scope="module")
def played(play, tmp_path_factory) -> Path:
    """A folder with two finished runs, `mine` and `other`, of other networks and tables."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURON_STUDY_RUNS", str(folder))
        for stage in CHAIN:
            play(stage)
            play(stage, seed=5, shift=0.002, run="other")
    return folder


@pytest.fixture
def study(played, tmp_path, monkeypatch) -> Path:
    """A finished run, and beside it the other one."""
    shutil.copytree(played, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    return tmp_path / "mine"


def test_a_stage_notes_what_it_read_and_wrote(study):
    noted = files.manifest(study)["stages"]
    assert list(noted) == CHAIN
    for stage, entry in noted.items():
        assert set(entry["wrote"]) == set(stages.STAGES[stage].writes)
        assert set(entry["read"]) == set(stages.STAGES[stage].reads) or stage == "01-train"
        for name, checksum in entry["wrote"].items():
            assert checksum == provenance.checksum(study / stages.place(name))
    provenance.check_run(study)


def test_measures_of_other_networks_are_refused_in_the_setup_cell(play, study):
    """Networks trained again from another seed: everything after is of the old ones."""
    play("01-train", seed=1)
    message = r"measures.csv was made from other networks than there are now; run 02-measure of "
    for stage in ("03-ablate", "04-prune", "05-bias-balance", "06-verdict"):
        with pytest.raises(RunError, match=message + "run 'mine'"):
            play(stage)
    play("02-measure", shift=0.001)
    with pytest.raises(RunError, match=r"ablation.csv.gz was made from other networks.*03-ablate"):
        play("05-bias-balance")
    for stage in CHAIN[2:]:
        play(stage)


def test_networks_that_come_out_the_same_are_no_change(play, study):
    play("01-train")
    for stage in CHAIN[1:]:
        play(stage)


def test_other_measures_of_the_same_networks_make_what_follows_stale(play, study):
    """As with n_levels: 4 in notebook 02; pages and README do not mix the ages either."""
    play("02-measure", shift=0.001)
    with pytest.raises(RunError, match=r"ablation.csv.gz was made from other measures.*03-ablate"):
        play("06-verdict")
    with pytest.raises(RunError, match=r"made from other measures than there are now"):
        provenance.check_run(study)
    (study / "02-measure.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    with pytest.raises(RunError, match="made from other measures"):
        site.build("mine", study.parent / "site")


def test_an_interrupted_stage_is_named(study):
    """Its table is written, the end of the notebook was not reached."""
    given = {"run": "mine", **parameter_files.completed(SECTIONS, "02-measure")}
    stage = runs.start("02-measure", given)
    stage.write("measures", pd.read_csv(study / "measures.csv").assign(mean_output=0.5))
    with pytest.raises(RunError, match=r"measures.csv is not what 02-measure wrote.*interrupted"):
        provenance.current(study, "measures")


def test_a_table_nobody_noted_is_refused(study):
    manifest = files.manifest(study)
    del manifest["stages"]["02-measure"]
    (study / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match=r"measures.csv is not noted in manifest.json as wri"):
        provenance.current(study, "measures")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"stages": 3}', "null"])
def test_a_damaged_manifest_is_named(content, study, play):
    (study / "manifest.json").write_text(content)
    with pytest.raises(ManifestError, match=r"mine/manifest.json is no manifest of a run; delete"):
        play("03-ablate")


def test_a_file_that_is_absent_on_purpose_is_no_change(study):
    """As the networks of runs of which git has the tables only."""
    shutil.rmtree(study / "networks")
    (study / "training.csv").unlink()
    assert provenance.current(study, "ablation")
    provenance.check_run(study)


def test_tables_of_another_run_are_watched_too(play, study, tmp_path):
    """Claims are about the run they are compared with as well; one that is gone is no change."""
    manifest = files.manifest(study)
    seen = provenance.current(tmp_path / "other", "ablation")
    manifest["stages"]["06-verdict"]["read"]["other:ablation"] = seen
    (study / "manifest.json").write_text(json.dumps(manifest))
    assert provenance.current(study, "claims")
    play("03-ablate", shift=0.001, run="other")
    with pytest.raises(RunError, match=r"claims.csv was made from another ablation of run"):
        provenance.current(study, "claims")
    shutil.rmtree(tmp_path / "other")
    assert provenance.current(study, "claims")


def test_what_is_read_from_another_run_is_noted(study, tmp_path):
    given = parameter_files.completed(SECTIONS, "06-verdict")
    stage = runs.start("06-verdict", {"run": "mine", **given})
    with pytest.raises(RunError, match="'other' has activation 'sigmoid', as this one"):
        stage.other("other", "activation")
    other = runs.Stage(
        "06-verdict", None, tmp_path / "other", read_from=stage.read_from, prefix="other:"
    )
    other.read("measures")
    assert set(stage.read_from) == {"other:measures"}


def test_a_finished_stage_shows_seconds_and_keeps_checksums():
    finished = provenance.Finished("02-measure", 1.5, {}, {"measures": "abc"})
    shown = finished._repr_mimebundle_()
    assert shown == {"text/plain": "1.5 seconds", provenance.MIME: {"wrote": {"measures": "abc"}}}


def _executed(folder: Path, stage: str, wrote: dict[str, str]) -> None:
    data = {provenance.MIME: {"wrote": wrote}, "text/plain": "1 seconds"}
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    cell = nbformat.v4.new_code_cell("stage.finish()", outputs=[output], execution_count=1)
    (folder / f"{stage}.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))


def test_a_page_of_another_age_than_the_tables_is_refused(study, tmp_path):
    noted = files.manifest(study)["stages"]["02-measure"]["wrote"]
    _executed(study, "02-measure", noted)
    assert site.build("mine", tmp_path / "site").exists()
    _executed(study, "02-measure", {"measures": "0" * 64})
    with pytest.raises(site.SiteError, match=r"02-measure.ipynb shows other tables than the run"):
        site.build("mine", tmp_path / "site")


EDITS = (
    "swapped",
    "shuffled",
    "deleted",
    "truncated",
    "appended",
    "digit",
    "networks",
    "manifest",
)


def _edit(folder: Path, other: Path, rng: np.random.Generator) -> str:
    """One change that may happen to a folder of a run; returns what."""
    names = [name for stage in CHAIN for name in _tables(stage)]
    path, kind = folder / stages.place(rng.choice(names)), rng.choice(EDITS)
    if kind == "swapped":
        shutil.copy(other / path.name, path)
    elif kind == "deleted":
        path.unlink()
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "networks":
        shutil.copytree(other / "networks", folder / "networks", dirs_exist_ok=True)
    elif kind == "manifest":
        shutil.copy(other / "manifest.json", folder / "manifest.json")
    else:
        frame = pd.read_csv(path, dtype=str)
        if kind == "shuffled":
            frame = frame.sample(frac=1, random_state=int(rng.integers(100)))
        elif kind == "appended":
            frame = pd.concat([frame, frame.iloc[[-1]]])
        else:
            row, column = rng.integers(len(frame)), rng.integers(frame.shape[1])
            frame.iloc[row, column] = f"{frame.iloc[row, column]}1"
        frame.to_csv(path, index=False)
    return f"{kind} {path.name}"


@pytest.mark.parametrize("number", range(30))
def test_whatever_happens_to_a_run_is_refused_or_harmless(number, study):
    """No stage opens a table that is not the one its maker wrote for these networks."""
    noted = files.manifest(study)["stages"].values()
    right = {name: checksum for entry in noted for name, checksum in entry["wrote"].items()}
    what = _edit(study, study.parent / "other", np.random.default_rng(number))
    refused, opened = {}, {}
    for stage in stages.CHAIN[1:]:
        given = {"run": "mine", **parameter_files.completed(SECTIONS, stage)}
        try:
            opened[stage] = _opened(stage, given).read_from
        except (RunError, ManifestError, NetworkError) as error:
            refused[stage] = str(error)
    assert all(str(study) in message for message in refused.values()), what
    for read in opened.values():
        assert {name: right[name] for name in read} == read, what

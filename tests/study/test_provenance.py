"""A number never comes from a table of other networks or parameters: it is refused instead."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from utils import files, paths
from utils.files import ManifestError
from utils.networks.network import NetworkError
from utils.publishing import readme, site
from utils.study import parameter_files, provenance, runs, stages
from utils.study.runs import RunError

SECTIONS = parameter_files.read(paths.ROOT / "params" / "quickstart.yml")
LAST = "08-beyond", "09-convolution", "appendix-mistakes"
CHAIN = [name for name in stages.CHAIN if name not in LAST]


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
        stage = _opened(name, run)
        if name == "01-train":
            stage.read_from["images"] = "0" * 64
            sizes, seeds = (784, 9, 8, 10), (10 * seed, 10 * seed + 1)
            stage.save_networks([random_network(sizes, seed=one) for one in seeds])
        for table in _tables(name):
            frame = tables[table].copy()
            last = frame.select_dtypes(float).columns[-1:]
            frame[last] += shift
            if last.empty and shift:  # hits only
                frame["n_correct"] = frame["n_correct"].sub(round(1000 * shift)).clip(lower=0)
            stage.write(table, frame)
        stage.finish()

    return stage_of


def _started(name: str, run: str = "mine") -> runs.Stage:
    """A stage as its setup cell starts it."""
    return runs.start(name, {"run": run, **parameter_files.completed(SECTIONS, name)})


def _opened(name: str, run: str = "mine") -> runs.Stage:
    """A stage that has read all it reads."""
    stage = _started(name, run)
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
def study(played, tmp_path, monkeypatch) -> Iterator[Path]:
    """A finished run, and beside it the other one."""
    shutil.copytree(played, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    yield tmp_path / "mine"
    for lock in tmp_path.rglob(".*.lock"):
        files.release(lock)


def test_a_stage_notes_what_it_read_and_wrote(study):
    noted = files.manifest(study)["stages"]
    assert list(noted) == CHAIN
    for stage, entry in noted.items():
        assert set(entry["wrote"]) == {*stages.STAGES[stage].writes} - {*stages.MEASURED}
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
            _started(stage)
    with pytest.raises(RunError, match=message):  # of claims it is noted of which measures only
        provenance.current(study, "claims")
    play("02-measure", shift=0.001)
    with pytest.raises(RunError, match=r"ablation.csv.xz was made from other networks.*03-ablate"):
        _started("05-bias-balance")
    for stage in CHAIN[2:]:
        play(stage)
    provenance.check_run(study)


def test_networks_trained_again_where_git_has_the_tables_only(play, study):
    """Of which networks these tables are is not noted: not of those that there are now."""
    manifest = files.manifest(study)
    manifest["stages"]["01-train"]["wrote"] = {}
    for entry in manifest["stages"].values():
        entry["read"].pop("networks", None)
    (study / "manifest.json").write_text(json.dumps(manifest))
    shutil.rmtree(study / "networks")
    (study / "training.csv").unlink()
    assert provenance.current(study, "ablation")
    play("01-train")
    with pytest.raises(RunError, match=r"measures.csv was made from other networks.*02-measure"):
        _started("03-ablate")


def test_networks_that_come_out_the_same_are_no_change(play, study):
    play("01-train")
    for stage in CHAIN[1:]:
        play(stage)


def test_other_measures_of_the_same_networks_make_what_follows_stale(play, study):
    """As with n_levels: 4 in notebook 02; pages and README do not mix the ages either."""
    play("02-measure", shift=0.001)
    for stage in ("05-bias-balance", "06-verdict"):
        message = r"ablation.csv.xz was made from other measures.*run 03-ablate of run 'mine'"
        with pytest.raises(RunError, match=message):
            _started(stage)
    (study / "02-measure.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    for told in (
        lambda: provenance.check_run(study),
        lambda: site.build("mine", study.parent / "site"),
        lambda: readme.results(study),
    ):
        with pytest.raises(RunError, match="made from other measures than there are now"):
            told()
    for made, stale in (("03-ablate", "04-prune"), ("04-prune", "05-bias-balance")):
        play(made)
        with pytest.raises(RunError, match=f"made from other measures.*run {stale} of"):
            _started("06-verdict")
    play("05-bias-balance")
    play("06-verdict")
    assert site.build("mine", study.parent / "site").exists()


def test_shuffled_rows_are_refused(study):
    measures = pd.read_csv(study / "measures.csv", dtype=str)
    measures.sample(frac=1, random_state=0).to_csv(study / "measures.csv", index=False)
    with pytest.raises(RunError, match=r"measures.csv is not what 02-measure wrote.*run 02-meas"):
        _started("03-ablate")


def test_a_table_that_changes_after_the_setup_cell_is_refused(study):
    stage = _opened("03-ablate")
    shutil.copy(study.parent / "other" / "measures.csv", study)
    with pytest.raises(RunError, match=r"measures.csv is not what 02-measure wrote"):
        stage.read("measures")


@pytest.mark.parametrize(
    "table",
    [t for stage in CHAIN[1:5] for t in _tables(stage) if t not in stages.MEASURED],
)
def test_a_table_of_another_run_is_refused(table, study):
    """Where there was one, and where there was none: notebook 04, say, was never run."""
    file, maker = stages.place(table), stages.maker(table)
    shutil.copy(study.parent / "other" / file, study)
    message = rf"{file} is not what {maker} wrote: .*comes from another run.*run {maker} of run"
    with pytest.raises(RunError, match=message):
        provenance.current(study, table)
    manifest = files.manifest(study)
    del manifest["stages"][maker]["wrote"][table]
    (study / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match=rf"{file} is not noted in manifest.json as written by"):
        provenance.current(study, table)


def test_an_interrupted_stage_is_named(study):
    """Its table is written, the end of the notebook was not reached."""
    stage = _opened("02-measure")
    stage.write("measures", pd.read_csv(study / "measures.csv").assign(mean_output=0.5))
    with pytest.raises(RunError, match=r"measures.csv is not what 02-measure wrote.*interrupted"):
        _started("03-ablate")


def test_a_table_nobody_noted_is_refused(study):
    manifest = files.manifest(study)
    del manifest["stages"]["02-measure"]
    (study / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match=r"measures.csv is not noted in manifest.json as wri"):
        provenance.current(study, "measures")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"stages": 3}', '{"stages": {"01-train": 3}}', "null"]
)
def test_a_damaged_manifest_is_named(content, study):
    """By every stage in its setup cell, and not after an hour's training."""
    (study / "manifest.json").write_text(content)
    for stage in CHAIN:
        with pytest.raises(ManifestError, match=r"mine/manifest.json is no manifest of a run; de"):
            _started(stage)
    (study / "02-measure.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    with pytest.raises(ManifestError, match=r"manifest.json is no manifest"):
        site.build("mine", study.parent / "site")


def test_a_file_that_is_absent_on_purpose_is_no_change(study):
    """As the networks of runs of which git has the tables only."""
    shutil.rmtree(study / "networks")
    (study / "training.csv").unlink()
    assert provenance.current(study, "ablation")
    provenance.check_run(study)
    _opened("06-verdict")
    with pytest.raises(RunError, match=r"networks is missing; notebook 01-train makes it.*'mine'"):
        _started("03-ablate")


@pytest.mark.parametrize("run", paths.COMMITTED)
def test_the_runs_in_git_are_current_and_all_of_them_is_noted(run, monkeypatch, tmp_path):
    """Wherever a user's own runs are, and whatever they are called."""
    folder = paths.COMMITTED_RUN.parent / run
    monkeypatch.setenv("NEURON_STUDY_RUNS", str(tmp_path))
    manifest = {"stages": {"03-ablate": {"parameters": {}, "wrote": {"ablation": "0" * 64}}}}
    (tmp_path / "tanh").mkdir()
    (tmp_path / "tanh" / "manifest.json").write_text(json.dumps(manifest))
    provenance.check_run(folder)


def test_what_a_notebook_made_that_was_taken_away_is_no_change(study):
    """Its tables are still noted; claims of theirs stay what they were."""
    manifest = files.manifest(study)
    noted = manifest["stages"]
    noted["09-gone"] = {"parameters": {}, "read": {}, "wrote": {"gone": "1" * 64}}
    noted["06-verdict"]["read"]["gone"] = "1" * 64
    (study / "manifest.json").write_text(json.dumps(manifest))
    assert provenance.current(study, "claims")


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
    "swapped", "shuffled", "deleted", "truncated", "appended", "digit",
    "network of another run", "networks exchanged", "manifest of another run", "manifest emptied",
)  # fmt: skip


def _edit(folder: Path, other: Path, kind: str, rng: np.random.Generator) -> str:
    """One change that may happen to a folder of a run; gives the file that it happened to."""
    table = rng.choice([name for stage in CHAIN for name in _tables(stage)])
    path, manifest = folder / stages.place(table), folder / "manifest.json"
    first, second = sorted((folder / "networks").iterdir())
    if kind == "swapped":
        shutil.copy(other / path.name, path)
    elif kind == "deleted":
        path.unlink()
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[: rng.integers(path.stat().st_size)])
    elif kind == "network of another run":
        path = first
        shutil.copy(other / "networks" / path.name, path)
    elif kind == "networks exchanged":
        path, content = first, first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)
    elif kind == "manifest of another run":
        path = manifest
        shutil.copy(other / path.name, path)
    elif kind == "manifest emptied":
        path = manifest
        path.write_text("")
    else:
        _edit_rows(path, kind, rng)
    return path.name


def _edit_rows(path: Path, kind: str, rng: np.random.Generator) -> None:
    """Still a table, of as many columns."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = int(rng.integers(len(frame)))
    if kind == "shuffled":
        frame = frame.sample(frac=1, random_state=int(rng.integers(100)))
    elif kind == "appended":
        frame = pd.concat([frame, frame.iloc[[row]]])
    else:
        numbers = np.flatnonzero(frame.iloc[row].str.contains(r"\d"))
        cell = row, int(rng.choice(numbers))
        before, digit, after = re.split(r"(\d)", frame.iloc[cell], maxsplit=1)
        frame.iloc[cell] = f"{before}{(int(digit) + 1) % 10}{after}"
    frame.to_csv(path, index=False)


def _bytes(folder: Path, stage: str) -> dict[str, bytes]:
    """What a stage reads, file by file."""
    places = [folder / stages.place(name) for name in stages.STAGES[stage].reads]
    every = [file for path in places for file in ([path], path.glob("*"))[path.is_dir()]]
    return {str(f.relative_to(folder)): f.read_bytes() for f in every if f.exists()}


@pytest.mark.parametrize("number", range(30))
def test_whatever_happens_to_a_run_is_refused_or_harmless(number, study):
    """No stage opens a table that is not the one its maker wrote for these networks."""
    right = {stage: _bytes(study, stage) for stage in stages.CHAIN}
    rng, kind = np.random.default_rng(number), EDITS[number % len(EDITS)]
    file = _edit(study, study.parent / "other", kind, rng)
    refused, started = {}, []
    for stage in stages.CHAIN:
        try:
            _started(stage)
        except (RunError, ManifestError, NetworkError) as error:
            refused[stage] = str(error)
        else:
            started.append(stage)
    for message in refused.values():
        assert re.search(r"/mine/(\w+\.csv|manifest\.json|networks)", message), (kind, file)
    for stage in started:
        assert _bytes(study, stage) == right[stage], (kind, file, stage)
        assert set(_opened(stage).read_from) == set(stages.STAGES[stage].reads)
    if file in ("training.csv", "latency.csv", "claims.csv"):  # read by none, claims by one
        assert set(refused) <= {"09-convolution"} & {*stages.CHAIN}, (kind, file)

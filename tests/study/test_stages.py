"""The one list of stages agrees with what lies in the repository, and with itself."""

import io
import subprocess
import sys

import pandas as pd

from utils import paths
from utils.study import parameters, schemas
from utils.study.stages import CHAIN, NETWORKS, STAGES, TABLES, maker, of_run, with_needed


def test_every_notebook_has_an_entry_a_room_and_parameters():
    notebooks = sorted(path.stem for path in paths.NOTEBOOKS.glob("*.ipynb"))
    assert sorted(STAGES) == notebooks
    assert set(STAGES) <= set(parameters.MODELS)
    for spec in STAGES.values():
        assert (paths.ROOT / "utils" / spec.room / "__init__.py").exists()


def test_the_command_lists_the_notebooks_and_those_about_several_runs_last():
    command = [sys.executable, "-m", "utils.study.stages"]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True)
    several = [name for name, stage in STAGES.items() if not stage.in_run]
    assert done.stdout.split() == [*CHAIN, *several]


def test_a_stage_reads_what_an_earlier_one_writes_and_each_table_has_one_maker():
    written = [name for spec in STAGES.values() for name in spec.writes]
    assert len(written) == len(set(written))
    assert set(written) <= {NETWORKS, *TABLES}  # those of a notebook taken away may stay
    for name in CHAIN:
        needed = [maker(read) for read in STAGES[name].reads]
        assert set(needed) == set(STAGES[name].needs)
        assert all(CHAIN.index(stage) < CHAIN.index(name) for stage in needed)
    assert with_needed(["06-verdict"]) == CHAIN[:6]
    assert with_needed(["05-bias-balance", "02-measure"]) == [*CHAIN[:3], "05-bias-balance"]


def test_a_stage_on_request_is_needed_by_no_other():
    """A run may lack it."""
    asked = [name for name in CHAIN if STAGES[name].on_request]
    assert asked == ["09-convolution"]
    assert of_run({}) == [name for name in CHAIN if name not in asked]
    assert of_run({"01-train": {}, "09-convolution": {}}) == CHAIN
    assert not [name for name in CHAIN if {*STAGES[name].needs} & {*asked}]


def test_tables_of_channels_have_the_columns_of_those_of_neurons():
    assert TABLES["channels"].columns == TABLES["measures"].columns
    assert TABLES["channel_ablation"].file == "channel_ablation.csv.xz"
    assert TABLES["convolution"].group == TABLES["claims"].group
    assert TABLES["conv_training"].order == TABLES["training"].order
    assert len({table.file for table in TABLES.values()}) == len(TABLES)


def test_every_column_is_described_and_used():
    used = {column for table in TABLES.values() for column in table.columns}
    assert used == set(schemas.COLUMNS)
    for table in TABLES.values():
        assert {*table.group, *table.order} <= set(table.columns)


def test_claims_without_any_note_can_be_read():
    """A column of words in which all are missing looks like numbers."""
    case = dict.fromkeys(TABLES["claims"].columns, 0.5)
    case |= {"claim": "C2", "scope": "layer-1", "quantity": "entropy", "verdict": "open"}
    case |= {"n_replicates": 3, "n_other": 0, "n_to_decide": 3, "note": None}
    written = pd.DataFrame([case]).to_csv(index=False)
    assert schemas.checked("claims", pd.read_csv(io.StringIO(written)))["note"].isna().all()

"""The tables of a sweep: `python -m utils.study.sweep_tables demo` after `make sweep SWEEP=demo`.

In data/runs/<sweep>/: `index.csv`, a row a run; `claims.csv`, the claims of all finished runs;
`curves.csv.xz`, their ablation curves within each layer and across the network, bias-balanced, as
means over networks with 95 % intervals. They are all that notebook 07 reads. A run that failed, or
was not run, is in the index only. The exit code is 1 if any run is not done.
"""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from utils import files, paths
from utils.evidence import judging
from utils.evidence.claims import CLAIMS
from utils.evidence.curves import final_test_accuracy, merge_random
from utils.evidence.intervals import bands
from utils.study import failures, parameter_files, provenance, sweeps
from utils.study.parameter_files import Sections
from utils.study.provenance import RunError
from utils.study.runs import Stage
from utils.study.stages import MEASURED, STAGES, maker

CURVE = ["scope", "ordering", "direction", "n_ablated"]
DONE, FAILED, INTERRUPTED, NOT_RUN = "done", "failed", "interrupted", "not run"


def state(run: str, stages: list[str], given: Sections) -> tuple[str, str]:
    """`done`, `failed`, `interrupted` or `not run`, and the first stage that is not done.

    A stage is done if its executed notebook is there, the manifest has it with these parameters,
    and its tables are of the networks that the run has now. One that was begun and is not done has
    failed if its log ends in an error, and was interrupted (killed, or is at work) if not.
    """
    folder, noted = paths.runs() / run, {}
    with suppress(files.ManifestError, OSError):
        noted = files.manifest(folder)["stages"]
    for stage in stages:
        wanted = {"run": run, **parameter_files.completed(given, stage)}
        parameters = noted.get(stage, {}).get("parameters")
        if not (folder / f"{stage}.ipynb").exists():
            return _unfinished(folder / "logs" / f"{stage}.txt"), stage
        if parameters != wanted or not _is_current(folder, stage):
            return NOT_RUN, stage
    return DONE, ""


def _is_current(folder: Path, stage: str) -> bool:
    try:
        noted = set(STAGES[stage].writes) - set(MEASURED)
        return all(provenance.current(folder, name) for name in noted)
    except RunError:
        return False


def _unfinished(log: Path) -> str:
    if not log.exists():
        return NOT_RUN
    return FAILED if failures.ERROR in log.read_text(errors="replace") else INTERRUPTED


def index(plan: sweeps.Plan) -> pd.DataFrame:
    """A row a run: what the sweep varies, its state, and of a finished run what it took and found.

    `stage` is the first one that is not done; `test_accuracy` is the mean over networks; of each
    claim that has cases there is whether it holds, as `judging.overview` says it.
    """
    rows = []
    for run, given in plan.runs.items():
        row: dict[str, Any] = {"run": Path(run).name, **plan.settings[run]}
        row["state"], row["stage"] = state(run, plan.stages, given)
        rows.append(row | (_finished(run, plan.stages) if row["state"] == DONE else {}))
    table = pd.DataFrame(rows)
    varied = next(iter(plan.settings.values()))
    costs = ["seconds", "peak_memory_mb", "test_accuracy"]
    claims = [name for name in CLAIMS if name in table]
    return table.reindex(columns=["run", *varied, "state", "stage", *costs, *claims])


def _finished(run: str, stages: list[str]) -> dict[str, Any]:
    folder = paths.runs() / run
    every = files.manifest(folder)["stages"]
    noted = [every[stage] for stage in stages]
    accuracy = final_test_accuracy(_read(folder, "training"))
    row = {
        "seconds": round(sum(stage["seconds"] for stage in noted), 1),
        "peak_memory_mb": max(stage["peak_memory_mb"] for stage in noted),
        "test_accuracy": round(accuracy.mean(), 4),
    }
    if maker("claims") in stages:
        row |= judging.overview(_read(folder, "claims"), CLAIMS)["holds"].to_dict()
    return row


def _read(folder: Path, table: str) -> pd.DataFrame:
    return Stage(maker(table), None, folder).read(table)


def curves(ablation: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy over networks of every bias-balanced curve, with its 95 % t-interval."""
    merged = merge_random(ablation)
    table = bands(merged[merged["replacement"] == "mean"], CURVE, "accuracy")
    table["low"], table["high"] = table["low"].clip(lower=0), table["high"].clip(upper=1)
    return table.round(4).reset_index()


def write(plan: sweeps.Plan) -> pd.DataFrame:
    """Write the tables of a sweep; returns its index."""
    table, folder = index(plan), (paths.runs() / plan.pattern).parent
    files.make_folder(folder)
    files.write_csv(folder / "index.csv", table)
    done = [folder / run for run in table.loc[table["state"] == DONE, "run"]]
    claims = {run.name: _read(run, "claims") for run in done if maker("claims") in plan.stages}
    _write_together(folder / "claims.csv", claims)
    drawn = done if maker("ablation") in plan.stages else []
    parts = {run.name: curves(_read(run, "ablation")) for run in drawn}
    _write_together(folder / "curves.csv.xz", parts)
    return table


def _write_together(path: Path, parts: dict[str, pd.DataFrame]) -> None:
    """The runs' tables as one, with the column `run`; no file if there are none."""
    path.unlink(missing_ok=True)  # what it said of runs that are no longer done
    if parts:
        files.write_csv(path, pd.concat(parts, names=["run", None]).reset_index("run"))


def message(table: pd.DataFrame, folder: Path) -> str:
    """How many runs are done, where the table is, and where to look for those that failed."""
    done = (table["state"] == DONE).sum()
    lines = [f"{done} of {len(table)} runs done; see {paths.shown(folder / 'index.csv')}"]
    for _, row in table[table["state"] != DONE].iterrows():
        line = f"{row['run']}: {row['state']}, {row['stage']}"
        log = paths.shown(folder / row["run"] / "logs" / row["stage"])
        if row["state"] == FAILED:
            line += f"; see {log}.ipynb, and .txt beside it"
        if row["state"] == INTERRUPTED:
            line += f"; see {log}.txt"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    plan = sweeps.expand(sys.argv[1])
    table = write(plan)
    print(message(table, (paths.runs() / plan.pattern).parent))
    sys.exit(0 if (table["state"] == DONE).all() else 1)

"""The tables of a sweep: `python -m utils.sweep_tables demo` after `make sweep SWEEP=demo`.

In data/runs/<sweep>/: `index.csv`, a row a run; `claims.csv`, the claims of all finished runs;
`curves.csv.gz`, their ablation curves within each layer and across the network, bias-balanced, as
means over networks with 95 % intervals. They are all that notebook 07 reads. A run that failed, or
was not run, is in the index only. The exit code is 1 if any run is not done.
"""

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from utils import claims, files, paths, sections, sweeps, verdicts
from utils.sections import Sections

CURVE = ["scope", "ordering", "direction", "n_ablated"]
DONE, FAILED, INTERRUPTED, NOT_RUN = "done", "failed", "interrupted", "not run"


def state(run: str, stages: list[str], given: Sections) -> tuple[str, str]:
    """`done`, `failed`, `interrupted` or `not run`, and the first stage that is not done.

    A stage is done if its executed notebook is there, and the manifest has it with these
    parameters. One that was begun and is not done has failed if its log ends in an error, and was
    interrupted (killed, or is at work) if not.
    """
    folder = paths.runs() / run
    noted = _noted(folder)
    for stage in stages:
        wanted = {"run": run, **sections.completed(given, stage)}
        parameters = noted.get(stage, {}).get("parameters")
        if not (folder / f"{stage}.ipynb").exists():
            return _unfinished(folder / "logs" / f"{stage}.txt"), stage
        if parameters != wanted:
            return NOT_RUN, stage
    return DONE, ""


def _unfinished(log: Path) -> str:
    if not log.exists():
        return NOT_RUN
    return FAILED if "Traceback" in log.read_text(errors="replace") else INTERRUPTED


def index(plan: sweeps.Plan) -> pd.DataFrame:
    """A row a run: what the sweep varies, its state, and of a finished run what it took and found.

    `stage` is the first one that is not done; `test_accuracy` is the mean over networks; of each
    claim there is whether it holds, as `utils.verdicts.overview` says it.
    """
    rows = []
    for run, given in plan.runs.items():
        row: dict[str, Any] = {"run": Path(run).name, **plan.settings[run]}
        row["state"], row["stage"] = state(run, plan.stages, given)
        rows.append(row | (_finished(run, plan.stages) if row["state"] == DONE else {}))
    first = [*rows[0]]
    columns = first[: first.index("stage") + 1]
    columns += ["seconds", "peak_memory_mb", "test_accuracy"]
    if "06-verdict" in plan.stages:
        columns += [name for name in verdicts.CLAIMS if name != "C8"]  # C8 is about several runs
    return pd.DataFrame(rows).reindex(columns=columns)


def _finished(run: str, stages: list[str]) -> dict[str, Any]:
    folder = paths.runs() / run
    noted = [_noted(folder)[stage] for stage in stages]
    accuracy = claims.final_test_accuracy(pd.read_csv(folder / "training.csv"))
    row = {
        "seconds": round(sum(stage["seconds"] for stage in noted), 1),
        "peak_memory_mb": max(stage["peak_memory_mb"] for stage in noted),
        "test_accuracy": round(accuracy.mean(), 4),
    }
    if "06-verdict" in stages:
        row |= verdicts.overview(pd.read_csv(folder / "claims.csv"))["holds"].to_dict()
    return row


def curves(ablation: pd.DataFrame) -> pd.DataFrame:
    """Mean accuracy over networks of every bias-balanced curve, with its 95 % t-interval."""
    merged = claims.merge_random(ablation)
    groups = merged[merged["replacement"] == "mean"].groupby(CURVE)["accuracy"]
    table = claims.t_interval(groups)
    table["low"], table["high"] = table["low"].clip(lower=0), table["high"].clip(upper=1)
    return table.round(4).reset_index()


def write(plan: sweeps.Plan) -> pd.DataFrame:
    """Write the tables of a sweep; returns its index."""
    table = index(plan)
    folder = (paths.runs() / next(iter(plan.runs))).parent
    folder.mkdir(parents=True, exist_ok=True)
    files.write_csv(folder / "index.csv", table)
    runs = [folder / run for run in table.loc[table["state"] == DONE, "run"]]
    for stage, read, made in (
        ("06-verdict", "claims.csv", lambda claimed: claimed),
        ("03-ablate", "ablation.csv.gz", curves),
    ):
        target = folder / ("claims.csv" if stage == "06-verdict" else "curves.csv.gz")
        target.unlink(missing_ok=True)  # what it said of runs that are no longer done
        if runs and stage in plan.stages:
            parts = {run.name: made(pd.read_csv(run / read)) for run in runs}
            found = pd.concat(parts, names=["run", None]).reset_index("run")
            files.write_csv(target, found)
    return table


def _noted(folder: Path) -> dict[str, Any]:
    """What the manifest notes of each stage; nothing if it is missing or damaged."""
    try:
        return files.manifest(folder)["stages"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def message(table: pd.DataFrame, folder: Path) -> str:
    """How many runs are done, where the table is, and where to look for those that failed."""
    done = (table["state"] == DONE).sum()
    lines = [f"{done} of {len(table)} runs done; see {paths.shown(folder / 'index.csv')}"]
    for _, row in table[table["state"] != DONE].iterrows():
        line = f"{row['run']}: {row['state']}, {row['stage']}"
        if row["state"] in (FAILED, INTERRUPTED):
            logs = folder / row["run"] / "logs"
            line += f"; see {paths.shown(logs / row['stage'])}.ipynb, and .txt beside it"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    plan = sweeps.expand(sys.argv[1])
    table = write(plan)
    print(message(table, (paths.runs() / next(iter(plan.runs))).parent))
    sys.exit(0 if (table["state"] == DONE).all() else 1)

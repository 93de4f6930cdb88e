"""Why a job ended that said nothing itself: killed, out of time, or on a cluster never started.

Its log in the run has no error then. What Snakemake and the cluster know is added there, since
that is the log to which `make sweep` points.
"""

import re
from pathlib import Path

# "log:" of an error in Snakemake's own log: the notebook, the text, and on a cluster the job's log
_FAILED = re.compile(
    r"^Error in rule .+:(?:\n    message: (?P<message>(?!None$).+))?(?:\n    .*)*?"
    r"\n    log: .+?\.ipynb, (?P<text>.+?\.txt)(?:, (?P<cluster>.+))? \(check",
    re.MULTILINE,
)
N_LINES = 20  # at most, of the cluster's log
ERROR = "Traceback"  # in the log of a notebook that stopped by itself


def explain(snakemake_log: Path, folder: Path) -> list[Path]:
    """Add to the log of every job that failed without an error why it ended.

    snakemake_log : what Snakemake wrote of a workflow that failed
    folder : that in which Snakemake works, from which its paths go out

    Returns the logs that were added to.
    """
    found = _FAILED.finditer(snakemake_log.read_text(encoding="utf-8", errors="replace"))
    last = {folder / match["text"]: match for match in found}  # of several tries
    silent = {path: match for path, match in last.items() if ERROR not in _content(path)}
    for path, match in silent.items():
        lines = [_content(path).rstrip(), "The job was killed, or could not start."]
        if match["message"]:
            lines.append(f"Snakemake: {match['message']}")
        if match["cluster"]:
            log = folder / match["cluster"]
            lines += [f"The cluster, in {log}:", *_content(log).splitlines()[-N_LINES:]]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines).lstrip() + "\n", encoding="utf-8")
    return list(silent)


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

"""What `make publish` refreshes: the committed notebooks, and the results in README.

python -m utils.publish notebook executed.ipynb target.ipynb
python -m utils.publish readme
"""

import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd

from utils import claims, files, paths, pruning_tables, runs, style, tables, verdicts
from utils.beyond_claims import BEYOND
from utils.measures import QUANTITIES

MARK = "<!-- {name}: made by make publish -->", "<!-- end of {name} -->"
README_EFFECTS = (
    ("low - random", "network", "below 0.01: no good indicator across the network"),
    ("low - high", "layer-1", "above 0: an indicator within the layer"),
    ("low - high", "layer-2", "above 0: an indicator within the layer"),
    ("balanced - zeroed", "layer-1", "above 0: bias balancing helps"),
)  # fmt: skip


def notebook(executed: Path, target: Path) -> None:
    """Copy without papermill's timing, paths and other metadata that change from run to run."""
    found = nbformat.read(executed, as_version=4)
    found.metadata.pop("papermill", None)
    for cell in found.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    nbformat.write(found, target)


def results(folder: Path) -> str:
    """README's results as Markdown: verdicts, effects with intervals, how far one can prune."""
    accuracy = claims.final_test_accuracy(pd.read_csv(folder / "training.csv")).to_numpy()
    return "\n".join(
        [
            f"{len(accuracy)} networks, test accuracy {accuracy.mean():.4f} on average "
            f"({accuracy.min():.4f} to {accuracy.max():.4f}).",
            "",
            *_verdicts(folder),
            "",
            *_effects(pd.read_csv(folder / "ablation.csv.gz")),
            "",
            *_headline(pd.read_csv(folder / "pruning.csv"), accuracy),
            "",
            *_beyond(folder),
        ]
    )


def _overview(found: pd.DataFrame, claims_: dict[str, verdicts.Claim], head: str) -> list[str]:
    """A line of Markdown a claim: whether it holds, in how many cases, and the numbers' range."""
    ranges = found.groupby("claim")["estimate"].agg(["min", "max"])
    lines = [
        f"| | {head} | holds | agrees / open / disagrees | number | from … to |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in verdicts.overview(found, claims_).iterrows():
        counts = f"{row['agrees']} / {row['inconclusive']} / {row['disagrees']}"
        span = " … ".join(f"{ranges.loc[name, end]:+.3f}" for end in ("min", "max"))
        cells = name, row["statement"], row["holds"], counts, claims_[name].number, span
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _verdicts(folder: Path) -> list[str]:
    return [
        "Each claim is a number in one or more cases (layers, quantities, fractions), and agrees",
        "in a case if the whole 95 % interval over the networks lies on the claimed side.",
        "",
        *_overview(pd.read_csv(folder / "claims.csv"), verdicts.CLAIMS, "the paper's claim"),
        *_compared(folder, "claims", verdicts.CLAIMS, "Trained again from another base seed"),
    ]


def _beyond(folder: Path) -> list[str]:
    return [
        "Beyond the paper, which closes on the thought that neurons act together:",
        "",
        *_overview(pd.read_csv(folder / "beyond.csv"), BEYOND, "our statement"),
        *_compared(folder, "beyond", BEYOND, "On Fashion-MNIST instead of MNIST"),
    ]


def _compared(folder: Path, table: str, listed: dict[str, verdicts.Claim], when: str) -> list[str]:
    """A sentence on the verdicts in the run that the stage of `table` compared with, if any."""
    stage, file, _ = runs.TABLES[table]
    second = files.manifest(folder)["stages"][stage]["parameters"]["second_run"]
    if not second:
        return []
    found, there = (pd.read_csv(run / file) for run in (folder, folder.parent / second))
    both = tables.both_overviews(found, there, listed).dropna()
    moved = [
        f"{name} ({here} here, {elsewhere} there)"
        for name, here, elsewhere in both.itertuples()
        if here != elsewhere
    ]
    return [
        "",
        f"{when}, {len(both) - len(moved)} of {len(both)} get the same verdict"
        f"{': all but ' + ', '.join(moved) if moved else ''}.",
    ]


def _effects(ablation: pd.DataFrame) -> list[str]:
    by = ["effect", "scope", "quantity"]
    effects = claims.summarize(claims.effects(ablation), by)
    lines = [
        "Differences of mean test accuracy over the steps at which 0 to 80 % of the neurons are",
        "ablated, bias-balanced, with 95 % intervals over the networks:",
        "",
        "| difference | where | entropy | mutual information | KL selectivity | the claim |",
        "|---|---|---|---|---|---|",
    ]
    for effect, scope, claim in README_EFFECTS:
        rows = effects.query("effect == @effect and scope == @scope").set_index("quantity")
        cells = [
            f"{row['mean']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
            for _, row in rows.loc[list(QUANTITIES)].iterrows()
        ]
        name = effect.replace(" - ", " − ")
        lines.append(f"| {name} | {scope.replace('-', ' ')} | {' | '.join(cells)} | {claim} |")
    return lines


def _headline(pruned: pd.DataFrame, full: np.ndarray) -> list[str]:
    """How far each method and repair can prune: lines of Markdown."""
    table = pruning_tables.within(pruned, full)
    lines = [
        "Largest share of the neurons of all layers that can be pruned with a mean loss of test",
        "accuracy of at most 0.01, by method and by what stands in for removed neurons; in",
        "brackets the share up to which the whole 95 % interval of the loss is within 0.01",
        "(0: not the smallest share tried; retrained: bias-balanced, one epoch, fewer shares):",
        "",
        "| least first by | " + " | ".join(map(style.spaced, table.columns)) + " |",
        "|---" * (1 + len(table.columns)) + "|",
    ]
    for method, row in table.iterrows():
        lines.append(f"| {style.NAMES[method]} | {' | '.join(row)} |")
    return lines


def cost(folder: Path, runs: int = 1000) -> str:
    """What many runs like this one would take, from the seconds its manifest notes."""
    manifest = files.manifest(folder)
    seconds = sum(stage["seconds"] for stage in manifest["stages"].values())
    memory = max(stage["peak_memory_mb"] for stage in manifest["stages"].values())
    hours = runs * seconds * manifest["machine"]["cores"] / 3600
    return (
        f"The published run took {seconds / 60:.0f} minutes on {manifest['machine']['cores']} "
        f"slow cores, one stage after another, and {memory / 1000:.1f} GB of memory at most a "
        f"stage; {runs:,} such runs are about {hours:,.0f} core-hours."
    )


def with_results(text: str, folder: Path) -> str:
    """README's text with its results as they follow from the run."""
    for name, made in {"results": results(folder), "cost": cost(folder)}.items():
        start, end = (mark.format(name=name) for mark in MARK)
        pattern = re.escape(start) + ".*?" + re.escape(end)
        text = re.sub(pattern, lambda _, b=f"{start}\n{made}\n{end}": b, text, flags=re.S)
    return text


if __name__ == "__main__":
    if sys.argv[1] == "notebook":
        notebook(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        readme = paths.ROOT / "README.md"
        readme.write_text(with_results(readme.read_text(), paths.PUBLISHED_RUN))

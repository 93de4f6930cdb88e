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

from utils import claims, paths, pruning_tables, style, verdicts

MARKS = "<!-- results: made by make publish -->", "<!-- end of results -->"
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
    """README's results: accuracy of the networks, and effects with intervals, as Markdown."""
    training = claims.with_accuracy(pd.read_csv(folder / "training.csv"))
    last = training[(training["epoch"] == training["epoch"].max()) & (training["split"] == "test")]
    effects = claims.summarize(
        claims.effects(pd.read_csv(folder / "ablation.csv.gz")), ["effect", "scope", "quantity"]
    )
    lines = [
        f"{len(last)} networks, test accuracy {last['accuracy'].mean():.4f} on average "
        f"({last['accuracy'].min():.4f} to {last['accuracy'].max():.4f}). Differences of mean "
        "test accuracy over the steps at which 0 to 80 % of the neurons are ablated, bias-"
        "balanced, with 95 % intervals over the networks:",
        "",
        "| difference | where | entropy | mutual information | KL selectivity | the claim |",
        "|---|---|---|---|---|---|",
    ]
    for effect, scope, claim in README_EFFECTS:
        rows = effects.query("effect == @effect and scope == @scope").set_index("quantity")
        cells = [
            f"{row['mean']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
            for _, row in rows.loc[["entropy", "mutual_information", "kl_selectivity"]].iterrows()
        ]
        name = effect.replace(" - ", " − ")
        lines.append(f"| {name} | {scope.replace('-', ' ')} | {' | '.join(cells)} | {claim} |")
    lines += ["", *_headline(pd.read_csv(folder / "pruning.csv"), last["accuracy"].mean())]
    lines += [
        "",
        "Every claim, with the number of its cases (layers, quantities, fractions) by verdict;",
    ]
    lines += ["a claim agrees in a case if the whole interval lies on the claimed side:", ""]
    overview = verdicts.overview(pd.read_csv(folder / "claims.csv"))
    lines += [
        "| claim | | holds | agrees | inconclusive | disagrees |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in overview.iterrows():
        counts = f"{row['agrees']} | {row['inconclusive']} | {row['disagrees']}"
        lines.append(f"| {name} | {row['statement']} | {row['holds']} | {counts} |")
    return "\n".join(lines)


def _headline(pruned: pd.DataFrame, full: float) -> list[str]:
    """How far each method and repair can prune: lines of Markdown."""
    table = pruning_tables.within(pruned, full)
    lines = [
        "Largest share of the neurons of all layers that can be pruned with a mean test accuracy",
        "within 0.01 of the full network's, by method and by what stands in for removed neurons",
        "(0: not the smallest share tried; retrained: one epoch, fewer shares tried):",
        "",
        "| least first by | " + " | ".join(map(style.spaced, table.columns)) + " |",
        "|---" * (1 + len(table.columns)) + "|",
    ]
    for method, row in table.iterrows():
        cells = ["" if np.isnan(share) else f"{share:.0%}" for share in row]
        lines.append(f"| {style.NAMES[method]} | {' | '.join(cells)} |")
    return lines


def with_results(text: str, folder: Path) -> str:
    """README's text with its results as they follow from the run."""
    start, end = MARKS
    pattern = re.escape(start) + ".*?" + re.escape(end)
    block = f"{start}\n{results(folder)}\n{end}"
    return re.sub(pattern, lambda _: block, text, flags=re.S)


if __name__ == "__main__":
    if sys.argv[1] == "notebook":
        notebook(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        readme = paths.ROOT / "README.md"
        readme.write_text(with_results(readme.read_text(), paths.PUBLISHED_RUN))

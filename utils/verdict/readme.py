"""What README and docs/results.md say of notebook 06; `utils.publishing.readme` puts it there."""

from pathlib import Path

import pandas as pd

from utils.evidence.paper import claim_numbers, closeness
from utils.study.findings import Finding
from utils.study.stages import place
from utils.verdict import findings, tables, trust
from utils.verdict.experiment import read_table

NOTEBOOK = "notebooks/06-verdict.ipynb"
SECTIONS = {  # of the notebook, by claim
    **dict.fromkeys(["C1", "C11"], "Across-the-network"),
    **dict.fromkeys(["C2", "C3", "C4", "C5", "C6"], "Within-a-layer-and-between-layers"),
    **dict.fromkeys(["C7", "C8", "C9", "C9b"], "Bias-balancing"),
    "C10": "Pruning",
}


def answer(folder: Path) -> list[Finding]:
    """The four findings that notebook 06 has at its top, of a run that it has judged."""
    judged, pruning = pd.read_csv(folder / place("claims")), read_table(folder, "pruning")
    return [
        findings.across_network(judged),
        findings.within_layers(judged),
        findings.bias_balancing(judged),
        findings.pruning(
            judged, tables.rivals_by_repair(pruning), tables.repair_beside_choice(pruning)
        ),
    ]


def claims(folder: Path) -> pd.DataFrame:
    """A row a claim of the paper, the first column a link to its section; all text."""
    table = tables.at_a_glance(pd.read_csv(folder / place("claims")))
    table.insert(0, "", [f"[{name}]({NOTEBOOK}#{SECTIONS[name]})" for name in table.index])
    return table.drop(columns="number")


def parts(folder: Path) -> list[str | pd.DataFrame]:
    """How near the paper's own numbers and curves are."""
    ablation = read_table(folder, "ablation")
    return [trust.beside_paper(claim_numbers(ablation), closeness(ablation))]

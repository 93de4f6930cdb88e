"""What README says of notebook 06; `utils.publishing.readme` puts it there."""

from pathlib import Path

import pandas as pd

from utils.drawing.verdicts import glance
from utils.evidence.claims import CLAIMS
from utils.evidence.paper import claim_numbers
from utils.study.stages import place
from utils.verdict.tables import nearness

LEAD = """Each claim is a number in one or more cases (layers, quantities, shares), and agrees in a
case if the whole 95 % t-interval over the networks lies on the claimed side; a case that is surely
smaller than what matters is negligible. The typical number is the median over the cases."""


def parts(folder: Path) -> list[str | pd.DataFrame]:
    """How near the paper's own numbers are, and all claims of a run."""
    numbers = claim_numbers(pd.read_csv(folder / place("ablation")))
    judged = pd.read_csv(folder / place("claims"))
    n_numbers, inside, distance = nearness(numbers).loc["all"]
    beside = (
        f"**Beside the paper.** {n_numbers:.0f} of the claims' numbers can be computed from the "
        f"paper's own curves: {inside:.0f} of them lie within the range of our single networks, "
        f"and their distance from our mean is {distance:.2f} standard deviations between networks "
        "(root mean square)."
    )
    return [
        beside,
        "",
        " ".join(LEAD.splitlines()),
        "",
        glance(judged, CLAIMS, "the paper's claim"),
    ]

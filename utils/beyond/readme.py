"""What README says of notebook 08; `utils.publishing.readme` puts it there."""

from pathlib import Path

import pandas as pd

from utils.beyond.claims import BEYOND
from utils.drawing.verdicts import glance
from utils.study.stages import place


def parts(folder: Path) -> list[str | pd.DataFrame]:
    """All statements of our own."""
    judged = pd.read_csv(folder / place("beyond"))
    return [
        "Beyond the paper, what neurons know together:",
        "",
        glance(judged, BEYOND, "our statement"),
    ]

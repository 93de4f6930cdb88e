"""What docs/results.md says of notebook 09; `utils.publishing.readme` puts it there."""

from pathlib import Path

import pandas as pd

from utils import files
from utils.convolution import findings, tables
from utils.drawing.verdicts import glance
from utils.evidence.claims import CLAIMS
from utils.study.findings import Finding
from utils.study.stages import place


def parts(folder: Path) -> list[str | pd.DataFrame | Finding]:
    """Which claims carry over to channels, and all of them at a glance."""
    given = files.manifest(folder)["stages"]["09-convolution"]["parameters"]
    claims, judged = (pd.read_csv(folder / place(name)) for name in ("claims", "convolution"))
    carried = tables.carried(claims, judged, None, given["threshold"])
    shown = glance(judged, CLAIMS, "claim, of channels")
    shown.insert(2, "neurons", carried["neurons"])
    return [
        Finding(findings.carried(carried)),
        "",
        shown.rename(columns={"holds": "channels"}),
    ]

"""What README says of notebook 04: how far each method and repair can prune."""

from pathlib import Path

import pandas as pd

from utils.evidence.curves import final_test_accuracy
from utils.names import NAMES, spaced
from utils.prune.tables import within

LEAD = (
    "Largest share of the neurons of all layers that can be pruned with a mean loss of test",
    "accuracy of at most 0.01, by method and by what stands in for removed neurons; in",
    "brackets the share up to which the whole 95 % interval of the loss is within 0.01",
    "(0: not the smallest share tried; retrained: bias-balanced, one epoch, fewer shares):",
)


def parts(folder: Path) -> list[str | pd.DataFrame]:
    """A row a method, a column a repair: shares as text, from the tables of a run."""
    full = final_test_accuracy(pd.read_csv(folder / "training.csv")).to_numpy()
    shares = within(pd.read_csv(folder / "pruning.csv"), full).rename(columns=spaced)
    return [
        " ".join(LEAD),
        "",
        shares.rename(index=NAMES).rename_axis("least first by").reset_index(),
    ]

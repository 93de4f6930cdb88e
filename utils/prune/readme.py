"""What README says of notebook 04: how far each choice and repair can prune."""

from pathlib import Path

import pandas as pd

from utils.evidence.curves import final_test_accuracy
from utils.prune.tables import within

LEAD = (
    "Largest share of the neurons of all layers that costs at most 0.01 of test accuracy on",
    "average. A row is a choice of neurons, a column what replaces them. In brackets: the share",
    "up to which the whole 95 % interval of the loss is at most 0.01. 0% means that the smallest",
    "share tried costs more. Retrained networks are bias-balanced; fewer shares were tried.",
)


def parts(folder: Path) -> list[str | pd.DataFrame]:
    """A row a choice, a column a repair: shares as text, from the tables of a run."""
    full = final_test_accuracy(pd.read_csv(folder / "training.csv")).to_numpy()
    shares = within(pd.read_csv(folder / "pruning.csv"), full)
    return [" ".join(LEAD), "", shares.reset_index()]

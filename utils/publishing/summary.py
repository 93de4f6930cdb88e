"""Some ten lines on a run: `python -m utils.publishing.summary quickstart`."""

import sys
from pathlib import Path

import pandas as pd

from utils import files, paths
from utils.evidence import curves, effects, judging
from utils.evidence.wording import with_interval
from utils.names import NAMES, QUANTITIES, spaced
from utils.study.stages import TABLES

LEAD = (
    "Differences of mean test accuracy over the steps at which 0 to 80 % of the neurons are",
    "ablated, bias-balanced, with 95 % intervals over the networks:",
)
EFFECTS = {
    ("low − random", "network"): "below 0.01: no good indicator across the network",
    ("low − high", "layer-1"): "above 0: an indicator within the layer",
    ("low − high", "layer-2"): "above 0: an indicator within the layer",
    ("balanced − zeroed", "layer-1"): "above 0: bias balancing helps",
}


def networks(folder: Path) -> str:
    """How many networks a run has, and their test accuracy."""
    accuracy = curves.final_test_accuracy(pd.read_csv(folder / "training.csv"))
    return (
        f"{len(accuracy)} networks, test accuracy {accuracy.mean():.4f} on average "
        f"({accuracy.min():.4f} to {accuracy.max():.4f})."
    )


def effect_table(folder: Path) -> pd.DataFrame:
    """What the ablation curves of a run say, as text: those of EFFECTS whose layer there is.

    `low − random`: how much better than chance it is to ablate low values first; `low − high`:
    whether low values mark unimportant neurons; `balanced − zeroed`: what bias balancing adds,
    low values first.
    """
    r = curves.retained(pd.read_csv(folder / "ablation.csv.xz"))
    values = {
        "low − random": effects.against_random(r),
        "low − high": judging.long(effects.direction_gaps(r)),
        "balanced − zeroed": effects.balancing_gains(r, effects.LOW_FIRST),
    }
    parts = {}
    for effect, of_networks in values.items():
        cases = judging.decided(of_networks, judging.Rule())
        texts = cases.apply(with_interval, axis=1)
        parts[effect] = texts.unstack()[list(QUANTITIES)]
    table = pd.concat(parts, names=["difference", "where"]).reindex(list(EFFECTS)).dropna()
    table["the claim"] = [EFFECTS[case] for case in table.index]
    return table.rename(index=spaced, columns=NAMES).reset_index()


def summary(folder: Path) -> str:
    """Accuracy, effect sizes and where the results are, as far as a run has been made."""
    made = {name for name, table in TABLES.items() if (folder / table.file).exists()}
    if "training" not in made:
        return f"Run {paths.shown(folder)}: no networks yet."
    effect_lines = []
    if "ablation" in made:
        table = effect_table(folder).drop(columns="the claim").to_string(index=False)
        effect_lines = [*LEAD, table.replace("−", "-")]
    stages = files.manifest(folder)["stages"]
    seconds = ", ".join(f"{name} {stage['seconds']:.0f}" for name, stage in stages.items())
    return "\n".join(
        [
            f"Run {paths.shown(folder)}: {networks(folder)}",
            *effect_lines,
            f"Seconds: {seconds}",
            f"Executed notebooks, tables and figures: {paths.shown(folder)}/",
        ]
    )


if __name__ == "__main__":
    print(summary(paths.runs() / sys.argv[1]))

"""Ten lines on a run: `python -m utils.summary quickstart`."""

import sys
from pathlib import Path

import pandas as pd

from utils import claims, files, paths


def summary(folder: Path) -> str:
    """Accuracy, effect sizes and where the results are, from the tables of a finished run."""
    accuracy = claims.final_test_accuracy(pd.read_csv(folder / "training.csv"))
    effects = claims.effects(pd.read_csv(folder / "ablation.csv.gz"))
    stages = files.manifest(folder)["stages"]
    lines = [
        f"Run {paths.shown(folder)}: {len(accuracy)} networks, test accuracy "
        f"{accuracy.mean():.4f} ({accuracy.min():.4f} to {accuracy.max():.4f})",
        "Mean difference in accuracy over 0-80 % ablated, bias-balanced, and 95 % interval:",
    ]
    for effect, scope, quantity in (
        ("low - random", "network", "mutual_information"),
        ("low - random", "network", "kl_selectivity"),
        ("low - high", "layer-1", "mutual_information"),
        ("low - high", "layer-1", "kl_selectivity"),
        ("balanced - zeroed", "layer-1", "mutual_information"),
        ("balanced - zeroed", "layer-1", "random"),
    ):
        part = effects.query("effect == @effect and scope == @scope and quantity == @quantity")
        mean, low, high = claims.interval(part["value"].to_numpy())
        label = f"{effect}, {quantity.replace('_', ' ')}, {scope.replace('-', ' ')}"
        lines.append(f"  {label:55s} {mean:+.3f}  [{low:+.3f}, {high:+.3f}]")
    seconds = ", ".join(f"{name} {stage['seconds']:.0f}" for name, stage in stages.items())
    lines.append(f"Seconds: {seconds}")
    lines.append(f"Executed notebooks, tables and figures: {paths.shown(folder)}/")
    return "\n".join(lines)


if __name__ == "__main__":
    print(summary(paths.runs() / sys.argv[1]))

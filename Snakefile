# One rule a stage: papermill executes the notebook with its section of the parameters file. The
# same rules serve one run, and all runs of a sweep; what a sweep varies are their wildcards.
#   snakemake --cores 2 --config params=params/quickstart.yml run=quickstart
#   snakemake --cores 2 --keep-going --config sweep=params/sweeps/demo.yml threads=1
# What the file leaves out stays as it is in the notebook, which is the published run.
# A stage runs again when its notebook, its section or a table it reads has changed.
import os
import re
import sys

import yaml

from utils import sweeps

PYTHON = sys.executable
if "sweep" in config:
    PLAN = sweeps.expand(str(config["sweep"]))
else:
    PLAN = sweeps.single(
        config.get("params", "params/quickstart.yml"), str(config.get("run", "quickstart"))
    )
RUNS = os.environ.get("NEURON_STUDY_RUNS", "data/runs")

WRITES = {
    "01-train": [directory("networks"), "training.csv"],
    "02-measure": ["measures.csv"],
    "03-ablate": ["ablation.csv.gz", "single.csv"],
    "04-prune": ["pruning.csv", "latency.csv"],
    "05-bias-balance": ["balancing.csv"],
    "06-verdict": ["claims.csv"],
    "08-beyond": [
        "pairs.csv.gz", "orders.csv.gz", "joint.csv.gz", "sets.csv", "joint_pruning.csv",
        "classes.csv", "beyond.csv",
    ],
}


def inside(name):
    """The file or folder of the run, still marked as a directory if it is one."""
    path = os.path.join(RUNS, PLAN.pattern, name)
    return directory(path) if getattr(name, "flags", {}).get("directory") else path


def section_of(stage):
    """A function from a run's wildcards to its section of the parameters, for papermill's -y."""

    def section(wildcards):
        run = PLAN.pattern.format(**wildcards)
        given = {"run": run} | PLAN.runs[run].get(stage, {})
        return yaml.safe_dump(given, default_flow_style=True, width=9999).strip()

    return section


wildcard_constraints:
    **{name: "|".join(map(re.escape, values)) for name, values in PLAN.wildcards().items()},


rule all:
    input:
        [os.path.join(RUNS, run, f"{stage}.ipynb") for run in PLAN.runs for stage in PLAN.stages],


for stage, writes in WRITES.items():

    rule:
        name: stage
        input:
            [inside(f"{needed}.ipynb") for needed in sweeps.CHAIN[stage]],
            notebook=f"notebooks/{stage}.ipynb",
        output:
            [inside(name) for name in writes],
            notebook=inside(f"{stage}.ipynb"),
        log:
            notebook=inside(f"logs/{stage}.ipynb"),
            text=inside(f"logs/{stage}.txt"),
        params:
            section=section_of(stage),
        # networks are trained with all threads; of what follows, two stages run side by side: their
        # imports and figures take one core each
        threads: max(1, int(config.get("threads", 2)) // (1 if stage == "01-train" else 2))
        # A failed notebook stays in logs/, with its traceback; only a finished one is an output.
        # Kernels that start at once can be given the same port; who comes second dies before its
        # first cell or never answers, and is started again.
        shell:
            "for attempt in 1 2 3; do\n"
            "    {PYTHON:q} -m papermill {input.notebook:q} {log.notebook:q} "
            "-y {params.section:q} --kernel python3 --start-timeout 120 --execution-timeout 7200 "
            "--no-progress-bar --no-log-output > {log.text:q} 2>&1 && break\n"
            "    if [ $attempt = 3 ] || "
            "! grep -qE 'Kernel (died before replying|did.* respond)' {log.text:q}; then\n"
            "        tail -n 3 {log.text:q} >&2\n"
            "        if grep -q DeadKernelError {log.text:q}; then echo '{rule}: its kernel was killed, "
            "most often for want of memory; take fewer CORES, or fewer neurons or samples' >&2; fi\n"
            "        exit 1\n"
            "    fi\n"
            "done\n"
            "cp {log.notebook:q} {output.notebook:q}"


# Calibration of what the paper does not state; `make calibrate` puts the parts together.
CALIBRATION = "params/sweeps/calibration.yml"
with open(CALIBRATION) as file:
    STRENGTHS = yaml.safe_load(file)["l2"]


rule calibration:
    input:
        expand("data/runs/calibration/l2={l2}.csv", l2=STRENGTHS),
    output:
        "data/calibration.csv",
    shell:
        "{PYTHON:q} -m utils.calibration all {output:q} {input:q}"


rule calibration_of_one_strength:
    input:
        CALIBRATION,
    output:
        "data/runs/calibration/l2={l2}.csv",
    threads: 2
    shell:
        "{PYTHON:q} -m utils.calibration one {input:q} {wildcards.l2} {output:q}"

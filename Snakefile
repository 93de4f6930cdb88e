# One rule a stage: papermill executes the notebook with its section of the parameters file.
#   snakemake --cores 2 --config params=params/quickstart.yml run=quickstart
# What the file leaves out stays as it is in the notebook, which is the published run.
# A stage runs again when its notebook, its section or a table it reads has changed.
import os
import sys

import yaml

PYTHON = sys.executable
RUN = config.get("run", "quickstart")
FOLDER = os.environ.get("NEURON_STUDY_RUNS", "data/runs") + f"/{RUN}"
with open(config.get("params", "params/quickstart.yml")) as file:
    PARAMETERS = yaml.safe_load(file)

# stage: what it reads, what it writes
STAGES = {
    "01-train": ([], [directory("networks"), "training.csv"]),
    "02-measure": (["01-train.ipynb"], ["measures.csv"]),
    "03-ablate": (["02-measure.ipynb"], ["ablation.csv.gz", "single.csv"]),
    "04-prune": (["02-measure.ipynb"], ["pruning.csv", "latency.csv"]),
    "05-bias-balance": (["03-ablate.ipynb"], ["balancing.csv"]),
    "06-verdict": (["03-ablate.ipynb", "04-prune.ipynb", "05-bias-balance.ipynb"], ["claims.csv"]),
}


def inside(name):
    """The file or folder of the run, still marked as a directory if it is one."""
    path = f"{FOLDER}/{name}"
    return directory(path) if getattr(name, "flags", {}).get("directory") else path


rule all:
    input:
        [inside(f"{stage}.ipynb") for stage in STAGES],


for stage, (reads, writes) in STAGES.items():

    rule:
        name: stage
        input:
            [inside(name) for name in reads],
            notebook=f"notebooks/{stage}.ipynb",
        output:
            [inside(name) for name in writes],
            notebook=inside(f"{stage}.ipynb"),
        log:
            notebook=inside(f"logs/{stage}.ipynb"),
            text=inside(f"logs/{stage}.txt"),
        params:
            section=yaml.safe_dump(
                {"run": RUN} | PARAMETERS.get(stage, {}), default_flow_style=True, width=9999
            ).strip(),
        threads: int(config.get("threads", 2))
        # a failed notebook stays in logs/, with its traceback; only a finished one is an output
        shell:
            "{PYTHON:q} -m papermill {input.notebook:q} {log.notebook:q} -y {params.section:q} "
            "--kernel python3 --execution-timeout 7200 --no-progress-bar --no-log-output "
            "> {log.text:q} 2>&1 || {{ tail -n 3 {log.text:q} >&2; exit 1; }}\n"
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

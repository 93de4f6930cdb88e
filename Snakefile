# One rule a stage: papermill executes its notebook with its section of the parameters file. The
# same rules serve one run, and all runs of a sweep; what a sweep varies are their wildcards.
#   snakemake --cores 2 --config params=params/quickstart.yml run=quickstart
#   snakemake --cores 2 --keep-going --config sweep=params/sweeps/demo.yml threads=1
# What the file leaves out stays as it is in the notebook, which is the committed run.
# A stage runs again when its notebook, its section or something it reads has changed.
import os
import re
import sys
from functools import partial
from pathlib import Path

import yaml

# the study's own packages, wherever Snakemake was called and whatever else is named utils
sys.path.insert(0, str(workflow.basedir))
from utils import paths
from utils.study import failures, parameter_files, stages, sweeps

PYTHON = sys.executable
# Executors put it unquoted into the commands of a cluster's jobs, and its folder in quotes of their
# own: with each character escaped by itself, a space, a bracket or a quote breaks neither.
sys.executable = re.sub(r"[^\w./-]", r"\\\g<0>", sys.executable)
# with --directory, Snakemake works elsewhere than in the repository
shown = paths.shown if Path.cwd() == paths.ROOT else str
RUNS = shown(paths.runs())
WRITER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's, ten times as fast
# no setting of the user's changes what a notebook shows, or makes it stop at a warning
os.environ |= {
    "PYTHONPATH": os.pathsep.join([sys.path[0], *filter(None, [os.environ.get("PYTHONPATH")])]),
    "IPYTHONDIR": os.path.join(sys.prefix, "etc", "ipython"),
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONWARNINGS": "",
}
for name in {"params", "run", "sweep"} & config.keys():
    if not config[name] or not isinstance(config[name], str):
        raise parameter_files.SectionsError(
            f"{name} is {config[name]!r} as Snakemake reads it, and not a name; write "
            f'"{name}=!!str …", or choose a name with a letter'
        )
if "sweep" in config:
    PLAN = sweeps.expand(config["sweep"])
else:
    PLAN = sweeps.single(
        config.get("params", "params/quickstart.yml"), config.get("run", "quickstart"),
        committed=bool(config.get("committed")),
    )


def inside(name):
    """A file or folder of the run."""
    return os.path.join(RUNS, PLAN.pattern, name)


def section(stage, wildcards):
    """A stage's parameters in a run, for papermill's -y."""
    run = PLAN.pattern.format(**wildcards)
    given = {"run": run} | PLAN.runs[run].get(stage, {})
    return yaml.dump(given, Dumper=WRITER, default_flow_style=True, width=9999).strip()


wildcard_constraints:
    **{name: "|".join(map(re.escape, values)) for name, values in PLAN.wildcards.items()},


onerror:
    for written in log:
        for silent in failures.explain(Path(written), Path.cwd()):
            print(f"A job was killed, or could not start: see {silent}", file=sys.stderr)
    for run in PLAN.runs if "sweep" not in config else []:
        for stage in PLAN.stages:
            text = Path(RUNS, run, "logs", f"{stage}.txt")
            if text.exists() and not Path(RUNS, run, f"{stage}.ipynb").exists():
                print(f"{stage} did not finish: see {text.with_suffix('.ipynb')}, or {text}", file=sys.stderr)


rule all:
    input: [os.path.join(RUNS, run, f"{stage}.ipynb") for run in PLAN.runs for stage in PLAN.stages]


for stage in map(stages.STAGES.get, stages.CHAIN):
    trains = stages.NETWORKS in stage.writes
    tables = [inside(stages.place(name)) for name in stage.writes if name in stages.TABLES]

    rule:
        name: stage.name
        input:
            [inside(f"{needed}.ipynb") for needed in stage.needs],
            [inside(stages.place(name)) for name in stage.reads],
            notebook=shown(paths.NOTEBOOKS / f"{stage.name}.ipynb"),
        output:
            [directory(inside(stages.NETWORKS))] if trains else [],
            tables,
            notebook=inside(f"{stage.name}.ipynb"),
        log:
            notebook=inside(f"logs/{stage.name}.ipynb"),
            text=inside(f"logs/{stage.name}.txt"),
        params: section=partial(section, stage.name)
        # networks are trained with all threads; of what follows, two stages run side by side: their
        # imports and figures take one core each
        threads: max(1, int(config.get("threads", 2)) // (1 if trains else 2))
        # a stage that writes nothing waits until no other is left to begin
        priority: int(bool(stage.writes))
        # A failed notebook stays in logs/, with its traceback; only a finished one is an output.
        # Kernels that start at once can be given the same port; who comes second dies before its
        # first cell or never answers, and is started again.
        shell:
            """
            tries=1
            until {PYTHON:q} -m papermill {input.notebook:q} {log.notebook:q} -y {params.section:q} \
                --kernel python3 --start-timeout 120 --execution-timeout 7200 \
                --no-progress-bar --no-log-output > {log.text:q} 2>&1
            do
                grep -qE 'Kernel (died before replying|did.* respond)' {log.text:q} &&
                    [ $((tries++)) -lt 3 ] && continue
                tail -n 3 {log.text:q} >&2
                ! grep -q DeadKernelError {log.text:q} || echo '{rule}: its kernel was killed, most' \
                    'often for want of memory; take fewer CORES, or fewer neurons or samples' >&2
                exit 1
            done
            cp {log.notebook:q} {output.notebook:q}
            """


# Calibration of what the paper does not state: a job a network, put together by `make calibrate`.
CALIBRATION = Path(shown(paths.ROOT / "params" / "calibration.yml"))
TRIED = parameter_files.read(CALIBRATION)
ONE_NETWORK = f"{RUNS}/calibration/initialization={{initialization}},l2={{l2}}/replicate-{{k}}"


rule calibration:
    input:
        expand(
            ONE_NETWORK, initialization=TRIED["initialization"], l2=TRIED["l2"],
            k=range(TRIED["n_replicates"]),
        )
    output: shown(paths.DATA / "calibration.csv")
    shell: "{PYTHON:q} -m utils.train.calibration all {output:q} {input:q}"


rule calibration_of_one_network:
    input: CALIBRATION
    output: directory(ONE_NETWORK)
    shell:
        "{PYTHON:q} -m utils.train.calibration one {input:q} {wildcards.l2} "
        "{wildcards.initialization} {wildcards.k} {output:q}"

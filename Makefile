# Commands of the study; `make help` lists them.
.ONESHELL:
.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
CORES ?= 2
THREADS ?= 2
SWEEP ?= demo
RUN ?= study
GOAL ?= all
PARAMS ?= params/mnist.yml
FLAGS ?=
SLURM := snakemake-executor-plugin-slurm==2.8.0
READY := .venv/.ready
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# before any other package of the user's that is named utils; a library's warning is no error
export PYTHONPATH := $(CURDIR)$(if $(PYTHONPATH),:$(PYTHONPATH))
unexport PYTHONWARNINGS
export NEURON_STUDY_RUNS := $(shell $(PYTHON) -c 'import os; print(os.path.abspath(os.path.expanduser(os.environ.get("NEURON_STUDY_RUNS") or "data/runs")))')
# what cannot be written where it usually is, caches or notes of Snakemake, lies beside the runs
ifeq ($(shell test -w "$${HOME:-}" || echo no),no)
export HOME := $(NEURON_STUDY_RUNS)/.home
endif
ELSEWHERE := $(shell test -w . || echo '--directory "$$NEURON_STUDY_RUNS"')

# Names are given to Snakemake as !!str: it would take 2026_11_27 for a number.

# A lock on a folder in that of the runs, whatever it is called by. It goes with the process, however
# that ends; Snakemake's own would stay after a kill.
define alone
mkdir -p "$$NEURON_STUDY_RUNS"
folder=$$(cd "$$NEURON_STUDY_RUNS" && realpath -m -- "$(1)")
mkdir -p "$${folder%/*}" && [ -w "$${folder%/*}" ] || { echo "$${folder%/*} cannot be written: set NEURON_STUDY_RUNS to a folder that can, and repeat." >&2; exit 1; }
exec 9> "$${folder%/*}/.$${folder##*/}.lock"
flock --nonblock 9 || { echo "Another process is at work on $$folder: wait for it, or end it, and repeat." >&2; exit 1; }
endef

help:  ## this list
	@grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | awk -F ':.*  ## ' '{printf "  make %-12s %s\n", $$1, $$2}'
	echo
	echo "  Settings: CORES=2, THREADS=2 for training, half of that for a later stage (a sweep: 1)."
	echo "  Of study: PARAMS=params/mnist.yml RUN=study GOAL=all; of sweep: SWEEP=demo, or a path."
	echo "  A run is a folder in data/runs, a sweep a folder of runs."
	echo "  FLAGS goes to Snakemake, as FLAGS=--dry-run with study or sweep, or to JupyterLab with lab,"
	echo "  as FLAGS='--no-browser --port=9999', and --allow-root for root."
	echo
	echo "  Three ways to use other parameters:"
	echo "    one notebook   papermill notebooks/02-measure.ipynb out.ipynb -y '{run: study, n_levels: 4}'"
	echo "                   papermill notebooks/02-measure.ipynb out.ipynb -f my-parameters.yml"
	echo "                   papermill --help-notebook notebooks/02-measure.ipynb"
	echo "    a chain        make study PARAMS=params/quickstart.yml RUN=my-run"
	echo "    a sweep        make sweep SWEEP=demo"

setup: $(READY)  ## the virtual environment .venv with everything pinned

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else f"Python 3.11 to 3.13 is needed; $(PYTHON) is {sys.version.split()[0]}. Name another: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv
	python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(READY)

quickstart: $(READY)  ## set up, then the whole study on 5,000 digits: about 2 minutes, no download
	@$(MAKE) study PARAMS=params/quickstart.yml RUN=quickstart THREADS=1 GOAL=06-verdict
	python -m utils.playground quickstart
	python -m utils.publishing.site quickstart

study: $(READY)  ## the whole study on all of MNIST, or with other PARAMS, into data/runs/RUN
	@python -m utils.study.sweeps "$(PARAMS)" "$(RUN)" $(FLAGS) > /dev/null
	$(call alone,$(RUN))
	python -m snakemake $(ELSEWHERE) --nolock --cores $(CORES) --rerun-incomplete --quiet rules host \
	    --config params="!!str $(PARAMS)" run="!!str $(RUN)" threads=$(THREADS) $(FLAGS) -- $(GOAL)
	python -m utils.publishing.summary "$(RUN)"

# runs side by side use the cores better than threads within one
sweep: THREADS = 1
sweep: $(READY)  ## all runs of params/sweeps/SWEEP.yml, into data/runs/SWEEP
	@python -m utils.study.sweeps "$(SWEEP)"
	$(call alone,$$(basename "$(SWEEP)" .yml))
	status=0
	python -m snakemake $(ELSEWHERE) --nolock --cores $(CORES) --keep-going --rerun-incomplete --quiet host \
	    --config sweep="!!str $(SWEEP)" threads=$(THREADS) $(FLAGS) || status=$$?
	$(if $(filter -n --dry-run --dryrun,$(FLAGS)),exit $$status)
	python -m utils.study.sweep_tables "$(SWEEP)" && exit $$status

# Files of tests, each with fixtures that its tests share, run side by side in as many processes as
# there are cores, BLAS in one thread each.
test test-science test-chain: export OPENBLAS_NUM_THREADS = 1
TESTS := python -m pytest -n $(CORES) --dist loadfile --no-loadscope-reorder

test: $(READY)  ## set up, then the tests: minutes; those on all of MNIST where NEURON_STUDY_DATA has it
	@$(TESTS)

test-science: $(READY)  ## of these, what is computed: information, removal, evidence, numbers made anew
	@$(TESTS) tests/information tests/removal tests/evidence tests/independent

test-chain: $(READY)  ## whole runs: own data and models, kills, nbval on a run just made (minutes)
	@$(TESTS) -m chain tests

test-slurm: $(READY)  ## a sweep on a Slurm of one node, started for the test (root, Debian)
	@python -m pip install --quiet --disable-pip-version-check -c requirements.txt "$(SLURM)"
	tests/workflow/slurm.sh

bench: $(READY)  ## speed, side by side with the plain way, and that of RUN: benchmarks/results.md
	@python -m benchmarks "$(RUN)"

test-browser: $(READY)  ## JupyterLab and the report in a real browser: needs chromium
	@python -m pytest -m browser tests/browser

# The committed numbers are made, and checked, with instructions that all x86-64 processors since
# about 2015 have: with others the last digits of sums differ.
publish verify calibrate others: export OPENBLAS_CORETYPE = Haswell
publish verify calibrate others: export ONEDNN_MAX_CPU_ISA = AVX2
publish verify calibrate others: export XLA_FLAGS = --xla_cpu_max_isa=AVX2

publish others: export NEURON_STUDY_RUNS = $(CURDIR)/data/runs
# and with none of the user's settings of IPython, Jupyter and Matplotlib
publish verify: export IPYTHONDIR = $(CURDIR)/.venv/etc/ipython
publish verify: export JUPYTER_CONFIG_DIR = $(CURDIR)/.venv/etc/jupyter
publish verify: export MPLBACKEND = module://matplotlib_inline.backend_inline

# 01 comes last: even so, networks trained on another kind of processor come out different, and the
# other notebooks are about the committed ones; but for 09, whose networks are not in git: it is
# compared if it is asked for, NOTEBOOKS=09-convolution, where the committed one was made
verify: $(READY)  ## re-execute the committed notebooks on a copy of the committed run and compare
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT
	cp -r data/runs/mnist "$$copy"
	rm -rf "$$copy/mnist/figures"
	stages=$(if $(NOTEBOOKS),"$(NOTEBOOKS)",$$(python -m utils.study.stages always))
	notebooks=$$(printf '%s\n' $$stages | tac | sed 's|.*|notebooks/&.ipynb|')
	status=0
	NEURON_STUDY_RUNS="$$copy" python -m pytest --nbval --nbval-cell-timeout=3600 -p no:cacheprovider $$notebooks || status=$$?
	python -m utils.publishing.images check "$$copy/mnist/figures" $$notebooks && exit $$status

publish: $(READY)  ## rerun the committed run; refresh notebooks, data/runs/mnist, figures, README, docs
	@stages=$$(python -m utils.study.stages)
	for stage in $$stages; do
	    echo "$$stage"
	    mkdir -p data/runs/mnist/logs
	    python -m papermill notebooks/$$stage.ipynb data/runs/mnist/logs/$$stage.ipynb \
	        --kernel python3 --execution-timeout 7200 --no-progress-bar --no-log-output
	    python -m utils.publishing.readme notebook data/runs/mnist/logs/$$stage.ipynb notebooks/$$stage.ipynb
	done
	python -m utils.playground
	python -m utils.publishing.images data/runs/mnist/figures figures
	python -m utils.publishing.readme

calibrate: $(READY)  ## which L2, start of the weights and epochs come closest to the paper (hours)
	@$(call alone,calibration)
	python -m snakemake --nolock --cores $(CORES) --rerun-incomplete --quiet rules host -- calibration

others: $(READY)  ## the runs that 06, 08 and 09 compare with: further, last, tanh, relu, fashion
	@other() { $(MAKE) study PARAMS="params/$$1.yml" RUN="$$1" GOAL="$$2" FLAGS="committed=yes $(FLAGS)"; }
	other further "04-prune 05-bias-balance"
	for run in last tanh relu; do other $$run 03-ablate; done
	other fashion "08-beyond 09-convolution"

playground: $(READY)  ## the page where one removes neurons of RUN (else the committed run): <run>/playground.html
	@python -m utils.playground $(if $(filter file,$(origin RUN)),,"$(RUN)")

html: $(READY)  ## the committed run as web pages, or RUN=…, any run or sweep, in site/<run>/
	@python -m utils.publishing.site $(if $(filter file,$(origin RUN)),,"$(RUN)")

lab: $(READY)  ## JupyterLab at the first notebook, or RUN=…, at copies with that run's parameters
	@python -m utils.study.lab "$(if $(filter file,$(origin RUN)),,$(RUN))" $(FLAGS)

lint: $(READY)  ## style of code and notebooks, and which module may import which
	@ruff check . && ruff format --check . && lint-imports

pin: $(READY)  ## regenerate requirements.txt from pyproject.toml
	@python -m pip install --quiet uv
	uv pip compile --universal --python-version 3.11 --no-annotate --all-extras --upgrade pyproject.toml -o requirements.txt

.PHONY: help setup quickstart study sweep test test-science test-chain test-slurm test-browser bench verify publish calibrate others playground html lab lint pin

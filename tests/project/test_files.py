"""Files that must agree with one another, and what must not be in git."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml

from utils import paths
from utils.study.parameters import validate
from utils.study.stages import CHAIN

PROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
PARAMETER_FILES = [p for p in (paths.ROOT / "params").glob("*.yml") if p.stem != "calibration"]


def _tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if (paths.ROOT / name).is_file()]


def _name(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement).group().lower().replace("_", "-")


def _declared() -> set[str]:
    """Distributions that pyproject.toml asks for, those of its extras too."""
    extras = PROJECT["optional-dependencies"].values()
    return {_name(line) for lines in (PROJECT["dependencies"], *extras) for line in lines}


def _imported(path: Path) -> set[str]:
    """First part of the names of modules that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) if not node.level]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("folder", ["utils", "tests", "benchmarks"])
def test_everything_imported_is_declared(folder):
    imported = set().union(*map(_imported, (paths.ROOT / folder).rglob("*.py")))
    imported -= sys.stdlib_module_names | {"utils", "benchmarks"}
    providers = packages_distributions()
    missing = {
        name for name in imported if not _declared() & {*map(_name, providers.get(name, []))}
    }
    assert not missing


def test_every_direct_dependency_is_pinned():
    pins = (paths.ROOT / "requirements.txt").read_text().splitlines()
    pinned = {_name(line) for line in pins if line and not line.startswith("#")}
    assert _declared() <= pinned
    assert all("==" in line for line in pins if line and not line.lstrip().startswith("#"))


def test_installed_versions_are_the_pinned_ones():
    pins = (paths.ROOT / "requirements.txt").read_text()
    for name in ("tensorflow", "keras", "numpy", "pandas", "papermill", "nbval", "snakemake"):
        assert f"{name}=={version(name)}" in pins


def test_environment_installs_the_requirements():
    environment = yaml.safe_load((paths.ROOT / "environment.yml").read_text())
    python, pip, nested = environment["dependencies"]
    assert python == "python=3.11"
    assert pip == "pip"
    assert nested == {"pip": ["-r requirements.txt", "-e ."]}
    assert PROJECT["requires-python"].startswith(">=3.11")


@pytest.mark.parametrize("path", sorted(PARAMETER_FILES), ids=lambda p: p.stem)
def test_parameter_files_are_valid(path):
    """What a file leaves out is as in the notebooks, whose defaults are those of mnist.yml."""
    committed = yaml.safe_load((paths.ROOT / "params" / "mnist.yml").read_text())
    assert list(committed) == CHAIN
    sections = yaml.safe_load(path.read_text())
    assert [stage for stage in CHAIN if stage in sections] == list(sections)
    for stage, section in sections.items():
        validate(stage, {"run": "x", **committed[stage], **section})


def test_make_help_lists_every_command():
    done = subprocess.run(
        ["make", "help"], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    text = (paths.ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.+)$", text, re.M).group(1).split()
    for target in targets:
        assert f"make {target} " in done.stdout


def test_no_images_no_absolute_paths_no_unsafe_loading_in_git():
    tracked = _tracked()
    assert not [name for name in tracked if re.match(r"data/[^/]+\.(npz|gz)$", name)]
    unsafe = re.compile(  # in brackets what would find this line itself
        r"allow_pickl[e]=True|safe_mod[e]=False|enable_unsaf[e]|import pickl[e]|read_pickl[e]|"
        r"pickle\.loads?|(?:joblib|torch|dill|marshal)\.loads?\(|import shelv[e]|"
        r"yaml\.(?:unsafe_load|full_load|UnsafeLoader|FullLoader|Loader)"
    )
    machine = re.compile(r"/(?:home|root|work|Users)/[A-Za-z0-9_.-]+")
    for name in tracked:
        if re.search(r"\.(py|ipynb|yml|toml|md|csv|json|txt|cff)$|Makefile|Snakefile", name):
            text = (paths.ROOT / name).read_text()
            assert not unsafe.search(text), name
            assert name == "tests/project/test_notebooks.py" or not machine.search(text), name


def test_the_repository_is_small():
    assert sum((paths.ROOT / name).stat().st_size for name in _tracked()) < 25e6

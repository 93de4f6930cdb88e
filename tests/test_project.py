"""Files that must agree with one another, and what must not be in git."""

import re
import subprocess
import tomllib
from importlib.metadata import version

import pytest
import yaml

from utils import paths
from utils.parameters import STAGES, validate
from utils.runs import TABLES

PYPROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())


def _tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name]


def _name(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement).group().lower().replace("_", "-")


def test_every_direct_dependency_is_pinned():
    pins = (paths.ROOT / "requirements.txt").read_text().splitlines()
    pinned = {_name(line) for line in pins if line and not line.startswith("#")}
    assert {_name(r) for r in PYPROJECT["project"]["dependencies"]} <= pinned
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
    assert PYPROJECT["project"]["requires-python"].startswith(">=3.11")


@pytest.mark.parametrize(
    "path", sorted((paths.ROOT / "params").glob("*.yml")), ids=lambda p: p.stem
)
def test_parameter_files_are_valid(path):
    """What a file leaves out is as in the notebooks, whose defaults are those of mnist.yml."""
    published = yaml.safe_load((paths.ROOT / "params" / "mnist.yml").read_text())
    assert list(published) == list(STAGES)
    sections = yaml.safe_load(path.read_text())
    assert [stage for stage in STAGES if stage in sections] == list(sections)
    for stage, section in sections.items():
        validate(stage, {"run": "x", **published[stage], **section})


def test_tables_are_documented():
    text = (paths.DATA / "README.md").read_text()
    for _, file, columns in TABLES.values():
        line = next(line for line in text.splitlines() if line.startswith(f"| `{file}`"))
        for column in columns.split():
            assert re.search(rf"\b{column}\b", line), (file, column)


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
    unsafe = re.compile("allow_pickle=" + "True|safe_mode=" + "False|enable_" + "unsafe")
    machine = re.compile(r"/(?:home|root|work|Users)/[A-Za-z0-9_.-]+")
    for name in tracked:
        if re.search(r"\.(py|ipynb|yml|toml|md|csv|json|txt|cff)$|Makefile|Snakefile", name):
            text = (paths.ROOT / name).read_text()
            assert not unsafe.search(text), name
            assert name == "tests/test_notebooks.py" or not machine.search(text), name


def test_the_repository_is_small():
    assert sum((paths.ROOT / name).stat().st_size for name in _tracked()) < 25e6

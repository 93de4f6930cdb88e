"""Wrong parameters are refused by name, value and what is allowed."""

import os
import subprocess
import sys

import pytest
import yaml

from utils import paths
from utils.study import parameters
from utils.study.parameters import ParameterError

PUBLISHED = yaml.safe_load((paths.ROOT / "params" / "mnist.yml").read_text())
TRAIN = {"run": "x", **PUBLISHED["01-train"]}


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"hidden": "[50, 50]"}, ["'[50, 50]' (str)", "positive integers", "{hidden: [50, 50]}"]),
        ({"hidden": []}, ["`hidden`", "[] (list)", "one or more positive integers"]),
        ({"hidden": [50, -1]}, ["`hidden`", "[50, -1]"]),
        ({"hidden": [50, 0]}, ["`hidden`", "[50, 0]"]),
        ({"hidden": [50.0]}, ["`hidden`", "[50.0]"]),
        ({"hidden": [True]}, ["`hidden`", "[True]"]),
        ({"hidden": 50}, ["`hidden`", "50 (int)"]),
        ({"batch_normalization": "false"}, ["`batch_normalization`", "'false' (str)", "True or"]),
        ({"batch_normalization": 0}, ["`batch_normalization`", "0 (int)"]),
        ({"l2": "1e-3"}, ["`l2`", "'1e-3' (str)", "1.0e-3"]),
        ({"l2": -1.0}, ["`l2`", "-1.0", "at least 0"]),
        ({"l2": float("nan")}, ["`l2`", "nan"]),
        ({"learning_rate": float("inf")}, ["`learning_rate`", "inf", "above 0"]),
        ({"learning_rate": 0.0}, ["`learning_rate`", "0.0"]),
        ({"dropout": 1.0}, ["`dropout`", "1.0", "below 1"]),
        ({"epochs": 0}, ["`epochs`", "0 (int)", "at least 1"]),
        ({"epochs": 2.0}, ["`epochs`", "2.0 (float)"]),
        ({"epochs": True}, ["`epochs`", "True (bool)"]),
        ({"n_replicates": None}, ["`n_replicates`", "None (NoneType)"]),
        ({"dataset": "MNIST"}, ["`dataset`", "'MNIST'", "mnist-5k"]),
        ({"activation": "gelu"}, ["`activation`", "'gelu'", "sigmoid, tanh, relu"]),
        ({"run": "../elsewhere"}, ["`run`", "'../elsewhere'"]),
        ({"run": ""}, ["`run`", "''"]),
        ({"epoch": 3}, ["no parameter `epoch`", "did you mean `epochs`"]),
        ({"Epochs": 3}, ["no parameter `Epochs`", "did you mean `epochs`"]),
        ({"layers": 3}, ["no parameter `layers`", "Its parameters are run, dataset"]),
    ],
)  # fmt: skip
def test_wrong_value_is_named_with_what_is_allowed(given, parts):
    with pytest.raises(ParameterError) as caught:
        parameters.check("01-train", TRAIN | given)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("stage", "given"),
    [
        ("02-measure", {"n_levels": 1}),
        ("03-ablate", {"n_random_orders": 0}),
        ("04-prune", {"fractions": [0.5, 1.0]}),
        ("04-prune", {"retrain_fractions": [0.45]}),
        ("04-prune", {"fractions": [0.0]}),
        ("04-prune", {"fractions": [0.8, 0.2]}),
        ("05-bias-balance", {"retrain_epochs": [1, 1]}),
        ("05-bias-balance", {"retrain_epochs": [0]}),
    ],
)
def test_wrong_value_in_later_stages(stage, given):
    with pytest.raises(ParameterError, match=next(iter(given))):
        parameters.check(stage, {"run": "x", **PUBLISHED[stage]} | given)


def test_missing_parameter_is_named():
    with pytest.raises(ParameterError, match="`seed` is missing"):
        parameters.check("01-train", {k: v for k, v in TRAIN.items() if k != "seed"})


def test_what_a_start_up_file_of_ipython_assigns_is_no_parameter(tmp_path):
    """Neither in the way, nor a way past the check of other names."""
    startup = tmp_path / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "own.py").write_text("DATA, n_level = '/mine/data', 5")
    code = "run, n_levels = 'x', 2\nfrom utils.study import parameters\n"
    code += "print(parameters.check('02-measure', globals()))"
    for own, said in [("", "n_levels=2"), ("levels = 2\n", "no parameter `levels`")]:
        done = subprocess.run(
            [sys.executable, "-m", "IPython", "--colors=NoColor", "-c", own + code],
            cwd=paths.ROOT, env=os.environ | {"IPYTHONDIR": str(tmp_path)}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert said in done.stdout + done.stderr


def test_cells_can_be_rerun_after_other_variables_exist():
    namespace = dict(TRAIN)
    parameters.check("01-train", namespace)
    namespace |= {"my_variable": 3, "epochs": 7}
    assert parameters.check("01-train", namespace).epochs == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "hidden", "[50, 50]"], '-y "{hidden: [50, 50]}"'),
        (["-p", "epoch", "3"], "did you mean `epochs`"),
    ],
)
def test_papermill_stops_in_the_first_cell(tmp_path, arguments, message):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "--kernel", "python3"]
    notebook = str(paths.NOTEBOOKS / "01-train.ipynb")
    done = subprocess.run(
        [*command, notebook, str(tmp_path / "out.ipynb"), "-p", "run", str(run), *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert message in done.stderr.strip().splitlines()[-1]
    assert not run.exists()

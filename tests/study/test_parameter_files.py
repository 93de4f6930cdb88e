"""What a section leaves out is as in the notebook; names that sweeps use are told apart."""

import pytest
import yaml

from utils import paths
from utils.study import parameter_files, sweeps
from utils.study.parameter_files import Parameter, SectionsError, by_parameter, completed
from utils.study.stages import CHAIN, STAGES

PARAMS = paths.ROOT / "params"
RUNS = sorted(path for path in PARAMS.glob("*.yml") if path.stem not in ("mnist", "calibration"))


def test_a_parameters_file_is_checked_as_a_sweep_is(tmp_path):
    file = tmp_path / "mine.yml"
    file.write_text("01-train: {epochs: 0}")
    with pytest.raises(SectionsError, match=r"mine.yml: 01-train: parameter `epochs` is 0"):
        sweeps.single(str(file), "mine")


def test_what_a_section_leaves_out_is_as_in_the_notebook_which_is_the_committed_run():
    assert completed({}, "02-measure") == {"n_levels": 2}
    assert completed({"02-measure": {"n_levels": 4}}, "02-measure") == {"n_levels": 4}
    committed = yaml.safe_load((PARAMS / "mnist.yml").read_text())
    assert {stage: parameter_files.defaults(stage) for stage in CHAIN} == committed


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_shipped_files_say_only_what_differs_from_the_notebooks(path):
    sections = parameter_files.checked(path.stem, parameter_files.read(path))
    for stage, section in sections.items():
        differs = {
            name: value
            for name, value in section.items()
            if value != parameter_files.defaults(stage)[name]
        }
        assert section == differs, stage


@pytest.mark.parametrize(
    ("given", "stages", "names"),
    [
        (
            {"l2": 0.1, "02-measure.n_levels": 4, "04-prune.fractions": [0.5]},
            ["01-train", "02-measure", "04-prune"],
            ["l2", "n_levels", "04-prune.fractions"],
        ),
        # the name alone means no stage that is made on request, unless no other has it
        (
            {"epochs": 3, "09-convolution.epochs": 4, "channels": [8]},
            ["01-train", "09-convolution", "09-convolution"],
            ["epochs", "09-convolution.epochs", "channels"],
        ),
    ],
)
def test_a_parameter_goes_by_its_name_or_with_its_stage_where_several_have_it(
    given, stages, names
):
    parameters = by_parameter(given, "here")
    assert parameters == {
        Parameter(stage, name.split(".")[-1]): value
        for stage, (name, value) in zip(stages, given.items(), strict=True)
    }
    assert [p.full_name for p in parameters] == names


def test_a_name_of_several_stages_needs_its_stage_and_those_on_request_are_not_offered():
    with pytest.raises(SectionsError, match=r"write `04-prune.fractions` or `05-bias-bal\S+`$"):
        by_parameter({"fractions": [0.5]}, "here")


COMPARING = [(name, of) for name, stage in STAGES.items() for of in stage.alone]


@pytest.mark.parametrize(("stage", "name"), [*COMPARING, ("07-compare", "sweeps")])
def test_parameters_that_name_other_runs_do_not_vary(stage, name):
    assert name in parameter_files.defaults(stage)
    for given in (name, f"{stage}.{name}"):
        with pytest.raises(
            SectionsError, match=f"`{given}` is no parameter that a sweep can vary"
        ):
            by_parameter({given: ["x"]}, "here")

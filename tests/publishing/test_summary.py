"""What `make study` says at its end: of a finished run, and of one made in part or not at all."""

import shutil

import pytest

from utils import paths
from utils.publishing.summary import summary


@pytest.mark.parametrize(
    ("tables", "said", "n_lines"),
    [
        ((), "no networks yet", 1),
        (("training.csv",), "10 networks, test accuracy", 3),
        (("training.csv", "ablation.csv.xz"), "low - high", 10),
    ],
)
def test_it_says_what_there_is(tables, said, n_lines, tmp_path):
    for file in ("manifest.json", *tables):
        shutil.copy(paths.COMMITTED_RUN / file, tmp_path)
    text = summary(tmp_path)
    assert said in text
    assert len(text.splitlines()) == n_lines
    assert ("01-train" in text) == bool(tables)

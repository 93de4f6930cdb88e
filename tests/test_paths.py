"""Paths as users write them: with ~, absolute, or relative to the repository."""

import pytest

from utils import paths
from utils.networks import own_data
from utils.networks.own_data import DataError


@pytest.mark.parametrize(
    ("given", "meant"),
    [("~/my runs", "{home}/my runs"), ("{home}/x", "{home}/x"), ("x", f"{paths.ROOT}/x")],
)
def test_a_users_folder_is_where_they_mean(given, meant, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, found in [
        ("NEURON_STUDY_RUNS", paths.runs),
        ("NEURON_STUDY_DATA", lambda: paths.image_folders()[1]),
    ]:
        monkeypatch.setenv(name, given.format(home=tmp_path))
        assert str(found()) == meant.format(home=tmp_path)


def test_images_are_looked_for_in_the_users_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DataError, match=f"looked for {tmp_path}/mine.npz$"):
        own_data.find("~/mine.npz")
    (tmp_path / "mine.npz").touch()
    assert own_data.find("~/mine.npz") == tmp_path / "mine.npz"

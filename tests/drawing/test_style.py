"""The colours of figures, and their look, which is nobody else's."""

import os
import subprocess
import sys

import matplotlib as mpl
import numpy as np

from utils import paths
from utils.drawing import style

OWN = """
figure.facecolor: black
axes.facecolor: black
savefig.facecolor: black
savefig.bbox: tight
text.color: white
axes.labelcolor: white
xtick.color: white
font.family: serif
lines.linestyle: --
axes.formatter.use_locale: True
"""


def test_a_users_matplotlibrc_changes_no_figure(tmp_path):
    """Nor does it stop the import, as where numbers are to be in a language not installed."""
    (tmp_path / "matplotlibrc").write_text(OWN)
    environment = {name: v for name, v in os.environ.items() if name != "MATPLOTLIBRC"}
    code = "import utils.drawing.style, matplotlib as m; print(repr({**m.rcParams}))"
    shown = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=paths.ROOT, capture_output=True, text=True,
            check=True, env=environment | {"MPLCONFIGDIR": str(folder), "LC_ALL": "xx_XX.UTF-8"},
        ).stdout
        for folder in (tmp_path, tmp_path / "none")
    ]  # fmt: skip
    assert shown[0] == shown[1]
    assert "'savefig.facecolor': 'white'" in shown[0]


def test_quantities_differ_for_colour_blind_readers():
    """Smallest CIE76 difference among the quantities' colours under simulated deficiencies."""
    deficiencies = {
        "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
        "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    }
    names = ("entropy", "mutual_information", "kl_selectivity", "random")
    colours = np.array([mpl.colors.to_rgb(style.COLOURS[name]) for name in names])
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    for matrix in deficiencies.values():
        lab = _lab(np.clip(linear @ np.array(matrix).T, 0, 1))
        distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
        assert distance[np.triu_indices(len(names), 1)].min() > 10


def _lab(linear: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear sRGB [n, 3]."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)

"""TensorFlow's threads: one, unless the process has chosen before."""

import subprocess
import sys

import pytest

from utils import paths

THREADS = "print(tf.config.threading.get_intra_op_parallelism_threads())"


@pytest.mark.parametrize(
    ("before", "n_threads"),
    [("", 1), ("import tensorflow; tensorflow.config.threading"
               ".set_intra_op_parallelism_threads(3)", 3)],
)  # fmt: skip
def test_threads(before: str, n_threads: int) -> None:
    code = f"{before}\nfrom utils.networks.backend import tf\n{THREADS}"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True)
    assert int(result.stdout) == n_threads

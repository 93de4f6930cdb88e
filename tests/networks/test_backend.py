"""TensorFlow's threads: one, unless the process has chosen before; an interrupted import."""

import subprocess
import sys

import pytest

from utils import paths

INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # not there in the background
class Interrupt:
    def find_spec(name, *_):
        if name == "tensorflow.python.ops.ragged.ragged_tensor":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt)
try:
    import utils.networks.backend
except KeyboardInterrupt:
    sys.meta_path.remove(Interrupt)
    from utils.networks.backend import tf
    print(tf.zeros(3).shape)
"""
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


def test_an_import_that_is_interrupted_can_be_repeated() -> None:
    command = [sys.executable, "-c", INTERRUPTED]
    result = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "(3,)\n"

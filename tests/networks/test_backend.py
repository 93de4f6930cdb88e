"""TensorFlow's threads: one, unless the process has chosen before; an interrupted import; Keras
as the study needs it."""

import json
import os
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
CHOSEN = """
import tensorflow
tensorflow.config.threading.set_intra_op_parallelism_threads(3)
from utils.networks.backend import tf
print(tf.config.threading.get_intra_op_parallelism_threads())
"""


def test_threads_that_were_chosen_before_stay() -> None:
    command = [sys.executable, "-c", CHOSEN]
    result = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True)
    assert int(result.stdout) == 3


def test_an_import_that_is_interrupted_can_be_repeated() -> None:
    command = [sys.executable, "-c", INTERRUPTED]
    result = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "(3,)\n"


SETTINGS = """
from utils.networks.backend import keras, tf
from utils.networks.building import build
from utils.networks.recipes import Recipe
config = keras.config
print(config.backend(), config.floatx(), config.image_data_format())
print(tf.config.threading.get_intra_op_parallelism_threads())
print({weight.dtype for weight in build(4, 2, Recipe((3,), "sigmoid"), 0).weights})
"""


@pytest.mark.parametrize("variables", [{}, {"KERAS_BACKEND": "jax"}])
def test_a_users_settings_of_keras_change_nothing(variables, tmp_path) -> None:
    """And one thread, where nobody has chosen another number."""
    own = {"backend": "torch", "floatx": "float16", "image_data_format": "channels_first"}
    text = json.dumps(own | {"epsilon": 1e-3})
    (tmp_path / "keras.json").write_text(text)
    result = subprocess.run(
        [sys.executable, "-c", SETTINGS], cwd=paths.ROOT, capture_output=True, text=True,
        check=True, env=os.environ | {"KERAS_HOME": str(tmp_path)} | variables,
    )  # fmt: skip
    assert result.stdout == "tensorflow float32 channels_last\n1\n{'float32'}\n"
    assert (tmp_path / "keras.json").read_text() == text


def test_keras_imported_before_with_another_backend_is_refused_by_name() -> None:
    code = "import keras\nkeras.config.backend = lambda: 'jax'\nimport utils.networks.backend"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "with the backend 'jax'; the study needs 'tensorflow'" in result.stderr.splitlines()[-1]

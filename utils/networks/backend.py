"""TensorFlow and Keras, imported here and nowhere else.

TensorFlow's C++ part writes to file descriptor 2 while it starts, past `sys.stderr` and past
`TF_CPP_MIN_LOG_LEVEL`; papermill stores such lines in the notebook. The descriptor is therefore
turned away during the import and the first use of the device. One intra-op thread, unless the
process has chosen another number before: parallelism comes from replicates side by side
(`study.parallel`), and results do not depend on the cores.

Keras takes backend, float type and layout of images from the user's keras.json and environment;
the study computes with TensorFlow in float32 whatever these say.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary


@contextmanager
def _quiet_file_descriptor() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)


@contextmanager
def _interrupted_afterwards() -> Iterator[None]:
    """An interrupt waits: TensorFlow, half imported, could not be imported again."""
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    came = []
    handler = signal.signal(signal.SIGINT, lambda *signals: came.append(signals))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if came:
        signal.raise_signal(signal.SIGINT)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
with _interrupted_afterwards(), _quiet_file_descriptor():
    import keras
    import tensorflow as tf

    if keras.config.backend() != "tensorflow":
        raise ImportError(
            f"this process has imported Keras with the backend {keras.config.backend()!r}; the "
            "study needs 'tensorflow': import utils before keras, or set KERAS_BACKEND=tensorflow"
        )
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_image_data_format("channels_last")
    if not tf.config.threading.get_intra_op_parallelism_threads():
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(2)
    # the first compiled activation brings up XLA and MLIR: they announce it on descriptor 2
    tf.function(tf.sigmoid, jit_compile=True)(tf.zeros(8))


_traces: WeakKeyDictionary = WeakKeyDictionary()  # by function, then by shapes and types


def traced(function: Any, *arguments: Any) -> Any:
    """`function(*arguments)` of a `tf.function`, traced anew for arrays of other shapes.

    Asked for by name, the trace is not counted; of many in a row TensorFlow would warn. Asking
    takes milliseconds, so it is done once; arrays have their place in `arguments` by themselves,
    or in lists.
    """
    leaves = tf.nest.flatten(arguments)
    key = tuple((tuple(leaf.shape), str(leaf.dtype)) for leaf in leaves)
    traces = _traces.setdefault(function, {})
    if key not in traces:
        traces[key] = function.get_concrete_function(*arguments)
    return traces[key](*arguments)


__all__ = ["keras", "tf", "traced"]

"""Files of Keras models, loaded without running anything that is in them.

Keras' safe mode does not run code from a file; layers that hold code are refused by name before
the file is loaded, so that it is said which.
"""

import json
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from utils import paths
from utils.networks.backend import keras
from utils.networks.network import NetworkError

HOLD_CODE = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


def find(name: str) -> Path:
    """The file of a model: absolute, or relative to the working directory or to data/.

    Raises NetworkError with the places that were looked at.
    """
    found, looked = paths.find_file(name)
    if not found:
        raise NetworkError(f"no model {name!r}: looked for {looked}")
    return found


def load(path: Path) -> Any:
    """The Keras model in a .keras or .h5 file, not compiled.

    Raises NetworkError: it is not what Keras saves, it holds code or needs classes of others.
    """
    try:
        for part in _parts(_configuration(path)):
            _check_part(part, paths.shown(path))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is old about the file
            return keras.models.load_model(path, compile=False, safe_mode=True)
    except NetworkError:
        raise
    except paths.UNREADABLE as error:
        reason = " ".join(str(error).split())[:200]
        raise NetworkError(
            f"{paths.shown(path)} cannot be loaded as a Keras model ({type(error).__name__}: "
            f"{reason}). Save it with model.save, whole, and with Keras' own layers only"
        ) from None


def _configuration(path: Path) -> Any:
    """What the file says of the model's layers."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as file:
            return json.loads(file.read("config.json"))
    with h5py.File(path) as file:
        if "model_config" not in file.attrs:
            raise NetworkError(
                f"{paths.shown(path)} holds no model, only weights perhaps; use model.save"
            )
        return json.loads(file.attrs["model_config"])


def _parts(configuration: Any) -> Iterator[dict[str, Any]]:
    """Whatever in a configuration is of a class, as layers are."""
    if isinstance(configuration, dict):
        if "class_name" in configuration:
            yield configuration
        configuration = list(configuration.values())
    if isinstance(configuration, list):
        for part in configuration:
            yield from _parts(part)


def _check_part(part: dict[str, Any], where: str) -> None:
    name, module = part["class_name"], (part.get("module") or "keras").split(".")[0]
    if name in HOLD_CODE:
        raise NetworkError(
            f"{where} has a {name} layer, which holds code, and code in a file is not run. Build "
            "the model with Keras' other layers"
        )
    if module not in ("keras", "builtins") or ">" in (part.get("registered_name") or ""):
        raise NetworkError(
            f"{where} needs the class {name!r}, which is not one of Keras' own. Build the model "
            "without it"
        )

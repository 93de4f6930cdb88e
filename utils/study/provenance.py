"""What is noted of a run in its manifest.json: parameters, machine, packages, images, costs."""

import json
import platform
import resource
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from utils import files
from utils.study.parallel import n_workers

PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scipy", "scikit-learn", "mlxtend")


def note(
    folder: Path, stage: str, parameters: dict[str, Any], seconds: float, images: str | None
) -> None:
    """Note a finished stage in the manifest of the run in `folder`.

    images : checksum of the images, from the stage that trains on them: what an earlier training
        left in the manifest is about other networks, and goes
    """
    with FileLock(folder / ".manifest.lock"):
        manifest = files.manifest(folder)
        if images is not None:
            manifest = {"images_sha256": images, "stages": {}}
        manifest["machine"] = {
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "cores": n_workers(),
        }
        manifest["packages"] = {name: version(name) for name in PACKAGES}
        manifest["stages"][stage] = {
            "parameters": parameters,
            "seconds": seconds,
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        with files.replacing(folder / "manifest.json") as part:
            part.write_text(json.dumps(manifest, indent=2) + "\n")

"""`python -m utils.playground [run]` writes <run>/playground.html from all that the run has."""

import sys

from utils import paths
from utils.files import ManifestError, WriteError
from utils.networks.datasets import DataError
from utils.networks.network import NetworkError
from utils.playground import page
from utils.study.runs import RunError

if __name__ == "__main__":
    try:
        written = page.of_run(*sys.argv[1:])
    except (RunError, DataError, NetworkError, ManifestError, WriteError) as error:
        sys.exit(f"make playground: {error}")
    size = written.stat().st_size / 1e6
    print(f"{paths.shown(written)}: {size:.1f} MB. Open it in a browser:\n  {written.as_uri()}")

"""A real browser: Debian's chromium, without a window, that asks nothing of the network itself."""

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import papermill
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from utils import paths

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
LONG = 180  # seconds that a start may take
SMALL = {"dataset": "mnist-5k", "n_replicates": 2, "hidden": [20, 12], "epochs": 2}
SETTINGS = {
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # cells out of sight exist too
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = [path for path in map(shutil.which, names) if path]
    if not found:
        pytest.fail(
            f"no browser: none of {', '.join(names)} is on the path. Install one, on Debian with "
            "apt-get install chromium; nothing is skipped without it",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found[0], args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run's networks; where the copies of the notebooks for it will be."""
    folder = tmp_path_factory.mktemp("a lab")
    committed = {path: path.read_bytes() for path in paths.NOTEBOOKS.glob("*.ipynb")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEURON_STUDY_RUNS", str(folder / "runs"))
        papermill.execute_notebook(
            paths.NOTEBOOKS / "01-train.ipynb", folder / "trained.ipynb",
            {"run": "small", **SMALL}, kernel_name="python3", progress_bar=False,
        )  # fmt: skip
    yield folder
    assert committed == {path: path.read_bytes() for path in paths.NOTEBOOKS.glob("*.ipynb")}


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[tuple[str, str]]:
    """JupyterLab as make lab starts it: what it opens in the browser, and where a copy is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, text in SETTINGS.items():
        file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "browser.py").write_text("import sys\nopen('opened', 'w').write(sys.argv[1])\n")
    own = {f"JUPYTERLAB_{name.upper()}_DIR": folder / name for name in ("settings", "workspaces")}
    own |= {f"JUPYTER_{name.upper()}_DIR": folder / name for name in ("config", "runtime")}
    own |= {"NEURON_STUDY_RUNS": folder / "runs", "JUPYTER_TOKEN": "token"}
    own["BROWSER"] = f"{shlex.quote(sys.executable)} browser.py %s"
    command = [sys.executable, "-m", "utils.study.lab", "small", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    with (folder / "lab.txt").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log,
            env=os.environ | {name: str(value) for name, value in own.items()},
        )  # fmt: skip
    limit = time.monotonic() + LONG
    try:
        while not (folder / "opened").exists() or not (folder / "opened").read_text():
            assert server.poll() is None, (folder / "lab.txt").read_text()
            assert time.monotonic() < limit, (folder / "lab.txt").read_text()
            time.sleep(0.2)
        copies = folder / "runs" / "small" / "lab"
        root = os.path.commonpath([paths.ROOT, copies])
        place = f"http://localhost:{port}/lab/workspaces/{{}}/tree/{os.path.relpath(copies, root)}"
        yield (folder / "opened").read_text(), place + "/{}?token=token"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context.new_page()
    context.close()

"""How long a move in the playground takes: from the slider's event until the page is painted.

    python -m benchmarks.moves data/runs/mnist

prints it for a run's page, which notebook 03 or `make playground` writes.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from utils import paths
from utils.playground.page import FILE

N_MOVES, LONG = 100, 120_000  # milliseconds
STATES = {  # links to the page: the numbers of removals are the moves
    "layer 1, bias-balanced": "#layer=1&by=mi",
    "all layers, bias-balanced": "#layer=all&by=mi",
    "layer 1, least squares": "#layer=1&by=mi&fill=least_squares",
}
# set the slider; after the next frame's drawing its message comes
MOVE = """n => new Promise(done => {
    const slider = document.querySelector("[name=n]"), painted = new MessageChannel();
    const start = performance.now();
    painted.port1.onmessage = () => done(performance.now() - start);
    slider.value = n;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(() => painted.port2.postMessage(0));
})"""


def milliseconds(page_file: Path) -> dict[str, np.ndarray]:
    """Of each move, by state: half of them a step of one neuron, half of them a jump."""
    found, rng = {}, np.random.default_rng(0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, state in STATES.items():
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(page_file.as_uri() + state)
            page.wait_for_selector("#plot[aria-busy=false]", state="attached", timeout=LONG)
            most = int(page.get_attribute("[name=n]", "max"))
            steps = np.arange(N_MOVES // 2) % most + 1
            moves = [*steps, *rng.integers(0, most + 1, N_MOVES // 2)]
            found[name] = np.array([page.evaluate(MOVE, int(n)) for n in moves])
            page.close()
        browser.close()
    return found


def report(run: Path) -> str:
    """Medians and 90th percentiles as a list."""
    if not (run / FILE).exists() or not shutil.which("chromium"):
        return f"Not measured: no chromium, or no {paths.shown(run / FILE)}."
    return "\n".join(
        f"- {name}: {np.median(times):.0f} ms, nine of ten within {np.quantile(times, 0.9):.0f} ms"
        for name, times in milliseconds(run / FILE).items()
    )


if __name__ == "__main__":
    print(report(paths.ROOT / sys.argv[1]))

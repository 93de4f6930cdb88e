"""One HTML file with everything in it, payload, script and style: it fetches nothing.

It lies beside the run as `playground.html`; its head has the checksums of what it was made from.
"""

import json
import os
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import IFrame, Markdown, display
from jinja2 import Template

from utils import files, paths
from utils.drawing.style import COLOURS, LINES
from utils.evidence.curves import with_accuracy
from utils.information.neurons import THRESHOLDS
from utils.names import NAMES, NETWORK, layer_scope, spaced
from utils.playground.payload import payload
from utils.study import parallel, provenance, stages
from utils.study.runs import Stage

FILE, HERE = "playground.html", Path(__file__).parent
SCRIPTS = "network.js", "plot.js", "playground.js"
FURTHER = "ablation", "orders", "joint", "pruning"  # tables it has if they are there
FIRST = "mutual_information", "low-first"  # the order that is shown first, beside a random one


def text(content: Mapping[str, object], made_from: Mapping[str, str] = {}) -> str:  # noqa: B006
    """The page of a `payload`, made from what has these checksums."""
    names = content["activations"]
    data = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
    return Template((HERE / "playground.html").read_text("utf-8"), autoescape=True).render(
        page=content,
        made_from=json.dumps(made_from),
        thresholds=", ".join(dict.fromkeys(f"{THRESHOLDS[name]:g} ({name})" for name in names)),
        data=data,
        style=(HERE / "playground.css").read_text("utf-8"),
        script="\n".join((HERE / name).read_text("utf-8") for name in SCRIPTS),
    )


def write(stage: Stage, tables: Mapping[str, pd.DataFrame]) -> Path:
    """playground.html of a run, from its networks, its images and these of its tables by name."""
    names = (stages.NETWORKS, *tables)
    noted = files.manifest(stage.folder)["stages"]
    made_from = {
        name: stage.wrote.get(name) or noted[stages.maker(name)]["wrote"][name] for name in names
    }
    content = text(payload(stage, tables), made_from)
    with files.replacing(stage.folder / FILE) as part:
        part.write_text(content, "utf-8")
    return stage.folder / FILE


def of_run(run: str) -> Path:
    """playground.html of a finished run by all that it has; raises RunError as `Stage.read`."""
    folder = paths.runs() / run
    provenance.current(folder, stages.NETWORKS)
    stage = Stage("playground", None, folder)
    there = [name for name in FURTHER if (folder / stages.place(name)).exists()]
    return write(stage, {name: stage.read(name) for name in ("measures", *there)})


def check(folder: Path) -> bool:
    """Whether a run has its page; raises RunError if the page shows other things than it has."""
    if not (folder / FILE).exists():
        return False
    found = re.search(r'<meta name="made-from" content="(.*?)">', (folder / FILE).read_text("utf-8"))
    for name, checksum in json.loads(unescape(found[1]) if found else '{"": ""}').items():
        if not name or provenance.current(folder, name) != checksum:
            raise provenance.RunError(
                f"{paths.shown(folder / FILE)} was made from other {name or 'things'} than there "
                f"are now; write it again: make playground RUN={folder.name}"
            )
    return True


def show(stage: Stage, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the page and show it to a person; elsewhere a figure of one state, and a link."""
    page = write(stage, tables)
    if parallel.in_watched_notebook():
        display(IFrame(os.path.relpath(page), "100%", 900))
        return
    notebooks = paths.NOTEBOOKS if stage.folder == paths.COMMITTED_RUN else stage.folder
    display(Markdown(f"[Open the playground]({Path(os.path.relpath(page, notebooks)).as_posix()})"))
    figure(tables["ablation"])


def figure(ablation: pd.DataFrame) -> plt.Figure:
    """What the page shows first: neurons of the first network removed in two orders."""
    table = with_accuracy(ablation.query("replicate == 0 and replacement == 'mean'"))
    deep = table["scope"].nunique() > 2
    scope = NETWORK if deep else layer_scope(1)
    drawn, ax = plt.subplots(figsize=(5, 2.6))
    for ordering, direction in (FIRST, ("random-00", "none")):
        curve = table[(table["scope"] == scope) & (table["ordering"] == ordering)]
        curve = curve[curve["direction"] == direction]
        name = ordering.partition("-")[0]
        label = NAMES[name] + ("" if direction == "none" else f", {spaced(direction)}")
        look = {"color": COLOURS[name], "linestyle": LINES[direction], "label": label}
        ax.plot(curve["n_ablated"], curve["accuracy"], **look)
    ax.set(xlabel="neurons removed", ylabel="test accuracy", ylim=(0, 1))
    ax.set_title("all layers" if deep else spaced(scope))
    ax.legend()
    return drawn

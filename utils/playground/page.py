"""One HTML file with everything in it, payload, script and style: it fetches nothing.

It lies beside the run as `playground.html`; its head has the checksums of what it was made from.
"""

import json
import os
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import IFrame, Markdown, display
from jinja2 import Template

from utils import files, paths
from utils.drawing.style import COLOURS, LINES, layers_title, line_panels
from utils.evidence.curves import with_accuracy
from utils.information.neurons import THRESHOLDS
from utils.names import NAMES, NETWORK, layer_scope
from utils.playground.payload import payload
from utils.study import parallel, provenance, stages
from utils.study.runs import Stage

FILE, HERE = "playground.html", Path(__file__).parent
SCRIPTS = "network.js", "plot.js", "views.js", "playground.js"
FURTHER = "ablation", "orders", "joint"  # tables it shows if they are there
FIRST = {  # the first state's two orders
    "mutual_information": ("low-first", f"{NAMES['mutual_information']}, low first"),
    "random-00": ("none", NAMES["random"]),
}


def text(content: Mapping[str, Any], made_from: Mapping[str, str]) -> str:
    """The page of a `payload`, made from what has these checksums."""

    def read(*names: str) -> str:
        return "\n".join((HERE / name).read_text("utf-8") for name in names)

    layers = [(f"{i}", f"layer {i} ({width})") for i, width in enumerate(content["hidden"], 1)]
    if len(layers) > 1:
        layers += [("all", "all layers, by value"), ("ranks", "all layers, by rank in the layer")]
    thresholds = {f"{THRESHOLDS[name]:g} ({name})": None for name in content["activations"]}
    return Template(read("playground.html"), autoescape=True).render(
        page=content, made_from=json.dumps(made_from), thresholds=", ".join(thresholds),
        networks=[(f"{k}", f"{k}") for k, _ in enumerate(content["networks"], 1)],
        layers=layers, orders=[(order["key"], order["label"]) for order in content["orders"]],
        fills=[(name, fill["label"]) for name, fill in content["fills"].items()],
        style=read("playground.css"), script=read(*SCRIPTS),
        data=json.dumps(content, separators=(",", ":")).replace("<", r"\u003c"),
    )  # fmt: skip


def write(stage: Stage, tables: Mapping[str, pd.DataFrame]) -> Path:
    """The page of a run, with these of its tables by name: `measures`, and any of FURTHER."""
    noted = files.manifest(stage.folder)["stages"]
    made_from = {
        name: stage.wrote.get(name) or noted[stages.maker(name)]["wrote"][name]
        for name in (stages.NETWORKS, *tables)
    }
    content = text(payload(stage, tables), made_from)
    with files.replacing(stage.folder / FILE) as part:
        part.write_text(content, "utf-8")
    return stage.folder / FILE


def of_run(run: str = "") -> Path:
    """The page of a run, or the committed one, by all that it has; raises RunError as it reads."""
    folder = paths.runs() / run if run else paths.COMMITTED_RUN
    provenance.current(folder, stages.NETWORKS)
    stage = Stage("03-ablate", None, folder)  # whose random orders are shown
    there = [name for name in FURTHER if (folder / stages.place(name)).exists()]
    return write(stage, {name: stage.read(name) for name in ("measures", *there)})


def current(folder: Path) -> bool:
    """Whether a run has a page; raises RunError if it is of other things than the run has."""
    if not (folder / FILE).exists():
        return False
    head = (folder / FILE).read_text("utf-8").partition("</head>")[0]
    made_from = json.loads(unescape(re.search(r'name="made-from" content="(.*?)"', head)[1]))
    for name, checksum in made_from.items():
        if provenance.current(folder, name) != checksum:
            raise provenance.RunError(
                f"{paths.shown(folder / FILE)} was made from other {name} than there are now; "
                f"write it again: make playground RUN={folder.name}"
            )
    return True


def show(stage: Stage, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write the page and show it to a person; elsewhere a link and a figure of its first state."""
    page = write(stage, tables)
    if parallel.in_watched_notebook():
        display(IFrame(Path(os.path.relpath(page)).as_posix(), "100%", 900))
        return
    text = f"**[Open the playground]({FILE})**"
    if stage.folder == paths.COMMITTED_RUN:  # git does not have the page, which is large
        text = f"`make playground` writes the page `{paths.shown(page)}`."
    display(Markdown(text))
    first_state(tables["ablation"])


def first_state(ablation: pd.DataFrame) -> plt.Figure:
    """Neurons of the first network removed in two orders, bias-balanced."""
    table = with_accuracy(ablation.query("replicate == 0 and replacement == 'mean'"))
    scope = NETWORK if table["scope"].nunique() > 2 else layer_scope(1)
    table = table[(table["scope"] == scope) & (table["direction"] != "high-first")]
    looks = {
        name: {"color": COLOURS[name.split("-")[0]], "linestyle": LINES[way], "label": label}
        for name, (way, label) in FIRST.items()
    }
    figure, ax = plt.subplots(figsize=(5, 2.6))
    labels = {"xlabel": "neurons removed", "ylabel": "test accuracy", "ylim": (0, 1)}
    line_panels({layers_title(scope): table}, "ordering", looks, [ax], "n_ablated", **labels)
    ax.legend()
    return figure

"""The explorer of notebook 03: moved by hand in JupyterLab, a figure of one state elsewhere."""

from functools import cache

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from utils.ablate.explorer_figure import Picture, scope_name, weight_tiles
from utils.ablate.explorer_state import Choice, State, Subject
from utils.evidence.curves import CURVE, with_accuracy
from utils.names import DIRECTIONS, NAMES, QUANTITIES, REPLACEMENTS, spaced
from utils.networks.network import scopes
from utils.study import parallel
from utils.study.runs import Stage

SIZE = 7.2, 6.1  # inches
FIRST_SHARE = 0.6  # of layer 1, ablated in the state that is shown first
KEYS = ["replicate", *CURVE]


class Explorer:
    """All states of a run's networks: `measured` is its measures, `curves` its ablation table."""

    def __init__(self, stage: Stage, measured: pd.DataFrame, curves: pd.DataFrame) -> None:
        self.networks, self.data, self.measured = stage.networks, stage.dataset, measured
        curves = with_accuracy(curves).sort_values("n_ablated", kind="stable")
        self.curves = curves.groupby(KEYS)["accuracy"]
        self.subject = cache(self._subject)

    def _subject(self, replicate: int) -> tuple[Subject, np.ndarray]:
        """A network to remove neurons from, and its first-layer weights as images."""
        network = self.networks[replicate]
        measures = parallel.rows_of(self.measured, replicate)
        subject = Subject(network, measures, self.data.test, self.data.n_classes)
        return subject, weight_tiles(network, self.data.image_shape)

    def picture(self, figure: Figure) -> Picture:
        """An empty picture, to be drawn in `figure`."""
        return Picture(figure, self.subject(0)[1], self.data.n_classes)

    def draw(self, picture: Picture, choice: Choice) -> State:
        """Change the picture to one state, and return it."""
        subject, tiles = self.subject(choice.replicate)
        state = subject.state(choice)
        key = tuple(getattr(choice, name) for name in KEYS)
        picture.draw(choice, self.curves.get_group(key).to_numpy(), state, tiles)
        return state

    def first(self) -> Choice:
        return Choice(n_ablated=round(FIRST_SHARE * self.networks[0].hidden[0]))

    def panel(self) -> ipywidgets.Widget:
        """Controls, the number of test images still right, and the picture."""
        figure = Figure(SIZE, dpi=100)
        FigureCanvasAgg(figure)
        picture = self.picture(figure)
        controls = _controls(self.networks[0].hidden, len(self.networks), self.first())
        *choices, slider = controls.values()
        counted = ipywidgets.HTML()
        image = ipywidgets.Image(format="png", layout={"width": "720px", "max_width": "100%"})
        sizes = {name: len(part) for name, part in scopes(self.networks[0].hidden).items()}
        drawn = None

        def update(_: object = None) -> None:
            nonlocal drawn
            slider.max = sizes[controls["scope"].value]  # draws, if it lowers the slider's value
            choice = Choice(**{name: control.value for name, control in controls.items()})
            if choice == drawn:
                return
            drawn = choice
            state = self.draw(picture, choice)
            counted.value = (
                f"{choice.n_ablated} of {slider.max} neurons of {scope_name(choice.scope)} "
                f"ablated: <b>{state.n_correct:,}</b> of {state.confusion.sum():,} test images "
                f"right (accuracy {state.accuracy:.4f})"
            )
            image.value = picture.png()

        for control in controls.values():
            control.observe(update, "value")
        update()
        box = ipywidgets.HBox(choices, layout={"flex_flow": "row wrap"})
        return ipywidgets.VBox([box, slider, counted, image])


def _controls(
    hidden: tuple[int, ...], n_networks: int, first: Choice
) -> dict[str, ipywidgets.Widget]:
    """A control for each part of a `Choice`, by its name."""
    options = {
        "replicate": ("replicate", [(str(k), k) for k in range(n_networks)]),
        "scope": ("layer", [(scope_name(name), name) for name in scopes(hidden)]),
        "ordering": ("quantity", [(NAMES[name], name) for name in QUANTITIES]),
        "direction": ("direction", [(spaced(name), name) for name in DIRECTIONS]),
        "replacement": ("replacement", [(NAMES[name], name) for name in REPLACEMENTS]),
    }
    narrow, wide = {"width": "19em"}, {"width": "52em", "max_width": "98%"}
    controls: dict[str, ipywidgets.Widget] = {
        name: ipywidgets.Dropdown(
            options=pairs, value=getattr(first, name), description=text, layout=narrow
        )
        for name, (text, pairs) in options.items()
    }
    controls["n_ablated"] = ipywidgets.IntSlider(
        first.n_ablated, 0, hidden[0], description="ablated", layout=wide
    )
    for control in controls.values():
        control.style.description_width = "6.5em"
    return controls


def show(stage: Stage, measured: pd.DataFrame, curves: pd.DataFrame) -> None:
    """The panel in JupyterLab; under papermill and nbval one state, for `plt.show()` to show."""
    explorer = Explorer(stage, measured, curves)
    if parallel.in_watched_notebook():
        display(explorer.panel())
    else:
        explorer.draw(explorer.picture(plt.figure(figsize=SIZE)), explorer.first())

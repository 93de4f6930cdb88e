"""The picture of the explorer: made once, then only changed.

Axes, ticks and labels are what takes time; `png` draws them once and what moves on top of a copy.
"""

from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from PIL import Image

from utils.ablate.explorer_state import Choice, State
from utils.drawing.pictures import incoming_weights
from utils.drawing.style import COLOURS, LINES, PALETTE
from utils.names import NETWORK, spaced
from utils.networks.network import Network

GAP = 2  # pixels between weight images
HURT_MOST = 3  # classes that are marked


def weight_tiles(network: Network, image_shape: tuple[int, ...]) -> np.ndarray:
    """First-layer weights as images [neurons, height, width], each scaled to -1…1."""
    weights = incoming_weights(network, image_shape)
    limits = np.abs(weights).max(axis=(1, 2), keepdims=True)
    return weights / np.where(limits > 0, limits, 1)


def mosaic(tiles: np.ndarray, neurons: np.ndarray) -> np.ndarray:
    """The tiles of some neurons, row by row on a grid with room for all; the rest is NaN."""
    columns = int(np.ceil(np.sqrt(len(tiles))))
    rows = -(-len(tiles) // columns)
    height, width = tiles.shape[1] + GAP, tiles.shape[2] + GAP
    grid = np.full((rows, columns, height, width), np.nan, np.float32)
    where = np.divmod(np.arange(len(neurons)), columns)
    grid[(*where, slice(-GAP), slice(-GAP))] = tiles[neurons]
    return grid.swapaxes(1, 2).reshape(rows * height, columns * width)


def scope_name(scope: str) -> str:
    return "all layers" if scope == NETWORK else spaced(scope)


class Picture:
    """Curve, confusion, loss by class, and weights of what went and what stays, in `figure`."""

    def __init__(self, figure: Figure, tiles: np.ndarray, n_classes: int) -> None:
        self.figure = figure
        top, bottom = figure.subfigures(2, 1, height_ratios=[2.6, 3.5])
        curve, confusion, lost = top.subplots(1, 3, width_ratios=[2.6, 2.3, 1.3])
        mosaics = dict(zip(("removed", "kept"), bottom.subplots(1, 2), strict=True))
        (self.rest,) = curve.plot([], [], color="0.75")
        (self.so_far,) = curve.plot([], [])
        (self.mark,) = curve.plot([], [], "o", markersize=5)
        curve.set(xlabel="share of neurons ablated", ylabel="test accuracy")
        curve.set(xlim=(-0.02, 1.02), ylim=(0, 1))
        self.confusion = confusion.imshow(
            np.zeros((n_classes, n_classes)), cmap="Blues", norm=PowerNorm(0.5, 0, 100)
        )
        classes = range(n_classes)
        confusion.set(
            xlabel="predicted class", ylabel="true class", xticks=classes, yticks=classes
        )
        confusion.set_title("confusion (% of a true class)")
        top.colorbar(self.confusion, ax=confusion, ticks=[1, 10, 50, 100], shrink=0.8)
        self.bars = lost.barh(classes, 0)
        self.labels = [lost.text(0, k, "", fontsize=7, va="center") for k in classes]
        lost.set(yticks=classes, xticks=[], xlim=(0, 130), ylim=(n_classes - 0.5, -0.5))
        lost.set_title("lost (points)")
        empty = mosaic(tiles, np.arange(0))
        # few colours and no blending: half the bytes
        look = {"cmap": plt.get_cmap("RdBu_r", 15), "interpolation": "nearest"}
        look |= {"interpolation_stage": "data", "vmin": -1, "vmax": 1}
        self.weights = {name: ax.imshow(empty, **look) for name, ax in mosaics.items()}
        for ax in (confusion, lost):
            ax.grid(False)
        for ax in mosaics.values():
            ax.axis("off")
        titled = {"curve": curve, **mosaics}
        self.titles = {name: ax.set_title(" ") for name, ax in titled.items()}
        self.moving = [self.rest, self.so_far, self.mark, self.confusion, *self.bars, *self.labels]
        for artist in self.moving:
            artist.set_in_layout(False)  # the same places, whatever is shown first
        self.moving += [*self.weights.values(), *self.titles.values()]
        self.backdrop: Any = None

    def draw(self, choice: Choice, curve: np.ndarray, state: State, tiles: np.ndarray) -> None:
        """Change everything to one state; `curve`: accuracy after 0, 1, … removals."""
        n, accuracy = choice.n_ablated, state.accuracy
        style = {"color": COLOURS[choice.ordering], "linestyle": LINES[choice.direction]}
        share = np.linspace(0, 1, len(curve))
        self.rest.set_data(share, curve)
        self.so_far.set(data=(share[: n + 1], curve[: n + 1]), **style)
        self.mark.set(data=(share[[n]], [accuracy]), color=style["color"])
        self.titles["curve"].set_text(
            f"{scope_name(choice.scope)}: accuracy {accuracy:.3f} after {n}"
        )
        images = np.maximum(state.confusion.sum(axis=1, keepdims=True), 1)
        self.confusion.set_data(100 * state.confusion / images)
        self._draw_lost(100 * state.lost)
        for name, neurons in (("removed", state.removed), ("kept", state.kept)):
            self.weights[name].set_data(mosaic(tiles, neurons))
            self.titles[name].set_text(f"layer 1, {name}: {len(neurons)} of {len(tiles)}")

    def _draw_lost(self, percent: np.ndarray) -> None:
        most = np.argsort(-percent, kind="stable")[:HURT_MOST]
        for k, (bar, label, value) in enumerate(zip(self.bars, self.labels, percent, strict=True)):
            hurt = k in most and value > 0
            bar.set_width(max(value, 0))
            bar.set_color(PALETTE[3] if hurt else "0.8")
            label.set_x(max(value, 0) + 3)
            label.set_text(f"{value:.0f}" if hurt else "")

    def png(self) -> bytes:
        """The picture as it is now, for a figure whose canvas is matplotlib's Agg."""
        canvas = self.figure.canvas
        if self.backdrop is None:
            canvas.draw()  # places everything
            self.figure.set_layout_engine("none")
            for artist in self.moving:
                artist.set_animated(True)  # from now on left out by canvas.draw
            canvas.draw()
            self.backdrop = canvas.copy_from_bbox(self.figure.bbox)
        canvas.restore_region(self.backdrop)
        for artist in self.moving:
            artist.axes.draw_artist(artist)
        file = BytesIO()
        pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        pixels.save(file, "png", compress_level=1)
        return file.getvalue()

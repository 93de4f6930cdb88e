"""Images as rows, and the incoming weights of first-layer neurons as images."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import utils.drawing.style  # noqa: F401  the look of all figures
from utils.networks.network import Network


def incoming_weights(network: Network, image_shape: tuple[int, ...]) -> np.ndarray:
    """Of every first-layer neuron as images [neurons, height, width]; colours are averaged."""
    weights = network.kernels[0].T.reshape(-1, *image_shape)
    return weights if weights.ndim == 3 else weights.mean(axis=3)


def weight_images(
    network: Network,
    neurons: Sequence[int],
    image_shape: tuple[int, ...],
    titles: Sequence[str],
    columns: int = 10,
) -> Figure:
    """Incoming weights of first-layer neurons as images; blue negative, red positive."""
    weights = incoming_weights(network, image_shape)[list(neurons)]
    columns = min(columns, len(neurons))
    rows = -(-len(neurons) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(7.2, 0.95 * rows), squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, title in zip(axes.flat, weights, titles, strict=False):
        limit = np.abs(image).max() or 1
        ax.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set_title(title, fontsize=7, loc="center", pad=2)
    return figure


def driving_images(
    images: np.ndarray, labels: np.ndarray, image_shape: tuple[int, ...], titles: Sequence[str]
) -> Figure:
    """Rows of images [rows, columns, pixels] that drive one neuron each, with their classes."""
    rows, columns = images.shape[:2]
    width = image_shape[1]
    figure, axes = plt.subplots(rows, 1, figsize=(7.2, 0.75 * rows), squeeze=False)
    for ax, row, classes, title in zip(axes[:, 0], images, labels, titles, strict=True):
        ax.imshow(np.hstack(row.reshape(columns, *image_shape)), vmin=0, vmax=1)
        ax.set_xticks((np.arange(columns) + 0.5) * width, classes, fontsize=6)
        ax.tick_params(length=0, pad=1)
        ax.set_yticks([])
        ax.grid(False)
        ax.spines[:].set_visible(False)
        ax.set_ylabel(title, fontsize=7, rotation=0, ha="right", va="center")
    return figure

"""Images side by side, in the look of all figures."""

import matplotlib.pyplot as plt
import numpy as np

import utils.drawing.style  # noqa: F401  the look of all figures


def one_row(
    ax: plt.Axes, images: np.ndarray, labels: np.ndarray, image_shape: tuple[int, ...]
) -> None:
    """Images [n, pixels] side by side, the class of each below it."""
    pixels = images.reshape(-1, *image_shape)
    grey = pixels.reshape(pixels.shape[:3]) if pixels.shape[3:] == (1,) else pixels
    ax.imshow(np.hstack(grey), vmin=min(0, pixels.min()), vmax=max(1, pixels.max()))
    ax.set_xticks((np.arange(len(images)) + 0.5) * image_shape[1], labels, fontsize=6)
    ax.tick_params(length=0, pad=1)
    ax.set_yticks([])
    ax.grid(False)
    ax.spines[:].set_visible(False)

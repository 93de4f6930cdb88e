"""`ConvNetwork`: a trained convolutional network as a plain stack of arrays.

Block i = 1..L convolves the maps it is given, adds a bias to each channel, applies its activation,
and may keep the largest value of each pool x pool square: what the next layer receives are the
outputs of its channels, maps [height, width]. The logits see all maps at once, or the mean of each
map. A channel is a neuron: `hidden` counts channels, and scopes, orders and curves of
`utils.removal` are as for dense layers. Batch normalisation is folded into the kernels.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from utils.convolution.operations import Layer
from utils.networks.backend import tf, traced
from utils.networks.network import ACTIVATIONS, Network, NetworkError

CHUNK = 500  # images that pass at a time
PADDINGS = ("same", "valid")


@dataclass(frozen=True)
class ConvNetwork(Network):
    """Kernels [height, width, channels i-1, channels i] of the blocks, [features, classes] last.

    strides, paddings, pools : one a block; a pool of 1 is none
    image_shape : height, width, channels
    The features are all values of the last maps (height, width, channel), or the channels' means.
    """

    strides: tuple[int, ...]
    paddings: tuple[str, ...]
    pools: tuple[int, ...]
    image_shape: tuple[int, int, int]

    def __post_init__(self) -> None:
        blocks = (self.activations, self.strides, self.paddings, self.pools)
        if {len(self.kernels), len(self.biases)} != {len(one) + 1 for one in blocks}:
            raise NetworkError(
                "a network has one activation, stride, padding and pool a block, and one kernel "
                "and bias more"
            )
        for name in ("activations", "paddings"):
            allowed = PADDINGS if name == "paddings" else ACTIVATIONS
            if wrong := set(getattr(self, name)) - set(allowed):
                raise NetworkError(f"{name} {wrong}; allowed are {', '.join(allowed)}")
        if wrong := {n for n in self.strides + self.pools if not isinstance(n, int) or n < 1}:
            raise NetworkError(f"strides or pools {wrong}; allowed are whole numbers from 1")
        if len(self.image_shape) != 3:
            raise NetworkError(f"images {self.image_shape}; expected height, width, channels")
        for i, kernel in enumerate(self.kernels[:-1]):
            before, after = self.map_shapes[i : i + 2]
            if kernel.ndim != 4 or kernel.shape[2] != before[2]:
                raise NetworkError(
                    f"block {i + 1} has a kernel {kernel.shape}; expected (height, width, "
                    f"{before[2]}, channels)"
                )
            if min(after) < 1:
                raise NetworkError(
                    f"nothing is left of maps {before} after block {i + 1}: take less of kernel, "
                    "stride or pool, or padding 'same'"
                )
        size, (*_, channels) = int(np.prod(self.map_shapes[-1])), self.map_shapes[-1]
        if self.kernels[-1].ndim != 2 or len(self.kernels[-1]) not in (size, channels):
            raise NetworkError(
                f"the logits have a kernel {self.kernels[-1].shape}; expected ({size}, classes), "
                f"or ({channels}, classes) of means"
            )
        for kernel, bias in zip(self.kernels, self.biases, strict=True):
            if bias.shape != kernel.shape[-1:]:
                raise NetworkError(f"a bias {bias.shape} for a kernel {kernel.shape}")
            kernel.flags.writeable = bias.flags.writeable = False

    @cached_property
    def _geometry(self) -> tuple[list[tuple[int, int, int]], list[Layer]]:
        shapes, layers = [tuple(self.image_shape)], []
        for *block, kernel in zip(
            self.paddings, self.strides, self.pools, self.activations, self.kernels, strict=False
        ):
            padding, stride, pool, activation = block
            pads = []
            for size, window in zip(shapes[-1][:2], kernel.shape, strict=False):
                total = max((-(-size // stride) - 1) * stride + window - size, 0)
                total *= padding == "same"
                pads.append((total // 2, total - total // 2))
            layers.append(Layer(tuple(pads), stride, pool, activation))
            sides = [n // pool for n in layers[-1].places(shapes[-1], kernel.shape)]
            shapes.append((*sides, kernel.shape[-1]))
        return shapes, [*layers, Layer()]

    @property
    def map_shapes(self) -> list[tuple[int, int, int]]:
        """Height, width and channels of the images, then of each block's maps."""
        return self._geometry[0]

    @property
    def n_macs(self) -> int:
        """Multiply-accumulates for one image; those with the zeros of borders count."""
        total = self.kernels[-1].size
        blocks = zip(self.map_shapes, self.layers, self.kernels[:-1], strict=False)
        for shape, layer, kernel in blocks:
            total += kernel.size * math.prod(layer.places(shape, kernel.shape))
        return total

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What the blocks do with maps, and the logits."""
        return tuple(self._geometry[1])

    @property
    def dtype(self) -> np.dtype:
        """In which it computes."""
        return np.result_type(*self.kernels, *self.biases)

    @property
    def weights(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Kernels [height, width, channels before, channels], of the logits too; biases."""
        height, width, channels = self.map_shapes[-1]
        last = self.kernels[-1]
        if len(last) == channels:
            last = np.broadcast_to(last / (height * width), (height, width, *last.shape))
        kernels = [*self.kernels[:-1], last.reshape(height, width, channels, -1)]
        return tuple([one.astype(self.dtype) for one in some] for some in (kernels, self.biases))

    def forward(self, images: np.ndarray) -> list[np.ndarray]:
        """The images [n, height, width, channels], the maps of blocks 1, 2, …, and the logits.

        images : of this shape, or [n, values]
        Item i are the maps of block i [n, height, width, channels]; the last are the logits
        [n, classes].
        """
        parts = zip(*self.chunks(images), strict=True)
        return [np.concatenate(part) for part in parts]

    def output(self, images: np.ndarray, layer: int) -> np.ndarray:
        """Of one layer alone, so that only its maps are kept of all images."""
        return np.concatenate([outputs[layer] for outputs in self.chunks(images)])

    def chunks(self, images: np.ndarray, size: int = CHUNK) -> Iterator[list[np.ndarray]]:
        """`forward` of `size` images after the other: all maps of all images may be too much."""
        flat = (int(np.prod(self.image_shape)),)
        if images.shape[1:] not in (tuple(self.image_shape), flat) or not len(images):
            raise NetworkError(
                f"images of shape {images.shape}, expected (n, {flat[0]}) or "
                f"(n, {', '.join(map(str, self.image_shape))}), n from 1"
            )
        images = images.reshape(-1, *self.image_shape).astype(self.dtype, copy=False)
        forward, weights = _forward(self.layers), self.weights
        for start in range(0, len(images), size):
            part = images[start : start + size]
            *maps, logits = (one.numpy() for one in traced(forward, part, *weights))
            yield [part, *maps, logits[:, 0, 0]]

    def after(self, layer: int) -> "ConvNetwork":
        """What follows block `layer` (1 = first), whose maps are this one's images."""
        names = [field.name for field in fields(self)][:-1]
        return ConvNetwork(
            *(getattr(self, name)[layer:] for name in names), self.map_shapes[layer]
        )


@lru_cache(maxsize=64)
def _forward(layers: tuple[Layer, ...]) -> Any:
    """The program that gives the outputs of all layers."""

    @tf.function
    def forward(maps, kernels, biases):
        outputs = []
        for layer, kernel, bias in zip(layers, kernels, biases, strict=True):
            maps = layer.output(layer.received(layer.padded(maps), kernel) + bias)
            outputs.append(maps)
        return outputs

    return forward

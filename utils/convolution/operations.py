"""What a layer of a convolutional network does to maps, written once: for whole networks and for
ablation. To be traced by TensorFlow; maps are [n, height, width, channels]."""

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

from utils.networks.backend import tf


class Layer(NamedTuple):
    """pads : zeros above and below, left and right; a pool of 1 and an activation None are none

    The logits are a convolution too, whose window is the whole map.
    """

    pads: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    stride: int = 1
    pool: int = 1
    activation: str | None = None

    def places(self, shape: Sequence[int], window: Sequence[int]) -> list[int]:
        """Rows and columns of places that a window [height, width, ...] has in maps of `shape`."""
        sizes = zip(shape, self.pads, window, strict=False)
        return [(size + sum(pads) - side) // self.stride + 1 for size, pads, side in sizes]

    def padded(self, maps: Any) -> Any:
        """Maps, or one channel of them [n, height, width], within their border of zeros."""
        return tf.pad(maps, [(0, 0), *self.pads, *[(0, 0)] * (len(maps.shape) - 3)])

    def received(self, padded: Any, kernel: Any) -> Any:
        """What the channels of a layer get from padded maps, without the bias."""
        if kernel.shape[:2] == padded.shape[1:3]:
            size = kernel.shape[0] * kernel.shape[1] * kernel.shape[2]
            flat = tf.reshape(padded, (-1, size)) @ tf.reshape(kernel, (size, -1))
            return flat[:, None, None]
        return tf.nn.conv2d(padded, kernel, self.stride, "VALID")

    def received_of_one(self, padded: Any, kernel: Any) -> Any:
        """The same from one channel alone: padded map [n, height, width], kernel [h, w, channels].

        XLA makes one loop of the sum over the window, five times as fast as a convolution.
        """
        (height, width), stride = kernel.shape[:2], self.stride
        if (height, width) == padded.shape[1:3]:
            return self.received(padded[..., None], kernel[:, :, None])
        rows, columns = (
            (size - window) // stride * stride + 1
            for size, window in zip(padded.shape[1:3], (height, width), strict=True)
        )
        terms = [
            padded[:, y : y + rows : stride, x : x + columns : stride, None] * kernel[y, x]
            for y in range(height)
            for x in range(width)
        ]
        return reduce(tf.add, terms)

    def output(self, received: Any, compiled: bool = False) -> Any:
        """Maps [n, height, width, channels] from what was received: largest of a pool, activated.

        In this order, as every activation ascends. compiled : by XLA, which makes one loop of the
        comparisons; without it they are six times as slow as TensorFlow's own pooling
        """
        size = self.pool
        if size > 1 and compiled:
            height, width = (side // size * size for side in received.shape[1:3])
            places = [(y, x) for y in range(size) for x in range(size)]
            parts = [received[:, y:height:size, x:width:size] for y, x in places]
            received = reduce(tf.maximum, parts)
        elif size > 1:
            received = tf.nn.max_pool2d(received, size, size, "VALID")
        return getattr(tf.nn, self.activation)(received) if self.activation else received


def of_channel(array: Any, channel: Any, axis: int = -1) -> Any:
    """The part of an array that is of one channel, without the axis `axis`.

    By a product with 0 and 1, which is exact. XLA would look up every value anew wherever it is
    used, and take four times as long.
    """
    chosen = tf.one_hot(channel, array.shape[axis], dtype=array.dtype)
    return tf.tensordot(array, chosen, [[axis], [0]])

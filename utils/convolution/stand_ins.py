"""What stands in for the maps of removed channels, over the validation images.

- `zero`: nothing;
- `mean`: the mean over images and positions, on the whole map and zeros beyond its border;
- `mean_map`: the mean of each position;
- `bias`: the mean beyond the border too, which is what a bias of the next layer can say. With
  padding `valid` it is `mean`.

Stand-ins are maps of each block as the next layer's windows see them, with the zeros, or what is
there instead, over which these reach: [height + padding, width + padding, channels].
"""

from collections.abc import Sequence

import numpy as np

from utils.convolution.network import ConvNetwork
from utils.names import REPLACEMENTS
from utils.networks.network import NetworkError

STAND_INS = (*REPLACEMENTS, "mean_map", "bias")


def stand_ins(network: ConvNetwork, images: np.ndarray, name: str) -> list[np.ndarray]:
    """Those of each block by one of STAND_INS; raises NetworkError for another name."""
    if name not in STAND_INS:
        raise NetworkError(f"replacement {name!r}; allowed are {', '.join(STAND_INS)}")
    sums = [np.zeros(shape) for shape in network.map_shapes[1:]]
    for _, *maps, _ in network.chunks(images):
        for of_block, block in zip(sums, maps, strict=True):
            of_block += block.sum(axis=0, dtype=np.float64)
    maps = [of_block / len(images) for of_block in sums]
    if name != "mean_map":
        maps = [np.full_like(one, one.mean(axis=(0, 1)) * (name != "zero")) for one in maps]
    return _bordered(network, maps, "edge" if name == "bias" else "constant")


def as_stand_ins(
    network: ConvNetwork, replacement: np.ndarray | Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Stand-ins as they are, or those of constants [channels]; raises NetworkError for others."""
    maps = [np.zeros(shape) for shape in network.map_shapes[1:]]
    expected = [one.shape for one in _bordered(network, maps)]
    if [np.shape(one) for one in replacement] == expected:
        instead = [np.asarray(one, network.dtype) for one in replacement]
    elif np.shape(replacement) == (sum(network.hidden),):
        constants = np.split(replacement, np.cumsum(network.hidden)[:-1])
        maps = [np.broadcast_to(one, to.shape) for one, to in zip(constants, maps, strict=True)]
        instead = _bordered(network, maps)
    else:
        raise NetworkError(
            f"a replacement must be a number for each of {sum(network.hidden)} channels, or what "
            f"`stand_ins` gives, maps of the shapes {', '.join(map(str, expected))}"
        )
    if not all(np.isfinite(one).all() for one in instead):
        raise NetworkError("a replacement must be finite; it holds NaN or an infinite number")
    return instead


def _bordered(
    network: ConvNetwork, maps: Sequence[np.ndarray], mode: str = "constant"
) -> list[np.ndarray]:
    """The maps with their borders, zeros or, by mode `edge`, what lies next to them."""
    return [
        np.pad(one, (*layer.pads, (0, 0)), mode).astype(network.dtype)
        for one, layer in zip(maps, network.layers[1:], strict=True)
    ]

"""`Network`: a trained fully connected network as the plain stack that everything after training
works on.

Layer i = 1..L has hidden outputs h_i = f_i(h_{i-1} W_i + b_i), h_0 the pixels, and the logits are
h_L W_{L+1} + b_{L+1}. There is no dropout (it is the identity when a network is used) and no
batch normalisation (folded into W and b): removing a neuron is removing a column and a row.
Layers are counted from 1 everywhere: `kernels[i]` leads out of hidden layer i, `kernels[i - 1]`
into it, and `sizes[i]` is its width.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from utils import files, paths
from utils.names import NETWORK, layer_scope


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), any shape, in the type of `x`; large negative `x` gives exactly 0."""
    out = np.negative(x)
    with np.errstate(over="ignore"):
        np.exp(out, out=out)
    out += 1
    return np.reciprocal(out, out=out)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}


class NetworkError(ValueError):
    """A network, or a neuron of one, that cannot be what was asked for."""


@dataclass(frozen=True)
class Network:
    """Kernels [width i-1, width i], biases [width i], one activation name a hidden layer."""

    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    activations: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.kernels) == len(self.biases) == len(self.activations) + 1:
            raise NetworkError("a network has one activation a hidden layer and none at its end")
        for before, after in zip(self.kernels, self.kernels[1:], strict=False):
            if before.shape[1] != after.shape[0]:
                raise NetworkError(f"layers of {before.shape} and {after.shape} do not connect")
        for name in self.activations:
            if name not in ACTIVATIONS:
                raise NetworkError(f"activation {name!r}; allowed are {', '.join(ACTIVATIONS)}")
        for array in (*self.kernels, *self.biases):
            array.flags.writeable = False

    @property
    def hidden(self) -> tuple[int, ...]:
        """Neurons of each hidden layer."""
        return tuple(kernel.shape[-1] for kernel in self.kernels[:-1])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, neurons of each hidden layer, classes."""
        return (self.kernels[0].shape[-2], *(kernel.shape[-1] for kernel in self.kernels))

    @property
    def n_macs(self) -> int:
        """Multiply-accumulates for one image."""
        return sum(kernel.size for kernel in self.kernels)

    def forward(self, images: np.ndarray) -> list[np.ndarray]:
        """The images [n, pixels], the outputs of hidden layers 1, 2, … [n, width], and the logits.

        Item i is the output of hidden layer i; the last one are the logits [n, classes].
        """
        if images.ndim != 2 or images.shape[1] != self.sizes[0]:
            raise NetworkError(f"images of shape {images.shape}, expected (n, {self.sizes[0]})")
        signal = images.astype(self.kernels[0].dtype, copy=False)
        outputs = [signal]
        functions = (*self.activations, None)
        for kernel, bias, name in zip(self.kernels, self.biases, functions, strict=True):
            signal = signal @ kernel
            signal += bias  # in its place: fresh memory costs more than the sum
            signal = ACTIVATIONS[name](signal) if name else signal
            outputs.append(signal)
        return outputs

    def output(self, images: np.ndarray, layer: int) -> np.ndarray:
        """Of one layer alone, a hidden one (1 = first) or -1, the logits: see `forward`."""
        return self.forward(images)[layer]

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Class of the largest logit [n]."""
        return self.output(images, -1).argmax(axis=1)

    def n_correct(self, images: np.ndarray, labels: np.ndarray) -> int:
        return int((self.predict(images) == labels).sum())

    def after(self, layer: int) -> "Network":
        """What follows hidden layer `layer` (1 = first), whose outputs are this one's inputs."""
        return Network(self.kernels[layer:], self.biases[layer:], self.activations[layer:])

    def rounded(self) -> "Network":
        """The same with every weight and bias as half precision has it: it takes half the room."""
        kernels, biases = (
            tuple(array.astype(np.float16).astype(array.dtype) for array in arrays)
            for arrays in (self.kernels, self.biases)
        )
        return replace(self, kernels=kernels, biases=biases)

    def save(self, path: Path) -> None:
        """As an npz file of plain arrays; written beside its place, then renamed.

        In half precision where that loses nothing (`rounded`).
        """
        arrays = {f"kernel_{i}": kernel for i, kernel in enumerate(self.kernels)}
        arrays |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        arrays = {name: _smallest(array) for name, array in arrays.items()}
        arrays |= {name: np.array(getattr(self, name)) for name in self._settings()}
        with files.replacing(path) as part:
            np.savez(part, **arrays)

    @classmethod
    def _settings(cls) -> list[str]:
        """The fields after kernels and biases, a tuple each; the first are the activations."""
        return [field.name for field in fields(cls)][2:]

    @staticmethod
    def save_all(networks: "Sequence[Network]", folder: Path) -> None:
        """Replace the networks in `folder` by these: replicate-00.npz, replicate-01.npz, …"""
        files.make_folder(folder)
        for number, network in enumerate(networks):
            network.save(folder / f"replicate-{number:02d}.npz")
        for path in _saved(folder)[len(networks) :]:
            path.unlink()

    @classmethod
    def load(cls, path: Path) -> "Network":
        """The network saved at `path`."""
        try:
            with np.load(path, allow_pickle=False) as file:
                settings = [tuple(np.atleast_1d(file[s]).tolist()) for s in cls._settings()]
                layers = range(len(settings[0]) + 1)
                kernels = tuple(_single(file[f"kernel_{i}"]) for i in layers)
                return cls(kernels, tuple(_single(file[f"bias_{i}"]) for i in layers), *settings)
        except FileNotFoundError:
            raise NetworkError(f"no network at {paths.shown(path)}; 01-train makes it") from None
        except paths.UNREADABLE as error:
            raise NetworkError(
                f"{paths.shown(path)} is not a saved network ({type(error).__name__}: an npz file "
                f"of plain arrays kernel_0, bias_0, … and {', '.join(cls._settings())} is "
                "expected); delete it and run 01-train again"
            ) from None

    @classmethod
    def load_all(cls, folder: Path) -> list["Network"]:
        """The networks replicate-00.npz, replicate-01.npz, … of a run, in that order."""
        saved = _saved(folder)
        if not saved:
            raise NetworkError(f"no networks in {paths.shown(folder)}; 01-train makes them")
        return [cls.load(path) for path in saved]


def _smallest(array: np.ndarray) -> np.ndarray:
    """An array in half precision, if that holds the same numbers."""
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if (half == array).all() else array


def _single(array: np.ndarray) -> np.ndarray:
    """A saved array in the precision that is computed in: single at least."""
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _saved(folder: Path) -> list[Path]:
    """The files of the networks in a folder, by number."""
    return sorted(folder.glob("replicate-[0-9]*.npz"), key=lambda path: int(path.stem[10:]))


def positions(hidden: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Of each hidden neuron, counted through all layers: its layer (1 = first), its number there.

    The one place where "hidden neuron 103 of all" becomes "layer 2, neuron 3".

    >>> [table.tolist() for table in positions((2, 3))]
    [[1, 1, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    layers = np.repeat(np.arange(1, len(hidden) + 1), hidden)
    return layers, np.concatenate([np.arange(width) for width in hidden])


def layer_scopes(hidden: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Neurons, counted through all hidden layers, of each layer.

    >>> {scope: neurons.tolist() for scope, neurons in layer_scopes((2, 3)).items()}
    {'layer-1': [0, 1], 'layer-2': [2, 3, 4]}
    """
    parts = np.split(np.arange(sum(hidden)), np.cumsum(hidden)[:-1])
    return {layer_scope(layer): neurons for layer, neurons in enumerate(parts, 1)}


def scopes(hidden: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Neurons, counted through all hidden layers, of each layer and of the whole network."""
    return layer_scopes(hidden) | {NETWORK: np.arange(sum(hidden))}

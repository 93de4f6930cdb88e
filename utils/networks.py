"""`Network`: a trained fully connected network as the plain stack that everything after training
works on.

Layer i = 1..L has hidden outputs h_i = f_i(h_{i-1} W_i + b_i), h_0 the pixels, and the logits are
h_L W_{L+1} + b_{L+1}. There is no dropout (it is the identity when a network is used) and no
batch normalisation (folded into W and b): removing a neuron is removing a column and a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from utils import files, paths


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), any shape, in the type of `x`; large negative `x` gives exactly 0."""
    with np.errstate(over="ignore"):
        out = np.exp(-x)
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
        return tuple(kernel.shape[1] for kernel in self.kernels[:-1])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, neurons of each hidden layer, classes."""
        return (self.kernels[0].shape[0], *(kernel.shape[1] for kernel in self.kernels))

    def astype(self, dtype: type) -> "Network":
        return Network(
            tuple(kernel.astype(dtype) for kernel in self.kernels),
            tuple(bias.astype(dtype) for bias in self.biases),
            self.activations,
        )

    def forward(self, images: np.ndarray) -> list[np.ndarray]:
        """Outputs of each hidden layer [n, width], then the logits [n, classes]."""
        if images.ndim != 2 or images.shape[1] != self.sizes[0]:
            raise NetworkError(f"images of shape {images.shape}, expected (n, {self.sizes[0]})")
        outputs = []
        signal = images.astype(self.kernels[0].dtype, copy=False)
        for kernel, bias, name in zip(
            self.kernels, self.biases, (*self.activations, None), strict=True
        ):
            signal = signal @ kernel + bias
            signal = ACTIVATIONS[name](signal) if name else signal
            outputs.append(signal)
        return outputs

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Class of the largest logit [n]."""
        return self.forward(images)[-1].argmax(axis=1)

    def n_correct(self, images: np.ndarray, labels: np.ndarray) -> int:
        return int((self.predict(images) == labels).sum())

    def after(self, layer: int) -> "Network":
        """What follows hidden layer `layer` (1 = first), whose outputs are this one's inputs."""
        return Network(self.kernels[layer:], self.biases[layer:], self.activations[layer:])

    def save(self, path: Path) -> None:
        """As an npz file of plain arrays; written beside its place, then renamed."""
        layers = range(len(self.kernels))
        arrays = {f"kernel_{i}": self.kernels[i] for i in layers}
        arrays |= {f"bias_{i}": self.biases[i] for i in layers}
        arrays["activations"] = np.array(self.activations)
        with files.replacing(path) as part:
            np.savez(part, **arrays)

    @classmethod
    def load(cls, path: Path, sizes: tuple[int, ...] | None = None) -> "Network":
        """The network saved at `path`; with `sizes`, refused if it has another architecture."""
        try:
            with np.load(path, allow_pickle=False) as file:
                activations = tuple(str(name) for name in np.atleast_1d(file["activations"]))
                layers = range(len(activations) + 1)
                network = cls(
                    tuple(file[f"kernel_{i}"] for i in layers),
                    tuple(file[f"bias_{i}"] for i in layers),
                    activations,
                )
        except FileNotFoundError:
            raise NetworkError(f"no network at {paths.shown(path)}; 01-train makes it") from None
        except paths.UNREADABLE as error:
            raise NetworkError(
                f"{paths.shown(path)} is not a saved network ({type(error).__name__}: an npz file "
                "of plain arrays kernel_0, bias_0, … and activations is expected); "
                "delete it and run 01-train again"
            ) from None
        if sizes is not None and network.sizes != tuple(sizes):
            raise NetworkError(
                f"{paths.shown(path)} has layers {'-'.join(map(str, network.sizes))}, this run's "
                f"parameters say {'-'.join(map(str, sizes))}; run 01-train again"
            )
        return network

    @classmethod
    def load_all(cls, folder: Path) -> list["Network"]:
        """The networks replicate-00.npz, replicate-01.npz, … of a run, in that order."""
        found = sorted(folder.glob("replicate-*.npz"))
        if not found:
            raise NetworkError(f"no networks in {paths.shown(folder)}; 01-train makes them")
        return [cls.load(path) for path in found]

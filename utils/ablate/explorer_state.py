"""What a network still knows after some removals, and which neurons went: what the explorer shows.

One pass of all test images through what follows the first layer, whose outputs are kept; a removed
neuron's constant output is nothing but a change of the next layer's bias.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from utils.networks.datasets import Split
from utils.networks.network import Network, positions, scopes
from utils.removal.curves import constants
from utils.removal.orders import order_by
from utils.removal.surgery import StandIn, replace


@dataclass(frozen=True)
class Choice:
    """What the panel is set to; words as in ablation.csv.xz."""

    replicate: int = 0
    scope: str = "layer-1"
    ordering: str = "mutual_information"
    direction: str = "low-first"
    replacement: str = "mean"
    n_ablated: int = 0


@dataclass(frozen=True)
class State:
    """A network with some neurons removed.

    confusion [classes, classes]: test images by true and predicted class. lost [classes]: share of
    a class's images recognised by the intact network less the share recognised now. removed, kept:
    first-layer neurons in the order in which they went or will go; those that never go come last.
    """

    confusion: np.ndarray
    lost: np.ndarray
    removed: np.ndarray
    kept: np.ndarray

    @property
    def n_correct(self) -> int:
        return int(self.confusion.trace())

    @property
    def accuracy(self) -> float:
        return self.n_correct / int(self.confusion.sum())


@dataclass(frozen=True, eq=False)
class Subject:
    """One network, its neurons' measures in order, and the test images."""

    network: Network
    measures: pd.DataFrame
    test: Split
    n_classes: int

    @cached_property
    def first_outputs(self) -> np.ndarray:
        """Outputs of the first layer [images, width], which no removal changes."""
        return self.network.forward(self.test.images)[1]

    @cached_property
    def intact(self) -> np.ndarray:
        """Confusion of the intact network [classes, classes]."""
        n_neurons = sum(self.network.hidden)
        return self._confusion(np.zeros(n_neurons, bool), np.zeros(n_neurons))

    def order(self, choice: Choice) -> np.ndarray:
        """The neurons of a scope, counted through all layers, in the order of their removal."""
        neurons = scopes(self.network.hidden)[choice.scope]
        values = self.measures[choice.ordering].to_numpy()[neurons]
        return neurons[order_by(values, choice.direction == "high-first")]

    def state(self, choice: Choice) -> State:
        """The network after the first `n_ablated` removals of the chosen order."""
        order = self.order(choice)
        gone = order[: choice.n_ablated]
        removed = np.zeros(sum(self.network.hidden), bool)
        removed[gone] = True
        mean_outputs = self.measures["mean_output"].to_numpy()
        confusion = self._confusion(removed, constants(mean_outputs, choice.replacement))
        images = np.maximum(self.intact.sum(axis=1), 1)
        width = self.network.hidden[0]
        waiting = order[choice.n_ablated :]
        others = np.setdiff1d(np.arange(width), order)
        return State(
            confusion=confusion,
            lost=(self.intact.diagonal() - confusion.diagonal()) / images,
            removed=gone[gone < width],
            kept=np.concatenate([waiting[waiting < width], others]),
        )

    def _confusion(self, removed: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        """With the neurons `removed` [hidden neurons] replaced by constant `outputs` of theirs."""
        layer_of, _ = positions(self.network.hidden)
        network = self.network
        for layer in range(1, len(network.hidden) + 1):
            here = layer_of == layer
            gone, kept = np.flatnonzero(removed[here]), np.flatnonzero(~removed[here])
            nothing = np.zeros((len(kept), len(gone)))
            network = replace(network, layer, StandIn(kept, gone, nothing, outputs[here][gone]))
        signal = self.first_outputs[:, ~removed[layer_of == 1]]
        cells = self.test.labels * self.n_classes + network.after(1).predict(signal)
        return np.bincount(cells, minlength=self.n_classes**2).reshape(2 * (self.n_classes,))

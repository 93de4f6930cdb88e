"""One network pruned in many ways, each a row of a table: what it still does, and what it costs.

All layers are pruned at equal fractions, first to last; what stands in for a layer's neurons is
made from their outputs in the network as pruned so far.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from utils.names import NETWORK, layer_number
from utils.networks import training
from utils.networks.building import DENSE, Kind
from utils.networks.datasets import Dataset
from utils.networks.network import Network, positions
from utils.removal import costs, noise_out, surgery
from utils.removal.importance import least_important, n_pruned


class Case(NamedTuple):
    """A way to prune, and after which epochs of retraining the result is counted as well.

    The method `noise_out_merged` has no repair but its own, which is affine.
    """

    scope: str
    method: str
    repair: str
    fraction: float
    epochs: Sequence[int] = ()


@dataclass(frozen=True, eq=False)
class Pruner:
    """A network, its images, and by method the importance of its neurons [hidden neurons].

    kind : of network, by which it is retrained; the neurons of a convolutional one are channels

    What many ways to prune share is computed once: first-layer neurons that stay have the outputs
    they had, so no way passes the images through the first layer again.
    """

    network: Network
    dataset: Dataset
    importances: Mapping[str, np.ndarray]
    kind: Kind = DENSE

    @cached_property
    def outputs(self) -> list[np.ndarray]:
        """Of every hidden layer of the intact network [validation images, ..., neurons]."""
        return self.network.forward(self.dataset.validation.images)[1:-1]

    @cached_property
    def moments(self) -> list[surgery.Moments]:
        """Of these."""
        return [surgery.Moments.of(output) for output in self.outputs]

    @cached_property
    def test_outputs(self) -> np.ndarray:
        """Of the first hidden layer of the intact network [test images, ..., neurons]."""
        return self.network.output(self.dataset.test.images, 1)

    def prune(self, case: Case) -> tuple[Network, int]:
        """The smaller network, not retrained, and its correct predictions on the test images."""
        pruned, scope, hidden = self.network, case.scope, self.network.hidden
        layers = range(1, len(hidden) + 1) if scope == NETWORK else [layer_number(scope)]
        first = np.arange(hidden[0])  # neurons of the first layer that are left
        for layer in layers:
            moments = self.moments[layer - 1]
            if pruned is not self.network and self._needs_moments(case):
                signal = self.outputs[0][..., first]
                moments = surgery.Moments.of(pruned.after(1).output(signal, layer - 1))
            stand_in = self._stand_in(case, layer, moments, surgery.outgoing(pruned, layer))
            pruned = surgery.replace(pruned, layer, stand_in)
            if layer == 1:
                first = stand_in.kept
        hits = pruned.after(1).n_correct(self.test_outputs[..., first], self.dataset.test.labels)
        return pruned, hits

    @staticmethod
    def _needs_moments(case: Case) -> bool:
        """Whether what a layer says decides which of its neurons go, or what stands in."""
        return case.repair != "zero" or case.method == noise_out.METHOD

    def _stand_in(
        self, case: Case, layer: int, moments: surgery.Moments, outgoing: np.ndarray
    ) -> surgery.StandIn:
        """outgoing : weights of the layer in the network as pruned so far (`surgery.outgoing`)"""
        if case.method not in (noise_out.METHOD, noise_out.MERGED):
            values = self.importances[case.method][positions(self.network.hidden)[0] == layer]
            gone = least_important(values, case.fraction)
            return surgery.stand_in(moments, gone, case.repair)
        n_removed = n_pruned(case.fraction, self.network.hidden[layer - 1])
        of_neurons = np.moveaxis(outgoing, 1, 0).reshape(outgoing.shape[1], -1)
        merged = noise_out.noise_out(moments, of_neurons, n_removed)
        if case.method == noise_out.MERGED:
            return merged
        return surgery.stand_in(moments, merged.gone, case.repair)

    def table(self, cases: Iterable[Case], recipe: Any = None, seed: int = 0) -> pd.DataFrame:
        """Test results and cost of every case, as pruned and retrained by `recipe` from `seed`."""
        train, test, rows = self.dataset.train, self.dataset.test, []
        for case in cases:
            pruned, hits = self.prune(case)
            counts = {0: hits}
            if case.epochs:
                n_epochs = max(case.epochs)
                course = training.retrain(pruned, train, recipe, n_epochs, seed, self.kind)
                counts |= {n: course[n].n_correct(test.images, test.labels) for n in case.epochs}
            row = case._asdict() | {"n_samples": len(test.labels)} | costs.sizes(pruned)
            rows += [row | {"retrain_epochs": n, "n_correct": hits} for n, hits in counts.items()]
        return pd.DataFrame(rows).drop(columns="epochs")

"""Trained Keras models as the networks of a run."""

from itertools import combinations
from pathlib import Path

import numpy as np

from utils import paths
from utils.models import inputs, model_files
from utils.models.own_models import Divided, check_agreement, check_takes, divided
from utils.networks.datasets import Dataset
from utils.networks.network import Network, NetworkError
from utils.study import provenance, stages
from utils.study.provenance import MODELS
from utils.study.runs import Stage

_N_COMPARED = 500  # validation samples on which a model and the study must agree


def read(stage: Stage) -> list[tuple[Network, Dataset]]:
    """The end of each of `models` as a network, and the images as it is given them.

    What the fronts make of the images is kept beside the networks. Raises NetworkError: names the
    file, and the layer that cannot be studied, or what two models do not have in common.
    """
    data, folder = stage.dataset, stage.folder / stages.NETWORKS
    files = [model_files.find(name) for name in stage.parameters.models]
    models = {file: _model(file, data) for file in files}
    if len(models) < len(files):
        raise NetworkError("a file is twice in `models`; a network of a run is there once")
    for pair in combinations(models.items(), 2):
        _check_pair(*pair)
    inputs.save(folder, [model.front for model in models.values()], data)
    stage.read_from[MODELS] = provenance.checksum(*files)
    networks = [model.network for model in models.values()]
    return [(network, inputs.given(folder, k, data)) for k, network in enumerate(networks)]


def fronts(stage: Stage) -> dict[str, str]:
    """By the names of the files `models`, the kinds of layers in the front of each."""
    files = [model_files.find(name) for name in stage.parameters.models]
    return {f.name: ", ".join(divided(model_files.load(f)).front_layers) for f in files}


def _model(file: Path, data: Dataset) -> Divided:
    try:
        model = divided(model_files.load(file))
        check_takes(model, data.image_shape, data.n_classes)
        check_agreement(model, data.validation.images[:_N_COMPARED])
    except NetworkError as error:
        raise NetworkError(f"{paths.shown(file)}: {error}. See docs/own-models.md") from None
    return model


def _check_pair(first: tuple[Path, Divided], second: tuple[Path, Divided]) -> None:
    """Raise NetworkError unless two models may be replicates: alike, and not the same."""
    (file, model), (other_file, other) = first, second
    both = [(model, file), (other, other_file)]
    shapes = [
        f"{'-'.join(map(str, m.network.hidden))} {', '.join(m.network.activations)}"
        for m, _ in both
    ]
    if shapes[0] != shapes[1]:
        raise NetworkError(
            f"hidden layers are {shapes[0]} in {paths.shown(file)} and {shapes[1]} in "
            f"{paths.shown(other_file)}; those of a run are alike. A sweep over `models` can have "
            "others"
        )
    weights = [m.model.get_weights() for m, _ in both]
    if len({len(w) for w in weights}) == 1 and all(map(np.array_equal, *weights)):
        raise NetworkError(
            f"{paths.shown(file)} and {paths.shown(other_file)} hold one and the same model; give "
            "it once, as the networks of a run are taken for independent"
        )

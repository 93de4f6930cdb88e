"""What notebook 09 has of a run: networks trained on its images, and experiments on each of them.

Images, seed and numbers of the networks are those of notebook 01; all else is the stage's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from utils.convolution.experiment import replicates
from utils.convolution.keras_models import ConvRecipe
from utils.networks.datasets import Dataset, subset
from utils.networks.image_files import DataError
from utils.study import parallel
from utils.study.parallel import Replicate
from utils.study.parameter_models import Convolution
from utils.study.parameters import ParameterError
from utils.study.runs import Stage


def image_shape(data: Dataset) -> tuple[int, int, int]:
    """Height, width and channels of the images; raises DataError for samples that are none."""
    shape = data.image_shape
    if len(shape) not in (2, 3):
        raise DataError(
            f"notebook 09 is about images, and a sample of {data.name} has the shape {shape}: "
            "give samples of height × width, or height × width × channels, or leave its section "
            "`09-convolution` out of the parameters file"
        )
    return (*shape, 1) if len(shape) == 2 else shape


def recipe(data: Dataset, given: Convolution) -> ConvRecipe:
    """How the networks are built and trained.

    Raises DataError for data that are no images, ParameterError where pools leave nothing of them.
    """
    shape = image_shape(data)
    height, width, _ = shape
    for block, pool in enumerate(given.pools, 1):
        height, width = height // pool, width // pool
        if not min(height, width):
            raise ParameterError(
                f"09-convolution: parameter `pools` is {given.pools}: nothing is left of images "
                f"of {shape[0]} × {shape[1]} after block {block}; take smaller ones, or 1 for none"
            )
    return ConvRecipe(
        image_shape=shape,
        channels=tuple(given.channels),
        strides=(1,) * len(given.channels),
        pools=tuple(given.pools),
        batch_normalization=given.batch_normalization,
    )


def trained(stage: Stage, by: ConvRecipe) -> tuple[list[Replicate], pd.DataFrame]:
    """The networks of a stage, each with its seed of this stage, and their training.csv.

    Of the test images each is given `n_images`: on these its channels are removed. The training
    table is of all.
    """
    given, first = stage.parameters, stage.recipe.first_replicate
    numbers = range(first, first + given.n_replicates)
    data, seed = stage.dataset, stage.recipe.seed
    networks, training = replicates(data, by, given.epochs, seed, numbers)
    few = replace(data, test=subset(data.test, given.n_images))
    each_with = [Replicate(k, one, stage.seed(k), few) for k, one in enumerate(networks)]
    return each_with, training


def with_few(networks: Sequence[Replicate], n_images: int) -> list[Replicate]:
    """The networks with so many validation images, from which what stands in is made.

    Of maps every position is a sample, and of all images they take gigabytes.
    """
    few = subset(networks[0].data.validation, n_images)
    return [replace(one, data=replace(one.data, validation=few)) for one in networks]


def each(
    networks: Sequence[Replicate],
    experiment: Callable[..., pd.DataFrame],
    what: str,
    *read: pd.DataFrame,
    **given: Any,
) -> pd.DataFrame:
    """`experiment(replicate, *rows, **given)` of every network, as `utils.study.parallel.each`."""
    return parallel.each(partial(experiment, **given), networks, what, *read)

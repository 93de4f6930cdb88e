"""Curves of channels of a convolutional network, beside those of a masked Keras model."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.common import Row, Setting
from benchmarks.compare import curve, plain_process
from utils.convolution import experiment
from utils.convolution.ablation import cumulative_ablation
from utils.convolution.keras_models import ConvRecipe
from utils.convolution.measure import summaries
from utils.networks import datasets
from utils.networks.network import scopes

RECIPE = ConvRecipe(channels=(16, 32))
TARGET, N_ORDERS = 20, 10


def of_channels(setting: Setting) -> Setting:
    """The same images with a convolutional network, trained on the real ones alone."""
    (network,), _ = experiment.replicates(datasets.load("mnist-5k"), RECIPE, 2, 0, [0])
    means = summaries(network, setting.data.validation.images)["mean"].mean(axis=0)
    return replace(setting, network=network, means=means)


def all_rows(setting: Setting) -> Iterator[Row]:
    own = of_channels(setting)
    with plain_process(own) as call:
        for scope, channels in scopes(own.network.hidden).items():
            where = scope.replace("layer-", "block ")
            what = f"curve of channels, {where}, {len(channels)} steps, 10,000 images"
            yield curve(own, call, what, channels, TARGET, N_ORDERS, ablate=cumulative_ablation)

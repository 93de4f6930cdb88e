"""The three quantities of every neuron of a network."""

import pandas as pd

from utils.information.neurons import measure
from utils.study.parallel import Replicate
from utils.study.runs import Stage


def neurons(stage: Stage, replicate: Replicate) -> pd.DataFrame:
    """Rows of measures.csv of one network, over the validation images."""
    data = replicate.data
    images, labels = data.validation.images, data.validation.labels
    return measure(replicate.network, images, labels, stage.parameters.n_levels, data.n_classes)

"""Rows of measures.csv of one network."""

from types import SimpleNamespace

from utils.information.neurons import measure
from utils.measure import experiment
from utils.study.parallel import Replicate


def test_neurons_are_measured_on_validation_images(small_digits, random_network):
    network = random_network((49, 5, 3, 10))
    stage = SimpleNamespace(parameters=SimpleNamespace(n_levels=4))
    table = experiment.neurons(stage, Replicate(0, network, 0, small_digits))
    split = small_digits.validation
    assert table.equals(measure(network, split.images, split.labels, 4, 10))
    assert len(table) == 8

"""The same questions of convolutional networks, in which a channel is a neuron."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, ["ablation", "experiment", "keras_models", "measure", "network", "pruning"]
)

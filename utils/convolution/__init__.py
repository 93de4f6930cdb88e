"""Notebook 09: the same questions of convolutional networks, in which a channel is a neuron."""

import lazy_loader

MODULES = (
    "ablation claims experiment figures findings keras_models measure network of_run pruning "
    "tables"
)
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

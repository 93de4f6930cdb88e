"""Notebook 02: entropy, mutual information and KL selectivity of every neuron."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, ["experiment", "figures", "findings", "tables"]
)

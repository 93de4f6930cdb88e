"""Notebook 03: neurons removed one after another, and one at a time."""

import lazy_loader

MODULES = [
    "experiment", "figures", "figures_of_neurons", "findings", "findings_of_neurons", "tables",
]  # fmt: skip
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES)

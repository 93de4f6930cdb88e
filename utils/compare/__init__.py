"""Notebook 07: several runs beside one another, from the tables of sweeps."""

import lazy_loader

MODULES = ["differences", "experiment", "figures", "findings", "tables"]
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES)

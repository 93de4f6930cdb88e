"""Notebook 07: several runs beside one another, from the tables of sweeps."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, ["experiment", "figures", "tables"])

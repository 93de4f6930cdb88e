"""Notebook 05: bias balancing and other repairs, against zeroing and retraining."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, ["experiment", "figures", "findings", "schematic", "tables"]
)

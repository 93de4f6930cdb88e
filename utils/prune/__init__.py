"""Notebook 04: networks made smaller, in many ways, and what each costs."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, ["experiment", "figures", "findings", "tables"]
)

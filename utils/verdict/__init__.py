"""Notebook 06: every claim of the paper as a number, an interval and a verdict."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, ["experiment", "figures", "findings", "robustness", "tables", "trust"]
)

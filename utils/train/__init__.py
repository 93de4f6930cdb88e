"""Notebook 01: networks are trained, and settings that the paper does not state calibrated."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, ["calibration", "choice", "closeness", "experiment", "figures", "findings", "tables"]
)

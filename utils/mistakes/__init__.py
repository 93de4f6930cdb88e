"""Appendix: four mistakes that are easily made, and how one notices them."""

import lazy_loader

MODULES = ["experiment", "figures", "findings", "tables"]
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES)

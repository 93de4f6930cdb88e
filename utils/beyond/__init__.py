"""Notebook 08: what neurons know and do together; statements of our own."""

import lazy_loader

MODULES = "bottleneck claims experiment figures findings findings_of_sets sets tables"
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

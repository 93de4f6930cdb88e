"""What neurons know about the class, alone, in pairs and in sets."""

import lazy_loader

MODULES = "decomposition neurons pairs selection"
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

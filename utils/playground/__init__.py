"""The page where a reader removes neurons: one HTML file, without a server or a network."""

import lazy_loader

MODULES = "page payload"
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

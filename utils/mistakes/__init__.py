"""Four mistakes that are easily made, shown in notebooks 02, 03 and 05."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, ["experiment", "figures"])

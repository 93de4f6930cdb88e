"""From tables to verdicts: R, intervals, claims, and the paper's own curves."""

import lazy_loader

MODULES = "claims curves effects halves intervals judging of_curves paper power tables wording"
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

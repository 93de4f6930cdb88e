"""What all figures and tables share: style, pictures, judged claims, the paper's curves."""

import lazy_loader

MODULES = "beside_paper differences folded pictures style verdicts"
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

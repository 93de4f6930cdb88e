"""What is studied: images, trained networks, training."""

import lazy_loader

MODULES = "backend building datasets image_files keras_models network recipes training"
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

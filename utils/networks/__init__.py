"""What is studied: images, trained networks, training, Keras models."""

import lazy_loader

MODULES = (
    "backend datasets elementwise image_files keras_copies keras_models network recipes training"
)
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

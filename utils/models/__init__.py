"""Keras models of users: read from files, divided, copied, put together again."""

import lazy_loader

MODULES = "elementwise inputs keras_copies model_files own_models"
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

"""What happens without neurons: orders, ablation, pruning, surgery."""

import lazy_loader

MODULES = (
    "ablation costs curves greedy importance keras_path keras_surgery noise_out orders pruner "
    "removals surgery"
)
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

"""What a run is: stages and their tables, parameters, sweeps, work side by side."""

import lazy_loader

MODULES = (
    "findings lab parallel parameter_files parameter_models parameters provenance runs schemas "
    "setting stages sweep_tables sweeps"
)
__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, MODULES.split())

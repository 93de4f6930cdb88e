"""How networks are trained, in words and numbers, without the libraries that train them."""

from dataclasses import dataclass, fields
from typing import Any

# Glorot uniform (the default of Keras); normal with standard deviation 0.1, truncated at 0.2;
# uniform within 1 / sqrt(inputs), biases too (the default of PyTorch). Other biases start at 0.
INITIALIZATIONS = ("glorot_uniform", "truncated_normal", "pytorch_uniform")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a network is trained, except data, seed and duration."""

    hidden: tuple[int, ...]
    activation: str | tuple[str, ...]  # of all hidden layers, or of each
    l2: float = 0.0
    dropout: float = 0.0
    batch_normalization: bool = False
    learning_rate: float = 1e-3
    batch_size: int = 32
    initialization: str = INITIALIZATIONS[0]

    @classmethod
    def from_parameters(cls, parameters: Any) -> "Recipe":
        """The recipe in the parameters of notebook 01."""
        settings = {field.name: getattr(parameters, field.name) for field in fields(cls)}
        return cls(**settings | {"hidden": tuple(parameters.hidden)})

"""THE VALUE: an array with a name, a gradient and a memory of how it came about."""

from .dtypes import bool_, float32, float64, int32, int64, uint8, uint32
from .random import Generator, Seed, generator
from .registry import COMPOSED, HOOKS, OPERATIONS, in_notebook
from .tensor import Tensor, as_tensor, tensor

__all__ = [
    "COMPOSED",
    "HOOKS",
    "OPERATIONS",
    "Generator",
    "Seed",
    "Tensor",
    "as_tensor",
    "bool_",
    "float32",
    "float64",
    "generator",
    "in_notebook",
    "int32",
    "int64",
    "tensor",
    "uint8",
    "uint32",
]

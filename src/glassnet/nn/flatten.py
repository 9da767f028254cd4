"""Layers that change the shape, or nothing."""

from __future__ import annotations

import math

from ..errors import ShapeError
from ..tensor import Tensor
from .module import Module


class Flatten(Module):
    """Several axes become one; by default all but the batch

    Shape: (N, a, b, …) → (N, a·b·…).

    Args:
        start_dim: the first axis of those that are joined.
        end_dim: the last one.

    Raises:
        ShapeError: the input has no such axes.

    >>> import glassnet as gn
    >>> from glassnet import nn
    >>> nn.Flatten()(gn.tensor([[[1.0, 2.0], [3.0, 4.0]]])).shape
    (1, 4)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Tensor) -> Tensor:
        first, last = (d + x.ndim if d < 0 else d for d in (self.start_dim, self.end_dim))
        if not 0 <= first <= last < x.ndim:
            raise ShapeError(
                "the input has not the axes to flatten",
                expected=f"axes {self.start_dim} to {self.end_dim}, in this order",
                received=f"shape {x.shape}",
                mend="give the input a batch axis: x[None]",
            )
        joined = math.prod(x.shape[first : last + 1])
        return x.reshape((*x.shape[:first], joined, *x.shape[last + 1 :]))


class Identity(Module):
    """f(x) = x; stands where an architecture leaves a layer out

    Shape: any.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x

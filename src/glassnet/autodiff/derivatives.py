"""The value and the derivatives of a function of one variable, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GlassnetError
from ..tensor import Tensor, as_tensor, float64
from .backward import gradients

Array = np.ndarray[Any, Any]


class Derivatives:
    """The value of a function of one number, and its derivatives of any order.

    Args:
        function: f, from a tensor of shape () to one of shape ().
        low: the left end of the interval in which it will be asked for.
        high: its right end.

    Attributes:
        takes_arrays: whether f treats the elements of an array as so many single numbers.

    >>> import glassnet as gn
    >>> cube = Derivatives(lambda x: x**3, 0.0, 1.0)
    >>> cube.value(2.0)
    8.0
    >>> [values.tolist() for values in cube(np.array([1.0, 2.0]), order=3)]
    [[3.0, 12.0], [6.0, 12.0], [6.0, 6.0]]
    """

    def __init__(self, function: Callable[[Tensor], Tensor], low: float, high: float) -> None:
        self.function = function
        self.takes_arrays = self._takes_arrays(low, high)

    def __call__(self, points: Array, order: int) -> list[Array]:
        """The derivatives from the first to the given order, at each of many points."""
        flat = np.asarray(points, float64).ravel()
        if self.takes_arrays:
            found = self._derive(flat, order)
        else:
            each = [self._derive(np.array(x), order) for x in flat]
            found = [np.array([row[k] for row in each], float64) for k in range(order)]
        return [values.reshape(np.shape(points)) for values in found]

    def values(self, points: Array) -> Array:
        """f at each of many points."""
        if not self.takes_arrays:
            return np.array([self.value(float(x)) for x in points], float64)
        return np.asarray(as_tensor(self.function(Tensor(np.asarray(points)))).numpy(), float64)

    def value(self, x: float) -> float:
        """f(x)"""
        return float(as_tensor(self.function(Tensor(np.array(x)))).item())

    def _derive(self, points: Array, order: int) -> list[Array]:
        """The derivatives by every element of the points, NaN where f itself is not finite."""
        x = Tensor(points, requires_grad=True)
        current, found = as_tensor(self.function(x)), []
        defined = np.isfinite(current.numpy())
        for _ in range(order):
            if current.requires_grad:
                (current,) = gradients(current.sum(), [x], create_graph=True)
            else:
                current = Tensor(np.zeros(points.shape))
            found.append(np.where(defined, current.numpy(), np.nan))
        return found

    def _takes_arrays(self, low: float, high: float) -> bool:
        probe = low + (high - low) * np.array([0.11, 0.37, 0.52, 0.83])
        try:
            together = as_tensor(self.function(Tensor(probe)))
        except (GlassnetError, TypeError, ValueError):
            return False
        if together.shape != probe.shape:
            return False
        alone = [self.value(float(x)) for x in probe]
        return np.allclose(together.numpy(), alone, rtol=1e-9, atol=0, equal_nan=True)

"""A parameter: a tensor that a model owns and that learning changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..engines import SymbolicArray
from ..errors import ShapeError
from ..tensor import Generator, Tensor, float32, tensor
from ..tensor.dtypes import DType, check_dtype
from .init import Initialiser, initialiser

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


class Parameter(Tensor):
    """A tensor with a shape and an initialiser, whose numbers are drawn when first needed.

    Until then it takes no memory. `Module.initialise(seed)` draws the numbers from the seed and
    the parameter's dotted name; a parameter that is used before that draws with seed 0.

    Args:
        shape: of the parameter.
        init: the name of an initialiser or a function (shape, generator) → array; see `nn.init`.
        dtype: float32 or float64.
        trainable: False for numbers that belong to the model and are saved with it, but that no
            gradient reaches.

    >>> from glassnet import nn
    >>> nn.Parameter((2, 2), "ones").numpy().tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """

    __slots__ = ("drawn", "initialiser", "trainable")

    def __init__(
        self,
        shape: Shape,
        init: str | Initialiser = "zeros",
        *,
        dtype: Any = float32,
        trainable: bool = True,
    ) -> None:
        # A view of a single zero: shape and dtype are known, and nothing is stored yet.
        placeholder = np.broadcast_to(np.zeros((), check_dtype(dtype)), shape)
        super().__init__(placeholder, requires_grad=trainable)
        self.initialiser = initialiser(init)
        self.trainable = trainable
        self.drawn = False  # whether the array holds the parameter's numbers

    @classmethod
    def of(cls, values: Any, *, trainable: bool = True) -> Parameter:
        """A parameter that starts with the given numbers.

        >>> from glassnet import nn
        >>> nn.Parameter.of([1.0, 2.0]).shape
        (2,)
        """
        array = tensor(values, requires_grad=trainable).array
        parameter = cls(array.shape, dtype=array.dtype, trainable=trainable)
        parameter.array = array
        return parameter

    @property
    def array(self) -> Any:
        """The numbers, drawn with seed 0 if nobody drew them before."""
        if not self.drawn:
            self.draw(Generator(0).fork(self.name))
        return self._array

    @array.setter
    def array(self, array: Any) -> None:
        self._array = array
        self.drawn = True

    @property
    def shape(self) -> Shape:
        return self._array.shape

    @property
    def dtype(self) -> DType:
        return self._array.dtype

    def __repr__(self) -> str:
        if self.drawn:
            return super().__repr__()
        head = f"{self.name}: " if self.name else ""
        return f"Parameter({head}not drawn yet, {self.dtype} {self.shape})"

    def draw(self, rng: Generator) -> None:
        """Fills in the initialiser's numbers."""
        # Drawn in float64 and rounded: the same numbers in either precision.
        array = np.array(self.initialiser(self.shape, rng), self.dtype)
        if array.shape != self.shape:
            raise ShapeError(
                f"the initialiser of {self.name or 'a parameter'} made another shape",
                expected=f"{self.shape}",
                received=f"{array.shape}",
            )
        self.array = array

    def convert(self, dtype: Any) -> None:
        """Turns the numbers, drawn or not, into another dtype; the gradient is dropped."""
        dtype = check_dtype(dtype)
        if self.drawn:
            self.array = self.array.astype(dtype)
        else:
            self._array = np.broadcast_to(np.zeros((), dtype), self.shape)
        self.grad = None

    @contextmanager
    def standing_in(self, array: Array | SymbolicArray) -> Iterator[None]:
        """Inside the block the parameter has this array; so a trace reads no numbers."""
        before = self._array, self.drawn
        self.array = array
        try:
            yield
        finally:
            self._array, self.drawn = before

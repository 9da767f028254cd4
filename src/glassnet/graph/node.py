"""One operation that happened: what it was, on what, with which settings, and where."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, ClassVar, Protocol

import numpy as np

from ..errors import describe_line, user_frame
from ..tensor import Tensor
from .scope import SCOPE

SMALL = 16  # elements: a freed graph keeps the numbers of values up to this size, for pictures
_numbers = count()


class Recordable(Protocol):
    """What a node needs of the operation it came from."""

    name: ClassVar[str]
    symbol: ClassVar[str]

    def backward(
        self, grad: Tensor, out: Tensor, *inputs: Any, **settings: Any
    ) -> tuple[Tensor | None, ...]: ...


class Remnant:
    """What stays of a tensor in a graph that `backward` has freed: small enough to forget."""

    __slots__ = ("array", "dtype", "grad", "name", "node", "requires_grad", "shape")

    def __init__(self, tensor: Tensor) -> None:
        self.name = tensor.name
        self.shape = tensor.shape
        self.dtype = tensor.dtype
        self.node = tensor.node
        self.requires_grad = tensor.requires_grad
        small = tensor.size <= SMALL and not tensor.is_symbolic
        self.array: np.ndarray[Any, Any] | None = tensor.array if small else None
        self.grad: Tensor | None = None

    @staticmethod
    def of(tensor: Tensor) -> Remnant:
        """The one remnant of a tensor, so that a value used twice stays one value."""
        if tensor.remnant is None:
            tensor.remnant = Remnant(tensor)
        return tensor.remnant


Number = bool | int | float
Input = Tensor | Remnant | Number


class Node:
    """One operation that happened.

    Attributes:
        operation: the operation, with its name, symbol and backward.
        inputs: the tensors and Python numbers it was called with, in order.
        settings: its settings, complete.
        number: counts up, so that an input's node has a smaller number than its user's.
        layer: the dotted path of the layer it ran in.
        backward: whether it ran on the way back, to compute a gradient.
        freed: whether `backward` has consumed it.
    """

    __slots__ = ("_line", "backward", "freed", "inputs", "layer", "number", "operation", "settings")

    def __init__(
        self,
        operation: Recordable,
        inputs: tuple[Tensor | Number, ...],
        settings: Mapping[str, Any],
    ) -> None:
        self.operation = operation
        self.inputs: tuple[Input, ...] = inputs
        self.settings = settings
        self.number = next(_numbers)
        scope = SCOPE.get()
        self.layer = scope.path
        self.backward = scope.backward
        self.freed = False
        frame = user_frame()
        self._line = None if frame is None else (frame.f_code.co_filename, frame.f_lineno)

    @property
    def line(self) -> str:
        """The user's line that ran the operation: `train.py, line 12: loss = model(x)`."""
        return "" if self._line is None else describe_line(*self._line)

    def free(self) -> None:
        """Drops the inputs' arrays; shapes, small values and the structure stay."""
        self.inputs = tuple(
            Remnant.of(x) if isinstance(x, Tensor) and (x.node or not x.requires_grad) else x
            for x in self.inputs
        )
        self.freed = True

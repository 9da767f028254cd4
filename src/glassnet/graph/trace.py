"""Recording a function from shapes alone: the graph before any number is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engines import Recorder
from ..errors import DTypeError
from ..tensor import Tensor
from ..tensor.dtypes import DType, check_dtype, float32
from ..tensor.structure import flatten
from .graph import Graph
from .recording import Recording, recording


@dataclass(frozen=True, slots=True)
class Shaped:
    """A tensor of which only the type is known: `Shaped((32, 64))`, `Shaped((32,), "int64")`."""

    shape: tuple[int, ...]
    dtype: DType | str = float32
    name: str = ""

    @staticmethod
    def like(value: Any) -> Shaped:
        """The type of a shape, a tensor or an array."""
        if isinstance(value, Shaped):
            return value
        if isinstance(value, tuple):
            return Shaped(value)
        if isinstance(value, Tensor | np.ndarray):
            return Shaped(value.shape, value.dtype, getattr(value, "name", ""))
        raise DTypeError(
            "trace needs the inputs' shapes",
            expected="a shape such as (32, 64), a Shaped, a tensor or an array",
            received=repr(value),
        )


def trace(function: Callable[..., Any], *inputs: Any) -> Graph:
    """The graph of a function for inputs of given shapes, without computing anything.

    Args:
        function: takes tensors, returns a tensor or a structure of several.
        inputs: for each argument a shape (float32), a `Shaped`, or a tensor whose type is used.

    Raises:
        ShapeError: the shapes do not fit together, found before any arithmetic.

    >>> from glassnet.graph import trace
    >>> print(trace(lambda x: (x * 2.0).sum(), (3, 4)))
    graph of 3 values, 2 operations
    #  value  computed as                         shape   number  gradient
    0         constant                            (3, 4)
    1         multiply(#0, 2)                     (3, 4)
    2         sum(#1, axis=None, keepdims=False)  ()
    """
    recorder = Recorder()
    types = [Shaped.like(value) for value in inputs]
    tensors = [Tensor(recorder.input(t.shape, check_dtype(t.dtype)), name=t.name) for t in types]
    with recording(Recording.EVERYTHING):
        return Graph(*flatten(function(*tensors))[0])

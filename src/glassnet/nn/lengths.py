"""Sequences of different lengths in one array: which steps are there."""

from __future__ import annotations

from typing import Any

from ..errors import ArgumentError, DTypeError, ShapeError
from ..ops import expand_dims, less
from ..tensor import Tensor, as_tensor, int64
from ..tensor.dtypes import is_float


def within(lengths: Any, x: Tensor) -> Tensor:
    """Which steps of x (B, T, …) lie inside their sequence: booleans (B, T)

    Args:
        lengths: (B,) integers from 0 to T.
        x: the padded sequences.

    Raises:
        ArgumentError: a length beyond T.
        DTypeError: lengths that are no integers.
        ShapeError: not one length a sequence.

    >>> import glassnet as gn
    >>> within([2, 3], gn.tensor([[[0.0]] * 3] * 2)).numpy().tolist()
    [[True, True, False], [True, True, True]]
    """
    batch, steps = x.shape[:2]
    lengths = as_tensor(lengths)
    if lengths.shape != (batch,):
        raise ShapeError(
            "there is one length for each sequence of the batch",
            expected=f"({batch},)",
            received=f"{lengths.shape}",
        )
    if is_float(lengths.dtype):
        raise DTypeError(
            "lengths are integers", expected="int64", received=str(lengths.dtype),
            mend='convert them: lengths.astype("int64")',
        )  # fmt: skip
    if not lengths.is_symbolic and not ((lengths.array >= 0) & (lengths.array <= steps)).all():
        raise ArgumentError(
            "a sequence is as long as the batch at most",
            expected=f"lengths from 0 to {steps}",
            received=f"{lengths.numpy().tolist()}",
        )
    places = as_tensor(range(steps)).astype(int64)
    return less(places, expand_dims(lengths.astype(int64), 1))

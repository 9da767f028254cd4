"""Numbers against numbers: absolute, squared, and Huber's mixture of the two."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..errors import ArgumentError
from ..tensor import Tensor
from .common import reduced, same_shape


def mean_absolute_error(
    prediction: Tensor, target: Any, *, reduction: str = "mean", mask: Any = None
) -> Tensor:
    """|p − t|, in the mean over all elements

    Shapes: prediction and target alike.

    Raises:
        ShapeError: the shapes differ; they are never broadcast.

    >>> import glassnet as gn
    >>> gn.losses.mean_absolute_error(gn.tensor([1.0, 2.0]), [1.0, 4.0]).item()
    1.0
    """
    target = same_shape(prediction, target)
    return reduced(ops.abs(prediction - target), reduction, mask)


def mean_squared_error(
    prediction: Tensor, target: Any, *, reduction: str = "mean", mask: Any = None
) -> Tensor:
    """(p − t)², in the mean over all elements

    Shapes: prediction and target alike.

    Raises:
        ShapeError: the shapes differ; they are never broadcast.

    >>> import glassnet as gn
    >>> gn.losses.mean_squared_error(gn.tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    target = same_shape(prediction, target)
    difference = prediction - target
    return reduced(difference * difference, reduction, mask)


def huber(
    prediction: Tensor,
    target: Any,
    *,
    delta: float = 1.0,
    reduction: str = "mean",
    mask: Any = None,
) -> Tensor:
    """½d² where |d| ≤ δ, else δ(|d| − ½δ), with d = p − t: squared near 0, absolute far away

    Shapes: prediction and target alike. Source: Huber, 1964.

    Raises:
        ArgumentError: δ is not positive.
        ShapeError: the shapes differ.

    >>> import glassnet as gn
    >>> gn.losses.huber(gn.tensor([1.0, 2.0]), [1.0, 4.0], reduction="none").numpy().tolist()
    [0.0, 1.5]
    """
    if not delta > 0.0:
        raise ArgumentError("huber needs a positive delta", received=f"delta={delta!r}")
    difference = prediction - same_shape(prediction, target)
    size = ops.abs(difference)
    square = difference * difference * 0.5
    line = (size - 0.5 * delta) * delta
    return reduced(ops.where(size <= delta, square, line), reduction, mask)

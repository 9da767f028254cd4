"""Reductions: many numbers become one."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ShapeError
from ..tensor import COMPOSED, Generator, Tensor, as_tensor, float64, int64
from .comparison import equal
from .exponential import exp, log
from .move import broadcast_to
from .operation import Engine_, Gradients, Operation, Sample, Shape, sample

Axes = int | tuple[int, ...] | None


def normal_axes(axis: Axes, ndim: int) -> Shape:
    """Axes as distinct numbers counted from 0; None means all of them."""
    if axis is None:
        return tuple(range(ndim))
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    if not all(-ndim <= i < ndim for i in axes) or len({i % ndim for i in axes}) != len(axes):
        raise ShapeError(
            "the tensor has no such axis",
            expected=f"distinct axes from {-ndim} to {ndim - 1}" if ndim else "no axis",
            received=f"axis={axis}",
        )
    return tuple(sorted(i % ndim for i in axes))


def _reduced(shape: Shape, axis: Axes, keepdims: bool) -> Shape:
    axes = normal_axes(axis, len(shape))
    return tuple(1 if i in axes else n for i, n in enumerate(shape) if keepdims or i not in axes)


def _spread(small: Tensor, like: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """A reduced tensor with its lost axes back, as length 1."""
    if keepdims:
        return small
    return small.reshape(_reduced(like.shape, axis, keepdims=True))


class Sum(Operation):
    """Σ a over the axes

    d/da = 1
    """

    name = "sum"
    symbol = "Σ"

    def shape(self, a: Shape, *, axis: Axes, keepdims: bool) -> Shape:  # type: ignore[override]
        return _reduced(a, axis, keepdims)

    def forward(self, xp: Engine_, a: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
        a = xp.cast(a, int64) if a.dtype.kind == "b" else a
        return xp.sum(a, axes=normal_axes(axis, a.ndim), keepdims=keepdims)

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, *, axis: Axes, keepdims: bool
    ) -> Gradients:

        return (broadcast_to(_spread(grad, a, axis, keepdims), shape=a.shape),)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((2, 3, 4), dtype=float64)
        return [sample(a), sample(a, axis=1), sample(a, axis=(0, -1), keepdims=True)]


class Max(Operation):
    """max a over the axes

    d/da = 1 at the maximum, shared equally where several are equal, else 0
    """

    name = "max"
    symbol = "max"

    def shape(self, a: Shape, *, axis: Axes, keepdims: bool) -> Shape:  # type: ignore[override]
        axes = normal_axes(axis, len(a))
        if any(a[i] == 0 for i in axes):
            raise ShapeError("the maximum of no numbers", received=f"shape {a}, axis={axis}")
        return _reduced(a, axis, keepdims)

    def forward(self, xp: Engine_, a: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
        return xp.max(a, axes=normal_axes(axis, a.ndim), keepdims=keepdims)

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, *, axis: Axes, keepdims: bool
    ) -> Gradients:
        winners = equal(a, _spread(out, a, axis, keepdims)).astype(grad.dtype)
        count = winners.sum(axis, keepdims=True)
        return (_spread(grad, a, axis, keepdims) * winners / count,)

    def samples(self, rng: Generator) -> list[Sample]:
        # A permutation: no two numbers are nearer than 0.1.
        a = rng.permutation(24).reshape(2, 3, 4) * 0.1
        return [sample(a), sample(a, axis=-1), sample(a, axis=(0, 1), keepdims=True)]


class Argmax(Operation):
    """The index of the first maximum along an axis

    no derivative
    """

    name = "argmax"
    symbol = "argmax"

    def shape(self, a: Shape, *, axis: int) -> Shape:  # type: ignore[override]
        return _reduced(a, axis, keepdims=False)

    def forward(self, xp: Engine_, a: Any, *, axis: int = -1) -> Any:
        return xp.argmax(a, axis=normal_axes(axis, a.ndim)[0])

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, axis: int) -> Gradients:
        return (None,)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((2, 3, 4), dtype=float64)
        return [sample(a), sample(a, axis=1)]


sum = Sum()
max = Max()
argmax = Argmax()


def mean(a: Any, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Σ a / n over the axes, n the number of summands.

    >>> import glassnet as gn
    >>> gn.ops.mean(gn.tensor([1.0, 3.0])).item()
    2.0
    """
    value = as_tensor(a)
    count = math.prod(value.shape[i] for i in normal_axes(axis, value.ndim))
    if count == 0:
        raise ShapeError("the mean of no numbers", received=f"shape {value.shape}, axis={axis}")
    return value.sum(axis, keepdims=keepdims) * (1.0 / count)


def min(a: Any, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """The minimum over the axes, −max(−a)."""
    return -(-as_tensor(a)).max(axis, keepdims=keepdims)


def var(a: Any, *, axis: Axes = None, correction: float = 1, keepdims: bool = False) -> Tensor:
    """Σ (a − mean a)² / (n − correction): the variance, unbiased by default as in PyTorch."""
    value = as_tensor(a)
    count = math.prod(value.shape[i] for i in normal_axes(axis, value.ndim))
    if count <= correction:
        raise ShapeError(
            "too few numbers for a variance",
            expected=f"more than {correction:g}",
            received=f"{count} along axis={axis} of shape {value.shape}",
        )
    deviation = value - mean(value, axis=axis, keepdims=True)
    return (deviation * deviation).sum(axis, keepdims=keepdims) * (1.0 / (count - correction))


def logsumexp(a: Any, *, axis: int = -1, keepdims: bool = False) -> Tensor:
    """ln Σ eᵃ along an axis, computed as m + ln Σ eᵃ⁻ᵐ with m = max a, so that it is finite."""
    value = as_tensor(a)
    top = value.detach().max(axis, keepdims=True)
    total = log(exp(value - top).sum(axis, keepdims=True)) + top
    return total if keepdims else total.reshape(_reduced(value.shape, axis, keepdims=False))


COMPOSED["mean"] = mean
COMPOSED["min"] = min

"""Normalisation: numbers brought to mean 0 and variance 1, or to mean square 1."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ArgumentError, ShapeError
from ..tensor import Generator, Tensor, float64
from .operation import Engine_, Gradients, Operation, Sample, Shape, sample
from .reduction import Axes, mean, normal_axes


def _check(a: Shape, axis: Axes, eps: float) -> Shape:
    if not math.prod(a[i] for i in normal_axes(axis, len(a))):
        raise ShapeError("nothing to normalise over", received=f"shape {a}, axis={axis}")
    if not eps >= 0.0:
        raise ArgumentError(
            "eps keeps a division from being by 0", expected="eps ≥ 0", received=f"{eps=}"
        )
    return a


def _mean(xp: Engine_, a: Any, axes: Shape) -> Any:
    count = math.prod(a.shape[i] for i in axes)
    return xp.multiply(xp.sum(a, axes=axes, keepdims=True), 1.0 / count)


class Standardise(Operation):
    """(a − μ) / σ over the axes, with μ = mean a and σ = √(mean (a − μ)² + ε)

    d/da = (grad − mean grad − s · mean grad·s) / σ, with s = standardise(a)
    """

    name = "standardise"
    symbol = "(a−μ)/σ"
    floats_only = True

    def shape(self, a: Shape, *, axis: Axes, eps: float) -> Shape:  # type: ignore[override]
        return _check(a, axis, eps)

    def forward(self, xp: Engine_, a: Any, *, axis: Axes = -1, eps: float = 1e-5) -> Any:
        axes = normal_axes(axis, a.ndim)
        deviation = xp.subtract(a, _mean(xp, a, axes))
        variance = _mean(xp, xp.multiply(deviation, deviation), axes)
        return xp.divide(deviation, xp.sqrt(xp.add(variance, eps)))

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, *, axis: Axes, eps: float
    ) -> Gradients:
        deviation = a - mean(a, axis=axis, keepdims=True)
        sigma = (mean(deviation * deviation, axis=axis, keepdims=True) + eps).sqrt()
        shift = mean(grad, axis=axis, keepdims=True)
        slope = mean(grad * out, axis=axis, keepdims=True)
        return ((grad - shift - out * slope) / sigma,)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((3, 2, 4), dtype=float64)
        return [sample(a), sample(a, axis=(0, 1), eps=0.1)]


class RootMeanSquareNorm(Operation):
    """a / r over the axes, with r = √(mean a² + ε)

    d/da = (grad − s · mean grad·s) / r, with s = rms_norm(a)
    """

    name = "rms_norm"
    symbol = "a/rms"
    floats_only = True

    def shape(self, a: Shape, *, axis: Axes, eps: float) -> Shape:  # type: ignore[override]
        return _check(a, axis, eps)

    def forward(self, xp: Engine_, a: Any, *, axis: Axes = -1, eps: float = 1e-6) -> Any:
        square = _mean(xp, xp.multiply(a, a), normal_axes(axis, a.ndim))
        return xp.divide(a, xp.sqrt(xp.add(square, eps)))

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, *, axis: Axes, eps: float
    ) -> Gradients:
        root = (mean(a * a, axis=axis, keepdims=True) + eps).sqrt()
        return ((grad - out * mean(grad * out, axis=axis, keepdims=True)) / root,)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((3, 2, 4), dtype=float64)
        return [sample(a), sample(a, axis=(0, 1), eps=0.1)]


standardise = Standardise()
rms_norm = RootMeanSquareNorm()

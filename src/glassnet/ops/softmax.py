"""Softmax and the cross-entropy on top of it, stable for logits of any size."""

from __future__ import annotations

from typing import Any

from ..errors import ShapeError
from ..tensor import Generator, Tensor, float64
from .exponential import exp
from .indexing import check_integers, one_hot
from .move import expand_dims, normal_axis
from .operation import Engine_, Gradients, Operation, Sample, Shape, sample


def _exponentials(xp: Engine_, a: Any, axis: int) -> tuple[Any, Any, Any]:
    """a − max a, its exponentials (all ≤ 1), and their sum."""
    shifted = xp.subtract(a, xp.max(a, axes=(axis,), keepdims=True))
    powers = xp.exp(shifted)
    return shifted, powers, xp.sum(powers, axes=(axis,), keepdims=True)


class Softmax(Operation):
    """softmax(a)ᵢ = e^aᵢ / Σⱼ e^aⱼ along an axis

    d/da = s · (grad − Σ grad·s), with s = softmax(a)
    """

    name = "softmax"
    symbol = "softmax"
    floats_only = True

    def shape(self, a: Shape, *, axis: int) -> Shape:  # type: ignore[override]
        normal_axis(axis, len(a))
        return a

    def forward(self, xp: Engine_, a: Any, *, axis: int = -1) -> Any:
        _, powers, total = _exponentials(xp, a, normal_axis(axis, a.ndim))
        return xp.divide(powers, total)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, axis: int) -> Gradients:
        weighted = grad * out
        return (weighted - out * weighted.sum(axis, keepdims=True),)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((3, 4), dtype=float64)
        return [sample(a), sample(a, axis=0)]


class LogSoftmax(Operation):
    """ln softmax(a)ᵢ = aᵢ − ln Σⱼ e^aⱼ along an axis

    d/da = grad − softmax(a) · Σ grad
    """

    name = "log_softmax"
    symbol = "ln softmax"
    floats_only = True

    def shape(self, a: Shape, *, axis: int) -> Shape:  # type: ignore[override]
        normal_axis(axis, len(a))
        return a

    def forward(self, xp: Engine_, a: Any, *, axis: int = -1) -> Any:
        shifted, _, total = _exponentials(xp, a, normal_axis(axis, a.ndim))
        return xp.subtract(shifted, xp.log(total))

    def backward(self, grad: Tensor, out: Tensor, a: Tensor, *, axis: int) -> Gradients:
        return (grad - exp(out) * grad.sum(axis, keepdims=True),)

    def samples(self, rng: Generator) -> list[Sample]:
        a = rng.normal((3, 4), dtype=float64)
        return [sample(a), sample(a, axis=0)]


class SoftmaxCrossEntropy(Operation):
    """−Σ t·ln softmax(a), t the label's one-hot row smoothed: (1−ε)·1-hot + ε/classes

    d/da = softmax(a) − t
    """

    name = "softmax_cross_entropy"
    symbol = "cross-entropy"
    common = slice(0, 1)
    floats_only = True

    def shape(  # type: ignore[override]
        self, logits: Shape, labels: Shape, *, label_smoothing: float
    ) -> Shape:
        if not logits or logits[:-1] != labels:
            raise ShapeError(
                "there is one label for each row of logits",
                expected=f"labels {logits[:-1]} for logits {logits}",
                received=f"labels {labels}",
                mend="labels are class indices; distributions go to losses.cross_entropy",
            )
        return labels

    def forward(
        self, xp: Engine_, logits: Any, labels: Any, *, label_smoothing: float = 0.0
    ) -> Any:
        check_integers(labels.dtype, "labels")
        last, classes = logits.ndim - 1, logits.shape[-1]
        shifted, _, total = _exponentials(xp, logits, last)
        column = xp.reshape(labels, shape=(*labels.shape, 1))
        hit = xp.equal(column, xp.arange(length=classes, dtype=labels.dtype))
        picked = xp.sum(xp.where(hit, shifted, 0.0), axes=(last,), keepdims=False)
        if label_smoothing:
            average = xp.sum(xp.multiply(shifted, 1.0 / classes), axes=(last,), keepdims=False)
            picked = xp.add(
                xp.multiply(picked, 1.0 - label_smoothing), xp.multiply(average, label_smoothing)
            )
        return xp.subtract(xp.reshape(xp.log(total), shape=labels.shape), picked)

    def backward(
        self, grad: Tensor, out: Tensor, logits: Tensor, labels: Tensor, *, label_smoothing: float
    ) -> Gradients:
        classes = logits.shape[-1]
        target = one_hot(labels, classes=classes, dtype=logits.dtype)
        if label_smoothing:
            target = target * (1.0 - label_smoothing) + label_smoothing / classes
        return (softmax(logits) - target) * expand_dims(grad, -1), None

    def samples(self, rng: Generator) -> list[Sample]:
        labels = rng.integers(0, 4, (3,))
        logits = rng.normal((3, 4), dtype=float64)
        return [sample(logits, labels), sample(logits, labels, label_smoothing=0.1)]


softmax = Softmax()
log_softmax = LogSoftmax()
softmax_cross_entropy = SoftmaxCrossEntropy()

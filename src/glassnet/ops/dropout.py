"""Dropout: random elements set to zero, the rest enlarged to keep the mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..tensor import Generator, Tensor, float64
from .operation import Engine_, Gradients, Operation, Sample, Shape, sample


class Dropout(Operation):
    """a · m / (1 − p), with each m = 0 with probability p and 1 otherwise

    d/da = m / (1 − p)
    """

    name = "dropout"
    symbol = "dropout"
    common = slice(0, 1)

    def shape(self, a: Shape, key: Shape, *, p: float, stream: int) -> Shape:  # type: ignore[override]
        if not 0.0 <= p < 1.0:
            raise ArgumentError(
                "the dropout probability is out of range",
                expected="0 ≤ p < 1",
                received=f"p={p}",
            )
        return a

    def forward(self, xp: Engine_, a: Any, key: Any, *, p: float, stream: int = 0) -> Any:
        bits = xp.random_bits(key, shape=a.shape, stream=stream)
        dropped = xp.less(bits, round(p * 2**32))
        return xp.where(dropped, 0.0, xp.multiply(a, 1.0 / (1.0 - p)))

    def backward(
        self, grad: Tensor, out: Tensor, a: Tensor, key: Tensor, *, p: float, stream: int
    ) -> Gradients:
        return dropout(grad, key, p=p, stream=stream), None  # linear in a, with the same mask

    def samples(self, rng: Generator) -> list[Sample]:
        key = np.array([1, 2, 3], np.uint32)
        return [sample(rng.normal((4, 5), dtype=float64), key, p=0.25, stream=7)]


dropout = Dropout()

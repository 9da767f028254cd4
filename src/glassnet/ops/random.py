"""Random numbers inside a program: the same bits on every engine, from a key and a stream."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tensor import Generator, Tensor, float32
from ..tensor.dtypes import DType
from .exponential import cos, log1p
from .operation import Engine_, Gradients, Operation, Sample, Shape, sample


class Uniform(Operation):
    """independent numbers, uniform on [0, 1): 24 random bits each in float32, 32 in float64

    no derivative
    """

    name = "uniform"
    symbol = "uniform"
    common = slice(0, 0)

    def shape(  # type: ignore[override]
        self, key: Shape, *, size: Shape, stream: int, dtype: DType
    ) -> Shape:
        return size

    def forward(
        self, xp: Engine_, key: Any, *, size: Shape, stream: int = 0, dtype: DType = float32
    ) -> Any:
        words = xp.cast(xp.random_bits(key, shape=size, stream=stream), dtype=dtype)
        if dtype == float32:  # whose rounding of the largest words would reach 1
            words = xp.minimum(words, float(2**32 - 2**8))
        return xp.multiply(words, 2.0**-32)

    def backward(
        self, grad: Tensor, out: Tensor, key: Tensor, *, size: Shape, stream: int, dtype: DType
    ) -> Gradients:
        return (None,)

    def samples(self, rng: Generator) -> list[Sample]:
        key = np.array([1, 2, 3], np.uint32)
        return [sample(key, size=(4, 5), stream=7), sample(key, size=(3,))]


uniform = Uniform()


def normal(key: Tensor, *, size: Shape, stream: int = 0, dtype: DType = float32) -> Tensor:
    """Independent normal numbers of mean 0 and deviation 1: √(−2 ln(1 − u)) · cos 2πv.

    Source: Box and Muller, 1958.

    >>> import glassnet as gn
    >>> noise = normal(gn.Generator(0).key(), size=(1000,))
    >>> abs(noise.mean().item()) < 0.1
    True
    """
    both = uniform(key, size=(2, *size), stream=stream, dtype=dtype)
    return (log1p(-both[0]) * -2.0).sqrt() * cos(both[1] * (2.0 * math.pi))

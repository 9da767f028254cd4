"""Where in a sequence a vector stands: tables of sines, and the rotation by them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..tensor import Generator, Tensor, float32, float64
from ..tensor.dtypes import DType
from .move import flip, part
from .operation import Engine_, Gradients, Operation, Sample, Shape, onto, sample

BASE = 10_000.0  # wavelengths grow from 2π to 2π · BASE


def angles(
    length: int,
    features: int,
    *,
    start: int | Tensor = 0,
    base: float = BASE,
    dtype: DType = float32,
) -> Tensor:
    """φ(t, i) = t / base^(2i/features), for the positions from `start` on: (length, features/2)

    A `start` that is a tensor, () or (1,), may be another one in each call of a compiled program.
    Source: Vaswani et al., "Attention is all you need", 2017.

    >>> angles(2, 4).numpy().tolist()
    [[0.0, 0.0], [1.0, 0.009999999776482582]]
    """
    if features < 2 or features % 2:
        raise ArgumentError(
            "positions come as pairs of a sine and a cosine",
            expected="an even number of features, at least 2",
            received=f"{features}",
        )
    rates = base ** (-np.arange(0, features, 2) / features)
    if isinstance(start, Tensor):
        times = start.astype(float64) + Tensor(np.arange(length, dtype=np.float64))
        return (times.reshape((length, 1)) * Tensor(rates)).astype(dtype)
    return Tensor(np.outer(np.arange(start, start + length), rates).astype(dtype))


def sinusoidal_positions(
    length: int, features: int, *, start: int = 0, base: float = BASE, dtype: DType = float32
) -> Tensor:
    """p(t, 2i) = sin φ(t, i), p(t, 2i + 1) = cos φ(t, i): (length, features)

    Source: Vaswani et al., "Attention is all you need", 2017.

    >>> sinusoidal_positions(2, 2).numpy().round(4).tolist()
    [[0.0, 1.0], [0.8414999842643738, 0.5403000116348267]]
    """
    phi = angles(length, features, start=start, base=base, dtype=float64).numpy()
    pairs = np.stack([np.sin(phi), np.cos(phi)], axis=-1)
    return Tensor(pairs.reshape(length, features).astype(dtype))


class Rotary(Operation):
    """(a, b) ↦ (a·cos φ − b·sin φ, a·sin φ + b·cos φ), a and b the halves of each vector

    d/d(a, b) = the rotation by −φ
    """

    name = "rotary"
    symbol = "⟳"

    def shape(self, x: Shape, cosine: Shape, sine: Shape) -> Shape:  # type: ignore[override]
        if len(x) < 2 or x[-1] % 2 or not cosine == sine == (x[-2], x[-1] // 2):
            raise ShapeError(
                "a rotation has one angle for each position and pair of features",
                expected=f"cosines and sines ({x[-2]}, {x[-1] // 2}) for {x}"
                if len(x) > 1
                else "x (…, positions, features)",
                received=f"x {x}, cosines {cosine}, sines {sine}",
                mend="give vectors an even number of features",
            )
        return x

    def forward(self, xp: Engine_, x: Any, cosine: Any, sine: Any) -> Any:
        half = cosine.shape[-1]
        a, b = part(xp, x, -1, 0, half), part(xp, x, -1, half, 2 * half)
        first = xp.subtract(xp.multiply(a, cosine), xp.multiply(b, sine))
        second = xp.add(xp.multiply(a, sine), xp.multiply(b, cosine))
        return xp.concat(first, second, axis=x.ndim - 1)

    def backward(
        self, grad: Tensor, out: Tensor, x: Tensor, cosine: Tensor, sine: Tensor
    ) -> Gradients:
        wide = (*x.shape[:-1], 2, cosine.shape[1])
        pairs, above = x.reshape(wide), grad.reshape(wide)
        sign = Tensor(np.array([[-1.0], [1.0]], x.dtype))
        return (
            onto(x, lambda: rotary(grad, cosine, -sine)),
            onto(cosine, lambda: (pairs * above).sum(-2)),
            onto(sine, lambda: (flip(pairs, axes=(-2,)) * above * sign).sum(-2)),
        )

    def samples(self, rng: Generator) -> list[Sample]:
        phi = angles(3, 4, dtype=float64).numpy()
        x = rng.normal((2, 3, 4), dtype=float64)
        return [sample(x, np.cos(phi), np.sin(phi))]


rotary = Rotary()

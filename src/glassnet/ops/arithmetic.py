"""Arithmetic, element by element: + − × ÷, powers and roots, the larger and the smaller."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Generator, Tensor, float64
from .comparison import less, less_equal, where
from .exponential import log
from .operation import (
    Elementwise,
    Engine_,
    Gradients,
    Operand,
    Sample,
    onto,
    sample,
)


def _pair(rng: Generator, low: float = 0.5, high: float = 2.0) -> list[Sample]:
    """Two inputs of one shape, of broadcasting shapes, and one with a Python number."""

    def draw(*shape: int) -> Any:
        return rng.uniform(shape, low, high, dtype=float64)

    return [
        sample(draw(3, 4), draw(3, 4)),
        sample(draw(2, 1, 4), draw(3, 1)),
        sample(draw(5), 1.5),
        sample(2.5, draw(3)),
    ]


class Add(Elementwise):
    """a + b

    d/da = 1, d/db = 1
    """

    name = "add"
    symbol = "+"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.add(a, b)

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        return onto(a, lambda: grad), onto(b, lambda: grad)

    def samples(self, rng: Generator) -> list[Sample]:
        return _pair(rng)


add = Add()


class Subtract(Elementwise):
    """a − b

    d/da = 1, d/db = −1
    """

    name = "subtract"
    symbol = "−"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.subtract(a, b)

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        return onto(a, lambda: grad), onto(b, lambda: -grad)

    def samples(self, rng: Generator) -> list[Sample]:
        return _pair(rng)


subtract = Subtract()


class Multiply(Elementwise):
    """a · b

    d/da = b, d/db = a
    """

    name = "multiply"
    symbol = "×"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.multiply(a, b)

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        return onto(a, lambda: grad * b), onto(b, lambda: grad * a)

    def samples(self, rng: Generator) -> list[Sample]:
        return _pair(rng)


multiply = Multiply()


class Divide(Elementwise):
    """a / b

    d/da = 1/b, d/db = −a/b²
    """

    name = "divide"
    symbol = "÷"
    floats_only = True

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.divide(a, b)

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        return onto(a, lambda: grad / b), onto(b, lambda: -(grad * out) / b)

    def samples(self, rng: Generator) -> list[Sample]:
        return _pair(rng)


divide = Divide()


class Power(Elementwise):
    """aᵇ

    d/da = b·aᵇ⁻¹, d/db = aᵇ·ln a (0 where a ≤ 0)
    """

    name = "power"
    symbol = "^"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.power(a, b)

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        def by_base() -> Tensor:
            if isinstance(b, Tensor):
                return grad * b * a ** (b - 1)
            return grad * (b * a ** (b - 1) if b != 2 else 2 * a)

        def by_exponent() -> Tensor:
            if not isinstance(a, Tensor):
                return grad * out * math.log(a)
            positive = less(0, a)
            return where(positive, grad * out * log(where(positive, a, 1.0)), 0.0)

        constant = not isinstance(b, Tensor) and b == 0  # a⁰ = 1 has no slope, even at a = 0
        return None if constant else onto(a, by_base), onto(b, by_exponent)

    def samples(self, rng: Generator) -> list[Sample]:
        square = sample(rng.normal((3,), dtype=float64), 2)
        return [*_pair(rng), square, sample(rng.normal((3,), dtype=float64), 3)]


power = Power()


class Negative(Elementwise):
    """−a

    d/da = −1
    """

    name = "negative"
    symbol = "−"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.negative(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (-grad,)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.normal((3, 4), dtype=float64))]


negative = Negative()


class Abs(Elementwise):
    """|a|

    d/da = sign(a), 0 at 0
    """

    name = "abs"
    symbol = "|·|"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.absolute(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad * sign(a),)

    def samples(self, rng: Generator) -> list[Sample]:
        away = rng.uniform((3, 4), 0.5, 2.0, dtype=float64)
        return [sample(away), sample(-away)]


abs = Abs()


class Sign(Elementwise):
    """sign(a): −1, 0 or 1

    d/da = 0
    """

    name = "sign"
    symbol = "sign"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.sign(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (None,)

    def samples(self, rng: Generator) -> list[Sample]:
        away = rng.uniform((3, 4), 0.5, 2.0, dtype=float64)
        return [sample(away), sample(-away)]


sign = Sign()


class Floor(Elementwise):
    """⌊a⌋, the largest integer ≤ a

    d/da = 0
    """

    name = "floor"
    symbol = "⌊·⌋"
    floats_only = True

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.floor(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (None,)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.uniform((3, 4), 0.1, 0.9, dtype=float64) + rng.integers(-3, 3, (3, 4)))]


floor = Floor()


class Sqrt(Elementwise):
    """√a

    d/da = 1 / (2√a)
    """

    name = "sqrt"
    symbol = "√"
    floats_only = True

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.sqrt(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (grad / (2.0 * out),)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(rng.uniform((3, 4), 0.5, 4.0, dtype=float64))]


sqrt = Sqrt()


class Maximum(Elementwise):
    """max(a, b), element by element

    d/da = 1 where a > b, ½ where a = b, else 0
    """

    name = "maximum"
    symbol = "max"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.maximum(a, b)

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        return (
            onto(a, lambda: grad * _share(b, a, grad)),
            onto(b, lambda: grad * _share(a, b, grad)),
        )

    def samples(self, rng: Generator) -> list[Sample]:
        return _apart(rng)


class Minimum(Elementwise):
    """min(a, b), element by element

    d/da = 1 where a < b, ½ where a = b, else 0
    """

    name = "minimum"
    symbol = "min"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.minimum(a, b)

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        return (
            onto(a, lambda: grad * _share(a, b, grad)),
            onto(b, lambda: grad * _share(b, a, grad)),
        )

    def samples(self, rng: Generator) -> list[Sample]:
        return _apart(rng)


def _share(low: Operand, high: Operand, grad: Tensor) -> Tensor:
    """1 where low < high, ½ where they are equal, else 0."""
    strictly, loosely = less(low, high), less_equal(low, high)
    return (strictly.astype(grad.dtype) + loosely.astype(grad.dtype)) * 0.5


def _apart(rng: Generator) -> list[Sample]:
    """Pairs that differ by at least 0.5 everywhere, so that no tie lies near."""
    a = rng.normal((3, 4), dtype=float64)
    gap = rng.uniform((3, 4), 0.5, 1.0, dtype=float64)
    return [sample(a, a + gap), sample(a, a - gap), sample(a + 3.0, 0.0), sample(0.0, a + 3.0)]


maximum = Maximum()
minimum = Minimum()

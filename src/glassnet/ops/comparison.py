"""Comparisons, logic, and the choice between two values."""

from __future__ import annotations

from typing import Any

from ..tensor import Generator, Tensor, float64
from .operation import Elementwise, Engine_, Gradients, Operand, Sample, onto, sample


def _distinct(rng: Generator) -> list[Sample]:
    a = rng.normal((3, 4), dtype=float64)
    return [sample(a, a + rng.uniform((3, 4), 0.5, 1.0, dtype=float64)), sample(a, 10.0)]


def _truths(rng: Generator) -> Any:
    return rng.uniform((3, 4)) < 0.5


class Comparison(Elementwise, abstract=True):
    """Two values compared; the result is a boolean, through which no gradient flows."""

    def backward(self, grad: Tensor, out: Tensor, a: Operand, b: Operand) -> Gradients:
        return None, None

    def samples(self, rng: Generator) -> list[Sample]:
        return _distinct(rng)


class Equal(Comparison):
    """a = b, as booleans

    no derivative
    """

    name = "equal"
    symbol = "="

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.equal(a, b)


class Less(Comparison):
    """a < b, as booleans

    no derivative
    """

    name = "less"
    symbol = "<"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.less(a, b)


class LessEqual(Comparison):
    """a ≤ b, as booleans

    no derivative
    """

    name = "less_equal"
    symbol = "≤"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.less_equal(a, b)


class LogicalAnd(Comparison):
    """a ∧ b of booleans

    no derivative
    """

    name = "logical_and"
    symbol = "and"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.logical_and(a, b)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(_truths(rng), _truths(rng))]


class LogicalOr(Comparison):
    """a ∨ b of booleans

    no derivative
    """

    name = "logical_or"
    symbol = "or"

    def forward(self, xp: Engine_, a: Any, b: Any) -> Any:
        return xp.logical_or(a, b)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(_truths(rng), _truths(rng))]


class LogicalNot(Elementwise):
    """¬a of booleans

    no derivative
    """

    name = "logical_not"
    symbol = "not"

    def forward(self, xp: Engine_, a: Any) -> Any:
        return xp.logical_not(a)

    def backward(self, grad: Tensor, out: Tensor, a: Tensor) -> Gradients:
        return (None,)

    def samples(self, rng: Generator) -> list[Sample]:
        return [sample(_truths(rng))]


equal = Equal()
less = Less()
less_equal = LessEqual()
logical_and = LogicalAnd()
logical_or = LogicalOr()
logical_not = LogicalNot()


def greater(a: Any, b: Any) -> Tensor:
    """a > b, as booleans."""
    return less(b, a)


def greater_equal(a: Any, b: Any) -> Tensor:
    """a ≥ b, as booleans."""
    return less_equal(b, a)


class Where(Elementwise):
    """a where the condition holds, else b

    d/da = 1 where it holds, d/db = 1 where it does not
    """

    name = "where"
    symbol = "where"
    common = slice(1, None)

    def forward(self, xp: Engine_, condition: Any, a: Any, b: Any) -> Any:
        return xp.where(condition, a, b)

    def backward(
        self, grad: Tensor, out: Tensor, condition: Tensor, a: Operand, b: Operand
    ) -> Gradients:
        return (
            None,
            onto(a, lambda: where(condition, grad, 0.0)),
            onto(b, lambda: where(condition, 0.0, grad)),
        )

    def samples(self, rng: Generator) -> list[Sample]:
        a, b = (rng.normal((3, 4), dtype=float64) for _ in range(2))
        return [
            sample(_truths(rng), a, b),
            sample(_truths(rng)[0], a, 0.5),
            sample(_truths(rng), 1.0, b[:, :1]),
        ]


where = Where()

"""Pass 0: sums over a batch in shares, one for each half of it, and then the sum of both.

Threads cut most kernels between the rows of a batch. A gradient by weights or biases is a sum over
all of them: cut between its results, every thread would read what all others have written, and
cores that share no cache would send each other everything, and send it back when it is written
anew. Taken in shares, a thread reads what it wrote itself, and only sums go from core to core.

There are two shares on any number of threads, so that the bits are the same on all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..contraction import Contraction
from ..program import Program, Statement, SymbolicArray, Variable
from ..protocol import Shape
from .rewrite import Rewriter

_SHARES = 2
_LEAST = 1 << 20  # multiply-adds of a product: less is not worth a second one
_SAVED = 2  # elements of the operands that need not travel, for each of a share's results
_SUMMED = 1 << 16  # a sum of more elements is worth a second one, …
_EACH = 8  # … if so many are summed to each result
_CHANNELS = 64  # a sum of many images to no more channels than this is cut …
_IMAGES = 32  # … into at most so many shares, which then are summed …
_MANY = 1 << 12  # … if it is one of more numbers than this


def with_shares(program: Program) -> Program:
    """The program with large sums over a batch in shares."""
    rewriter = _Rewriter(program)
    for statement in program.statements:
        if statement.function == "contract":
            rewriter.product(statement)
        elif statement.function == "sum":
            rewriter.sum(statement)
        else:
            rewriter.copy(statement)
    return rewriter.finish()


@dataclass(frozen=True, slots=True)
class Batch:
    """Where the rows of a batch lie: on the first axis, behind the steps of a loop, if any."""

    steps: int = 1
    axes: int = 1  # 2, if the steps have an axis of their own

    def rows(self, shape: Shape) -> int:
        return math.prod(shape[: self.axes]) // self.steps

    def cuts(self, shape: Shape, shares: int) -> bool:
        """Can the rows be cut into so many equal shares?"""
        return self.rows(shape) % shares == 0


class _Rewriter(Rewriter):
    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.makers = {v: s for s in program.statements for v in s.outs}

    def product(self, statement: Statement) -> None:
        """Σₖ aₖ·bₖ with k cut between rows of the batch, which are the first axis of both."""
        first, second = statement.operands
        assert isinstance(first, Variable) and isinstance(second, Variable)
        letters = Contraction.parse(dict(statement.settings)["spec"])
        sizes = letters.sizes(first.shape, second.shape)
        m, n, k = (
            math.prod(sizes[c] for c in group)
            for group in (letters.left, letters.right, letters.inner)
        )
        pays = m * n * k >= _LEAST and k * (m + n) >= _SAVED * _SHARES * m * n
        common = next(n for n in (2, 1, 0) if letters.a[:n] == letters.b[:n])
        batch = self._batch(first, common) or self._batch(second, common) or Batch()
        summed = set(letters.a[: batch.axes]) <= set(letters.inner) and common >= batch.axes
        if letters.batch or not pays or not summed or not batch.cuts(first.shape, _SHARES):
            self.copy(statement)
            return
        row = letters.a[batch.axes - 1]
        step, share = (c for c in "ST" if c not in letters.spec)
        spec = letters.spec.replace(letters.a[: batch.axes], step + share + row)
        spec = spec.replace("->", f"->{share}")
        a, b = (self._apart(operand, batch, _SHARES) for operand in (first, second))
        self.put(statement.out, self._added(self.xp.contract(a, b, spec=spec)))

    def sum(self, statement: Statement) -> None:
        """A sum over the rows of a batch, and other axes, cut between the rows."""
        (operand,) = statement.operands
        assert isinstance(operand, Variable)
        axes, out = dict(statement.settings)["axes"], statement.out
        batch = self._batch(operand, sum(axis < 2 for axis in axes)) or Batch()
        large = operand.size > max(_SUMMED, _EACH * out.size) and len(operand.shape) > batch.axes
        summed = set(range(batch.axes)) <= set(axes)
        shares = _SHARES
        if large and _few_channels(operand, out, axes):
            shares = math.gcd(batch.rows(operand.shape), _IMAGES)
        if not large or not summed or shares < 2 or not batch.cuts(operand.shape, shares):
            self.copy(statement)
            return
        inner = (0, 2, *(axis + 3 - batch.axes for axis in axes if axis >= batch.axes))
        parts = self.xp.sum(self._apart(operand, batch, shares), axes=inner, keepdims=False)
        if shares == _SHARES:
            total = self._added(parts)
        else:
            total = self.xp.sum(parts, axes=(0,), keepdims=False)
        self.put(out, self.xp.reshape(total, shape=out.shape))

    def _batch(self, variable: Variable, axes: int) -> Batch | None:
        """Where the batch lies in the rows that a loop has stacked, step by step."""
        shape = variable.shape
        while (maker := self.makers.get(variable)) and maker.function == "reshape":
            (variable,) = (v for v in maker.operands if isinstance(v, Variable))
        if maker is None or maker.function != "scan" or not dict(maker.settings)["carried"]:
            return None
        if len(variable.shape) < 2:
            return None
        steps, rows = variable.shape[:2]
        if shape[0] == steps * rows:
            return Batch(steps)
        return Batch(steps, axes=2) if axes == 2 and shape[:2] == (steps, rows) else None

    def _apart(self, operand: Variable, batch: Batch, shares: int) -> SymbolicArray:
        """(steps, shares, rows of a share, …)"""
        rest = operand.shape[batch.axes :]
        shape = (batch.steps, shares, batch.rows(operand.shape) // shares, *rest)
        return self.xp.reshape(self.array(operand), shape=shape)

    def _added(self, parts: SymbolicArray) -> SymbolicArray:
        """The sum of two shares, element by element, so that others can follow in one kernel."""
        first, second = (self._share(parts, i) for i in range(_SHARES))
        return self.xp.add(first, second)

    def _share(self, parts: SymbolicArray, i: int) -> SymbolicArray:
        shape, ones = parts.shape[1:], (1,) * parts.ndim
        starts, stops = (i, *(0 for _ in shape)), (i + 1, *shape)
        share = self.xp.slice(parts, starts=starts, stops=stops, steps=ones)
        return self.xp.reshape(share, shape=shape)


def _few_channels(operand: Variable, out: Variable, axes: tuple[int, ...]) -> bool:
    """Is it the sum of very many numbers over all axes but the last, of few channels?"""
    leading = axes == tuple(range(len(operand.shape) - 1)) and len(axes) > 1
    return leading and operand.shape[-1] <= _CHANNELS and operand.size // out.size > _MANY

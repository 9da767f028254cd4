"""Register tiles one after the other, each computed while the one before it is finished.

A costly finish (an optimiser's square root and division, an activation's exponential) waits for
slow units that the multiply-adds do not need. So row i of the tile before is finished between
two stretches of k of the tile at hand, and the processor overlaps both:

    for i in rows:   finish(before, i);   tile += a[:, i-th stretch of k] · panel[i-th stretch, :]

The tile at hand stays in registers all the while, which leaves room for the finish only where it
does not fill them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .ir import LINE, Function, Value, number
from .micro import FETCH, FOR_WRITING, Micro

SPARE = 9  # vector registers that a finish takes


@dataclass(frozen=True, slots=True)
class Beside:
    """Such a tile: like `shape`, which computes one by itself, and of so many k."""

    shape: Micro
    k: int

    @property
    def stretch(self) -> int:
        """So many k go with each row of the tile before; what is left over follows at the end."""
        return self.k // self.shape.rows

    def write(
        self, w: Function, left: Value, panel: Value, tile: Value, row: Callable[[Value], None]
    ) -> None:
        """The tile at `tile`, computed anew from `left` and `panel`, with `row(i)` in between."""
        m = self.shape
        empty = Value("zeroinitializer", m.kind, m.lanes, 0)
        state = [left, panel, *[empty] * (m.rows * m.vectors)]
        with w.loop(number(0, "i64"), number(m.rows, "i64")) as i:
            row(i)
            carried = [w.carry(value) for value in state]
            inner = self._rounds(w, [c.value for c in carried], self.stretch)
            for outer, value in zip(carried, inner, strict=True):
                outer.next = value
        state = [w.after(c) for c in carried]
        if left_over := self.k - self.stretch * m.rows:
            state = self._rounds(w, state, left_over)
        for n, value in enumerate(state[2:]):
            place = w.pointer(tile, m.kind, number(n * m.lanes, "i64"))
            w.effect(f"store {value}, {place}, align {m.lanes * m.size}")

    def _rounds(self, w: Function, state: list[Value], count: int) -> list[Value]:
        """So many k: the operands' addresses and the tile's vectors afterwards."""
        with w.loop(number(0, "i64"), number(count, "i64")):
            carried = [w.carry(value) for value in state]
            for c, value in zip(carried, self._round(w, [c.value for c in carried]), strict=True):
                c.next = value
        return [w.after(c) for c in carried]

    def _round(self, w: Function, state: list[Value]) -> list[Value]:
        """One k: every number of the left operand times every vector of the panel."""
        left, panel, *sums = state
        m, columns = self.shape, []
        for j in range(m.vectors):
            address = w.pointer(panel, m.kind, number(j * m.lanes, "i64"))
            text = f"load {m.wide}, {address}, align {m.lanes * m.size}"
            columns.append(w.here(text, m.kind, m.lanes))
        result = [
            w.pointer(left, m.kind, number(m.step, "i64")),
            w.pointer(panel, m.kind, number(m.vectors * m.lanes, "i64")),
        ]
        for i in range(m.rows):
            address = w.pointer(left, m.kind, number(i * m.row, "i64"))
            factor = w.here(f"load {m.kind}, {address}, align {m.size}", m.kind)
            row = sums[i * m.vectors : (i + 1) * m.vectors]
            result += [w.fma(factor, c, s) for c, s in zip(columns, row, strict=True)]
        return result


def fetch(w: Function, address: Value, size: int) -> None:
    """Asks for the lines under so many bytes, to be written to, in the second-level cache.

    Of each line's worth the last byte: the first was asked for by the tile before.
    """
    w.declarations.add(f"declare void @{FETCH}(ptr, i32, i32, i32)")
    for offset in range(LINE - 1, size, LINE):
        line = w.pointer(address, "i8", number(offset, "i64"))
        w.effect(f"call void @{FETCH}({line}, {FOR_WRITING}, i32 1)")

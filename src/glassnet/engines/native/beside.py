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

from .ir import Function, Value, number, vector
from .micro import FETCH, FOR_WRITING, LINE

SPARE = 9  # vector registers that a finish takes


@dataclass(frozen=True, slots=True)
class Beside:
    """The shape of such a tile, and how its left operand lies; all constants of the code."""

    rows: int
    vectors: int
    lanes: int
    kind: str
    row: int
    step: int
    k: int

    @property
    def stretch(self) -> int:
        """So many k go with each row of the tile before; what is left over follows at the end."""
        return self.k // self.rows

    def write(
        self, w: Function, left: Value, panel: Value, tile: Value, row: Callable[[Value], None]
    ) -> None:
        """The tile at `tile`, computed anew from `left` and `panel`, with `row(i)` in between."""
        empty = Value("zeroinitializer", self.kind, self.lanes, 0)
        state = [left, panel, *[empty] * (self.rows * self.vectors)]
        with w.loop(number(0, "i64"), number(self.rows, "i64")) as i:
            row(i)
            carried = [w.carry(value) for value in state]
            inner = self._rounds(w, [c.value for c in carried], self.stretch)
            for outer, value in zip(carried, inner, strict=True):
                outer.next = value
        state = [w.after(c) for c in carried]
        if left_over := self.k - self.stretch * self.rows:
            state = self._rounds(w, state, left_over)
        align = self.lanes * (4 if self.kind == "float" else 8)
        for n, value in enumerate(state[2:]):
            place = w.pointer(tile, self.kind, number(n * self.lanes, "i64"))
            w.effect(f"store {value}, {place}, align {align}")

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
        wide, size = vector(self.kind, self.lanes), 4 if self.kind == "float" else 8
        columns = []
        for j in range(self.vectors):
            address = w.pointer(panel, self.kind, number(j * self.lanes, "i64"))
            text = f"load {wide}, {address}, align {self.lanes * size}"
            columns.append(w.here(text, self.kind, self.lanes))
        result = [
            w.pointer(left, self.kind, number(self.step, "i64")),
            w.pointer(panel, self.kind, number(self.vectors * self.lanes, "i64")),
        ]
        for i in range(self.rows):
            address = w.pointer(left, self.kind, number(i * self.row, "i64"))
            factor = w.here(f"load {self.kind}, {address}, align {size}", self.kind)
            row = sums[i * self.vectors : (i + 1) * self.vectors]
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

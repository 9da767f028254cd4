"""Kernels down columns: lanes run across the kept elements, loops down the reduced axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .expression import Expressions, Lanes
from .index import ZERO, Index, Loop, of
from .ir import Value, number
from .kernel import Kernel, Reduction, at
from .lanes import chunks, counted, guard, mask
from .rows import BEGIN, END, combine, identity
from .target import Target

WIDE = 4  # vectors side by side
FEWEST_LANES = 4  # of which vectors are made that divide a period


@dataclass(frozen=True, slots=True)
class Lot:
    """A vector of kept elements: those of some lanes, and so many further on."""

    lanes: Lanes
    shift: int

    @property
    def place(self) -> Index:
        return of(self.lanes.loop) + self.shift


class ColumnWriter:
    """Writes one kernel of kind "columns"; its split runs over the kept elements."""

    def __init__(self, e: Expressions, kernel: Kernel, target: Target) -> None:
        self.e, self.w, self.kernel = e, e.w, kernel
        operands = [Reduction.of(a).operand for a in kernel.anchors]
        widest = max([v.dtype.itemsize for v in [*kernel.stores, *operands]] + [4])
        self.lanes = max(target.vector_bytes // widest, 1)
        if kernel.period:
            self.lanes = math.gcd(kernel.period, self.lanes)
        self.extent = kernel.rows
        self.current = 0  # the lot whose results are stored

    def write(self) -> None:
        w, apart = self.w, max(self.kernel.period, self.lanes)
        step = apart * WIDE
        whole = self.extent - self.extent % step
        stop = number(whole, "i64")
        last = w.smaller(END, stop)
        if whole:
            shifts = [lot * apart for lot in range(WIDE)]
            with guard(self.e, w.compare("icmp slt", BEGIN, last)):
                with w.loop(BEGIN, last, step) as base:
                    if apart == self.lanes:
                        self._block(self._side_by_side(base, shifts))
                    else:
                        with w.loop(number(0, "i64"), number(apart, "i64"), self.lanes) as inner:
                            self._block(self._side_by_side(w.binary("add", base, inner), shifts))
        if self.extent % step:
            with guard(self.e, w.compare("icmp eq", END, number(self.extent, "i64"))):
                parts = chunks(self.extent - whole, self.lanes)
                for first in range(0, len(parts), WIDE):
                    lots = parts[first : first + WIDE]
                    self._block(
                        [self._lot(number(whole + at, "i64"), masked) for at, masked in lots]
                    )

    def _side_by_side(self, base: Value, shifts: Sequence[int]) -> list[Lot]:
        """Vectors that begin so far behind one base."""
        lanes = self._lot(base, masked=False).lanes
        return [Lot(lanes, shift) for shift in shifts]

    def _lot(self, base: Value, masked: bool) -> Lot:
        loop = Loop(self.w.fresh("l"), self.extent)
        self.e.loops[loop] = base
        hidden = mask(self.e, self.lanes, base, self.extent) if masked else None
        return Lot(Lanes(loop, self.lanes, hidden), 0)

    def _block(self, lots: Sequence[Lot]) -> None:
        anchors = self.kernel.anchors
        start = [identity(a, self.lanes) for a in anchors for _ in lots]
        lengths = Reduction.of(anchors[0]).lengths(Reduction.of(anchors[0]).reduced)
        totals = self._descend(lengths, (), start, lots)
        count = len(lots)
        for i, anchor in enumerate(anchors):
            found = totals[i * count : (i + 1) * count]
            self.e.given[anchor.out] = lambda place, found=found: found[self.current]  # type: ignore[misc]
        for self.current, lot in enumerate(lots):
            self._store(lot)

    def _descend(
        self,
        lengths: tuple[int, ...],
        inner: tuple[Index, ...],
        totals: list[Value],
        lots: Sequence[Lot],
    ) -> list[Value]:
        """The totals after the loops over the reduced axes that are left."""
        if not lengths:
            return self._add(inner, totals, lots)
        if lengths[0] == 1:
            return self._descend(lengths[1:], (*inner, ZERO), totals, lots)
        with counted(self.e, lengths[0], number(0, "i64"), number(lengths[0], "i64")) as index:
            carried = [self.w.carry(total) for total in totals]
            values = [c.value for c in carried]
            after = self._descend(lengths[1:], (*inner, index), values, lots)
            for c, value in zip(carried, after, strict=True):
                c.next = value
        return [self.w.after(c) for c in carried]

    def _add(
        self, inner: tuple[Index, ...], totals: list[Value], lots: Sequence[Lot]
    ) -> list[Value]:
        added = []
        for i, anchor in enumerate(self.kernel.anchors):
            reduction = Reduction.of(anchor)
            for j, lot in enumerate(lots):
                self.e.lanes = lot.lanes
                place = reduction.index(lot.place, inner)
                value = self.w.splat(self.e.value(reduction.operand, place), self.lanes)
                added.append(combine(self.e, anchor, totals[i * len(lots) + j], value))
        self.e.lanes = None
        return added

    def _store(self, lot: Lot) -> None:
        self.e.lanes = lot.lanes
        column = lot.place
        flat = Kernel("rows", 1, self.extent)
        values = [self.e.value(s, at(s, flat, ZERO, column)) for s in self.kernel.stores]
        for store, value in zip(self.kernel.stores, values, strict=True):
            self.e.put(store, value, column)
        self.e.lanes = None

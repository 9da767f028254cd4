"""Kernels down columns: lanes run across the kept elements, loops down the reduced axes."""

from __future__ import annotations

from collections.abc import Sequence

from .expression import Expressions, Lanes
from .index import ZERO, Index, Loop, of
from .ir import Value, number
from .kernel import Kernel, Reduction, at
from .lanes import chunks, counted, guard, mask
from .rows import BEGIN, END, combine, identity
from .target import Target

_WIDE = 4  # vectors side by side


class ColumnWriter:
    """Writes one kernel of kind "columns"; its split runs over the kept elements."""

    def __init__(self, e: Expressions, kernel: Kernel, target: Target) -> None:
        self.e, self.w, self.kernel = e, e.w, kernel
        operands = [Reduction.of(a).operand for a in kernel.anchors]
        widest = max([v.dtype.itemsize for v in [*kernel.stores, *operands]] + [4])
        self.lanes = max(target.vector_bytes // widest, 1)
        self.extent = kernel.rows

    def write(self) -> None:
        w, step = self.w, self.lanes * _WIDE
        whole = self.extent - self.extent % step
        stop = number(whole, "i64")
        last = w.call("llvm.smin.i64", "i64", 0, END, stop)
        if whole:
            with guard(self.e, w.compare("icmp slt", BEGIN, last)):
                with w.loop(BEGIN, last, step) as base:
                    lots = [number(lot * self.lanes, "i64") for lot in range(_WIDE)]
                    self._block([(w.binary("add", base, lot), False) for lot in lots])
        if self.extent % step:
            with guard(self.e, w.compare("icmp eq", END, number(self.extent, "i64"))):
                parts = chunks(self.extent - whole, self.lanes)
                self._block([(number(whole + start, "i64"), masked) for start, masked in parts])

    def _block(self, bases: Sequence[tuple[Value, bool]]) -> None:
        lots = [self._lanes(base, masked) for base, masked in bases]
        anchors = self.kernel.anchors
        start = [identity(a, self.lanes) for a in anchors for _ in lots]
        lengths = Reduction.of(anchors[0]).lengths(Reduction.of(anchors[0]).reduced)
        totals = self._descend(lengths, (), start, lots)
        count = len(lots)
        for i, anchor in enumerate(anchors):
            found = dict(zip((lot.loop for lot in lots), totals[i * count :], strict=False))
            self.e.given[anchor.out] = lambda place, found=found: found[self._current()]  # type: ignore[misc]
        for lot in lots:
            self._store(lot)

    def _current(self) -> Loop:
        assert self.e.lanes is not None
        return self.e.lanes.loop

    def _lanes(self, base: Value, masked: bool) -> Lanes:
        loop = Loop(self.w.fresh("l"), self.extent)
        self.e.loops[loop] = base
        hidden = mask(self.e, self.lanes, base, self.extent) if masked else None
        return Lanes(loop, self.lanes, hidden)

    def _descend(
        self,
        lengths: tuple[int, ...],
        inner: tuple[Index, ...],
        totals: list[Value],
        lots: Sequence[Lanes],
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
        self, inner: tuple[Index, ...], totals: list[Value], lots: Sequence[Lanes]
    ) -> list[Value]:
        added = []
        for i, anchor in enumerate(self.kernel.anchors):
            reduction = Reduction.of(anchor)
            for j, lot in enumerate(lots):
                self.e.lanes = lot
                place = reduction.index(of(lot.loop), inner)
                value = self.w.splat(self.e.value(reduction.operand, place), self.lanes)
                added.append(combine(self.e, anchor, totals[i * len(lots) + j], value))
        self.e.lanes = None
        return added

    def _store(self, lot: Lanes) -> None:
        self.e.lanes = lot
        column = of(lot.loop)
        flat = Kernel("rows", 1, self.extent)
        values = [self.e.value(s, at(s, flat, ZERO, column)) for s in self.kernel.stores]
        for store, value in zip(self.kernel.stores, values, strict=True):
            self.e.put(store, value, column)
        self.e.lanes = None

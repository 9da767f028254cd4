"""Kernels over rows: reductions along each row, and what is computed element by element.

A row is passed over once per generation of reductions (a reduction that needs another's result is
of the next generation) and once more for what is stored. A short row stays in registers between
the passes. The order of every sum is fixed by the row's length alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from ..program import Statement, Variable
from . import elementwise
from .expression import Expressions, Lanes
from .index import ZERO, Index, Loop, constant, of
from .ir import Carried, Value, number, register_type
from .kernel import Kernel, Reduction, at
from .lanes import chunks, counted, guard, lane
from .rewrite import variables
from .target import Target

_SHORT = 4  # vectors: rows up to this length are written without a loop
_NARROW, _NARROW_ROWS = 4, 16  # columns at most, and rows at least, for lanes across rows
_UNROLL = 4  # vectors per round in long rows
BEGIN, END = Value("%begin", "i64", 0, 0), Value("%end", "i64", 0, 0)

Combine = Callable[[Value, Value], Value]


class RowWriter:
    """Writes one kernel of kind "rows"; split over rows, or over a single row's elements."""

    def __init__(self, e: Expressions, kernel: Kernel, target: Target) -> None:
        self.e, self.w, self.kernel = e, e.w, kernel
        anchors = [v for a in kernel.anchors for v in variables(a.operands)]
        widest = max([v.dtype.itemsize for v in [*kernel.stores, *anchors]] + [4])
        self.lanes = max(target.vector_bytes // widest, 1)
        self.row: Index = ZERO

    def write(self) -> None:
        kernel = self.kernel
        if kernel.rows == 1 and not kernel.anchors:
            self._flat()
        elif is_narrow(kernel):
            self._across()
        else:
            with counted(self.e, kernel.rows, BEGIN, END) as self.row:
                self._one_row()

    # -- a single long row, cut anywhere ---------------------------------------------------------
    def _flat(self) -> None:
        """Elements begin … end; every cut but the last lies on whole vectors."""
        w, extent = self.w, self.kernel.columns
        whole = number(extent - extent % self.lanes, "i64")
        last = w.smaller(END, whole)
        if extent >= self.lanes:
            with guard(self.e, w.compare("icmp slt", BEGIN, last)):
                with w.loop(BEGIN, last, self.lanes) as base:
                    self._store_elements(base, masked=False)
        if extent % self.lanes:
            with guard(self.e, w.compare("icmp eq", END, number(extent, "i64"))):
                self._store_elements(whole, masked=True)

    # -- many short rows, one per lane ------------------------------------------------------------
    def _across(self) -> None:
        """Rows begin … end side by side in the lanes; every cut but the last on whole vectors."""
        w, extent = self.w, self.kernel.rows
        whole = number(extent - extent % self.lanes, "i64")
        last = w.smaller(END, whole)
        if extent >= self.lanes:
            with guard(self.e, w.compare("icmp slt", BEGIN, last)):
                with w.loop(BEGIN, last, self.lanes) as base:
                    self._vector_of_rows(base, masked=False)
        if extent % self.lanes:
            with guard(self.e, w.compare("icmp eq", END, number(extent, "i64"))):
                self._vector_of_rows(whole, masked=True)

    def _vector_of_rows(self, base: Value, masked: bool) -> None:
        e, kernel = self.e, self.kernel
        with lane(e, base, kernel.rows, self.lanes, masked) as self.row:
            for anchor in (a for group in generations(kernel, e) for a in group):
                reduction = Reduction.of(anchor)
                total = identity(anchor, self.lanes)
                for column in range(kernel.columns):
                    place = reduction.flat(self.row, constant(column))
                    total = combine(e, anchor, total, e.value(reduction.operand, place))
                e.given[anchor.out] = lambda place, total=total: total  # type: ignore[misc]
            for store in kernel.stores:
                for column in range(kernel.columns if self._is_element(store) else 1):
                    place = at(store, kernel, self.row, constant(column))
                    self._put(store, e.value(store, place), constant(column))

    # -- one row ---------------------------------------------------------------------------------
    def _one_row(self) -> None:
        for generation in generations(self.kernel, self.e):
            self._reduce(generation)
        if self._elements():
            self._pass(lambda base, masked: self._store_elements(base, masked))
        for store in self.kernel.stores:
            if not self._is_element(store):
                value = self.e.value(store, at(store, self.kernel, self.row, ZERO))
                self._put(store, value, ZERO)

    def _is_element(self, store: Variable) -> bool:
        return store.size == self.kernel.size

    def _elements(self) -> list[Variable]:
        return [s for s in self.kernel.stores if self._is_element(s)]

    def _store_elements(self, base: Value, masked: bool) -> None:
        with self._lane(base, masked) as column:
            stores = self._elements()
            places = [at(s, self.kernel, self.row, column) for s in stores]
            values = [self.e.value(s, p) for s, p in zip(stores, places, strict=True)]
            for store, value in zip(stores, values, strict=True):
                self._put(store, value, column)

    def _put(self, store: Variable, value: Value, column: Index) -> None:
        flat = self.row
        if self._is_element(store):
            flat = self.row * self.kernel.columns + column
        self.e.put(store, value, flat)

    def _lane(self, base: Value, masked: bool) -> AbstractContextManager[Index]:
        if not base.name.startswith("%"):
            return _FixedLane(self, int(base.name), masked)
        return lane(self.e, base, self.kernel.columns, self.lanes, masked)

    def _pass(self, body: Callable[[Value, bool], None]) -> None:
        """`body` for each vector of the row, in order."""
        extent = self.kernel.columns
        parts = chunks(extent, self.lanes)
        if len(parts) > _SHORT:
            whole = extent - extent % self.lanes
            with self.w.loop(number(0, "i64"), number(whole, "i64"), self.lanes) as base:
                body(base, False)
            parts = [part for part in parts if part[1]]
        for start, masked in parts:
            body(number(start, "i64"), masked)

    # -- reductions ------------------------------------------------------------------------------
    def _reduce(self, anchors: Sequence[Statement]) -> None:
        """The anchors' values for this row, in one pass over it."""
        extent, step = self.kernel.columns, self.lanes * _UNROLL
        lots = min(_UNROLL, -(-extent // self.lanes))
        totals = [[self._identity(a)] * lots for a in anchors]
        start = 0
        if extent > self.lanes * _SHORT:
            start = extent - extent % step
            carried: list[list[Carried]] = []
            with self.w.loop(number(0, "i64"), number(start, "i64"), step) as base:
                carried = [[self.w.carry(t) for t in total] for total in totals]
                for lot in range(_UNROLL):
                    moved = self.w.binary("add", base, number(lot * self.lanes, "i64"))
                    with self._lane(moved, masked=False) as column:
                        for a, total in zip(anchors, carried, strict=True):
                            total[lot].next = self._add(a, total[lot].value, column)
            totals = [[self.w.after(c) for c in lots_of_a] for lots_of_a in carried]
        for lot, (first, masked) in enumerate(chunks(extent - start, self.lanes)):
            with self._lane(number(start + first, "i64"), masked) as column:
                for i, a in enumerate(anchors):
                    totals[i][lot] = self._add(a, totals[i][lot], column)
        for a, parts in zip(anchors, totals, strict=True):
            value = self._collapse(a, parts)
            self.e.given[a.out] = lambda place, value=value: value  # type: ignore[misc]

    def _identity(self, anchor: Statement) -> Value:
        return identity(anchor, self.lanes)

    def _add(self, anchor: Statement, total: Value, column: Index) -> Value:
        """The total with one more vector; lanes behind the mask leave it as it is."""
        reduction = Reduction.of(anchor)
        value = self.e.value(reduction.operand, reduction.flat(self.row, column))
        value = self.w.splat(value, self.lanes)
        lanes = self.e.lanes
        if lanes is not None and lanes.mask is not None:
            value = self.w.select(lanes.mask, value, self._identity(anchor))
        return combine(self.e, anchor, total, value)

    def _collapse(self, anchor: Statement, totals: Sequence[Value]) -> Value:
        """All lanes of all totals as one number."""
        while len(totals) > 1:
            odd = totals[len(totals) & ~1 :]
            pairs = zip(totals[::2], totals[1::2], strict=False)
            totals = [*(combine(self.e, anchor, a, b) for a, b in pairs), *odd]
        return horizontal(self.e, anchor, totals[0])


class _FixedLane(AbstractContextManager[Index]):
    """A vector of a short row: the same index in every pass, so that values are kept."""

    def __init__(self, writer: RowWriter, start: int, masked: bool) -> None:
        self.writer, self.start, self.masked = writer, start, masked
        self.outer = writer.e.lanes

    def __enter__(self) -> Index:
        e = self.writer.e
        loop = Loop(f"c{self.start}", self.writer.kernel.columns)
        e.loops[loop] = number(self.start, "i64")
        behind = None
        if self.masked:
            left = self.writer.kernel.columns - self.start
            bits = ", ".join(f"i1 {int(i < left)}" for i in range(self.writer.lanes))
            behind = Value(f"<{bits}>", "i1", self.writer.lanes, 0)
        e.lanes = Lanes(loop, self.writer.lanes, behind)
        return of(loop)

    def __exit__(self, *error: object) -> None:
        self.writer.e.lanes = self.outer


def is_narrow(kernel: Kernel) -> bool:
    """Are the rows so short that lanes are better filled with rows?"""
    return bool(kernel.anchors) and kernel.columns <= _NARROW and kernel.rows >= _NARROW_ROWS


def generations(kernel: Kernel, e: Expressions) -> list[list[Statement]]:
    """The reductions of a kernel, grouped so that each group needs only earlier ones."""
    age: dict[Variable, int] = {}
    anchors = {a.out: a for a in kernel.anchors}

    def visit(variable: Variable) -> int:
        if variable not in age:
            foreign = variable in e.stored and variable not in (*anchors, *kernel.stores)
            statement = None if foreign else e.statements.get(variable)
            operands = [] if statement is None else variables(statement.operands)
            oldest = max((visit(v) for v in operands), default=0)
            age[variable] = oldest + (variable in anchors)
        return age[variable]

    groups: dict[int, list[Statement]] = {}
    for out, anchor in anchors.items():
        groups.setdefault(visit(out), []).append(anchor)
    return [groups[generation] for generation in sorted(groups)]


def identity(anchor: Statement, lanes: int) -> Value:
    """What a reduction starts from."""
    dtype = anchor.out.dtype
    kind = register_type(dtype)
    if anchor.function == "sum":
        return number(-0.0 if dtype.kind == "f" else 0, kind, lanes)
    lowest = {"f": float("-inf"), "i": -(1 << (8 * dtype.itemsize - 1)), "u": 0, "b": 0}
    return number(lowest[dtype.kind], kind, lanes)


def combine(e: Expressions, anchor: Statement, a: Value, b: Value) -> Value:
    """The sum or the maximum of two partial results."""
    name = "add" if anchor.function == "sum" else "maximum"
    return elementwise.apply(e.w, name, [a, b], anchor.out.dtype)


def horizontal(e: Expressions, anchor: Statement, total: Value) -> Value:
    """The lanes of a vector as one number, halving it again and again."""
    w, lanes = e.w, total.lanes
    while lanes > 1:
        lanes //= 2
        low = ", ".join(f"i32 {i}" for i in range(lanes))
        high = ", ".join(f"i32 {i + lanes}" for i in range(lanes))
        halves = []
        for places in (low, high):
            text = f"shufflevector {total}, {total.type} poison, <{lanes} x i32> <{places}>"
            halves.append(w.pure(text, total.kind, lanes, total))
        total = combine(e, anchor, *halves)
    return w.pure(f"extractelement {total}, i64 0", total.kind, 0, total)

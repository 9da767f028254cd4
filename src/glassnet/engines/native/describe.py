"""Arrays in a few numbers each: one function of the module describes any array in memory.

So a program that describes a hundred arrays is hardly longer than one that describes two.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import reduce

from ..description import SUMMARY, distance
from ..program import Variable
from .expression import Expressions
from .ir import Carried, Function, Value, number, suffix, vector
from .kernel import Kernel
from .lanes import guard
from .rows import BEGIN, END
from .stored import in_memory
from .target import Target

BESIDE = 4  # vectors that are summed up side by side: no sum waits for the one before
TABLES = 4  # of counts, taken in turn: a count waits for the last one of its own table alone
_COUNTED = 8  # times as long as to sum a value up it takes to count it as well


def efforts(operands: Sequence[Variable], sample: int) -> list[int]:
    """About how long each of them takes, in values that are summed up."""
    return [v.size + _COUNTED * (v.size // distance(v.size, sample)) for v in operands]


def write_describe(e: Expressions, kernel: Kernel, target: Target) -> None:
    """Operands, each into its row of the result; a thread takes those whose middle is its own."""
    w, anchor = e.w, kernel.anchors[0]
    settings, base = dict(anchor.settings), e.pointer(anchor.out)
    bins, sample = settings["bins"], settings["sample"]
    name = f"glassnet.describe.{bins}"
    if name not in w.helpers:
        _Described(w, bins, target.vector_bytes // 4).write(name)
    operands = [v for v in anchor.operands if isinstance(v, Variable)]
    work = efforts(operands, sample)
    for row, (operand, end) in enumerate(zip(operands, itertools.accumulate(work), strict=True)):
        source = e.pointer(in_memory(operand, e.statements, e.stored))
        middle = number(end - (work[row] + 1) // 2, "i64")
        mine = w.binary(
            "and", w.compare("icmp sge", middle, BEGIN), w.compare("icmp slt", middle, END)
        )
        with guard(e, mine):
            place = w.pointer(base, "float", number(row * (SUMMARY + bins), "i64"))
            sizes = f"i64 {operand.size}, i64 {distance(operand.size, sample)}"
            w.effect(f"call void @{name}({source}, {sizes}, {place})")


class _Described:
    """The function: an array, its size, the distance of the values that are counted, a row."""

    def __init__(self, caller: Function, bins: int, lanes: int) -> None:
        self.caller, self.bins, self.lanes = caller, bins, lanes
        self.w = Function()
        self.array, self.row = Value("%array", "ptr", 0, 0), Value("%row", "ptr", 0, 0)
        self.size, self.distance = Value("%size", "i64", 0, 0), Value("%distance", "i64", 0, 0)
        self.lane = Value(f"<{', '.join(f'i64 {i}' for i in range(lanes))}>", "i64", lanes, 0)
        self.zero = number(0.0, "float", lanes)

    def write(self, name: str) -> None:
        """Into the module of the function that calls it."""
        low, high = self._summary()
        self._counts(low, high)
        arguments = "ptr %array, i64 %size, i64 %distance, ptr %row"
        self.caller.helpers[name] = self.w.text(name, arguments)
        self.caller.declarations |= self.w.declarations

    def _summary(self) -> tuple[Value, Value]:
        """Everything that one pass finds; the lowest and the highest value."""
        w, block, wide = self.w, BESIDE * self.lanes, vector("float", self.lanes)
        first = w.splat(w.here(f"load float, {self.array}, align 4", "float"), self.lanes)
        found = [first, first, self.zero, self.zero, self.zero]
        whole = w.binary("and", self.size, number(-block, "i64"))
        with w.loop(number(0, "i64"), whole, block, once=False) as base:
            beside = [[w.carry(value) for value in found] for _ in range(BESIDE)]
            for i, before in enumerate(beside):
                place = w.pointer(self.array, "float", base, number(i * self.lanes, "i64"))
                self._take(before, w.here(f"load {wide}, {place}, align 4", "float", self.lanes))
        found = reduce(self._together, ([w.after(own) for own in before] for before in beside))
        with w.loop(whole, self.size, self.lanes, once=False) as base:
            before = [w.carry(value) for value in found]
            there = w.compare("icmp slt", w.binary("add", self.lane, base), self.size)
            words = w.pointer(self.array, "float", base), number(4, "i32"), there, first
            name = f"llvm.masked.load.{suffix('float', self.lanes)}.p0"
            self._take(before, w.call(name, "float", self.lanes, *words), there)
        low, high, *sums = (w.after(own) for own in before)
        ends = self._across("fmin", low), self._across("fmax", high)
        size, zero = w.convert("sitofp", self.size, "float"), number(0.0, "float")
        mean, square, zeros = (
            w.binary("fdiv", self._across("fadd", own, zero), size) for own in sums
        )
        for i, value in enumerate((size, *ends, mean, w.intrinsic("sqrt", square), zeros)):
            self._store(value, number(i, "i64"))
        return ends

    def _take(self, before: Sequence[Carried], known: Value, there: Value | None = None) -> None:
        """Adds a vector to the lowest, the highest, the sum, that of squares, the zeros so far."""
        w, x, is_zero = self.w, known, self.w.compare("fcmp oeq", known, self.zero)
        if there is not None:
            x, is_zero = w.select(there, known, self.zero), w.binary("and", is_zero, there)
        one = w.select(is_zero, number(1.0, "float", self.lanes), self.zero)
        found = self._together(
            [own.value for own in before], [known, known, x, w.binary("fmul", x, x), one]
        )
        for own, value in zip(before, found, strict=True):
            own.next = value

    def _together(self, a: Sequence[Value], b: Sequence[Value]) -> list[Value]:
        """What was found in two places, as one."""
        w = self.w
        low = w.select(w.compare("fcmp olt", b[0], a[0]), b[0], a[0])
        high = w.select(w.compare("fcmp ogt", b[1], a[1]), b[1], a[1])
        return [low, high, *(w.binary("fadd", *own) for own in zip(a[2:], b[2:], strict=True))]

    def _counts(self, low: Value, high: Value) -> None:
        """Bins: several tables, taken in turn, so that no count waits for the last."""
        w, size = self.w, 4 * self.bins
        tables = [w.here(f"alloca [{self.bins} x i32], align 4", "ptr") for _ in range(TABLES)]
        w.declarations.add("declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        for table in tables:
            w.effect(f"call void @llvm.memset.p0.i64({table}, i8 0, i64 {size}, i1 0)")
        wide = w.compare("fcmp ogt", high, low)
        width = w.select(wide, w.binary("fsub", high, low), number(1.0, "float"))
        scale = w.binary("fdiv", number(self.bins, "float"), width)
        rounded = w.binary("add", self.size, w.binary("sub", self.distance, number(1, "i64")))
        count = w.binary("udiv", rounded, self.distance)
        whole = w.binary("and", count, number(-TABLES, "i64"))
        for start, stop, own in ((number(0, "i64"), whole, tables), (whole, count, tables[:1])):
            with w.loop(start, stop, len(own), once=False) as base:
                for i, table in enumerate(own):
                    place = w.binary("add", base, number(i, "i64"))
                    self._count(table, w.binary("mul", place, self.distance), low, scale)
        with w.loop(number(0, "i64"), number(self.bins, "i64")) as column:
            places = (w.pointer(table, "i32", column) for table in tables)
            first, *rest = (w.here(f"load i32, {place}, align 4", "i32") for place in places)
            for other in rest:
                first = w.binary("add", first, other)
            number_of = w.convert("sitofp", first, "float")
            self._store(number_of, w.binary("add", column, number(SUMMARY, "i64")))

    def _count(self, table: Value, place: Value, low: Value, scale: Value) -> None:
        """Adds 1 to the bin of one value; alone, for to gather a vector of them takes longer."""
        w, last, zero = self.w, number(self.bins - 1, "float"), number(0.0, "float")
        address = w.pointer(self.array, "float", place)
        x = w.here(f"load float, {address}, align 4", "float")
        bin_ = w.binary("fmul", w.binary("fsub", x, low), scale)
        bin_ = w.select(w.compare("fcmp olt", bin_, last), bin_, last)  # NaN too
        bin_ = w.select(w.compare("fcmp ogt", bin_, zero), bin_, zero)
        address = w.pointer(table, "i32", w.convert("fptosi", bin_, "i32"))
        before = w.here(f"load i32, {address}, align 4", "i32")
        w.effect(f"store {w.binary('add', before, number(1, 'i32'))}, {address}, align 4")

    def _across(self, how: str, lanes: Value, *start: Value) -> Value:
        name = f"llvm.vector.reduce.{how}.{suffix('float', self.lanes)}"
        return self.w.call(name, "float", 0, *start, lanes)

    def _store(self, value: Value, column: Value) -> None:
        self.w.effect(f"store {value}, {self.w.pointer(self.row, 'float', column)}, align 4")

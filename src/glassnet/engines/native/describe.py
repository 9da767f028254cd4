"""Arrays in a few numbers each: one function of the module describes any array in memory.

So a program that describes a hundred arrays is hardly longer than one that describes two.
"""

from __future__ import annotations

from ..description import SUMMARY, distance
from ..program import Variable
from .expression import Expressions
from .ir import Function, Value, number, suffix
from .kernel import Kernel
from .lanes import guard
from .rows import BEGIN, END
from .stored import in_memory
from .target import Target

TABLES = 4  # of counts, taken in turn: a count waits for the last one of its own table alone


def write_describe(e: Expressions, kernel: Kernel, target: Target) -> None:
    """Operands begin … end, each into its row of the result."""
    w, anchor = e.w, kernel.anchors[0]
    settings, base = dict(anchor.settings), e.pointer(anchor.out)
    bins, sample = settings["bins"], settings["sample"]
    name = f"glassnet.describe.{bins}"
    if name not in w.helpers:
        _Described(w, bins, target.vector_bytes // 4).write(name)
    for row, operand in enumerate(anchor.operands):
        assert isinstance(operand, Variable)
        source = e.pointer(in_memory(operand, e.statements, e.stored))
        begun = w.compare("icmp sge", number(row, "i64"), BEGIN)
        mine = w.binary("and", begun, w.compare("icmp slt", number(row, "i64"), END))
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

    def write(self, name: str) -> None:
        """Into the module of the function that calls it."""
        low, high = self._summary()
        self._counts(low, high)
        arguments = "ptr %array, i64 %size, i64 %distance, ptr %row"
        self.caller.helpers[name] = self.w.text(name, arguments)
        self.caller.declarations |= self.w.declarations

    def _summary(self) -> tuple[Value, Value]:
        """Everything that one pass finds; the lowest and the highest value."""
        w = self.w
        first = w.here(f"load float, {self.array}, align 4", "float")
        with w.loop(number(0, "i64"), self.size, self.lanes) as base:
            low, high = (w.carry(w.splat(first, self.lanes)) for _ in range(2))
            total, square, zeros = (w.carry(self._number(0.0)) for _ in range(3))
            there = w.compare("icmp slt", w.binary("add", self.lane, base), self.size)
            known = self._load("masked.load", w.pointer(self.array, "float", base), there, first)
            low.next = w.select(w.compare("fcmp olt", known, low.value), known, low.value)
            high.next = w.select(w.compare("fcmp ogt", known, high.value), known, high.value)
            x = w.select(there, known, self._number(0.0))
            total.next = w.binary("fadd", total.value, x)
            square.next = w.fma(x, x, square.value)
            is_zero = w.binary("and", w.compare("fcmp oeq", known, self._number(0.0)), there)
            one = w.select(is_zero, self._number(1.0), self._number(0.0))
            zeros.next = w.binary("fadd", zeros.value, one)
        size = w.convert("sitofp", self.size, "float")
        ends = self._across("fmin", w.after(low)), self._across("fmax", w.after(high))
        zero = number(0.0, "float")
        sums = (self._across("fadd", w.after(s), zero) for s in (total, square, zeros))
        mean, mean_square, share = (w.binary("fdiv", s, size) for s in sums)
        summary = (size, *ends, mean, w.intrinsic("sqrt", mean_square), share)
        for i, value in enumerate(summary):
            self._store(value, number(i, "i64"))
        return ends

    def _counts(self, low: Value, high: Value) -> None:
        """Bins: several tables, which the lanes take in turn, so that none waits for the last."""
        w, spare = self.w, self.bins  # a bin beyond the last for lanes beyond the last value
        tables = [w.here(f"alloca [{self.bins + 1} x i32], align 4", "ptr") for _ in range(TABLES)]
        w.declarations.add("declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        for table in tables:
            w.effect(f"call void @llvm.memset.p0.i64({table}, i8 0, i64 {4 * spare + 4}, i1 0)")
        wide = w.compare("fcmp ogt", high, low)
        width = w.select(wide, w.binary("fsub", high, low), number(1.0, "float"))
        scale = w.binary("fdiv", number(self.bins, "float"), width)
        rounded = w.binary("add", self.size, w.binary("sub", self.distance, number(1, "i64")))
        count = w.binary("udiv", rounded, self.distance)
        with w.loop(number(0, "i64"), count, self.lanes) as base:
            place = w.binary("add", self.lane, base)
            there = w.compare("icmp slt", place, count)
            far = w.binary("mul", place, self.distance)
            text = f"getelementptr float, {self.array}, {far}"
            x = self._load("masked.gather", w.pure(text, "ptr", self.lanes, far), there, low)
            bin_ = w.binary("fmul", w.binary("fsub", x, low), scale)
            last = self._number(self.bins - 1)
            bin_ = w.select(w.compare("fcmp olt", bin_, last), bin_, last)  # NaN too
            bin_ = w.select(w.compare("fcmp ogt", bin_, self._number(0.0)), bin_, self._number(0.0))
            chosen = w.select(there, w.convert("fptosi", bin_, "i32"), number(spare, "i32"))
            for lane in range(self.lanes):
                mine = w.pure(f"extractelement {chosen}, i64 {lane}", "i32", 0, chosen)
                address = w.pointer(tables[lane % TABLES], "i32", mine)
                before = w.here(f"load i32, {address}, align 4", "i32")
                w.effect(f"store {w.binary('add', before, number(1, 'i32'))}, {address}, align 4")
        with w.loop(number(0, "i64"), number(self.bins, "i64")) as column:
            places = (w.pointer(table, "i32", column) for table in tables)
            first, *rest = (w.here(f"load i32, {place}, align 4", "i32") for place in places)
            for other in rest:
                first = w.binary("add", first, other)
            number_of = w.convert("sitofp", first, "float")
            self._store(number_of, w.binary("add", column, number(SUMMARY, "i64")))

    def _number(self, value: float) -> Value:
        return number(value, "float", self.lanes)

    def _load(self, how: str, address: Value, mask: Value, other: Value) -> Value:
        pointers = f".v{self.lanes}p0" if address.lanes else ".p0"
        name = f"llvm.{how}.{suffix('float', self.lanes)}{pointers}"
        rest = (number(4, "i32"), mask, self.w.splat(other, self.lanes))
        return self.w.call(name, "float", self.lanes, address, *rest)

    def _across(self, how: str, lanes: Value, *start: Value) -> Value:
        name = f"llvm.vector.reduce.{how}.{suffix('float', self.lanes)}"
        return self.w.call(name, "float", 0, *start, lanes)

    def _store(self, value: Value, column: Value) -> None:
        self.w.effect(f"store {value}, {self.w.pointer(self.row, 'float', column)}, align 4")

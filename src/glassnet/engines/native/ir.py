"""One LLVM function being written, as text: values, loops, and what may leave them.

A value knows the loop level it was made at. An instruction without side effects is written at the
deepest level among its operands, not where it is asked for, and only once there: that is
loop-invariant code motion and common-subexpression elimination in one rule, without an optimiser.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..protocol import DType

LINE = 64  # bytes of a cache line
_REGISTER_TYPES = {
    "b1": "i1",
    "i1": "i8",
    "i2": "i16",
    "i4": "i32",
    "i8": "i64",
    "u1": "i8",
    "u2": "i16",
    "u4": "i32",
    "u8": "i64",
    "f4": "float",
    "f8": "double",
}


class Value(NamedTuple):
    """An LLVM value: a register or a literal, scalar (`lanes` 0) or vector."""

    name: str
    kind: str  # the element's LLVM type: float, double, i64, i1, ptr, …
    lanes: int
    level: int

    @property
    def type(self) -> str:
        return f"<{self.lanes} x {self.kind}>" if self.lanes else self.kind

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


def register_type(dtype: DType) -> str:
    """The LLVM type of one element while it is computed with."""
    return _REGISTER_TYPES[f"{dtype.kind}{dtype.itemsize}"]


def memory_type(dtype: DType) -> str:
    """The LLVM type of one element in memory: a bool is a byte there."""
    return "i8" if dtype.kind == "b" else register_type(dtype)


def vector(kind: str, lanes: int) -> str:
    """The type of a vector, or of a scalar where there are no lanes."""
    return f"<{lanes} x {kind}>" if lanes else kind


def suffix(kind: str, lanes: int) -> str:
    """How LLVM's intrinsics name a type: `v16f32`, `i64`."""
    name = {"float": "f32", "double": "f64"}.get(kind, kind)
    return f"v{lanes}{name}" if lanes else name


def literal(number: float, kind: str) -> str:
    """A number as LLVM reads it; floats by their bits, so that nothing is lost."""
    if kind in ("float", "double"):
        exact = float(np.float32(number)) if kind == "float" else float(number)
        return f"0x{struct.unpack('>Q', struct.pack('>d', exact))[0]:016X}"
    if kind == "i1":
        return "true" if number else "false"
    bits = int(kind[1:])
    wrapped = int(number) & ((1 << bits) - 1)
    return str(wrapped - (1 << bits) if wrapped >> (bits - 1) else wrapped)


def number(value: float, kind: str, lanes: int = 0) -> Value:
    """A constant of the program."""
    text = literal(value, kind)
    return Value(f"splat ({kind} {text})" if lanes else text, kind, lanes, 0)


@dataclass(slots=True)
class Carried:
    """A value that a loop hands from one round to the next."""

    value: Value
    start: Value
    next: Value | None = None


@dataclass(slots=True)
class Level:
    """The instructions of one loop's body so far, and what it has already computed."""

    block: str
    lines: list[str] = field(default_factory=list)
    known: dict[Any, Any] = field(default_factory=dict)
    carried: list[Carried] = field(default_factory=list)


class Function:
    """Writes one function; `text` is the finished LLVM IR."""

    def __init__(self) -> None:
        self.levels = [Level("entry")]
        self.declarations: set[str] = set()
        self.helpers: dict[str, str] = {}  # functions of the module that this one calls, by name
        self._count = 0

    @property
    def depth(self) -> int:
        return len(self.levels) - 1

    def fresh(self, prefix: str = "v") -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    # -- instructions ----------------------------------------------------------------------------
    def pure(self, text: str, kind: str, lanes: int, *operands: Value) -> Value:
        """The value of an instruction without side effects, computed once, as far out as it can."""
        level = max((operand.level for operand in operands), default=0)
        place = self.levels[level]
        known = place.known.get(text)
        if known is None:
            known = Value(f"%{self.fresh()}", kind, lanes, level)
            place.lines.append(f"  {known.name} = {text}")
            place.known[text] = known
        assert isinstance(known, Value)
        return known

    def here(self, text: str, kind: str, lanes: int = 0) -> Value:
        """The value of an instruction that must stay where it is written."""
        value = Value(f"%{self.fresh()}", kind, lanes, self.depth)
        self.levels[-1].lines.append(f"  {value.name} = {text}")
        return value

    def effect(self, text: str, level: int | None = None) -> None:
        """An instruction that changes memory, in the current loop unless told otherwise."""
        self.levels[self.depth if level is None else level].lines.append("  " + text)

    def call(self, name: str, kind: str, lanes: int, *operands: Value) -> Value:
        """A pure function or intrinsic of the module."""
        types = ", ".join(operand.type for operand in operands)
        self.declarations.add(f"declare {vector(kind, lanes)} @{name}({types})")
        words = ", ".join(map(str, operands))
        return self.pure(f"call {vector(kind, lanes)} @{name}({words})", kind, lanes, *operands)

    def intrinsic(self, name: str, first: Value, *rest: Value) -> Value:
        """An LLVM intrinsic overloaded on its first operand's type."""
        full = f"llvm.{name}.{suffix(first.kind, first.lanes)}"
        return self.call(full, first.kind, first.lanes, first, *rest)

    def splat(self, value: Value, lanes: int) -> Value:
        """A scalar in every lane."""
        if value.lanes or not lanes:
            return value
        if not value.name.startswith("%"):
            return Value(f"splat ({value.kind} {value.name})", value.kind, lanes, 0)
        wide = vector(value.kind, lanes)
        one = self.pure(f"insertelement {wide} poison, {value}, i64 0", value.kind, lanes, value)
        mask = f"<{lanes} x i32> zeroinitializer"
        return self.pure(f"shufflevector {one}, {wide} poison, {mask}", value.kind, lanes, one)

    def smaller(self, a: Value, b: Value) -> Value:
        """Of two whole numbers."""
        return self.call("llvm.smin.i64", "i64", 0, a, b)

    def larger(self, a: Value, b: Value) -> Value:
        """Of two whole numbers."""
        return self.call("llvm.smax.i64", "i64", 0, a, b)

    def binary(self, operator: str, a: Value, b: Value) -> Value:
        """`operator a, b` with a scalar beside a vector put in every lane."""
        lanes = a.lanes or b.lanes
        a, b = self.splat(a, lanes), self.splat(b, lanes)
        return self.pure(f"{operator} {a}, {b.name}", a.kind, lanes, a, b)

    def compare(self, operator: str, a: Value, b: Value) -> Value:
        lanes = a.lanes or b.lanes
        a, b = self.splat(a, lanes), self.splat(b, lanes)
        return self.pure(f"{operator} {a}, {b.name}", "i1", lanes, a, b)

    def select(self, condition: Value, a: Value, b: Value) -> Value:
        lanes = condition.lanes or a.lanes or b.lanes
        condition, a, b = (self.splat(v, lanes) for v in (condition, a, b))
        return self.pure(f"select {condition}, {a}, {b}", a.kind, lanes, condition, a, b)

    def convert(self, operator: str, a: Value, kind: str) -> Value:
        wide = vector(kind, a.lanes)
        return self.pure(f"{operator} {a} to {wide}", kind, a.lanes, a)

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        lanes = a.lanes or b.lanes or c.lanes
        a, b, c = (self.splat(v, lanes) for v in (a, b, c))
        return self.intrinsic("fma", a, b, c)

    def pointer(self, base: Value, kind: str, *steps: Value) -> Value:
        """`base` moved by each of the steps, counted in elements; literals come last."""
        moving = [s for s in steps if s.name.startswith("%")]
        fixed = sum(int(s.name) for s in steps if not s.name.startswith("%"))
        for step in sorted(moving, key=lambda s: s.level):
            base = self.pure(f"getelementptr {kind}, {base}, {step}", "ptr", 0, base, step)
        if fixed:
            base = self.pure(f"getelementptr {kind}, {base}, i64 {fixed}", "ptr", 0, base)
        return base

    # -- loops -----------------------------------------------------------------------------------
    @contextmanager
    def loop(
        self, start: Value, stop: Value, step: int = 1, *, once: bool = True
    ) -> Iterator[Value]:
        """`for i in range(start, stop, step)`; it is known to run at least once, unless told."""
        head, leave = self.fresh("head"), self.fresh("exit")
        counter = Value(f"%{self.fresh('i')}", "i64", 0, self.depth + 1)
        self.levels.append(Level(head))
        yield counter
        level = self.levels.pop()
        outer = self.levels[-1]
        after = f"%{self.fresh('n')}"
        more = f"%{self.fresh('c')}"
        last, before = level.block, outer.block
        enter = f"label %{head}"
        if not once:
            any_ = f"%{self.fresh('c')}"
            outer.lines.append(f"  {any_} = icmp slt i64 {start.name}, {stop.name}")
            enter = f"i1 {any_}, label %{head}, label %{leave}"
        outer.lines += [
            f"  br {enter}",
            f"{head}:",
            f"  {counter.name} = phi i64 [{start.name}, %{before}], [{after}, %{last}]",
        ]
        for carried in level.carried:
            assert carried.next is not None
            outer.lines.append(
                f"  {carried.value.name} = phi {carried.value.type} "
                f"[{carried.start.name}, %{before}], [{carried.next.name}, %{last}]"
            )
        outer.lines += level.lines
        outer.lines += [
            f"  {after} = add nsw i64 {counter.name}, {step}",
            f"  {more} = icmp slt i64 {after}, {stop.name}",
            f"  br i1 {more}, label %{head}, label %{leave}",
            f"{leave}:",
        ]
        outer.block = leave
        for carried in [] if once else level.carried:
            assert carried.next is not None
            ended = Value(f"%{self.fresh('a')}", carried.start.kind, carried.start.lanes, 0)
            outer.lines.append(
                f"  {ended.name} = phi {ended.type} "
                f"[{carried.start.name}, %{before}], [{carried.next.name}, %{last}]"
            )
            carried.next = ended

    def carry(self, start: Value) -> Carried:
        """A value handed from round to round of the innermost loop, starting at `start`."""
        value = Value(f"%{self.fresh('a')}", start.kind, start.lanes, self.depth)
        carried = Carried(value, start)
        self.levels[-1].carried.append(carried)
        return carried

    def after(self, carried: Carried) -> Value:
        """The carried value once its loop has ended."""
        assert carried.next is not None
        return carried.next._replace(level=self.depth)

    def label(self, name: str) -> None:
        """Starts a new basic block; what was computed before stays visible."""
        self.levels[-1].lines.append(f"{name}:")
        self.levels[-1].block = name

    def text(self, name: str, arguments: str, result: Value | None = None) -> str:
        """The finished function."""
        returns, last = ("void", "ret void") if result is None else (result.type, f"ret {result}")
        head = f"define internal {returns} @{name}({arguments}) #0 {{"
        return "\n".join([head, "entry:", *self.levels[0].lines, f"  {last}", "}"])

"""The value of a variable at an index: what a kernel pulls its numbers through.

A variable is either *stored* (an input, or written by an earlier kernel: a load), *given* (the
kernel holds it in a register), or *inlined*: views move the index, elementwise functions ask for
their operands at it. One of the loops may run over vector lanes; then every value that moves with
it is a vector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..program import Operand, Statement, Variable
from ..protocol import DType
from . import elementwise, helpers
from .index import (
    ZERO,
    Atom,
    Fetch,
    Index,
    Loop,
    Quotient,
    Remainder,
    linearise,
    of,
    stride_of,
)
from .ir import LINE, Function, Value, memory_type, number, register_type, suffix, vector
from .view import is_view, move

if TYPE_CHECKING:
    from .kernel import Corner

Place = tuple[Index, ...]
Given = Callable[[Place], Value]


@dataclass(frozen=True, slots=True)
class Lanes:
    """The loop that runs over vector lanes, and which of them exist."""

    loop: Loop
    count: int
    mask: Value | None = None
    aligned: bool = True  # whether the first is a multiple of their number

    def stride(self, flat: Index) -> int | None:
        """How far apart the lanes are at this position; None where that is not a fixed distance."""
        return stride_of(flat, self.loop, self.count if self.aligned else 1)


class Expressions:
    """Writes the values of variables into one kernel function."""

    def __init__(self, statements: dict[Variable, Statement], stored: frozenset[Variable]) -> None:
        self.w = Function()
        self.statements = statements
        self.stored = stored
        self.own: frozenset[Variable] = frozenset()  # stored by this kernel itself: computed
        self.placed: Mapping[Variable, Corner] = {}  # parts of other variables
        self.lasting: frozenset[Variable] = frozenset()  # which nobody reads for long
        self.given: dict[Variable, Given] = {}
        self.loops: dict[Loop, Value] = {}
        self.lanes: Lanes | None = None
        self.buffers: list[Variable] = []  # the kernel's pointer arguments, in order

    # -- arguments -------------------------------------------------------------------------------
    def pointer(self, variable: Variable) -> Value:
        """The argument that points at a variable's buffer."""
        if variable not in self.buffers:
            self.buffers.append(variable)
        return Value(f"%p{self.buffers.index(variable)}", "ptr", 0, 0)

    # -- values ----------------------------------------------------------------------------------
    def value(self, variable: Variable, index: Place) -> Value:
        """The element of a variable, in a register; a vector when it moves with the lanes."""
        key = (variable.number, self.lanes, tuple(i.key for i in index))
        for level in self.w.levels:
            if key in level.known:
                known: Value = level.known[key]
                return known
        value = self._compute(variable, index)
        self.w.levels[value.level].known[key] = value
        return value

    def _compute(self, variable: Variable, index: Place) -> Value:
        if variable in self.given:
            return self.given[variable](index)
        if variable in self.stored and variable not in self.own:
            return self.load(variable, linearise(index, variable.shape))
        statement = self.statements[variable]
        if is_view(statement):
            return self.value(*move(statement, index))
        return self._function(statement, index)

    def _function(self, statement: Statement, index: Place) -> Value:
        settings = dict(statement.settings)
        out = statement.out
        match statement.function:
            case "full":
                return number(settings["value"], register_type(out.dtype))
            case "arange":
                return self._arange(index[0], out.dtype)
            case "random_bits":
                return self._random_bits(statement, index)
            case "cast":
                operand = statement.operands[0]
                assert isinstance(operand, Variable)
                value = self.value(operand, index)
                return elementwise.cast(self.w, value, operand.dtype, out.dtype)
        dtype = operand_dtype(statement)
        values = [self._operand(o, index, dtype) for o in statement.operands]
        return elementwise.apply(self.w, statement.function, values, dtype)

    def _operand(self, operand: Operand, index: Place, dtype: DType) -> Value:
        if not isinstance(operand, Variable):
            return number(operand, register_type(dtype))
        return self.value(operand, broadcast(index, operand))

    def _arange(self, place: Index, dtype: DType) -> Value:
        position = self.position(place)
        if dtype.kind == "f":
            return self.w.convert("sitofp", position, register_type(dtype))
        kind = register_type(dtype)
        return position if kind == "i64" else self.w.convert("trunc", position, kind)

    def _random_bits(self, statement: Statement, index: Place) -> Value:
        key = statement.operands[0]
        assert isinstance(key, Variable)
        words = [self.value(key, (ZERO + word,)) for word in range(3)]
        stream = dict(statement.settings)["stream"]
        flat, drawn = linearise(index, statement.out.shape), (words[0], words[1], words[2])
        if self.lanes is not None and self._whole_blocks(flat):
            start = number(flat.constant, "i64")
            for step in self._steps(flat):
                start = self.w.binary("add", start, step)
            first = self.w.convert("trunc", start, "i32")
            return helpers.philox_vector(self.w, first, self.lanes.count, drawn, stream)
        counter = self.w.convert("trunc", self.position(flat), "i32")
        return helpers.philox(self.w, counter, drawn, stream)

    def _whole_blocks(self, flat: Index) -> bool:
        """Do the lanes hold whole blocks of four words? Vectors start at multiples of lanes."""
        assert self.lanes is not None
        loop, count = self.lanes.loop, self.lanes.count
        others = [c for atom, c in flat.terms if atom != loop]
        aligned = flat.constant % 4 == 0 and all(c % 4 == 0 for c in others)
        return count >= 8 and aligned and stride_of(flat, loop) == 1

    # -- memory ----------------------------------------------------------------------------------
    def load(self, variable: Variable, flat: Index, base: Value | None = None) -> Value:
        """The element at a position of a contiguous buffer."""
        kind, pointer = memory_type(variable.dtype), base or self.pointer(variable)
        stride = 0 if self.lanes is None else self.lanes.stride(flat)
        if self.lanes is None or stride == 0:
            address = self.address(pointer, kind, flat)
            align = variable.dtype.itemsize
            value = self.w.pure(f"load {kind}, {address}, align {align}", kind, 0, address)
        elif stride == 1:
            value = self._load_vector(kind, self.address(pointer, kind, flat), variable.dtype)
        else:
            value = self._load_scattered(kind, pointer, flat, variable.dtype)
        if variable.dtype.kind == "b":
            return self.w.compare("icmp ne", value, number(0, "i8"))
        return value

    def _load_vector(self, kind: str, address: Value, dtype: DType) -> Value:
        assert self.lanes is not None
        lanes, mask = self.lanes.count, self.lanes.mask
        align = dtype.itemsize
        if mask is None:
            text = f"load {vector(kind, lanes)}, {address}, align {align}"
            return self.w.pure(text, kind, lanes, address)
        name = f"llvm.masked.load.{suffix(kind, lanes)}.p0"
        empty = Value("zeroinitializer", kind, lanes, 0)
        return self.w.call(name, kind, lanes, address, number(align, "i32"), mask, empty)

    def _load_scattered(self, kind: str, pointer: Value, flat: Index, dtype: DType) -> Value:
        """Lanes that do not stand side by side in memory."""
        assert self.lanes is not None
        lanes = self.lanes.count
        places = self.position(flat)
        text = f"getelementptr {kind}, {pointer}, {places}"
        addresses = self.w.pure(text, "ptr", lanes, pointer, places)
        mask = self.lanes.mask or number(1, "i1", lanes)
        name = f"llvm.masked.gather.{suffix(kind, lanes)}.v{lanes}p0"
        empty = Value("zeroinitializer", kind, lanes, 0)
        align = number(dtype.itemsize, "i32")
        return self.w.call(name, kind, lanes, addresses, align, mask, empty)

    def reload(self, variable: Variable, flat: Index, base: Value) -> Value:
        """A load that sees what this kernel has stored before."""
        kind, align = memory_type(variable.dtype), variable.dtype.itemsize
        address = self.address(base, kind, flat)
        lanes = 0 if self.lanes is None else self.lanes.count
        if self.lanes is None or self.lanes.mask is None:
            value = self.w.here(
                f"load {vector(kind, lanes)}, {address}, align {align}", kind, lanes
            )
        else:
            name = f"llvm.masked.load.{suffix(kind, lanes)}.p0"
            wide, mask = vector(kind, lanes), self.lanes.mask
            self.w.declarations.add(f"declare {wide} @{name}(ptr, i32, {mask.type}, {wide})")
            words = f"{address}, i32 {align}, {mask}, {wide} zeroinitializer"
            value = self.w.here(f"call {wide} @{name}({words})", kind, lanes)
        if variable.dtype.kind == "b":
            return self.w.compare("icmp ne", value, number(0, "i8"))
        return value

    def bind(self, value: Value, extent: int) -> Index:
        """A computed position below `extent`, as an index."""
        loop = Loop(self.w.fresh("l"), extent)
        self.loops[loop] = value
        return of(loop)

    def address(self, base: Value, kind: str, flat: Index) -> Value:
        """The address of a position; for lanes, of the first."""
        return self.w.pointer(base, kind, *self._steps(flat), number(flat.constant, "i64"))

    def store(
        self, value: Value, dtype: DType, base: Value, flat: Index, *, past: bool = False
    ) -> None:
        """Writes an element, or all lanes of a vector, to a contiguous buffer.

        Whole lines go past the caches if asked for, to memory that begins with a line.
        """
        kind = memory_type(dtype)
        if dtype.kind == "b":
            value = self.w.convert("zext", value, "i8")
        single = self.lanes is not None and self.lanes.loop.extent == 1
        if single and value.lanes:
            value = self.w.pure(f"extractelement {value}, i64 0", value.kind, 0, value)
        if self.lanes is not None and not single and self.lanes.stride(flat) != 1:
            self._store_scattered(value, kind, base, flat, dtype)
            return
        address = self.address(base, kind, flat)
        if self.lanes is None or single:
            self.w.effect(f"store {value}, {address}, align {dtype.itemsize}")
            return
        value = self.w.splat(value, self.lanes.count)
        if self.lanes.mask is None:
            past = past and self.lanes.count * dtype.itemsize == LINE and self._is_even(flat)
            words = f"{LINE}, !nontemporal !0" if past else str(dtype.itemsize)
            self.w.effect(f"store {value}, {address}, align {words}")
            return
        name = f"llvm.masked.store.{suffix(kind, self.lanes.count)}.p0"
        self.w.declarations.add(
            f"declare void @{name}({value.type}, ptr, i32, {self.lanes.mask.type})"
        )
        align = number(dtype.itemsize, "i32")
        self.w.effect(f"call void @{name}({value}, {address}, {align}, {self.lanes.mask})")

    def _is_even(self, flat: Index) -> bool:
        """Does every vector along this position begin at a multiple of its lanes?"""
        assert self.lanes is not None
        loop, count = self.lanes.loop, self.lanes.count
        others = [flat.constant, *(c for atom, c in flat.terms if atom != loop)]
        return self.lanes.aligned and all(c % count == 0 for c in others)

    def _store_scattered(
        self, value: Value, kind: str, base: Value, flat: Index, dtype: DType
    ) -> None:
        assert self.lanes is not None
        lanes = self.lanes.count
        places = self.position(flat)
        text = f"getelementptr {kind}, {base}, {places}"
        addresses = self.w.pure(text, "ptr", lanes, base, places)
        mask = self.lanes.mask or number(1, "i1", lanes)
        value = self.w.splat(value, lanes)
        name = f"llvm.masked.scatter.{suffix(kind, lanes)}.v{lanes}p0"
        self.w.declarations.add(
            f"declare void @{name}({value.type}, {addresses.type}, i32, {mask.type})"
        )
        align = number(dtype.itemsize, "i32")
        self.w.effect(f"call void @{name}({value}, {addresses}, {align}, {mask})")

    def put(self, store: Variable, value: Value, flat: Index) -> None:
        """Writes an element of a variable that the kernel stores, in its place in memory."""
        corner = self.placed.get(store)
        if corner is None:
            past = store in self.lasting
            self.store(value, store.dtype, self.pointer(store), flat, past=past)
        else:
            place = corner.position(store, flat)
            self.store(value, store.dtype, self.pointer(corner.target), place)

    # -- positions -------------------------------------------------------------------------------
    def position(self, index: Index, whole: bool = True) -> Value:
        """The index as an i64; one per lane when it moves with the lanes, or of the first lane."""
        total = number(index.constant, "i64")
        for step in self._steps(index, whole):
            total = step if total.name == "0" else self.w.binary("add", total, step)
        return total

    def _steps(self, index: Index, whole: bool = False) -> list[Value]:
        """coefficient · atom for each term, outermost loops first."""
        steps = []
        for atom, coefficient in index.terms:
            value = self._atom(atom, whole)
            if coefficient != 1:
                value = self.w.binary("mul", value, number(coefficient, "i64"))
            steps.append(value)
        return sorted(steps, key=lambda step: step.level)

    def _atom(self, atom: Atom, whole: bool) -> Value:
        lanes = self.lanes
        if isinstance(atom, Loop):
            base = self.loops[atom]
            if not whole or lanes is None or atom != lanes.loop:
                return base
            iota = ", ".join(f"i64 {lane}" for lane in range(lanes.count))
            return self.w.binary("add", base, Value(f"<{iota}>", "i64", lanes.count, 0))
        if isinstance(atom, Fetch):
            return self._fetch(atom)
        assert isinstance(atom, Quotient | Remainder)
        operator = "udiv" if isinstance(atom, Quotient) else "urem"
        return self.w.binary(operator, self.position(atom.of, whole), number(atom.by, "i64"))

    def _fetch(self, atom: Fetch) -> Value:
        """An element of an index array, held inside its axis; outside it, the flag is raised."""
        w = self.w
        dtype = atom.variable.dtype
        value = self.value(atom.variable, atom.index)
        if value.kind != "i64":
            value = w.convert("sext" if dtype.kind == "i" else "zext", value, "i64")
        outside = w.compare("icmp uge", value, number(atom.extent, "i64"))
        self.flag(outside)
        return w.select(outside, number(0, "i64"), value)

    def flag(self, outside: Value) -> None:
        """Raises the program's error flag where the condition holds."""
        w, level = self.w, outside.level
        known = ("flag", outside.name)
        if known in w.levels[level].known:
            return
        if outside.lanes:
            if self.lanes is not None and self.lanes.mask is not None:
                outside = w.binary("and", outside, self.lanes.mask)
            name = f"llvm.vector.reduce.or.{suffix('i1', outside.lanes)}"
            outside = w.call(name, "i1", 0, outside)
        sink = Value("%sink", "ptr", 0, 0)
        target = w.select(outside, Value("%flag", "ptr", 0, 0), sink)
        w.effect(f"store i32 1, {target}, align 4", level)
        w.levels[level].known[known] = outside


def operand_dtype(statement: Statement) -> DType:
    """The dtype an elementwise statement computes in."""
    operands = statement.operands[1:] if statement.function == "where" else statement.operands
    return next(o.dtype for o in operands if isinstance(o, Variable))


def broadcast(index: Place, operand: Variable) -> Place:
    """The index of an operand that NumPy's rule broadcasts to the result."""
    skipped = len(index) - len(operand.shape)
    return tuple(
        ZERO if size == 1 else place
        for place, size in zip(index[skipped:], operand.shape, strict=True)
    )

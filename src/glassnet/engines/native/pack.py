"""Packing a product's operands, so that the innermost loop reads side by side.

A panel of the right operand becomes (k, columns), aligned. A panel of the left operand is read
where it lies or becomes (k, rows).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..program import Variable
from .expression import Expressions
from .index import Index
from .ir import Value, memory_type, number, suffix, vector
from .lanes import guard, mask
from .tile import Tile


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns `column` … of a (k, n) operand with these strides, from position `start` on."""

    variable: Variable
    source: Value  # the address of element (0, 0)
    along_k: int
    along_n: int
    columns: int  # of the whole operand: a panel at its edge is masked
    packed: Value  # where the packed panel begins


@dataclass(frozen=True, slots=True)
class Operand:
    """Where a (batch, rows, columns) operand lies."""

    variable: Variable
    start: int
    batch: int
    row: int
    column: int

    def turned(self) -> Operand:
        """The operand transposed."""
        return replace(self, row=self.column, column=self.row)


@dataclass(frozen=True, slots=True)
class Left:
    """A panel of the left operand: `rows` rows of m from `row` on, `depth` deep from k."""

    m: int
    rows: int
    lanes: int
    row: Value
    k: Value
    depth: Value


def pack(
    e: Expressions, panel: Panel, tile: Tile, first: Value, column: Value, depth: Value, k: int
) -> None:
    """Writes `depth` rows from row `first` on of the panel that starts at `column`."""
    if panel.along_n == 1:
        _copy(e, panel, tile, first, column, depth)
    elif panel.along_k == 1:
        _transpose(e, panel, tile, first, column, depth, k)
    else:
        _collect(e, panel, tile, first, column, depth)


def _address(e: Expressions, panel: Panel, row: Value, column: Value) -> Value:
    w, kind = e.w, memory_type(panel.variable.dtype)
    steps = [
        w.binary("mul", row, number(panel.along_k, "i64")),
        w.binary("mul", column, number(panel.along_n, "i64")),
    ]
    return w.pointer(panel.source, kind, *(s for s in steps if s.name != "0"))


def _target(
    e: Expressions, panel: Panel, tile: Tile, kind: str, row: Value, column: int = 0
) -> Value:
    step = e.w.binary("mul", row, number(tile.columns, "i64"))
    return e.w.pointer(panel.packed, kind, step, number(column, "i64"))


def _load(
    e: Expressions, address: Value, kind: str, lanes: int, align: int, hidden: Value | None
) -> Value:
    wide = vector(kind, lanes)
    if hidden is None:
        return e.w.pure(f"load {wide}, {address}, align {align}", kind, lanes, address)
    empty = Value("zeroinitializer", kind, lanes, 0)
    name = f"llvm.masked.load.{suffix(kind, lanes)}.p0"
    return e.w.call(name, kind, lanes, address, number(align, "i32"), hidden, empty)


def _copy(
    e: Expressions, panel: Panel, tile: Tile, first: Value, column: Value, depth: Value
) -> None:
    """Rows that lie side by side already."""
    w, kind, size = e.w, memory_type(panel.variable.dtype), panel.variable.dtype.itemsize
    edge = panel.columns % tile.columns
    hidden: list[Value | None] = [None] * tile.vectors
    starts = [w.binary("add", column, number(v * tile.lanes, "i64")) for v in range(tile.vectors)]
    if edge:
        hidden = [mask(e, tile.lanes, start, panel.columns) for start in starts]
    with w.loop(number(0, "i64"), depth) as k:
        row = w.binary("add", first, k)
        for v, start in enumerate(starts):
            address = _address(e, panel, row, start)
            value = _load(e, address, kind, tile.lanes, size, hidden[v])
            target = _target(e, panel, tile, kind, k, v * tile.lanes)
            w.effect(f"store {value}, {target}, align {tile.lanes * size}")


def _transpose(
    e: Expressions, panel: Panel, tile: Tile, first: Value, column: Value, depth: Value, k: int
) -> None:
    """Columns that lie side by side: squares of lanes × lanes, turned in registers."""
    w, lanes = e.w, tile.lanes
    whole = w.binary("and", depth, number(-lanes, "i64"))
    with guard(e, w.compare("icmp sgt", whole, number(0, "i64"))):
        with w.loop(number(0, "i64"), whole, lanes) as start:
            _square(e, panel, tile, first, column, start, None)
    if k % lanes:
        with guard(e, w.compare("icmp ne", whole, depth)):
            left = w.convert("trunc", w.binary("sub", depth, whole), "i32")
            iota = Value(f"<{', '.join(f'i32 {i}' for i in range(lanes))}>", "i32", lanes, 0)
            hidden = w.compare("icmp slt", iota, left)
            _square(e, panel, tile, first, column, whole, hidden)


def _square(
    e: Expressions,
    panel: Panel,
    tile: Tile,
    first: Value,
    column: Value,
    start: Value,
    hidden: Value | None,
) -> None:
    w, kind, size = e.w, memory_type(panel.variable.dtype), panel.variable.dtype.itemsize
    row = w.binary("add", first, start)
    for v in range(tile.vectors):
        square = []
        for lane in range(tile.lanes):
            place = w.binary("add", column, number(v * tile.lanes + lane, "i64"))
            if panel.columns % tile.columns:
                place = w.call("llvm.smin.i64", "i64", 0, place, number(panel.columns - 1, "i64"))
            address = _address(e, panel, row, place)
            square.append(_load(e, address, kind, tile.lanes, size, hidden))
        for lane, value in enumerate(turned(e, square)):
            k = w.binary("add", start, number(lane, "i64"))
            target = _target(e, panel, tile, kind, k, v * tile.lanes)
            w.effect(f"store {value}, {target}, align {tile.lanes * size}")


def turned(e: Expressions, square: list[Value]) -> list[Value]:
    """The transpose of a square of vectors, by exchanging ever larger blocks."""
    lanes, half = len(square), 1
    while half < lanes:
        turned = list(square)
        for i in range(lanes):
            if i & half:
                continue
            a, b = square[i], square[i + half]
            low = [j if not j & half else lanes + j - half for j in range(lanes)]
            high = [j + half if not j & half else lanes + j for j in range(lanes)]
            turned[i], turned[i + half] = _shuffle(e, a, b, low), _shuffle(e, a, b, high)
        square, half = turned, half * 2
    return square


def _shuffle(e: Expressions, a: Value, b: Value, places: list[int]) -> Value:
    words = ", ".join(f"i32 {place}" for place in places)
    text = f"shufflevector {a}, {b}, <{len(places)} x i32> <{words}>"
    return e.w.pure(text, a.kind, a.lanes, a, b)


def _collect(
    e: Expressions, panel: Panel, tile: Tile, first: Value, column: Value, depth: Value
) -> None:
    """Any other strides: element by element."""
    w, kind, size = e.w, memory_type(panel.variable.dtype), panel.variable.dtype.itemsize
    with (
        w.loop(number(0, "i64"), depth) as k,
        w.loop(number(0, "i64"), number(tile.columns, "i64")) as j,
    ):
        place = w.binary("add", column, j)
        place = w.call("llvm.smin.i64", "i64", 0, place, number(panel.columns - 1, "i64"))
        address = _address(e, panel, w.binary("add", first, k), place)
        value = w.pure(f"load {kind}, {address}, align {size}", kind, 0, address)
        target = w.pointer(_target(e, panel, tile, kind, k), kind, j)
        w.effect(f"store {value}, {target}, align {size}")


def pack_left(e: Expressions, source: Value, operand: Operand, cut: Left) -> None:
    """A panel of the left operand, turned to (depth, rows).

    The last lanes of each store are beyond its row; the next store writes over them.
    """
    if operand.row == 1:
        _copy_left(e, source, operand, cut)
    else:
        _turn_left(e, source, operand, cut)


def _copy_left(e: Expressions, source: Value, operand: Operand, cut: Left) -> None:
    """Rows lie side by side already."""
    w, lanes = e.w, cut.lanes
    kind, size = memory_type(operand.variable.dtype), operand.variable.dtype.itemsize
    target = Value("%left", "ptr", 0, 0)
    with w.loop(number(0, "i64"), cut.depth) as k:
        away = w.binary("mul", w.binary("add", cut.k, k), number(operand.column, "i64"))
        place = w.binary("mul", k, number(cut.rows, "i64"))
        for start in range(0, cut.rows, lanes):
            row = w.binary("add", cut.row, number(start, "i64"))
            hidden = mask(e, lanes, row, cut.m)
            value = _load(e, w.pointer(source, kind, row, away), kind, lanes, size, hidden)
            goal = w.pointer(target, kind, place, number(start, "i64"))
            w.effect(f"store {value}, {goal}, align {size}")


def _turn_left(e: Expressions, source: Value, operand: Operand, cut: Left) -> None:
    """Depth lies side by side: squares of lanes × lanes, turned in registers."""
    w, lanes, rows = e.w, cut.lanes, cut.rows
    kind, size = memory_type(operand.variable.dtype), operand.variable.dtype.itemsize
    target = Value("%left", "ptr", 0, 0)
    with w.loop(number(0, "i64"), cut.depth, lanes) as start:
        hidden = mask_below(e, lanes, start, cut.depth)
        square = []
        for i in range(lanes):
            m = w.binary("add", cut.row, number(min(i, rows - 1), "i64"))
            m = w.call("llvm.smin.i64", "i64", 0, m, number(cut.m - 1, "i64"))
            k = w.binary("add", cut.k, start)
            steps = w.binary("mul", m, number(operand.row, "i64"))
            address = w.pointer(source, kind, steps, k)
            square.append(_load(e, address, kind, lanes, size, hidden))
        for i, value in enumerate(turned(e, square)):
            k = w.binary("mul", w.binary("add", start, number(i, "i64")), number(rows, "i64"))
            w.effect(f"store {value}, {w.pointer(target, kind, k)}, align {size}")


def mask_below(e: Expressions, lanes: int, start: Value, stop: Value) -> Value:
    """Which of the lanes from `start` on are below `stop`."""
    iota = Value(f"<{', '.join(f'i32 {i}' for i in range(lanes))}>", "i32", lanes, 0)
    left = e.w.convert("trunc", e.w.binary("sub", stop, start), "i32")
    return e.w.compare("icmp slt", iota, left)


def strides(flat: Index, loops: list[Index]) -> list[int]:
    """How far a step of each loop moves a position."""
    from .index import stride_of

    found = []
    for loop in loops:
        step = stride_of(flat, loop.terms[0][0]) if loop.terms else 0
        assert step is not None
        found.append(step)
    return found

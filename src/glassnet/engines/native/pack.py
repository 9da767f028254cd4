"""Packing a product's operands, so that the innermost loop reads side by side.

A panel of the right operand becomes (k, columns), aligned. A panel of the left operand is read
where it lies or becomes (k, rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..program import Variable
from .axis import Axis
from .expression import Expressions
from .ir import Value, memory_type, number, suffix, vector
from .lanes import guard, mask
from .tile import Tile


@dataclass(frozen=True, slots=True)
class Panel:
    """Some columns of a (k, n) operand, to be packed."""

    operand: Operand
    source: Value  # the address of element (0, 0)
    columns: int  # of the whole operand: a panel at its edge is masked
    packed: Value  # where the packed panel begins


@dataclass(frozen=True, slots=True)
class Operand:
    """Where a (batch, rows, columns) operand lies."""

    variable: Variable
    start: int
    batch: Axis
    rows: Axis
    columns: Axis

    @property
    def row(self) -> int:
        """The stride from row to row, while a run of them lasts."""
        return self.rows.stride

    @property
    def column(self) -> int:
        """The stride from column to column, while a run of them lasts."""
        return self.columns.stride

    def turned(self) -> Operand:
        """The operand transposed."""
        return replace(self, rows=self.columns, columns=self.rows)


@dataclass(frozen=True, slots=True)
class Left:
    """A panel of the left operand: `rows` rows of m from `row` on, `depth` deep from k."""

    m: int
    rows: int
    lanes: int
    deepest: int  # room for each row
    row: Value
    k: Value
    depth: Value


def pack(
    e: Expressions, panel: Panel, tile: Tile, first: Value, column: Value, depth: Value, k: int
) -> None:
    """Writes `depth` rows from row `first` on of the panel that starts at `column`."""
    rows, columns, lanes = panel.operand.rows, panel.operand.columns, tile.lanes
    if columns.stride == 1 and (columns.plain or columns.run % lanes == 0):
        _copy(e, panel, tile, first, column, depth)
    elif columns.stride == 1:
        _copy_runs(e, panel, tile, first, column, depth)
    elif rows.stride == 1 and (rows.plain or rows.run % lanes == tile.depth % lanes == 0):
        _transpose(e, panel, tile, first, column, depth, k)
    else:
        _collect(e, panel, tile, first, column, depth)


@contextmanager
def _down(
    e: Expressions, panel: Panel, first: Value, depth: Value
) -> Iterator[tuple[Value, Value]]:
    """Row after row from row `first` on: its number in the panel, and how far away it lies."""
    w, rows = e.w, panel.operand.rows
    if rows.plain:
        with w.loop(number(0, "i64"), depth) as k:
            yield k, rows.position(w, w.binary("add", first, k))
        return
    run, stop = number(rows.run, "i64"), w.binary("add", first, depth)
    last = w.binary("udiv", w.binary("sub", stop, number(1, "i64")), run)
    with w.loop(w.binary("udiv", first, run), w.binary("add", last, number(1, "i64"))) as r:
        whole = w.binary("mul", r, run)
        begin = w.larger(whole, first)
        end = w.smaller(w.binary("add", whole, run), stop)
        before = w.binary("sub", first, whole)
        with w.loop(w.binary("sub", begin, first), w.binary("sub", end, first)) as k:
            step = w.binary("mul", w.binary("add", before, k), number(rows.stride, "i64"))
            yield k, w.binary("add", rows.start(w, r), step)


def _at(e: Expressions, panel: Panel, away: Value, column: Value) -> Value:
    """The address of a column in a row so far away."""
    steps = [away, panel.operand.columns.position(e.w, column)]
    return e.w.pointer(panel.source, _kind(panel), *(s for s in steps if s.name != "0"))


def _address(e: Expressions, panel: Panel, row: Value, column: Value) -> Value:
    return _at(e, panel, panel.operand.rows.position(e.w, row), column)


def _kind(panel: Panel) -> str:
    return memory_type(panel.operand.variable.dtype)


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
    w, kind, size = e.w, _kind(panel), panel.operand.variable.dtype.itemsize
    edge = panel.columns % tile.columns
    hidden: list[Value | None] = [None] * tile.vectors
    starts = [w.binary("add", column, number(v * tile.lanes, "i64")) for v in range(tile.vectors)]
    if edge:
        hidden = [mask(e, tile.lanes, start, panel.columns) for start in starts]
    with _down(e, panel, first, depth) as (k, away):
        for v, start in enumerate(starts):
            address = _at(e, panel, away, start)
            value = _load(e, address, kind, tile.lanes, size, hidden[v])
            target = _target(e, panel, tile, kind, k, v * tile.lanes)
            w.effect(f"store {value}, {target}, align {tile.lanes * size}")


def _copy_runs(
    e: Expressions, panel: Panel, tile: Tile, first: Value, column: Value, depth: Value
) -> None:
    """Rows in runs that lie side by side only within each: run after run."""
    if panel.columns <= tile.columns:
        _copy_all_runs(e, panel, tile, first, depth)
        return
    w, kind, size = e.w, _kind(panel), panel.operand.variable.dtype.itemsize
    run = number(panel.operand.columns.run, "i64")
    stop = w.binary("add", column, number(tile.columns, "i64"))
    stop = w.smaller(stop, number(panel.columns, "i64"))
    last = w.binary("udiv", w.binary("sub", stop, number(1, "i64")), run)
    with w.loop(w.binary("udiv", column, run), w.binary("add", last, number(1, "i64"))) as number_:
        begin = w.binary("mul", number_, run)
        end = w.smaller(w.binary("add", begin, run), stop)
        begin = w.larger(begin, column)
        place = w.binary("sub", begin, column)
        length = w.binary("sub", end, begin)
        longest = min(panel.operand.columns.run, tile.columns)
        for offset in range(0, longest, tile.lanes):
            shown = mask_below(e, tile.lanes, number(offset, "i64"), length)
            with _down(e, panel, first, depth) as (k, away):
                address = w.pointer(_at(e, panel, away, begin), kind, number(offset, "i64"))
                value = _load(e, address, kind, tile.lanes, size, shown)
                row = _target(e, panel, tile, kind, k, offset)
                _store(e, value, w.pointer(row, kind, place), size, shown)


def _copy_all_runs(e: Expressions, panel: Panel, tile: Tile, first: Value, depth: Value) -> None:
    """All the runs of a row at once, since they fit into one panel."""
    kind, size = _kind(panel), panel.operand.variable.dtype.itemsize
    run, lanes = panel.operand.columns.run, tile.lanes
    with _down(e, panel, first, depth) as (k, away):
        for begin in range(0, panel.columns, run):
            for offset in range(0, run, lanes):
                bits = ", ".join(f"i1 {int(i < run - offset)}" for i in range(lanes))
                shown = Value(f"<{bits}>", "i1", lanes, 0)
                address = _at(e, panel, away, number(begin + offset, "i64"))
                value = _load(e, address, kind, lanes, size, shown)
                _store(e, value, _target(e, panel, tile, kind, k, begin + offset), size, shown)


def _store(e: Expressions, value: Value, address: Value, align: int, shown: Value) -> None:
    """Those lanes that are to be shown."""
    name = f"llvm.masked.store.{suffix(value.kind, value.lanes)}.p0"
    e.w.declarations.add(f"declare void @{name}({value.type}, ptr, i32, {shown.type})")
    e.w.effect(f"call void @{name}({value}, {address}, i32 {align}, {shown})")


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
    w, kind, size = e.w, _kind(panel), panel.operand.variable.dtype.itemsize
    row = w.binary("add", first, start)
    for v in range(tile.vectors):
        square = []
        for lane in range(tile.lanes):
            place = w.binary("add", column, number(v * tile.lanes + lane, "i64"))
            if panel.columns % tile.columns:
                place = w.smaller(place, number(panel.columns - 1, "i64"))
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
    w, kind, size = e.w, _kind(panel), panel.operand.variable.dtype.itemsize
    with (
        _down(e, panel, first, depth) as (k, away),
        w.loop(number(0, "i64"), number(tile.columns, "i64")) as j,
    ):
        place = w.binary("add", column, j)
        place = w.smaller(place, number(panel.columns - 1, "i64"))
        address = _at(e, panel, away, place)
        value = w.pure(f"load {kind}, {address}, align {size}", kind, 0, address)
        target = w.pointer(_target(e, panel, tile, kind, k), kind, j)
        w.effect(f"store {value}, {target}, align {size}")


def pack_left(e: Expressions, source: Value, operand: Operand, cut: Left) -> None:
    """A panel of the left operand, turned to (depth, rows); as (rows, depth) if rows lie scattered.

    The last lanes of each store are beyond its row; the next store writes over them.
    """
    if not operand.rows.plain:
        _gather_left(e, source, operand, cut)
    elif operand.row == 1:
        _copy_left(e, source, operand, cut)
    else:
        _turn_left(e, source, operand, cut)


def _copy_left(e: Expressions, source: Value, operand: Operand, cut: Left) -> None:
    """Rows lie side by side already."""
    w, lanes = e.w, cut.lanes
    kind, size = memory_type(operand.variable.dtype), operand.variable.dtype.itemsize
    target = Value("%left", "ptr", 0, 0)
    with w.loop(number(0, "i64"), cut.depth) as k:
        away = operand.columns.position(w, w.binary("add", cut.k, k))
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
            m = w.smaller(m, number(cut.m - 1, "i64"))
            k = w.binary("add", cut.k, start)
            steps = operand.rows.position(w, m)
            address = w.pointer(source, kind, steps, operand.columns.position(w, k))
            square.append(_load(e, address, kind, lanes, size, hidden))
        for i, value in enumerate(turned(e, square)):
            k = w.binary("mul", w.binary("add", start, number(i, "i64")), number(rows, "i64"))
            w.effect(f"store {value}, {w.pointer(target, kind, k)}, align {size}")


def _gather_left(e: Expressions, source: Value, operand: Operand, cut: Left) -> None:
    """Rows that lie anywhere, one after the other, each in as many runs as it comes in."""
    w, lanes, columns = e.w, cut.lanes, operand.columns
    kind, size = memory_type(operand.variable.dtype), operand.variable.dtype.itemsize
    run, stop = number(columns.run, "i64"), w.binary("add", cut.k, cut.depth)
    last = w.binary("udiv", w.binary("sub", stop, number(1, "i64")), run)
    with w.loop(number(0, "i64"), number(cut.rows, "i64")) as i:
        m = w.binary("add", cut.row, i)
        m = w.smaller(m, number(cut.m - 1, "i64"))
        base = w.pointer(source, kind, operand.rows.position(w, m))
        place = w.binary("mul", i, number(cut.deepest, "i64"))
        target = w.pointer(Value("%left", "ptr", 0, 0), kind, place)
        with w.loop(w.binary("udiv", cut.k, run), w.binary("add", last, number(1, "i64"))) as r:
            begin = w.binary("mul", r, run)
            end = w.smaller(w.binary("add", begin, run), stop)
            begin = w.larger(begin, cut.k)
            begun = w.pointer(base, kind, columns.position(w, begin))
            goal = w.pointer(target, kind, w.binary("sub", begin, cut.k))
            step = lanes if columns.stride == 1 else 1
            with w.loop(number(0, "i64"), w.binary("sub", end, begin), step) as away:
                if columns.stride == 1:
                    shown = mask_below(e, lanes, away, w.binary("sub", end, begin))
                    value = _load(e, w.pointer(begun, kind, away), kind, lanes, size, shown)
                    _store(e, value, w.pointer(goal, kind, away), size, shown)
                else:
                    steps = w.binary("mul", away, number(columns.stride, "i64"))
                    address = w.pointer(begun, kind, steps)
                    value = w.pure(f"load {kind}, {address}, align {size}", kind, 0, address)
                    w.effect(f"store {value}, {w.pointer(goal, kind, away)}, align {size}")


def mask_below(e: Expressions, lanes: int, start: Value, stop: Value) -> Value:
    """Which of the lanes from `start` on are below `stop`."""
    iota = Value(f"<{', '.join(f'i32 {i}' for i in range(lanes))}>", "i32", lanes, 0)
    left = e.w.convert("trunc", e.w.binary("sub", stop, start), "i32")
    return e.w.compare("icmp slt", iota, left)

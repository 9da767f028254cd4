"""Kernels of kind "contract": a product, batched or not, and what follows element by element.

For each block of columns and of k, the columns are packed once and used by every panel of rows; a
panel of rows, packed where that pays, is used by every panel of columns. The tile that comes out is
finished (bias, activation, optimiser's update, …) while it is still in cache; what the finish will
read is fetched while the tile is computed. Every result is summed over k in the same order, whoever
computes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from . import micro
from .beside import Beside, fetch
from .expression import Expressions
from .index import ZERO, Index
from .ir import Value, memory_type, number, vector
from .kernel import Kernel, at
from .lanes import counted, guard, lane
from .pack import Left, Operand, Panel, pack, pack_left
from .product import Fetched, Product
from .rows import BEGIN, END


@dataclass(frozen=True, slots=True)
class Depth:
    """One block of k: where it starts, how long it is, whether results were begun, and end here."""

    first: Value
    count: Value
    resume: Value
    last: Value


@dataclass(frozen=True, slots=True)
class Rows:
    """One panel of rows: which of a thread's, in which line, from which row of it, how many."""

    number: Value
    line: Value
    inside: Value
    first: Value  # counted from the first of all rows
    count: Value


class ProductWriter:
    """Writes one kernel of kind "contract"; its split is over `Product.units`."""

    def __init__(self, e: Expressions, kernel: Kernel, product: Product) -> None:
        self.e, self.w, self.kernel, self.p = e, e.w, kernel, product
        self.kind = memory_type(product.a.variable.dtype)
        self.batch: Index = ZERO
        self.rows = BEGIN, END  # where rows, or panels of them, are shared out

    def write(self) -> None:
        p = self.p
        if p.split == "panels":
            self._write_panels()
        elif p.batch > 1:
            with counted(self.e, p.batch, BEGIN, END) as self.batch:
                self._column_blocks()
        else:
            self._column_blocks()

    def _write_panels(self) -> None:
        """Some panels of the rows of each product, from the first of one to the last of another."""
        p, w = self.p, self.w
        count = number(p.row_panels, "i64")
        last = w.binary("sub", END, number(1, "i64"))
        stop = w.binary("add", w.binary("sdiv", last, count), number(1, "i64"))
        with counted(self.e, p.batch, w.binary("udiv", BEGIN, count), stop) as self.batch:
            before = w.binary("mul", self.e.position(self.batch), count)
            begin, end = (w.binary("sub", unit, before) for unit in (BEGIN, END))
            begin = w.larger(begin, number(0, "i64"))
            self.rows = begin, self.w.smaller(end, count)
            if p.line == p.m:  # rows are counted one by one
                rows = number(p.tile.rows, "i64")
                begin, end = (w.binary("mul", panel, rows) for panel in self.rows)
                self.rows = begin, self.w.smaller(end, number(p.m, "i64"))
            self._column_blocks()

    def _column_blocks(self) -> None:
        """Blocks of columns outside, then blocks of k, panels of rows, panels of columns."""
        p = self.p
        whole = (number(0, "i64"), number(p.column_panels, "i64"))
        columns = (BEGIN, END) if p.split == "columns" else whole
        if p.column_panels <= p.tile.width:
            with self._depths() as k:
                self._rows(columns, k)
            return
        with self.w.loop(*columns, p.tile.width) as start:
            stop = self.w.binary("add", start, number(p.tile.width, "i64"))
            with self._depths() as k:
                self._rows((start, self.w.smaller(stop, columns[1])), k)

    def write_packing(self) -> None:
        """In the place of the product: panels begin … end of its right operand, to be kept."""
        with self._depths() as k, self.w.loop(BEGIN, END) as panel:
            self._pack(panel, BEGIN, k)

    @contextmanager
    def _depths(self) -> Iterator[Depth]:
        """A loop over the blocks of k, where there are several."""
        p, zero = self.p, number(0, "i64")
        if p.blocks == 1:
            yield Depth(zero, number(p.k, "i64"), number(0, "i1"), number(1, "i1"))
            return
        with self.w.loop(zero, number(p.blocks, "i64")) as block:
            first = self.w.binary("mul", block, number(p.tile.depth, "i64"))
            left = self.w.binary("sub", number(p.k, "i64"), first)
            depth = self.w.smaller(left, number(p.tile.depth, "i64"))
            resume = self.w.compare("icmp ne", block, zero)
            last = self.w.compare("icmp eq", block, number(p.blocks - 1, "i64"))
            yield Depth(first, depth, resume, last)

    def _rows(self, columns: tuple[Value, Value], k: Depth) -> None:
        p, w = self.p, self.w
        if p.packed is None:
            with w.loop(*columns) as panel:
                self._pack(panel, columns[0], k)
        units = p.m if p.line == p.m else p.row_panels
        first, last = number(0, "i64"), number(units, "i64")
        if p.split in ("rows", "panels"):
            first, last = self.rows
        with w.loop(first, last, p.tile.rows if p.line == p.m else 1) as unit:
            mine = self._panel_of(unit, first, last) if p.line == p.m else self._rows_of(unit)
            own = self._reached(mine, k)
            if p.packs_left:
                depth = own.first, own.count
                cut = Left(p.m, p.tile.rows, p.tile.lanes, p.deepest, mine.first, *depth)
                pack_left(self.e, self._source(p.a), p.a, cut)
            if not p.beside:
                self._panels(mine, columns, own)
            elif p.rests:
                full = number(p.tile.rows, "i64")
                with guard(self.e, w.compare("icmp eq", mine.count, full)):
                    self._beside(mine, columns, own)
                with guard(self.e, w.compare("icmp ne", mine.count, full)):
                    self._panels(mine, columns, own)
            else:
                self._beside(mine, columns, own)

    def _reached(self, rows: Rows, k: Depth) -> Depth:
        """The k at which a panel of rows is not known to be 0; at least one."""
        stair, w, one = self.p.zero, self.w, number(1, "i64")
        if self.p.band is not None:
            first, count = self.p.band.reached(w, rows.line)
            return replace(k, first=first, count=count)
        if stair is None:
            return k
        if stair.turned:  # from the first row's own on
            first = w.binary("sub", rows.inside, number(stair.ahead, "i64"))
            first = w.larger(first, number(0, "i64"))
            first = self.w.smaller(first, number(self.p.k - 1, "i64"))
            return replace(k, first=first, count=w.binary("sub", k.count, first))
        stop = w.binary("add", rows.inside, rows.count)  # up to the last row's own
        stop = w.binary("add", stop, number(stair.ahead, "i64"))
        stop = w.larger(stop, one)
        return replace(k, count=self.w.smaller(k.count, stop))

    def _wanted(self, rows: Rows, column: Value, count: Value) -> Value:
        """So many k for a tile: one, if nobody wants any of its results."""
        stair, w, tile, one = self.p.wanted, self.w, self.p.tile, number(1, "i64")
        if stair is None:
            return count
        low, high, length = rows.inside, column, rows.count
        if stair.turned:
            low, high, length = high, low, number(tile.columns, "i64")
        last = w.binary("add", low, w.binary("sub", length, one))
        beyond = w.compare("icmp sgt", high, w.binary("add", last, number(stair.ahead, "i64")))
        return w.select(beyond, one, count)

    def _panels(self, rows: Rows, columns: tuple[Value, Value], k: Depth) -> None:
        """A panel of rows with every panel of columns, one tile after the other."""
        with self.w.loop(*columns) as panel:
            self._tile(rows, panel, columns[0], k)

    def _beside(self, rows: Rows, columns: tuple[Value, Value], k: Depth) -> None:
        """The same, each tile finished while the next one is computed."""
        p, w, tile = self.p, self.w, Value("%tile", "ptr", 0, 0)
        one, size = number(1, "i64"), p.a.variable.dtype.itemsize
        code = Beside(self._kernel(p.tile.rows), p.k)
        self._product(rows, columns[0], columns[0], k)
        second = w.binary("add", columns[0], one)
        with guard(self.e, w.compare("icmp slt", second, columns[1])):
            with w.loop(second, columns[1]) as panel:
                before = self._column(w.binary("sub", panel, one))
                begin = self._addresses(rows.first, self._column(panel))

                def row(i: Value) -> None:
                    self._finish_row(rows, before, tile, i, masked=False)
                    for f, address in zip(self._fetches(), begin, strict=True):
                        step = w.binary("mul", i, number(f.stride, "i64"))
                        at = w.pointer(address, memory_type(f.variable.dtype), step)
                        fetch(w, at, p.tile.columns * size)

                packed = self._panel(panel, columns[0], k)
                code.write(w, self._left(rows, k), packed, tile, row)
        self._finish(rows, self._column(w.binary("sub", columns[1], one)), tile)

    def _column(self, panel: Value) -> Value:
        """The first column of a panel."""
        return self.w.binary("mul", panel, number(self.p.tile.columns, "i64"))

    def _pack(self, panel: Value, first: Value, k: Depth) -> None:
        p = self.p
        column = self._column(panel)
        right = Panel(p.b, self._source(p.b), p.n, self._panel(panel, first, k))
        pack(self.e, right, p.tile, k.first, column, k.count, p.k)

    def _panel_of(self, row: Value, begin: Value, end: Value) -> Rows:
        """The panel that starts at a row, one of those from `begin` to `end`."""
        p, w = self.p, self.w
        count = self.w.smaller(w.binary("sub", end, row), number(p.tile.rows, "i64"))
        before = w.binary("sub", row, begin)
        place = w.binary("udiv", before, number(p.tile.rows, "i64")) if p.blocks > 1 else before
        return Rows(place, number(0, "i64"), row, row, count)

    def _rows_of(self, row_panel: Value) -> Rows:
        """The rows of a panel: those of a line, or what is left of it."""
        p, w = self.p, self.w
        line = w.binary("udiv", row_panel, number(p.line_panels, "i64"))
        panel = w.binary("urem", row_panel, number(p.line_panels, "i64"))
        inside = w.binary("mul", panel, number(p.tile.rows, "i64"))
        left = w.binary("sub", number(p.line, "i64"), inside)
        count = self.w.smaller(left, number(p.tile.rows, "i64"))
        first = w.binary("add", w.binary("mul", line, number(p.line, "i64")), inside)
        return Rows(row_panel, line, inside, first, count)

    def _panel(self, panel: Value, first: Value, k: Depth) -> Value:
        """Where a packed panel of the right operand begins."""
        p, w = self.p, self.w
        if p.packed is None:
            base, place = Value("%panel", "ptr", 0, 0), w.binary("sub", panel, first)
        else:
            base, place = self.e.pointer(p.packed), panel
            if p.blocks > 1:
                block = w.binary("udiv", k.first, number(p.tile.depth, "i64"))
                before = w.binary("mul", block, number(p.column_panels, "i64"))
                place = w.binary("add", before, panel)
        return w.pointer(base, self.kind, w.binary("mul", place, number(p.panel_elements, "i64")))

    def _source(self, operand: Operand) -> Value:
        base = self.e.pointer(operand.variable)
        steps = [number(operand.start, "i64")]
        if self.batch.terms:
            steps.append(operand.batch.position(self.w, self.e.position(self.batch)))
        return self.w.pointer(base, self.kind, *steps)

    def _tile(self, rows: Rows, panel: Value, first: Value, k: Depth) -> None:
        """One register tile: all of this block's k, and the finish after the last block."""
        column = self._column(panel)
        tile = self._product(rows, panel, first, k)
        if k.last.name == "true":
            self._finish(rows, column, tile)
        else:
            with guard(self.e, k.last):
                self._finish(rows, column, tile)

    def _product(self, rows: Rows, panel: Value, first: Value, k: Depth) -> Value:
        """This block's k of a tile, and where it is kept."""
        p, w = self.p, self.w
        packed, tile = self._panel(panel, first, k), Value("%tile", "ptr", 0, 0)
        count = self._wanted(rows, self._column(panel), k.count)
        if p.starts_late:
            skipped = w.binary("mul", k.first, number(p.tile.columns, "i64"))
            packed = w.pointer(packed, self.kind, skipped)
        if p.blocks > 1:
            width = number(min(p.tile.width, p.column_panels), "i64")
            place = w.binary("mul", rows.number, width)
            place = w.binary("add", place, w.binary("sub", panel, first))
            place = w.binary("mul", place, number(p.tile_elements, "i64"))
            tile = w.pointer(tile, self.kind, place)
        fetched = "".join(
            f", {address}" for address in self._addresses(rows.first, self._column(panel))
        )
        arguments = f"{self._left(rows, k)}, {packed}, {count}, {tile}, {k.resume}{fetched}"
        if self._runs:
            arguments += f", {w.binary('udiv', k.first, number(p.a.columns.run, 'i64'))}"
        w.effect(f"call void {self._function(rows)}({arguments})")
        return tile

    def _addresses(self, row: Value, column: Value) -> list[Value]:
        """Where the tile's part of what the finish reads begins."""
        w, found = self.w, []
        for f in self._fetches():
            kind = memory_type(f.variable.dtype)
            step = w.binary("mul", row, number(f.stride, "i64"))
            base = self.e.pointer(f.variable)
            found.append(w.pointer(base, kind, step, column, number(f.start, "i64")))
        return found

    def _fetches(self) -> tuple[Fetched, ...]:
        """None where k is too short to fetch beside it, or where a block may be the last or not."""
        p = self.p
        return p.fetched if p.blocks == 1 and p.k > p.tile.rows else ()

    @property
    def _runs(self) -> bool:
        """Does the left operand's k go in several runs, where it lies?"""
        return not (self.p.packs_left or self.p.a.columns.plain)

    def _left(self, rows: Rows, k: Depth) -> Value:
        """Where the left operand's rows for one tile begin; the runs of k count from there."""
        p, w = self.p, self.w
        if p.packs_left:
            return Value("%left", "ptr", 0, 0)
        a, steps = p.a, []
        if p.line < p.m:
            steps.append(a.rows.start(w, rows.line))
        steps.append(w.binary("mul", rows.inside, number(a.row, "i64")))
        if not self._runs:
            steps.append(a.columns.position(w, k.first))
        elif p.tile.depth % a.columns.run:  # a block of k is a piece of a run
            inside = w.binary("urem", k.first, number(a.columns.run, "i64"))
            steps.append(w.binary("mul", inside, number(a.column, "i64")))
        return w.pointer(self._source(a), self.kind, *(s for s in steps if s.name != "0"))

    def _function(self, rows: Rows) -> str:
        """The tile's code; the last panel of a line or of a thread's rows may have fewer rows."""
        code = Value(self._micro(self.p.tile.rows), "ptr", 0, 0)
        for rest in self.p.rests:
            fits = self.w.compare("icmp eq", rows.count, number(rest, "i64"))
            code = self.w.select(fits, Value(self._micro(rest), "ptr", 0, 0), code)
        return code.name

    def _micro(self, rows: int) -> str:
        """The name of the function that computes a tile of so many rows."""
        kernel = self._kernel(rows)
        self.w.helpers[kernel.name] = kernel.text()
        self.w.declarations |= kernel.declarations()
        return f"@{kernel.name}"

    def _kernel(self, rows: int) -> micro.Micro:
        p, tile = self.p, self.p.tile
        fetches = tuple(f.stride * f.variable.dtype.itemsize for f in self._fetches())
        shape = (rows, tile.vectors, tile.lanes, self.kind, *p.left_strides)
        together = micro.together(rows, p.k, fetches)
        runs = p.a.columns if self._runs else None
        return micro.Micro(*shape, fetches, together, runs, p.tile.depth)

    # -- epilogue --------------------------------------------------------------------------------
    def _finish(self, rows: Rows, column: Value, tile: Value) -> None:
        """What follows the product, on one finished tile."""
        if self.p.turned:
            self._finish_turned(rows.first, column, tile)
            return
        masked = bool(self.p.n % self.p.tile.columns)
        with self.w.loop(number(0, "i64"), rows.count) as i:
            self._finish_row(rows, column, tile, i, masked)

    def _finish_row(self, rows: Rows, column: Value, tile: Value, i: Value, masked: bool) -> None:
        """What follows the product, on row i of a finished tile."""
        p, w = self.p, self.w
        which = self.e.bind(rows.line, p.m // p.line) if p.line < p.m else ZERO
        m = which * p.line + self.e.bind(w.binary("add", rows.inside, i), p.line)
        place = w.binary("mul", i, number(p.tile.columns, "i64"))
        line = w.pointer(tile, self.kind, place)
        for v in range(p.tile.vectors):
            start = w.binary("add", column, number(v * p.tile.lanes, "i64"))
            with lane(self.e, start, p.n, p.tile.lanes, masked) as n:
                address = w.pointer(line, self.kind, number(v * p.tile.lanes, "i64"))
                self._store(m, n, self._vector(address))

    def _finish_turned(self, row: Value, column: Value, tile: Value) -> None:
        """The tile's columns are the rows of the result, a few elements each."""
        p, w = self.p, self.w
        left = w.binary("sub", number(p.n, "i64"), column)
        with w.loop(number(0, "i64"), self.w.smaller(left, number(p.tile.columns, "i64"))) as i:
            m = self.e.bind(w.binary("add", column, i), p.n)
            line = Value("zeroinitializer", self.kind, p.tile.lanes, 0)
            for j in range(p.tile.rows):
                place = number(j * p.tile.columns, "i64")
                address = w.pointer(tile, self.kind, i, place)
                element = w.here(f"load {self.kind}, {address}", self.kind)
                text = f"insertelement {line}, {element}, i64 {j}"
                line = w.pure(text, self.kind, p.tile.lanes, line, element)
            with lane(self.e, row, p.m, p.tile.lanes, masked=True, aligned=False) as n:
                self._store(m, n, line)

    def _vector(self, address: Value) -> Value:
        lanes, size = self.p.tile.lanes, self.p.a.variable.dtype.itemsize
        text = f"load {vector(self.kind, lanes)}, {address}, align {lanes * size}"
        return self.w.here(text, self.kind, lanes)

    def _store(self, m: Index, n: Index, result: Value) -> None:
        """Everything that is stored of one vector of the result."""
        e, kernel = self.e, self.kernel
        e.given[kernel.anchors[0].out] = lambda place: result
        row = self.batch * (kernel.rows // self.p.batch) + m
        values = [e.value(s, at(s, kernel, row, n)) for s in kernel.stores]
        for store, value in zip(kernel.stores, values, strict=True):
            e.put(store, value, row * kernel.columns + n)

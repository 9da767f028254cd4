"""Kernels of kind "contract": a product, batched or not, and what follows element by element.

For each block of k, each panel of columns is packed once and used by every panel of rows; the tile
that comes out is finished (bias, activation, optimiser's update, …) while it is still in cache.
Every result is summed over k in the same order, whoever computes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..program import Variable
from . import micro
from .expression import Expressions
from .index import ZERO, Index
from .ir import Value, memory_type, number, vector
from .kernel import Kernel, Walk, at, probe
from .lanes import counted, guard, lane
from .pack import Left, Operand, Panel, pack, pack_left, strides
from .rewrite import variables
from .rows import BEGIN, END
from .target import Target
from .tile import Tile, choose

_NARROW = 4  # columns: so few would leave most lanes empty
_ALIASING = 4096  # bytes: lines that lie so far apart share a set of the first cache


@dataclass(frozen=True, slots=True)
class Product:
    """The sizes, operands and cut of one product."""

    batch: int
    m: int
    k: int
    n: int
    a: Operand
    b: Operand
    tile: Tile
    split: str  # what threads share out: "batch", "rows" or "columns"
    turned: bool  # computed as (b·a)ᵀ: a product with few columns has few rows instead

    @property
    def row_panels(self) -> int:
        return -(-self.m // self.tile.rows)

    @property
    def column_panels(self) -> int:
        return -(-self.n // self.tile.columns)

    @property
    def units(self) -> int:
        return {"batch": self.batch, "rows": self.row_panels, "columns": self.column_panels}[
            self.split
        ]

    @property
    def blocks(self) -> int:
        return -(-self.k // self.tile.depth)

    @property
    def packs_left(self) -> bool:
        """Do the rows of the left operand fall on the same lines of the first cache?"""
        bytes_apart = self.a.row * self.a.variable.dtype.itemsize
        fits = self.a.column == 1 and 4 < self.tile.rows <= self.tile.lanes
        return fits and bytes_apart % _ALIASING == 0 and self.n >= 4 * self.tile.columns

    @property
    def deepest(self) -> int:
        return -(-self.tile.depth // self.tile.lanes) * self.tile.lanes

    @property
    def left_bytes(self) -> int:
        """Scratch for the packed block of the left operand, with room for the last store."""
        panels = min(self.tile.block, self.row_panels)
        size = self.a.variable.dtype.itemsize
        return (panels * self.tile.rows * self.deepest + 64) * size if self.packs_left else 0

    @property
    def panel_bytes(self) -> int:
        """Scratch for one packed panel, with room for whole squares at its end."""
        deep = self.tile.depth + self.tile.lanes
        return deep * self.tile.columns * self.a.variable.dtype.itemsize

    @property
    def tile_bytes(self) -> int:
        return self.tile.rows * self.tile.columns * self.a.variable.dtype.itemsize

    @property
    def workspace(self) -> int:
        """Memory that all threads share: unfinished tiles, when k is cut into blocks."""
        return self.row_panels * self.column_panels * self.tile_bytes if self.blocks > 1 else 0


def describe(kernel: Kernel, walk: Walk, target: Target) -> Product:
    """How a kernel's product is computed on a target."""
    a, b = variables(kernel.anchors[0].operands)
    batch, m, k = a.shape
    n = b.shape[2]
    left, right = _operand(a, walk), _operand(b, walk)
    turned = n <= _NARROW and m >= 4 * n
    if turned:
        left, right, m, n = right.turned(), left.turned(), n, m
    tile = choose(m, n, k, a.dtype, target)
    column_panels, row_panels = -(-n // tile.columns), -(-m // tile.rows)
    split = "rows" if row_panels > column_panels and column_panels < 8 else "columns"
    split = "batch" if batch > 1 else split
    return Product(batch, m, k, n, left, right, tile, split, turned)


def _operand(variable: Variable, walk: Walk) -> Operand:
    loops = [probe(f"x{i}", n) for i, n in enumerate(variable.shape)]
    ((base, flat),) = walk.leaves(variable, tuple(loops))
    return Operand(base, flat.constant, *strides(flat, loops))


class ProductWriter:
    """Writes one kernel of kind "contract"; its split is over `Product.units`."""

    def __init__(self, e: Expressions, kernel: Kernel, product: Product) -> None:
        self.e, self.w, self.kernel, self.p = e, e.w, kernel, product
        self.kind = memory_type(product.a.variable.dtype)
        self.batch: Index = ZERO
        self.block = number(0, "i64")  # the first panel of the block of rows at hand

    def write(self) -> None:
        p = self.p
        if p.batch > 1:
            with counted(self.e, p.batch, BEGIN, END) as self.batch:
                self._blocks()
        else:
            self._blocks()

    def _blocks(self) -> None:
        """Blocks of k outside, then blocks of rows, then panels of columns."""
        p, zero = self.p, number(0, "i64")
        if p.blocks == 1:
            self._row_blocks(zero, number(p.k, "i64"), number(0, "i1"), number(1, "i1"))
            return
        with self.w.loop(zero, number(p.blocks, "i64")) as block:
            first = self.w.binary("mul", block, number(p.tile.depth, "i64"))
            left = self.w.binary("sub", number(p.k, "i64"), first)
            depth = self._smaller(left, number(p.tile.depth, "i64"))
            resume = self.w.compare("icmp ne", block, zero)
            last = self.w.compare("icmp eq", block, number(p.blocks - 1, "i64"))
            self._row_blocks(first, depth, resume, last)

    def _smaller(self, a: Value, b: Value) -> Value:
        return self.w.call("llvm.smin.i64", "i64", 0, a, b)

    def _row_blocks(self, first: Value, depth: Value, resume: Value, last: Value) -> None:
        p, zero = self.p, number(0, "i64")
        rows = (BEGIN, END) if p.split == "rows" else (zero, number(p.row_panels, "i64"))
        if p.row_panels <= p.tile.block:
            self._columns(rows, first, depth, resume, last)
            return
        with self.w.loop(*rows, p.tile.block) as start:
            stop = self.w.binary("add", start, number(p.tile.block, "i64"))
            self._columns((start, self._smaller(stop, rows[1])), first, depth, resume, last)

    def _columns(
        self, rows: tuple[Value, Value], first: Value, depth: Value, resume: Value, last: Value
    ) -> None:
        p, w = self.p, self.w
        columns = (
            (BEGIN, END)
            if p.split == "columns"
            else (number(0, "i64"), number(p.column_panels, "i64"))
        )
        self.block = rows[0]
        if p.packs_left:
            words = (p.m, p.tile.rows, p.tile.lanes, p.deepest, *rows, first, depth)
            pack_left(self.e, self._source(p.a), p.a, Left(*words))
        with w.loop(*columns) as panel:
            column = w.binary("mul", panel, number(p.tile.columns, "i64"))
            source = self._source(p.b)
            right = Panel(p.b.variable, source, p.b.row, p.b.column, p.n)
            pack(self.e, right, p.tile, first, column, depth, p.k)
            with w.loop(*rows) as row_panel:
                self._tile(row_panel, panel, column, first, depth, resume, last)

    def _source(self, operand: Operand) -> Value:
        base = self.e.pointer(operand.variable)
        steps = [number(operand.start, "i64")]
        if self.batch.terms:
            batch = self.e.position(self.batch)
            steps.append(self.w.binary("mul", batch, number(operand.batch, "i64")))
        return self.w.pointer(base, self.kind, *steps)

    def _tile(
        self,
        row_panel: Value,
        panel: Value,
        column: Value,
        first: Value,
        depth: Value,
        resume: Value,
        last: Value,
    ) -> None:
        """One register tile: all of this block's k, and the epilogue after the last block."""
        p, w = self.p, self.w
        row = w.binary("mul", row_panel, number(p.tile.rows, "i64"))
        rows = self._smaller(w.binary("sub", number(p.m, "i64"), row), number(p.tile.rows, "i64"))
        left = self._left(row_panel, row, first)
        tile = Value("%tile", "ptr", 0, 0)
        if p.workspace:
            place = w.binary("mul", panel, number(p.row_panels, "i64"))
            place = w.binary("mul", w.binary("add", place, row_panel), number(p.tile_bytes, "i64"))
            tile = w.pointer(Value("%workspace", "ptr", 0, 0), "i8", place)
        function = self._function(row_panel)
        arguments = f"{left}, ptr %panel, {depth}, {tile}, {resume}"
        w.effect(f"call void {function}({arguments})")
        if last.name == "true":
            self._finish(row, rows, column, tile)
        else:
            with guard(self.e, last):
                self._finish(row, rows, column, tile)

    def _left(self, row_panel: Value, row: Value, first: Value) -> Value:
        """Where the left operand's rows for one tile begin."""
        p, w = self.p, self.w
        if p.packs_left:
            place = w.binary("sub", row_panel, self.block)
            place = w.binary("mul", place, number(p.tile.rows * p.deepest, "i64"))
            return w.pointer(Value("%left", "ptr", 0, 0), self.kind, place)
        steps = [
            w.binary("mul", row, number(p.a.row, "i64")),
            w.binary("mul", first, number(p.a.column, "i64")),
        ]
        return w.pointer(self._source(p.a), self.kind, *(s for s in steps if s.name != "0"))

    def _function(self, row_panel: Value) -> str:
        """The tile's code; the last panel of rows may have fewer."""
        p = self.p
        full = self._micro(p.tile.rows)
        rest = p.m % p.tile.rows
        if not rest:
            return full
        if p.row_panels == 1:
            return self._micro(rest)
        at_edge = self.w.compare("icmp eq", row_panel, number(p.row_panels - 1, "i64"))
        edge = Value(self._micro(rest), "ptr", 0, 0)
        return self.w.select(at_edge, edge, Value(full, "ptr", 0, 0)).name

    def _micro(self, rows: int) -> str:
        p, tile = self.p, self.p.tile
        strides = (1, tile.rows) if p.packs_left else (p.a.row, p.a.column)
        words = (rows, tile.vectors, tile.lanes, self.kind, *strides)
        name = micro.name(*words)
        self.w.helpers[name], needed = micro.write(*words)
        self.w.declarations.add(needed)
        return f"@{name}"

    # -- epilogue --------------------------------------------------------------------------------
    def _finish(self, row: Value, rows: Value, column: Value, tile: Value) -> None:
        """What follows the product, on one finished tile."""
        if self.p.turned:
            self._finish_turned(row, column, tile)
            return
        p, w = self.p, self.w
        with w.loop(number(0, "i64"), rows) as i:
            m = self.e.bind(w.binary("add", row, i), p.m)
            place = w.binary("mul", i, number(p.tile.columns, "i64"))
            line = w.pointer(tile, self.kind, place)
            for v in range(p.tile.vectors):
                start = w.binary("add", column, number(v * p.tile.lanes, "i64"))
                masked = bool(p.n % p.tile.columns)
                with lane(self.e, start, p.n, p.tile.lanes, masked) as n:
                    address = w.pointer(line, self.kind, number(v * p.tile.lanes, "i64"))
                    self._store(m, n, self._vector(address))

    def _finish_turned(self, row: Value, column: Value, tile: Value) -> None:
        """The tile's columns are the rows of the result, a few elements each."""
        p, w = self.p, self.w
        left = w.binary("sub", number(p.n, "i64"), column)
        with w.loop(number(0, "i64"), self._smaller(left, number(p.tile.columns, "i64"))) as i:
            m = self.e.bind(w.binary("add", column, i), p.n)
            line = Value("zeroinitializer", self.kind, p.tile.lanes, 0)
            for j in range(p.tile.rows):
                place = number(j * p.tile.columns, "i64")
                address = w.pointer(tile, self.kind, i, place)
                element = w.here(f"load {self.kind}, {address}", self.kind)
                text = f"insertelement {line}, {element}, i64 {j}"
                line = w.pure(text, self.kind, p.tile.lanes, line, element)
            with lane(self.e, row, p.m, p.tile.lanes, masked=True) as n:
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
            e.store(value, store.dtype, e.pointer(store), row * kernel.columns + n)

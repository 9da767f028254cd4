"""A product as it will be computed: its sizes, where its operands lie, how it is cut and packed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..program import Variable
from .axis import axes
from .band import Band, band
from .beside import SPARE
from .index import stride_of
from .kernel import Kernel, Walk, at, probe
from .pack import Operand
from .rewrite import variables
from .staircase import Stair, Stairs
from .stored import is_costly
from .target import Target
from .tile import Lie, Tile, choose

_NARROW = 4  # columns: so few would leave most lanes empty
_ALIASING = 4096  # bytes: lines that lie so far apart share a set of the first cache
_LINE = 8  # rows: fewer that lie evenly are copied
_ROOM = 32  # vector registers: with fewer, a tile leaves none for the finish of another
_ARRIVAL = 20  # cycles in which a line comes from the second-level cache, one after the other
_FEW = 4  # rows, or panels of columns beside rows that lie side by side: not worth a copy
_WAYS = 8  # lines of the second cache that share a set


@dataclass(frozen=True, slots=True)
class Fetched:
    """A stored variable whose element start + row · stride + column the finish reads."""

    variable: Variable
    start: int
    stride: int


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
    split: str  # what threads share out: "batch", "panels" of its rows, "rows" or "columns"
    turned: bool  # computed as (b·a)ᵀ: a product with few columns has few rows instead
    packs_left: bool  # whether the left operand is copied, panel by panel, before it is read
    fetched: tuple[Fetched, ...] = ()  # what the finish reads, element by element
    packed: Variable | None = None  # all panels of the right operand, where they are kept
    rests: tuple[int, ...] = ()  # rows in the last panel of a thread, where it is not full
    beside: bool = False  # whether each tile is finished while the next one is computed
    zero: Stair | None = None  # beyond it the left operand is 0
    wanted: Stair | None = None  # beyond it nobody wants the result
    band: Band | None = None  # outside it the left operand's windows are 0

    @property
    def line(self) -> int:
        """So many rows of the left operand lie evenly, as those of one panel do."""
        return self.m if self.packs_left else self.a.rows.run

    @property
    def line_panels(self) -> int:
        return -(-self.line // self.tile.rows)

    @property
    def row_panels(self) -> int:
        return self.m // self.line * self.line_panels

    @property
    def column_panels(self) -> int:
        return -(-self.n // self.tile.columns)

    @property
    def by_rows(self) -> bool:
        """Are rows shared out one by one, and not panel by panel?"""
        return self.split == "rows" and self.line == self.m

    @property
    def units(self) -> int:
        match self.split:
            case "batch":
                return self.batch
            case "panels":
                return self.batch * self.row_panels
            case "rows":
                return self.m if self.by_rows else self.row_panels
        return self.column_panels

    def first_row(self, unit: int) -> int:
        """The row with which a unit begins, where rows are shared out."""
        if self.by_rows:
            return unit
        line, panel = divmod(unit, self.line_panels)
        return line * self.line + panel * self.tile.rows

    def cut(self, parts: Sequence[tuple[int, int]]) -> Product:
        """The product with its units shared out like this, or all done by one thread."""
        lengths = [self.line]
        if self.by_rows:
            lengths += [end - begin for begin, end in parts]
        rests = {length % self.tile.rows for length in lengths} - {0}
        return replace(self, rests=tuple(sorted(rests)))

    def within(self, operand: Variable, result: Variable, known: Stairs) -> Product:
        """The product without what is known to be 0, or not to be wanted."""
        zero, wanted = known.zero.get(operand), known.wanted.get(result)
        if self.turned or self.blocks > 1 or self.line < self.m or not (zero or wanted):
            return self
        return replace(self, zero=zero, wanted=wanted, beside=False, fetched=())

    @property
    def starts_late(self) -> bool:
        """May the first k of some rows be left out?"""
        return self.band is not None or (self.zero is not None and self.zero.turned)

    @property
    def blocks(self) -> int:
        return -(-self.k // self.tile.depth)

    @property
    def left_strides(self) -> tuple[int, int]:
        """From row to row and from k to k of the left operand, as the innermost loop reads it."""
        if not self.packs_left:
            return self.a.row, self.a.column
        return (1, self.tile.rows) if self.a.rows.plain else (self.deepest, 1)

    @property
    def deepest(self) -> int:
        return -(-self.tile.depth // self.tile.lanes) * self.tile.lanes

    @property
    def left_bytes(self) -> int:
        """Scratch for a packed panel of the left operand, with room for the last store."""
        size = self.a.variable.dtype.itemsize
        return (self.tile.rows * self.deepest + 64) * size if self.packs_left else 0

    @property
    def panel_elements(self) -> int:
        """One packed panel of the right operand, with room for whole squares at its end."""
        return self.deepest * self.tile.columns

    @property
    def panel_bytes(self) -> int:
        """Scratch for the packed block of the right operand."""
        if self.packed is not None:
            return 0
        panels = min(self.tile.width, self.column_panels)
        return panels * self.panel_elements * self.a.variable.dtype.itemsize

    @property
    def tile_elements(self) -> int:
        return self.tile.rows * self.tile.columns

    @property
    def tile_bytes(self) -> int:
        """Scratch for the tile at hand; where k is cut, for all that a block leaves unfinished."""
        unfinished = self.row_panels * min(self.tile.width, self.column_panels)
        tiles = unfinished if self.blocks > 1 else 1
        return tiles * self.tile_elements * self.a.variable.dtype.itemsize


def describe(
    kernel: Kernel,
    walk: Walk,
    target: Target,
    threads: int = 1,
    fixed: frozenset[Variable] = frozenset(),
    apart: bool = False,
) -> Product:
    """How a kernel's product is computed on a target, shared out to so many threads.

    A right operand out of `fixed` stays the same at every step of a loop: it is packed once.
    `apart` shares out the rows in any case.
    """
    a, b = variables(kernel.anchors[0].operands)
    batch, m, k = a.shape
    n = b.shape[2]
    left, right = _operand(a, walk), _operand(b, walk)
    plain = left.rows.plain and left.columns.plain
    turned = n <= _NARROW and m >= 4 * n and plain
    if turned:
        left, right, m, n = right.turned(), left.turned(), n, m
    fetched = () if turned or batch > 1 or not plain else _fetched(kernel, walk)
    lines = left.rows.runs if left.rows.run >= _LINE else 1
    packs = batch > 1 or right.variable not in fixed
    left_lies = Lie(lines, left.columns.run)

    def cut(spare: int) -> Product:
        tile = choose(
            m // lines,
            n,
            k,
            a.dtype,
            target,
            threads=1 if batch >= threads else threads,
            finished=len(fetched),
            whole=turned,
            lie=left_lies,
            packs=packs,
            apart=apart,
            spare=spare,
        )
        split = tile.split if batch == 1 else "batch" if batch >= threads else "panels"
        columns = n / threads if split == "columns" else n
        copied = _packs_left(left, tile, -(-columns // tile.columns), target)
        return Product(batch, m, k, n, left, right, tile, split, turned, copied, fetched)

    product = cut(0)
    if not turned and plain and target.registers >= _ROOM and _finishes_slowly(kernel, walk):
        roomy = replace(cut(SPARE), beside=True)
        if roomy.blocks == 1 and roomy.k >= 2 * roomy.tile.rows:
            product = roomy
    if product.line < product.m and product.blocks == 1:
        product = replace(product, band=band(left, walk.statements))
    if packs:
        return product
    size = product.blocks * product.column_panels * product.panel_elements
    kept = Variable(-1 - kernel.anchors[0].out.number, (size,), a.dtype)
    return replace(product, packed=kept)


def _packs_left(left: Operand, tile: Tile, panels: float, target: Target) -> bool:
    """Does copying the left operand pay, of which a thread reads each row for so many panels?

    Yes where only a few rows lie evenly, or where what is read again and again would not stay in a
    cache: rows that fall on the same lines of the first one, or k that fall on those of the second.
    Where one k lies far from the next, small tiles are done before the line of the next has come.
    """
    if not left.rows.plain and left.rows.run < _LINE:
        return True
    if panels <= 1 or tile.rows <= _FEW or not (left.rows.plain and left.columns.plain):
        return False
    size = left.variable.dtype.itemsize
    if left.row == 1 and left.column != 1:
        way = target.cache_bytes // _WAYS
        lines = way // math.gcd(left.column * size, way) * _WAYS
        falls_together = panels > _FEW and tile.depth > lines // 2
        return falls_together or tile.rows * tile.vectors < _ARRIVAL
    fits = left.column == 1 and tile.rows <= tile.lanes
    return fits and left.row * size % _ALIASING == 0


def _operand(variable: Variable, walk: Walk) -> Operand:
    loops = [probe(f"x{i}", n) for i, n in enumerate(variable.shape)]
    ((base, flat),) = walk.leaves(variable, tuple(loops))
    found = axes(flat, loops)
    assert found is not None
    return Operand(base, flat.constant, *found)


def _before_finish(kernel: Kernel, walk: Walk) -> frozenset[Variable]:
    """What the finish of a product starts from: the product, and all that was stored before."""
    return (walk.stored - set(kernel.stores)) | {a.out for a in kernel.anchors}


def _finishes_slowly(kernel: Kernel, walk: Walk) -> bool:
    """Does the finish wait for slow units, such as that for square roots?"""
    before = _before_finish(kernel, walk)
    return any(is_costly(s, before, walk.statements, kernel.size) for s in kernel.stores)


def _fetched(kernel: Kernel, walk: Walk) -> tuple[Fetched, ...]:
    """What the finish reads beside the product, where it moves with rows and columns."""
    row, column = probe("r", kernel.rows), probe("c", kernel.columns)
    if not row.terms or not column.terms:
        return ()
    own = {a.out for a in kernel.anchors}
    behind = Walk(walk.statements, _before_finish(kernel, walk))
    found: dict[Variable, Fetched] = {}
    for store in kernel.stores:
        for leaf, flat in behind.leaves(store, at(store, kernel, row, column)):
            down, along = (stride_of(flat, loop.terms[0][0]) for loop in (row, column))
            if leaf not in own and down and along == 1:
                found[leaf] = Fetched(leaf, flat.constant, down)
    return tuple(found.values())

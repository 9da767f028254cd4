"""How a matrix product is cut: the register tile, and the blocks that fit the caches.

A block of the right operand (depth × width panels) stays in the second-level cache while all rows
pass by; a panel of the left operand (rows × depth) stays in the first while it meets each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..protocol import DType
from .target import Target

_MAX_ROWS = 16
_LEFT_BYTES = 28 * 1024  # of a panel of the left operand: most of a first-level cache
_HALF_BYTES = 32  # of the vectors that every processor multiplies two at a time
_RIGHT_SHARE = 0.75  # of the second-level cache, for a block of the right operand
_FOREIGN = 20  # cycles for a line that belongs to another core
_MEETING = 700  # cycles until threads have met
_FAR = 6  # cycles for a line that the second-level cache has lost since the step before
_BESIDE = 1.5  # cycles for a vector of what the finish reads, for each that stands before it


@dataclass(frozen=True, slots=True)
class Tile:
    """rows × (vectors · lanes) results held in registers while k runs."""

    rows: int
    vectors: int
    lanes: int
    depth: int  # k per block
    width: int  # panels of columns per block
    split: str  # what threads share out: "rows" or "columns"
    cycles: float = field(default=0.0, compare=False)  # estimated, of the thread with most to do

    @property
    def columns(self) -> int:
        return self.vectors * self.lanes


@dataclass(frozen=True, slots=True)
class Lie:
    """How the left operand lies: in lines of rows, its k in runs, each of one stride.

    A tile stays in its line, and a block of k is made of whole runs or is an even part of one.
    """

    lines: int
    run: int


def choose(
    m: int,
    n: int,
    k: int,
    dtype: DType,
    target: Target,
    *,
    threads: int = 1,
    finished: int = 0,
    whole: bool = False,
    lie: Lie | None = None,
    packs: bool = True,
    apart: bool = False,
    spare: int = 0,
) -> Tile:
    """The tile and the split with the fewest estimated cycles for (m, k)·(k, n).

    `whole` keeps all rows in one tile. `finished` arrays are read along with the product, such as
    a parameter and its update. Their rows are best shared out: a layer (out, in) shares out its
    outputs, which are the rows of its weight, and a line that another core has read or written is
    slow to write. `packs` is False where the right operand is packed already, before a loop that
    computes the product at every step; `apart` there shares out rows, so that each thread finds
    its own again at the next step. So many registers as `spare` are left free.
    """
    lanes, lie = target.lanes(dtype), lie or Lie(1, k)
    if 2 * n <= lanes and lanes * dtype.itemsize > _HALF_BYTES:
        lanes //= 2  # half as many lanes, of which two vectors are done at a time
    best: tuple[float, int, int, str] | None = None
    splits = ("columns",) if whole else ("rows",) if apart else ("columns", "rows")
    for vectors in (1, 2, 3, 4):
        for rows in range(m if whole else 1, min(_MAX_ROWS, m) + 1):
            if rows * vectors + vectors + 1 + spare > target.registers:
                continue
            for split in splits:
                cost = _cycles(m, n, k, rows, vectors, lanes, split, threads, lie.lines)
                shared = m * lie.lines if split == "columns" else n if packs else 0
                cost += _FOREIGN * shared * k / lanes * (1 - 1 / threads)
                if packs:
                    cost += _packing(n, k, vectors * lanes, split, threads)
                else:
                    cost += _again(n * k, dtype, target, split, threads)
                cost += _BESIDE * finished * (vectors - 1) * m * n / lanes / threads
                if split == "columns" and finished and threads > 1:
                    cost += _FOREIGN * m * n / lanes / threads
                if best is None or cost < best[0]:
                    best = (cost, rows, vectors, split)
    assert best is not None
    cycles, rows, vectors, split = best
    blocks = max(1, round(k * rows * dtype.itemsize / _LEFT_BYTES))
    depth = -(-k // blocks)
    if blocks > 1:
        depth = -(-depth // lanes) * lanes
        depth = _fitted(depth, lie.run) if lie.run < k else depth
    width = max(
        1, int(_RIGHT_SHARE * target.cache_bytes) // (depth * vectors * lanes * dtype.itemsize)
    )
    return Tile(rows, vectors, lanes, depth, width, split, cycles)


def _fitted(depth: int, run: int) -> int:
    """About so many k, in whole runs or an even part of one."""
    if depth >= run:
        return round(depth / run) * run
    parts = next(parts for parts in range(-(-run // depth), run + 1) if run % parts == 0)
    return run // parts if run // parts > depth // 2 else run


def _cycles(
    m: int,
    n: int,
    k: int,
    rows: int,
    vectors: int,
    lanes: int,
    split: str,
    threads: int,
    lines: int,
) -> float:
    """Estimated time of the thread with the most to do.

    One vector multiply-add per cycle, with loads beside it that are nearly free.
    """

    def panel(r: int) -> float:
        if r == 0:
            return 0.0
        arithmetic = max(r * vectors, 4)
        loads = 2 * vectors + 0.5 * r  # a vector takes two of the ports, a broadcast half of one
        traffic = (vectors * lanes + r) / 16  # the panel comes from the second-level cache
        return k * (max(arithmetic, loads, traffic + 2) + 0.1 * loads) + 24 + 4 * r * vectors

    columns, panels = math.ceil(n / (vectors * lanes)), math.ceil(m / rows)
    if split == "columns":
        columns = math.ceil(columns / threads)
    elif lines > 1:
        lines = math.ceil(lines / threads)
    else:
        m = math.ceil(m / threads)
        panels = math.ceil(m / rows)
    full = min(panels, m // rows)
    edge = panel(m % rows) if full < panels else 0.0
    return columns * lines * (full * panel(rows) + edge)


def _packing(n: int, k: int, columns: int, split: str, threads: int) -> float:
    """Time to pack the right operand, which every thread does where rows are shared out."""
    panels = math.ceil(n / columns)
    mine = math.ceil(panels / threads) if split == "columns" else panels
    return 0.3 * k * mine * columns


def _again(size: int, dtype: DType, target: Target, split: str, threads: int) -> float:
    """Time to have a packed right operand back in the cache at each step, and to meet for columns.

    Threads that share out columns meet before the product, whose left operand all have written,
    and after it, for then all read it.
    """
    mine = size / threads if split == "columns" else size
    lost = mine * dtype.itemsize > _RIGHT_SHARE * target.cache_bytes
    meetings = 2 if split == "columns" and threads > 1 else 0
    return _FAR * lost * mine * dtype.itemsize / 64 + meetings * _MEETING

"""How a matrix product is cut: the register tile, and the blocks that fit the caches."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol import DType
from .target import Target

_MAX_ROWS = 16
_DEPTHS = (384, 1024)  # numbers along k per block, at least and at most
_BLOCK_BYTES = 512 * 1024  # of the left operand: half a second-level cache


@dataclass(frozen=True, slots=True)
class Tile:
    """rows × (vectors · lanes) results held in registers while k runs."""

    rows: int
    vectors: int
    lanes: int
    depth: int  # k per block
    block: int  # panels of rows per block

    @property
    def columns(self) -> int:
        return self.vectors * self.lanes


def choose(m: int, n: int, k: int, dtype: DType, target: Target) -> Tile:
    """The tile with the fewest estimated cycles for (m, k)·(k, n)."""
    lanes = target.lanes(dtype)
    best: tuple[float, int, int] | None = None
    for vectors in (1, 2, 3, 4):
        for rows in range(1, min(_MAX_ROWS, m) + 1):
            if rows * vectors + vectors + 1 > target.registers:
                continue
            cost = _cycles(m, n, k, rows, vectors, lanes)
            if best is None or cost < best[0]:
                best = (cost, rows, vectors)
    assert best is not None
    _, rows, vectors = best
    fitting = _BLOCK_BYTES // (dtype.itemsize * m)  # so that all rows of a block stay in cache
    blocks = max(1, round(k / min(max(fitting, _DEPTHS[0]), _DEPTHS[1])))
    depth = -(-k // blocks)
    if blocks > 1:
        depth = -(-depth // lanes) * lanes
    block = max(1, round(1.25 * _BLOCK_BYTES / (depth * rows * dtype.itemsize)))
    return Tile(rows, vectors, lanes, depth, block)


def _cycles(m: int, n: int, k: int, rows: int, vectors: int, lanes: int) -> float:
    """Estimated time: one vector multiply-add per cycle, two broadcasts or one load beside it."""

    def panel(r: int) -> float:
        if r == 0:
            return 0.0
        arithmetic = max(r * vectors, 4)
        loads = vectors + 0.5 * r
        traffic = (vectors * lanes + r) / 16  # the panel comes from the second-level cache
        return k * max(arithmetic, loads, traffic + 2) + 24 + 4 * r * vectors

    columns = -(-n // (vectors * lanes))
    return columns * ((m // rows) * panel(rows) + panel(m % rows))

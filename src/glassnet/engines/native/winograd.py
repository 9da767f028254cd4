"""Winograd's products: a 3×3 convolution of 4×4 results at a time, with a quarter of the work.

The four results y of three weights g over six numbers d, one after the other, are

    y = Aᵀ [(G g) ⊙ (Bᵀ d)]

and those of an image y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A: 36 products where 144 stood. Over channels,
each of the 36 is a matrix product, (tiles, inner)·(inner, outer). The same formula read backwards
gives the gradient by the weights, ∂g = Gᵀ [Σ (A ∂y Aᵀ) ⊙ (Bᵀ d B)] G.

Source: Lavin & Gray, "Fast algorithms for convolutional neural networks", 2016, with the points
0, ±1, ±2, ∞; numbers in float32 then differ from those of the sum by about 1e-5 of the largest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..protocol import Shape

SIDE = 4  # results of a tile along each axis
REACH = SIDE + 2  # what a tile looks at along each axis
Matrix = tuple[tuple[float, ...], ...]

B: Matrix = (  # transposed
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
G: Matrix = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
A: Matrix = (
    (1, 0, 0, 0),
    (1, 1, 1, 1),
    (1, -1, 1, -1),
    (1, 2, 4, 8),
    (1, -2, 4, -8),
    (0, 0, 0, 1),
)
# Rows belong to the points: those of ±p share what they make of even and of odd powers.
_POWERS = ((0, 2, 4), (1, 3, 5))
_POINTS = ((0,), (1, 2), (3, 4), (5,))


def inputs(xp: Any, image: Any, tiles: Shape) -> Any:
    """Bᵀ d B of every tile of (batch, height, width, channels): (36, tiles, channels)."""
    grid = [[_every(xp, image, i, j, tiles) for j in range(REACH)] for i in range(REACH)]
    return _stacked(xp, _both(xp, B, grid, _POWERS))


def weights(xp: Any, kernel: Any) -> Any:
    """G g Gᵀ of (3, 3, inner, outer): (36, inner, outer)."""
    ends = (1, 1, *kernel.shape[2:])
    grid = [
        [
            xp.slice(kernel, starts=(i, j, 0, 0), stops=(i + 1, j + 1, *ends[2:]), steps=(1,) * 4)
            for j in range(3)
        ]
        for i in range(3)
    ]
    return _stacked(xp, _both(xp, G, grid, _POWERS))


def results(xp: Any, products: Any, batch: int, tiles: Shape) -> Any:
    """Aᵀ m A of (36, tiles, channels): (batch, height, width, channels)."""
    grid = _grid(xp, products)
    stacked = _stacked(xp, _both(xp, _turned(A), grid, _POINTS))
    shape = (SIDE, SIDE, batch, *tiles, products.shape[2])
    apart = xp.transpose(xp.reshape(stacked, shape=shape), axes=(2, 3, 0, 4, 1, 5))
    shape = (batch, tiles[0] * SIDE, tiles[1] * SIDE, products.shape[2])
    return xp.reshape(apart, shape=shape)


def slopes(xp: Any, image: Any, tiles: Shape) -> Any:
    """A ∂y Aᵀ of every tile of (batch, height, width, channels): (36, tiles, channels)."""
    grid = [[_every(xp, image, i, j, tiles) for j in range(SIDE)] for i in range(SIDE)]
    return _stacked(xp, _both(xp, A, grid, _POWERS))


def kernel(xp: Any, products: Any) -> Any:
    """Gᵀ m G of (36, inner, outer): (3, 3, inner, outer)."""
    stacked = _stacked(xp, _both(xp, _turned(G), _grid(xp, products), _POINTS))
    return xp.reshape(stacked, shape=(3, 3, *products.shape[1:]))


def _every(xp: Any, image: Any, i: int, j: int, tiles: Shape) -> Any:
    """Number (i, j) of every tile: (batch, tiles, tiles, channels)."""
    stops = [place + SIDE * (count - 1) + 1 for place, count in zip((i, j), tiles, strict=True)]
    return xp.slice(
        image,
        starts=(0, i, j, 0),
        stops=(image.shape[0], *stops, image.shape[3]),
        steps=(1, SIDE, SIDE, 1),
    )


def _grid(xp: Any, stacked: Any) -> list[list[Any]]:
    """(side², rows, columns) as side × side arrays (1, rows, columns)."""
    side = math.isqrt(stacked.shape[0])
    starts = [[(i * side + j, 0, 0) for j in range(side)] for i in range(side)]
    shape = stacked.shape[1:]
    return [
        [xp.slice(stacked, starts=s, stops=(s[0] + 1, *shape), steps=(1, 1, 1)) for s in row]
        for row in starts
    ]


def _stacked(xp: Any, grid: Sequence[Sequence[Any]]) -> Any:
    """All arrays (…, columns) of a grid, row by row: (side², rows, columns)."""
    parts = [part for row in grid for part in row]
    columns = parts[0].shape[-1]
    shape = (1, math.prod(parts[0].shape[:-1]), columns)
    return xp.concat(*(xp.reshape(part, shape=shape) for part in parts), axis=0)


def _turned(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _both(
    xp: Any, matrix: Matrix, grid: Sequence[Sequence[Any]], groups: Sequence[Sequence[int]]
) -> list[list[Any]]:
    """matrix · grid · matrixᵀ"""
    columns = [_times(xp, matrix, column, groups) for column in zip(*grid, strict=True)]
    return [_times(xp, matrix, row, groups) for row in zip(*columns, strict=True)]


def _times(
    xp: Any, matrix: Matrix, arrays: Sequence[Any], groups: Sequence[Sequence[int]]
) -> list[Any]:
    """matrix · arrays, each group of a row summed for itself, so that rows can share it."""
    found = []
    for row in matrix:
        terms = []
        for group in groups:
            some = [(row[i], arrays[i]) for i in group if i < len(row) and row[i]]
            if some:
                factors = [factor for factor, _ in some]
                common = next((f for f in factors if abs(f) == 1), factors[-1])
                terms.append((common, _sum(xp, [(f / common, a) for f, a in some])))
        found.append(_sum(xp, terms))
    return found


def _sum(xp: Any, terms: Sequence[tuple[float, Any]]) -> Any:
    """Σ factor · array"""
    total = None
    for factor, array in sorted(terms, key=lambda term: term[0] < 0):
        scaled = array if abs(factor) == 1 else xp.multiply(array, abs(factor))
        if total is None:
            total = scaled if factor > 0 else xp.multiply(array, factor)
        else:
            total = xp.add(total, scaled) if factor > 0 else xp.subtract(total, scaled)
    return total

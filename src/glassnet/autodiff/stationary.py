"""Stationary points of a function of one variable: where f'(x) = 0, and of which kind each is.

The interval is walked on a grid that is refined until it shows no new points; a change of sign of
f' brackets a root, and so does a change of sign of f'' where |f'| is smallest (there f' may touch
zero without crossing it). Each bracket is polished to machine precision with the exact f'' by
Newton's method, safeguarded by bisection (Press et al., "Numerical Recipes", 2007, §9.4).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError, NonFiniteError
from ..tensor import Tensor
from .derivatives import Derivatives

Array = np.ndarray[Any, Any]

ARRAYS = (2**10, 2**17)  # cells of the coarsest and the finest grid, where f takes arrays
NUMBERS = (2**8, 2**12)  # the same, where f takes one number at a time
NEAR = 2.0**-30  # of the interval: values this close tell rounding from a slope


@dataclass(frozen=True, slots=True)
class StationaryPoint:
    """A point where f'(x) = 0.

    Attributes:
        x: where it is.
        value: f(x).
        kind: `minimum` (f'' > 0), `maximum` (f'' < 0); where f'' = 0, `saddle` if f' has the same
            sign on both sides, else `undecided`.
        curvature: f''(x).
        sides: the signs of f' just left and just right of x.
    """

    x: float
    value: float
    kind: str
    curvature: float
    sides: tuple[int, int]

    @staticmethod
    def told(x: float, value: float, curvature: float, sides: tuple[int, int]) -> StationaryPoint:
        """The point with the kind that its curvature, or else its sides, tell."""
        if curvature:
            kind = "minimum" if curvature > 0 else "maximum"
        else:
            kind = "saddle" if sides[0] * sides[1] > 0 else "undecided"
        return StationaryPoint(x, value, kind, curvature, sides)


def stationary_points(
    function: Callable[[Tensor], Tensor], low: float, high: float
) -> list[StationaryPoint]:
    """All x in [low, high] with f'(x) = 0, from left to right, told apart by f''(x).

    The derivatives are exact, in float64. A stretch on which f is constant counts as one point,
    its middle. Kinks and poles, where f' jumps past zero, are left out.

    Args:
        function: f, from a float64 tensor of one number to one number. A function made of
            elementwise operations is evaluated on whole grids at once.
        low: the left end.
        high: the right end, larger than `low`.

    Raises:
        ArgumentError: the interval is empty or infinite.
        NonFiniteError: f has a finite slope nowhere in it.

    >>> for point in stationary_points(lambda x: x**3 - 3 * x, -2, 2):
    ...     print(point.kind, point.x, point.value)
    maximum -1.0 2.0
    minimum 1.0 -2.0
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ArgumentError(
            "stationary points are looked for in an interval",
            expected="finite numbers low < high",
            received=f"low={low}, high={high}",
        )
    with np.errstate(all="ignore"):
        derivatives = Derivatives(function, float(low), float(high))
        return _Search(derivatives, float(low), float(high)).points()


class _Search:
    def __init__(self, derivatives: Derivatives, low: float, high: float) -> None:
        self.derivatives = derivatives
        self.low = low
        self.high = high
        self.width = high - low

    def points(self) -> list[StationaryPoint]:
        grid, slope, curvature = self._grid()
        if not np.isfinite(slope).any():
            raise NonFiniteError(
                f"f has a finite slope nowhere from {self.low:g} to {self.high:g}",
                expected="an interval in which f is defined and differentiable",
                received=f"f' = {slope[0]:g} at {self.low:g}, {slope[-1]:g} at {self.high:g}",
            )
        step = grid[1] - grid[0]
        found = [*_flat(grid, slope), *self._crossings(grid, slope), *self._ends()]
        found += [*self._touches(grid, slope, curvature)]
        distinct = self._distinct(np.sort(self._whole(np.array(found))), step)
        gaps = 0.5 * np.diff(distinct, prepend=-math.inf, append=math.inf)
        return self._tell(distinct, np.minimum(step, np.minimum(gaps[:-1], gaps[1:])))

    def _grid(self) -> tuple[Array, Array, Array]:
        """The grid with f' and f'' on it: doubled until twice in a row no cell is new."""
        cells, most = ARRAYS if self.derivatives.takes_arrays else NUMBERS
        counts: list[int] = []
        while True:
            grid = np.linspace(self.low, self.high, cells + 1)
            slope, curvature = self.derivatives(grid, 2)
            counts.append(len(_changes(slope)) + len(_changes(curvature)))
            settled = len(counts) > 2 and len(set(counts[-3:])) == 1
            if settled or 2 * cells > most:
                return grid, slope, curvature
            cells *= 2

    def _crossings(self, grid: Array, slope: Array) -> Array:
        """Roots that f' crosses between two neighbours of the grid."""
        pairs = _changes(slope)
        left, right = pairs[np.diff(pairs)[:, 0] == 1].T
        return self._polish(grid[left], grid[right], order=1)

    def _ends(self) -> Array:
        """Ends of the interval that are roots up to the rounding of the end itself."""
        ends = np.array([self.low, self.high])
        slope, curvature = np.abs(self.derivatives(ends, 2))
        rounding = 2 * np.spacing(np.abs(ends)) * curvature
        return np.asarray(ends[(slope > 0) & (slope <= rounding)])

    def _touches(self, grid: Array, slope: Array, curvature: Array) -> Array:
        """Roots between points at which f' has one sign, where |f'| has a minimum in between."""
        pairs = _changes(curvature)
        falling = (slope * curvature)[pairs[:, 0]] < 0
        one_sign = [bool(np.all(slope[i : j + 1] * slope[i] > 0)) for i, j in pairs]
        left, right = pairs[falling & np.array(one_sign, bool)].T
        lowest = self._polish(grid[left], grid[right], order=2)
        (there,) = self.derivatives(lowest, 1)
        twice = there * slope[left] < 0  # two roots within one cell
        first = self._polish(grid[left][twice], lowest[twice], order=1)
        second = self._polish(lowest[twice], grid[right][twice], order=1)
        touching = ~twice & (np.abs(there) <= 4 * self._scatter(lowest, order=1))
        return np.concatenate([first, second, lowest[touching]])

    def _polish(self, left: Array, right: Array, order: int) -> Array:
        """The roots of f' (order 1) or f'' (order 2) between points where its sign differs."""
        sign = np.sign(self.derivatives(right, order)[-1])
        x = 0.5 * (left + right)
        for turn in range(200):
            *_, value, slope = self.derivatives(x, order + 1)
            left, right = (
                np.where(sign * value > 0, left, x),
                np.where(sign * value < 0, right, x),
            )
            newton, middle = x - value / slope, 0.5 * (left + right)
            # Newton creeps towards a multiple root: every third time the bracket is halved.
            inside = (left < newton) & (newton < right) & (turn % 3 > 0)
            x = np.where(inside, newton, middle)
            if np.all((x == left) | (x == right)):
                break
        ends = np.abs([self.derivatives(end, order)[-1] for end in (left, right)])
        return np.asarray(np.where(ends[0] <= ends[1], left, right))

    def _whole(self, points: Array) -> Array:
        """Points that are 0 up to rounding become 0 where f' is no larger there."""
        (there,), (at_zero,) = self.derivatives(points, 1), self.derivatives(0 * points, 1)
        close = np.abs(points) <= np.spacing(self.width)
        return np.asarray(np.where(close & (np.abs(at_zero) <= np.abs(there)), 0.0, points))

    def _scatter(self, points: Array, order: int) -> Array:
        """How much the derivative of an order varies within the reach of rounding."""
        reach = np.maximum(NEAR * self.width, 8 * np.spacing(np.abs(points)))
        near = points[:, None] + reach[:, None] * np.linspace(-1, 1, 9)
        return np.asarray(np.ptp(self.derivatives(near, order)[-1], axis=1))

    def _distinct(self, points: Array, step: float) -> Array:
        """Points in order without the doubles that two neighbouring cells may find."""
        between = np.linspace(points[:-1], points[1:], 5, axis=-1)
        zero = np.abs(self.derivatives(between, 1)[0]).max(-1, initial=0)
        double = (np.diff(points) <= 1e-3 * step) & (zero <= self._scatter(points[1:], order=1))
        return np.asarray(points[np.concatenate([np.ones(min(1, len(points)), bool), ~double])])

    def _tell(self, points: Array, reach: Array) -> list[StationaryPoint]:
        """The points with their kinds, without those where f' jumps (kinks and poles)."""
        near = np.maximum(2.0**-20 * reach, 8 * np.spacing(np.abs(points)))
        around = np.clip(np.add(points, [-reach, -near, near, reach]), self.low, self.high)
        (slopes,) = np.nan_to_num(self.derivatives(around, 1))
        magnitude = np.abs(slopes)
        smooth = magnitude[1:3].max(0) <= 0.01 * magnitude[[0, 3]].max(0)
        _, curvature = self.derivatives(points, 2)
        bent = np.abs(curvature) > self._scatter(points, order=2)
        return [
            StationaryPoint.told(
                x=float(points[i]),
                value=self.derivatives.value(float(points[i])),
                curvature=float(curvature[i]) if bent[i] else 0.0,
                sides=(int(np.sign(slopes[0, i])), int(np.sign(slopes[3, i]))),
            )
            for i in np.flatnonzero(smooth)
        ]


def _changes(values: Array) -> Array:
    """Pairs of places (n, 2) with opposite signs and nothing but zeros between them."""
    signs = np.nan_to_num(np.sign(values))
    places = np.flatnonzero((signs != 0) | ~np.isfinite(values))
    pairs = np.stack([places[:-1], places[1:]], axis=1)
    return np.asarray(pairs[signs[pairs[:, 0]] * signs[pairs[:, 1]] < 0])


def _flat(grid: Array, slope: Array) -> list[float]:
    """Grid points where f' is 0; of a run of them the middle."""
    zeros = np.flatnonzero(slope == 0)
    runs = np.split(zeros, np.flatnonzero(np.diff(zeros) > 1) + 1)
    return [float(0.5 * (grid[run[0]] + grid[run[-1]])) for run in runs if len(run)]

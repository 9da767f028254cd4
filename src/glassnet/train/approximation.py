"""Universal approximation, measured: how near networks of growing width come to a function."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data.checks import check_count
from ..errors import ArgumentError, DataError
from ..expression import Expression, parse
from ..tensor import HOOKS, Tensor, float64
from .approximant import Approximant, Problem

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]  # of n arrays of coordinates

LEARNED = (4097, 91, 25)  # points of an axis that are learned from, in 1, 2 and 3 dimensions
MEASURED = (10_001, 201, 47)  # points of an axis at which the error is measured


@dataclass(frozen=True, slots=True, eq=False)
class Approximation:
    """A function and the networks that approximate it, from narrow to wide.

    Attributes:
        function: f, of n arrays.
        name: of f: its formula, where it has one.
        dimensions: n.
        low: where the domain begins along each axis.
        high: where it ends.
        networks: one for each width.
    """

    function: Function
    name: str
    dimensions: int
    low: float
    high: float
    networks: tuple[Approximant, ...]

    @property
    def widths(self) -> list[int]:
        """Of the networks."""
        return [network.width for network in self.networks]

    @property
    def errors(self) -> list[float]:
        """The largest error of each network."""
        return [network.error for network in self.networks]

    def target(self, points: Array) -> Array:
        """f at points (rows, n)."""
        return _values(self.function, points)

    def picture(self) -> Any:
        """Target, networks and errors; see `glassnet.view.approximation`."""
        return HOOKS["approximation"](self)

    def _repr_svg_(self) -> str | None:
        """Notebooks show the picture."""
        return str(self.picture().svg)

    def __str__(self) -> str:
        domain = f"[{self.low:g}, {self.high:g}]" + ("", "²", "³")[self.dimensions - 1]
        lines = [
            f"{one.width:6} units: sup-error {one.error:.3g} at "
            + ", ".join(f"{x:.4g}" for x in one.where)
            for one in self.networks
        ]
        return "\n".join([f"{self.name} on {domain}", *lines])


def approximate(
    function: str | Expression | Function,
    widths: Sequence[int] = (2, 4, 8, 16),
    *,
    dimensions: int | None = None,
    low: float = 0.0,
    high: float = 1.0,
    steps: int = 4000,
    tries: int = 3,
    seed: int = 0,
    engine: str = "native",
) -> Approximation:
    """Approximates f: [low, high]ⁿ → R by Σⱼ vⱼ σ(aⱼ·x + bⱼ) + c, for each width of that sum.

    For every continuous f the largest error, sup |network − f|, falls below any bound once the
    network is wide enough (Cybenko, 1989; Hornik, 1991). The units begin spread over the domain,
    all numbers learn by Adam from mini-batches of the squared error, and at last v and c are chosen
    for the smallest largest error. That error is measured on a finer grid than the one learned
    from.

    Args:
        function: a formula such as "sin(6*x)", its variables being the axes in order; or a function
            of n arrays of coordinates, which returns one number for each point.
        widths: hidden units of each network.
        dimensions: n, from 1 to 3; left out, the number of variables of a formula, else 1.
        low: where the domain begins along every axis.
        high: where it ends.
        steps: of the optimiser, for each try.
        tries: starts of each network, of which the one that learns best goes on.
        seed: of units and mini-batches.
        engine: what computes the steps.

    Raises:
        ArgumentError: an empty domain, no widths, or more than three dimensions.
        DataError: f is not finite somewhere, or does not give one number for each point.

    >>> import glassnet as gn
    >>> found = gn.approximate("sin(6*x) * exp(-x)", widths=(2, 8), steps=800, tries=1)
    >>> found.errors[0] > 10 * found.errors[1]
    True
    """
    function = parse(function) if isinstance(function, str) else function
    axes = len(function.names) if isinstance(function, Expression) else 1
    count = dimensions or max(axes, 1)
    for width in widths:
        check_count(width, "widths")
    check_count(steps, "steps")
    check_count(tries, "tries")
    if not widths or not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ArgumentError(
            "a function is approximated on an interval, by networks of some widths",
            expected="finite low < high, and widths such as (4, 16, 64)",
            received=f"low={low}, high={high}, widths={tuple(widths)}",
        )
    if count not in (1, 2, 3) or (isinstance(function, Expression) and axes > count):
        raise ArgumentError(
            "functions of so many numbers are not measured",
            expected="1 to 3 dimensions, and a formula of at most as many variables",
            received=f"{count} dimensions, and {axes} variables",
        )
    learned, measured = (_grid(count, sides[count - 1], low, high) for sides in (LEARNED, MEASURED))
    targets = [_values(function, points) for points in (learned, measured)]
    problem = Problem(learned, targets[0], measured, targets[1], steps, tries, seed, engine)
    networks = tuple(problem.solve(width) for width in widths)
    text = function.text if isinstance(function, Expression) else _name(function)
    return Approximation(function, text, count, float(low), float(high), networks)


def _grid(dimensions: int, side: int, low: float, high: float) -> Array:
    """Evenly spaced points of the domain, its border included (side ^ dimensions, dimensions)."""
    axis = np.linspace(low, high, side)
    return np.stack(np.meshgrid(*[axis] * dimensions, indexing="ij"), -1).reshape(-1, dimensions)


def _values(function: Function, points: Array) -> Array:
    """f at points (rows, n), as (rows,); of a formula of fewer variables the first axes count."""
    axes = points.T[: len(function.names)] if isinstance(function, Expression) else points.T
    with np.errstate(all="ignore"):
        found = function(*axes)
    values = found.numpy() if isinstance(found, Tensor) else np.asarray(found, float64)
    if values.shape not in ((), (len(points),)):
        raise DataError(
            "the function gives one number for each point",
            expected=f"shape ({len(points)},)",
            received=f"shape {values.shape}",
            mend="write it with functions of whole arrays: numpy.sin, not math.sin",
        )
    values = np.broadcast_to(values, (len(points),)).astype(float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise DataError(
            "the function is not finite everywhere",
            expected="a continuous function on the whole domain",
            received=f"{values[bad[0]]:g} at {', '.join(f'{x:g}' for x in points[bad[0]])}",
            mend="another domain: low=…, high=…",
        )
    return values


def _name(function: Function) -> str:
    return str(getattr(function, "__name__", "f")).replace("<lambda>", "f")
